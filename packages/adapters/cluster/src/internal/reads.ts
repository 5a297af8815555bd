import * as Usage from "@aria/orchestrator-core/Usage"
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import type { Status, StoredRun } from "../StoredRun.ts"
import type { Database } from "./database.ts"
import type { Filter } from "../Runs.ts"
import type { Past } from "./life.ts"
import { unpack } from "./packedEvent.ts"
import type { StartRecord } from "./records.ts"
import type { RunOptions } from "./runOptions.ts"
import type { StoredUnit } from "./storedUnit.ts"

/** A row of `aria_runs`. */
export interface RunRow extends Omit<StartRecord, "status" | "regions"> {
  readonly status: Status
  readonly reason: string | null
  readonly fence: number
  readonly deaths: number
  readonly cancel: number
  readonly created: number
  readonly begun: number | null
  readonly ended: number | null
  readonly result: string | null
}

/** What a list says of a run: neither what it was given nor what it came to, which may be large. */
const listed = ["id", "plan", "plan_version", "user_id", "priority", "options", "forked_from", "status", "reason", "owner", "fence", "cancel", "created", "begun", "ended"] as const
type ListedRow = Pick<RunRow, (typeof listed)[number]>

const open: ReadonlySet<Status> = new Set(["queued", "running", "planChanged"])
const stuck: ReadonlySet<Status> = new Set(["needsDecision", "deadLetter"])

/** An event as it is stored; that of the end of the run is without its result. */
export interface StoredEvent {
  readonly _tag: string
  readonly runId: string
  readonly seq: number
}

interface EventRow {
  readonly seq: number
  readonly count: number
  readonly events: string
}

interface SpendRow {
  readonly key: string
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cached_tokens: number
  readonly reasoning_tokens: number
  readonly calls: number
  readonly micro_usd: number
}

export const optionsOf = (row: Pick<RunRow, "options">): RunOptions => JSON.parse(row.options)

export const storedRunOf = (row: ListedRow): StoredRun => ({
  id: row.id,
  plan: row.plan,
  version: row.plan_version,
  status: row.status,
  userId: row.user_id,
  priority: Number(row.priority),
  tags: optionsOf(row).tags,
  createdAt: Number(row.created),
  ...(row.begun === null ? {} : { begunAt: Number(row.begun) }),
  lives: Number(row.fence),
  isCancelling: Number(row.cancel) === 1,
  ...(row.reason === null ? {} : { reason: row.reason }),
  ...(row.ended === null ? {} : { endedAt: Number(row.ended) }),
  ...(row.forked_from === null ? {} : { forkedFrom: row.forked_from }),
  ...(row.owner === null ? {} : { worker: row.owner })
})

const usageOf = (row: SpendRow): Usage.Usage =>
  Usage.make({
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    cachedInputTokens: Number(row.cached_tokens),
    reasoningTokens: Number(row.reasoning_tokens),
    calls: Number(row.calls),
    microUsd: Number(row.micro_usd)
  })

export const makeReads = ({ dialect, sql }: Database) => {
  const run = (id: string): Effect.Effect<RunRow | undefined, SqlError> => Effect.map(sql<RunRow>`SELECT * FROM aria_runs WHERE id = ${id}`, ([row]) => row)

  /** Nobody else changes it until the transaction is over. */
  const locked = (id: string): Effect.Effect<RunRow | undefined, SqlError> =>
    Effect.map(sql<RunRow>`SELECT * FROM aria_runs WHERE id = ${id} ${sql.literal(dialect === "pg" ? "FOR UPDATE" : "")}`, ([row]) => row)

  const units = (id: string): Effect.Effect<ReadonlyMap<string, StoredUnit>, SqlError> =>
    Effect.map(
      sql<StoredUnit & { readonly key: string }>`SELECT key, kind, hash, value FROM aria_units WHERE run_id = ${id} ORDER BY key`,
      (rows) => new Map(rows.map(({ hash, key, kind, value }) => [key, { hash, kind, value }]))
    )

  const spent = (id: string): Effect.Effect<ReadonlyMap<string, Usage.Usage>, SqlError> =>
    Effect.map(
      sql<SpendRow>`SELECT key, SUM(input_tokens) AS input_tokens, SUM(output_tokens) AS output_tokens, SUM(cached_tokens) AS cached_tokens,
        SUM(reasoning_tokens) AS reasoning_tokens, SUM(calls) AS calls, SUM(micro_usd) AS micro_usd FROM aria_spends WHERE run_id = ${id} GROUP BY key`,
      (rows) => new Map(rows.map((row) => [row.key, usageOf(row)]))
    )

  const marks = (id: string) =>
    Effect.gen(function* () {
      const rows = yield* sql<{ readonly marks: string }>`SELECT marks FROM aria_events WHERE run_id = ${id} AND marks IS NOT NULL`
      const [last] = yield* sql<{ readonly next: number | null }>`SELECT MAX(seq + count) AS next FROM aria_events WHERE run_id = ${id}`
      return { marks: new Set(rows.flatMap(({ marks }) => JSON.parse(marks) as ReadonlyArray<string>)), next: Number(last?.next ?? 0) }
    })

  return {
    run,
    locked,
    units,
    spent,
    /** What earlier lives have left of a run, and the run that it is a fork of. */
    past: (row: RunRow): Effect.Effect<Past, SqlError> =>
      Effect.gen(function* () {
        return {
          units: yield* units(row.id),
          spent: yield* spent(row.id),
          told: yield* marks(row.id),
          inherited: row.forked_from === null ? new Map() : yield* units(row.forked_from)
        }
      }),
    /** Events from a number on; `limit` are rows, which have some events each. */
    events: (id: string, from: number, limit: number): Effect.Effect<ReadonlyArray<StoredEvent>, SqlError> =>
      Effect.map(
        sql<EventRow>`SELECT seq, count, events FROM aria_events WHERE run_id = ${id}
          AND seq >= (SELECT COALESCE(MAX(seq), 0) FROM aria_events WHERE run_id = ${id} AND seq <= ${from}) ORDER BY seq LIMIT ${limit}`,
        (rows) => rows.flatMap(({ events }) => (JSON.parse(events) as ReadonlyArray<object>).map((packed) => unpack({ ...packed }, id)).filter(({ seq }) => seq >= from))
      ),
    list: ({ createdBefore, createdFrom, forkedFrom, limit, plan, status, userId }: Filter): Effect.Effect<ReadonlyArray<ListedRow>, SqlError> => {
      if (status?.length === 0) return Effect.succeed([])
      const conditions: ReadonlyArray<Fragment> = [
        ...(status === undefined ? [] : [sql.in("status", status)]),
        // What follows from those, in the words of an index: few runs are open or stuck, and many have ended.
        ...(status?.every((one) => open.has(one)) === true ? [sql`ended IS NULL`] : []),
        ...(status?.every((one) => stuck.has(one)) === true ? [sql`status IN ('needsDecision', 'deadLetter')`] : []),
        ...(plan === undefined ? [] : [sql`plan = ${plan}`]),
        ...(userId === undefined ? [] : [sql`user_id = ${userId}`]),
        ...(forkedFrom === undefined ? [] : [sql`forked_from = ${forkedFrom}`]),
        ...(createdFrom === undefined ? [] : [sql`created >= ${createdFrom}`]),
        ...(createdBefore === undefined ? [] : [sql`created < ${createdBefore}`])
      ]
      const where = conditions.length === 0 ? sql`` : sql`WHERE ${sql.and(conditions)}`
      return sql<ListedRow>`SELECT ${sql.literal(listed.join(", "))} FROM aria_runs ${where} ORDER BY created DESC, id DESC LIMIT ${limit ?? 100}`
    }
  }
}

export type Reads = ReturnType<typeof makeReads>
