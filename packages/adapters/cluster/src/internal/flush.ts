import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import * as accounts from "./accounts.ts"
import type { Database } from "./database.ts"
import { makeSettleLeft } from "./settleLeft.ts"
import { type Batch, emptyBatch, type EventRecord, type NoRoom, type SpendRecord, type StartRecord, type Tenure, type UnitRecord, type Written } from "./records.ts"

const usageOf = ({ usage }: Pick<SpendRecord, "usage">) => ({
  input_tokens: usage.inputTokens,
  output_tokens: usage.outputTokens,
  cached_tokens: usage.cachedInputTokens,
  reasoning_tokens: usage.reasoningTokens,
  calls: usage.calls,
  micro_usd: usage.microUsd
})

const usageColumns = [
  ["input_tokens", "number"],
  ["output_tokens", "number"],
  ["cached_tokens", "number"],
  ["reasoning_tokens", "number"],
  ["calls", "number"],
  ["micro_usd", "number"]
] as const

/**
 * How the text of a step that succeeded begins. In one life it is done once: a batch that was given up for lost, and arrives late, must not
 * put an earlier failure back.
 */
const succeeded = '{"_tag":"Success"%'

const tenureColumns = [
  ["run", "text"],
  ["fence", "number"]
] as const

type Columns = Parameters<Database["rows"]>[1]

/** The statements of a batch: each writes all rows of one kind, and gives the ids of those that it wrote. */
const statements = ({ dialect, now, rows, sql }: Database) => {
  // SQLite would take the ON of a conflict for that of a join.
  const anyway = sql.literal(dialect === "pg" ? "" : "WHERE true")
  const given = (json: string, columns: Columns) => rows(json, [...tenureColumns, ...columns])
  // CROSS makes SQLite go through what is given and look up each run, instead of the other way round.
  const owned = sql.literal(
    dialect === "pg" ? "JOIN owned o ON o.id = g.run AND o.fence = g.fence" : "CROSS JOIN aria_runs o WHERE o.id = g.run AND o.fence = g.fence AND o.owner IS NOT NULL"
  )
  return {
    starts: (json: string): Fragment => sql`
      INSERT INTO aria_runs (id, plan, plan_version, shape, input, input_hash, user_id, priority, options, origin, forked_from, status, owner,
        fence, deaths, units_seen, cancel, created, begun)
      SELECT id, plan, plan_version, shape, input, input_hash, user_id, priority, options, origin, forked_from, status, owner, CASE WHEN owner IS NULL THEN 0 ELSE 1 END, 0, 0, 0, ${now},
        CASE WHEN owner IS NULL THEN NULL ELSE ${now} END
      FROM ${rows(json, [
        ["id", "text"],
        ["plan", "text"],
        ["plan_version", "text"],
        ["shape", "text"],
        ["input", "text"],
        ["input_hash", "text"],
        ["user_id", "text"],
        ["priority", "number"],
        ["options", "text"],
        ["origin", "text"],
        ["forked_from", "text"],
        ["status", "text"],
        ["owner", "text"]
      ])} g ${anyway}
      ON CONFLICT (id) DO UPDATE SET fence = aria_runs.fence WHERE aria_runs.options = excluded.options
      RETURNING id`,
    regions: (json: string): Fragment => sql`
      INSERT INTO aria_regions (account_id, run_id) SELECT g.account, g.run
      FROM ${rows(json, [["account", "text"], ["run", "text"]])} g ${anyway} ON CONFLICT DO NOTHING RETURNING run_id AS id`,
    units: (json: string): Fragment => sql`
      INSERT INTO aria_units (run_id, key, kind, hash, value, fence)
      SELECT g.run, g.key, g.kind, g.hash, g.value, g.fence
      FROM ${given(json, [
        ["key", "text"],
        ["kind", "text"],
        ["hash", "text"],
        ["value", "text"]
      ])} g ${owned}
      ON CONFLICT (run_id, key) DO UPDATE SET fence = excluded.fence,
        value = CASE WHEN aria_units.fence = excluded.fence AND aria_units.value LIKE ${succeeded} THEN aria_units.value ELSE excluded.value END
        WHERE aria_units.fence <= excluded.fence
      RETURNING run_id AS id`,
    events: (json: string): Fragment => sql`
      INSERT INTO aria_events (run_id, seq, count, events, marks)
      SELECT g.run, g.seq, g.count, g.events, g.marks
      FROM ${given(json, [
        ["seq", "number"],
        ["count", "number"],
        ["events", "text"],
        ["marks", "text"]
      ])} g ${owned}
      ON CONFLICT (run_id, seq) DO NOTHING
      RETURNING run_id AS id`,
    spends: (json: string): Fragment => sql`
      INSERT INTO aria_spends (id, run_id, key, state, accounts, input_tokens, output_tokens, cached_tokens, reasoning_tokens, calls, micro_usd)
      SELECT g.id, g.run, g.key, g.state, g.accounts, g.input_tokens, g.output_tokens, g.cached_tokens, g.reasoning_tokens, g.calls, g.micro_usd
      FROM ${given(json, [["id", "text"], ["key", "text"], ["state", "text"], ["accounts", "text"], ...usageColumns])} g ${owned}
      ON CONFLICT (id) DO UPDATE SET state = aria_spends.state
      RETURNING run_id AS id`,
    settles: (json: string): Fragment => sql`
      UPDATE aria_spends SET state = 'settled', input_tokens = g.input_tokens, output_tokens = g.output_tokens, cached_tokens = g.cached_tokens,
        reasoning_tokens = g.reasoning_tokens, calls = g.calls, micro_usd = g.micro_usd
      FROM ${rows(json, [["id", "text"], ...usageColumns])} g WHERE aria_spends.id = g.id AND aria_spends.state = 'open'
      RETURNING aria_spends.id AS id`,
    releases: (json: string): Fragment => sql`
      DELETE FROM aria_spends WHERE state = 'open' AND id IN (SELECT id FROM ${rows(json, [["id", "text"]])} g) RETURNING id`,
    ends: (json: string): Fragment => sql`
      UPDATE aria_runs SET status = g.status, reason = g.reason, result = g.result, owner = NULL, cancel = CASE WHEN g.status = 'queued' THEN aria_runs.cancel ELSE 0 END,
        ended = CASE WHEN g.status IN ('queued', 'planChanged') THEN NULL ELSE ${now} END
      FROM ${given(json, [
        ["status", "text"],
        ["reason", "text"],
        ["result", "text"]
      ])} g WHERE aria_runs.id = g.run AND aria_runs.fence = g.fence AND aria_runs.owner IS NOT NULL
      RETURNING aria_runs.id AS id`
  }
}

/** One row for all events of a run in this batch. */
const eventRows = (events: ReadonlyArray<EventRecord>): string => {
  const rows = new Map<string, { readonly run: string; readonly fence: number; readonly seq: number; readonly texts: Array<string>; readonly marks: Array<string> }>()
  for (const { event, fence, mark, run, seq } of events) {
    // This worker may have lost a run and taken it again since: of the life before nothing is written.
    const life = `${fence} ${run}`
    let row = rows.get(life)
    if (row === undefined) rows.set(life, (row = { run, fence, seq, texts: [], marks: [] }))
    row.texts.push(event)
    if (mark !== null) row.marks.push(mark)
  }
  return JSON.stringify(
    Array.from(rows.values(), ({ fence, marks, run, seq, texts }) => ({
      run,
      fence,
      seq,
      count: texts.length,
      events: `[${texts.join(",")}]`,
      marks: marks.length === 0 ? null : JSON.stringify(marks)
    }))
  )
}

/** The limits around runs that begin here, which others may share. */
const regionsOf = (starts: ReadonlyArray<StartRecord>) =>
  starts.flatMap(({ id, regions }) => regions.map((account) => ({ account, run: id })))

type Row = { readonly id: string }

/** Two attempts of a task may come to one step at once: Postgres writes no row twice in a statement. */
const lastOf = (units: ReadonlyArray<UnitRecord>): ReadonlyArray<UnitRecord> =>
  units.length < 2 ? units : Array.from(new Map(units.map((unit) => [JSON.stringify([unit.run, unit.key]), unit])).values())

const nothing: ReadonlySet<string> = new Set()

/**
 * Makes the function that writes a batch, all of it or nothing. What a run writes is written only by who carries it out: in Postgres
 * its row is locked meanwhile, in SQLite the transaction has the whole file.
 */
export const makeFlush = (database: Database): ((batch: Batch) => Effect.Effect<Written, SqlError>) => {
  const { dialect, rows, sql, transaction } = database
  const write = statements(database)
  const settleLeft = makeSettleLeft(database)

  const ownedBy = (json: string): Fragment =>
    sql`SELECT r.id, r.fence FROM aria_runs r WHERE r.owner IS NOT NULL AND r.id IN (SELECT run FROM ${rows(json, [["run", "text"]])} t)
      ${sql.literal(dialect === "pg" ? "ORDER BY r.id FOR SHARE" : "")}`

  const runsOf = (...lists: ReadonlyArray<ReadonlyArray<Tenure>>): string =>
    JSON.stringify(Array.from(new Set(lists.flat().map(({ run }) => run)), (run) => ({ run })))

  const spendRows = (spends: ReadonlyArray<SpendRecord>): string =>
    JSON.stringify(spends.map((spend) => ({ id: spend.id, run: spend.run, fence: spend.fence, key: spend.key, state: spend.state, accounts: JSON.stringify(spend.accounts), ...usageOf(spend) })))

  /** In Postgres one statement, and so one round trip and one commit. */
  const together = (batch: Batch, spends: ReadonlyArray<SpendRecord>, settled: string, released: string) => {
    const { ends, events, starts, units } = batch
    const parts: Array<Fragment> = []
    const found: Array<Fragment> = []
    const part = (name: string, statement: Fragment) => {
      parts.push(sql`${sql.literal(name)} AS (${statement})`)
      found.push(sql`SELECT ${sql.literal(`'${name}'`)} AS kind, id FROM ${sql.literal(name)}`)
    }
    if (starts.length > 0) part("starts", write.starts(JSON.stringify(starts)))
    const regions = regionsOf(starts)
    if (regions.length > 0) part("regions", write.regions(JSON.stringify(regions)))
    if (units.length + events.length + spends.length > 0) {
      // What this very statement puts there is not in the table yet for the rest of it.
      const begun = sql.literal(starts.length === 0 ? "" : "UNION ALL SELECT id, 1::double precision FROM starts")
      parts.push(sql`held AS MATERIALIZED (${ownedBy(runsOf(units, events, spends))}), owned AS (SELECT id, fence FROM held ${begun})`)
    }
    if (units.length > 0) part("units", write.units(JSON.stringify(lastOf(units))))
    if (events.length > 0) part("events", write.events(eventRows(events)))
    if (spends.length > 0) part("spends", write.spends(spendRows(spends)))
    if (settled !== "[]") part("settles", write.settles(settled))
    if (released !== "[]") part("releases", write.releases(released))
    if (ends.length > 0) part("ends", write.ends(JSON.stringify(ends)))
    if (parts.length === 0) return Effect.succeed<ReadonlyArray<Row & { readonly kind: string }>>([])
    const join = (fragments: ReadonlyArray<Fragment>, between: string) => fragments.reduce((all, fragment) => sql`${all}${sql.literal(between)}${fragment}`)
    return sql<Row & { readonly kind: string }>`WITH ${join(parts, ", ")} ${join(found, " UNION ALL ")}`
  }

  /** In SQLite one after the other, in a transaction. */
  const oneByOne = (batch: Batch, spends: ReadonlyArray<SpendRecord>, settled: string, released: string) =>
    Effect.gen(function* () {
      const { ends, events, starts, units } = batch
      const all: Array<Row & { readonly kind: string }> = []
      const run = (kind: string, statement: Fragment) =>
        Effect.map(sql<Row>`${statement}`, (found) => {
          for (const { id } of found) all.push({ kind, id })
        })
      if (starts.length > 0) yield* run("starts", write.starts(JSON.stringify(starts)))
      const regions = regionsOf(starts)
      if (regions.length > 0) yield* run("regions", write.regions(JSON.stringify(regions)))
      if (units.length > 0) yield* run("units", write.units(JSON.stringify(lastOf(units))))
      if (events.length > 0) yield* run("events", write.events(eventRows(events)))
      if (spends.length > 0) yield* run("spends", write.spends(spendRows(spends)))
      if (settled !== "[]") yield* run("settles", write.settles(settled))
      if (released !== "[]") yield* run("releases", write.releases(released))
      if (ends.length > 0) yield* run("ends", write.ends(JSON.stringify(ends)))
      return all
    })

  const rest = (batch: Batch, spends: ReadonlyArray<SpendRecord>) => {
    const plain = batch.settles.filter((settle) => settle.accounts.length === 0)
    const settled = plain.flatMap(({ id, usage }) => (usage === undefined ? [] : [{ id, ...usageOf({ usage }) }]))
    const released = plain.flatMap(({ id, usage }) => (usage === undefined ? [{ id }] : []))
    return (dialect === "pg" ? together : oneByOne)(batch, spends, JSON.stringify(settled), JSON.stringify(released))
  }

  const written = (batch: Batch, spends: ReadonlyArray<SpendRecord>, found: ReadonlyArray<Row & { readonly kind: string }>, noRoom: ReadonlyMap<string, NoRoom>): Written => {
    const ids = new Map<string, Set<string>>()
    for (const { id, kind } of found) {
      const known = ids.get(kind)
      if (known === undefined) ids.set(kind, new Set([id]))
      else known.add(id)
    }
    const missing = (kind: string, list: ReadonlyArray<Tenure>): ReadonlyArray<string> => {
      const there = ids.get(kind) ?? nothing
      return list.flatMap(({ run }) => (there.has(run) ? [] : [run]))
    }
    return {
      existing: new Set(batch.starts.flatMap(({ id }) => ((ids.get("starts") ?? nothing).has(id) ? [] : [id]))),
      lost: new Set([...missing("units", batch.units), ...missing("spends", spends), ...missing("ends", batch.ends)]),
      noRoom
    }
  }

  /** What was begun in this batch has to be there before the rest of it. */
  const inOrder = (batch: Batch, spends: ReadonlyArray<SpendRecord>) =>
    Effect.gen(function* () {
      const first = yield* rest({ ...emptyBatch(), starts: batch.starts }, [])
      return [...first, ...(yield* rest({ ...batch, starts: [] }, spends))]
    })

  /** A run that stands still holds nothing meanwhile: nobody knows whether it ever goes on. */
  const freed = (batch: Batch, found: Written): Effect.Effect<Written, SqlError> => {
    const still = batch.ends.flatMap(({ run, status }) => (stands.has(status) && !found.lost.has(run) ? [run] : []))
    return still.length === 0 ? Effect.succeed(found) : Effect.as(settleLeft(still), found)
  }

  return (batch) => {
    const withAccounts = batch.spends.filter((spend) => spend.accounts.length > 0)
    const shared = batch.settles.filter((settle) => settle.accounts.length > 0)
    if (withAccounts.length === 0 && shared.length === 0) {
      const begun = new Set(batch.starts.map(({ id }) => id))
      const isBrief = dialect === "pg" && batch.ends.some(({ run }) => begun.has(run))
      const all = isBrief ? inOrder(batch, batch.spends) : rest(batch, batch.spends)
      const isSingle = !isBrief && (dialect === "pg" || kindsOf(batch) <= 1) && !batch.ends.some(({ status }) => stands.has(status))
      const told = Effect.flatMap(all, (found) => freed(batch, written(batch, batch.spends, found, new Map())))
      return isSingle ? told : transaction(told)
    }
    return transaction(
      Effect.gen(function* () {
        const ledger = accounts.make(database)
        const begun = yield* rest({ ...emptyBatch(), starts: batch.starts }, [])
        // Runs first, as those do who take them over: whoever locks in another order waits for those who wait for it.
        const { ends, events, units } = batch
        const owned = yield* sql<{ readonly id: string; readonly fence: number }>`${ownedBy(runsOf(units, events, batch.spends, ends))}`
        yield* ledger.lock([...withAccounts, ...shared].flatMap(({ accounts }) => accounts))
        yield* ledger.settle(shared, (settled) => sql<Row>`${write.settles(JSON.stringify(settled.map(({ id, usage }) => ({ id, ...usageOf({ usage }) }))))}`)
        const fences = new Map(owned.map(({ fence, id }) => [id, Number(fence)]))
        const noRoom = yield* ledger.take(withAccounts.filter(({ fence, run }) => fences.get(run) === fence))
        yield* ledger.store
        const admitted = batch.spends.filter(({ id }) => !noRoom.has(id))
        return yield* freed(batch, written(batch, admitted, [...begun, ...(yield* rest({ ...batch, starts: [] }, admitted))], noRoom))
      })
    )
  }
}

/** Ends that are none: somebody has to look at the run first. */
const stands: ReadonlySet<string> = new Set(["deadLetter", "planChanged"])

/** How many statements a batch takes. */
const kindsOf = ({ ends, events, settles, spends, starts, units }: Batch): number => [starts, regionsOf(starts), units, events, spends, settles, settles, ends].filter((list) => list.length > 0).length
