import { InvalidPlanError, outline } from "@aria/orchestrator-core/Plan"
import type * as Plan from "@aria/orchestrator-core/Plan"
import * as Usage from "@aria/orchestrator-core/Usage"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { ClusterStoreError, PlanNotRegisteredError, type RunConflictError, RunStateError, UnknownRunError } from "../ClusterError.ts"
import type { Counts, Runs, WorkerInfo } from "../Runs.ts"
import type { Details, Status, StoredRun, StoredUnit } from "../StoredRun.ts"
import type { AccountRow } from "./accounts.ts"
import { type Database, failing } from "./database.ts"
import type { Member } from "./member.ts"
import { checkNames, conflictOf, type NewRun, recordOf } from "./newRun.ts"
import { makeRetention } from "./retention.ts"
import { makeReads, optionsOf, type RunRow, storedRunOf } from "./reads.ts"
import { inputCodec, planName, type Registered } from "./registry.ts"
import { isOfFailure } from "./recorder.ts"
import type { StoreHandles } from "./storeHandle.ts"
import { isFailure } from "./storedUnit.ts"

const resumable: ReadonlyArray<Status> = ["failed", "cancelled", "needsDecision", "planChanged", "deadLetter"]

/** A thousand events or units of a large run at a time. */
const atOnce = 1_000

/** What a date that cannot be read comes to is no number, and a database makes of it what it likes. */
const finite = (name: string, value: number | undefined): Effect.Effect<void, ClusterStoreError> =>
  value === undefined || Number.isFinite(value)
    ? Effect.void
    : Effect.fail(new ClusterStoreError({ reason: "invalid", message: `Runs.${name} was ${String(value)}; allowed is a finite number` }))

const natural = (name: string, value: number | undefined): Effect.Effect<void, ClusterStoreError> =>
  value === undefined || (Number.isSafeInteger(value) && value >= 0)
    ? Effect.void
    : Effect.fail(new ClusterStoreError({ reason: "invalid", message: `Runs.${name} was ${String(value)}; allowed is a whole number from 0` }))

export const makeRuns = (database: Database, member: Member, handles: StoreHandles): Runs["Service"] => {
  const { now, sql, transaction } = database
  const reads = makeReads(database)
  const retention = makeRetention(database)

  const known = (id: string) => (row: RunRow | undefined) => (row === undefined ? Effect.fail(new UnknownRunError({ runId: id })) : Effect.succeed(row))
  const existing = (id: string): Effect.Effect<RunRow, UnknownRunError | SqlError> => Effect.flatMap(reads.run(id), known(id))
  const locked = (id: string): Effect.Effect<RunRow, UnknownRunError | SqlError> => Effect.flatMap(reads.locked(id), known(id))

  /** The plan by its name alone, where there is one only. */
  const registered = (name: string, version: string | undefined): Effect.Effect<Registered, PlanNotRegisteredError> => {
    if (version !== undefined) return member.registry.get({ name, version })
    const versions = member.registry.keys.filter(({ plan }) => plan === name)
    const [only] = versions
    return only !== undefined && versions.length === 1
      ? member.registry.get({ name, version: only.version })
      : Effect.fail(new PlanNotRegisteredError({ plan: name, version: "", registered: member.registry.names }))
  }

  /** Input that came as JSON, checked as that of a run in this process is. */
  const checked = (plan: Plan.Any, input: Schema.Json | undefined): Effect.Effect<{ readonly text: string; readonly shape: ReadonlyArray<string> }, InvalidPlanError> =>
    Effect.gen(function* () {
      if (plan.inputSchema === undefined) {
        if (input !== undefined && input !== null) return yield* new InvalidPlanError({ plan: plan.name, issues: [{ path: ["input"], message: "it takes none, leave it out" }] })
        return { text: "null", shape: yield* outline(plan, undefined) }
      }
      const codec = inputCodec(plan)
      const value = yield* Effect.mapError(Schema.decodeEffect(codec, { onExcessProperty: "error", errors: "all" })(JSON.stringify(input ?? null)), (error) => new InvalidPlanError({ plan: plan.name, issues: [{ path: ["input"], message: error.message }] }))
      const text = yield* Effect.orDie(Schema.encodeEffect(codec)(value))
      return { text, shape: yield* outline(plan, value) }
    })

  const enqueue = (run: NewRun): Effect.Effect<string, InvalidPlanError | RunConflictError | SqlError> =>
    Effect.gen(function* () {
      yield* checkNames(run.plan, run)
      const isNew = yield* member.enqueue(run)
      if (!isNew) {
        const row = yield* reads.run(run.id)
        const conflict = row === undefined ? undefined : conflictOf(run.id, row, recordOf(run, null))
        if (conflict !== undefined) return yield* conflict
      }
      yield* member.nudge
      return run.id
    })

  const inState = (row: RunRow, operation: string, allowed: ReadonlyArray<Status>): Effect.Effect<void, RunStateError> =>
    allowed.includes(row.status) ? Effect.void : Effect.fail(new RunStateError({ runId: row.id, operation, status: row.status, allowed }))

  /** What is done again is told again, and the run ends again. */
  const untell = (id: string): Effect.Effect<void, SqlError> =>
    Effect.gen(function* () {
      const rows = yield* sql<{ readonly seq: number; readonly events: string; readonly marks: string | null }>`
        SELECT seq, events, marks FROM aria_events WHERE run_id = ${id} AND (marks IS NOT NULL OR seq = (SELECT MAX(seq) FROM aria_events WHERE run_id = ${id}))`
      for (const { events, marks, seq } of rows) {
        const all: ReadonlyArray<{ readonly _tag: string; readonly runId?: string }> = JSON.parse(events)
        // Nested runs say whose their events are.
        const told = all.filter(({ _tag, runId }) => _tag !== "RunEnded" || runId !== undefined)
        const known: ReadonlyArray<string> = marks === null ? [] : JSON.parse(marks)
        const kept = known.filter((mark) => !isOfFailure(mark))
        if (told.length === all.length && kept.length === known.length) continue
        // The count stays: no other event gets the number of the end, which a reader may have seen.
        yield* sql`UPDATE aria_events SET events = ${JSON.stringify(told)}, marks = ${JSON.stringify(kept)} WHERE run_id = ${id} AND seq = ${seq}`
      }
    })

  const unitsOf = (id: string): Effect.Effect<ReadonlyArray<StoredUnit>, SqlError> =>
    Effect.map(reads.units(id), (units) => Array.from(units, ([key, { kind, value }]) => ({ key, kind: kind as StoredUnit["kind"], value: JSON.parse(value) })))

  /** Nobody can tell a queue that moves from one that nobody serves. */
  const whyQueued = (row: RunRow): Effect.Effect<string | undefined, SqlError> =>
    row.status !== "queued"
      ? Effect.undefined
      : Effect.map(sql<{ readonly plans: string }>`SELECT plans FROM aria_workers WHERE lease > ${now} AND state = 'active'`, (workers) => {
          const plan = planName({ name: row.plan, version: row.plan_version })
          if (workers.some(({ plans }) => (JSON.parse(plans) as ReadonlyArray<string>).includes(plan))) return undefined
          if (workers.length === 0) return "no worker is there to take it"
          return `${workers.length === 1 ? "the only worker does not know" : `none of ${workers.length} workers knows`} the plan "${row.plan}" of version "${row.plan_version}"`
        })

  const shownOf = (row: RunRow): Effect.Effect<StoredRun, SqlError> =>
    Effect.map(whyQueued(row), (reason) => (reason === undefined ? storedRunOf(row) : { ...storedRunOf(row), reason }))

  const detailsOf = (row: RunRow): Effect.Effect<Details, SqlError> =>
    Effect.gen(function* () {
      return {
        run: yield* shownOf(row),
        input: JSON.parse(row.input),
        units: yield* unitsOf(row.id),
        usage: Usage.sum((yield* reads.spent(row.id)).values()),
        ...(row.result === null ? {} : { result: JSON.parse(row.result) })
      }
    })

  return {
    submit: (submission) =>
      Effect.gen(function* () {
        const { plan } = yield* registered(submission.plan, submission.version)
        const { shape, text } = yield* checked(plan, submission.input)
        return yield* enqueue({
          id: submission.id ?? crypto.randomUUID(),
          plan,
          input: text,
          shape,
          userId: submission.userId ?? "anonymous",
          priority: submission.priority ?? 0,
          options: { tags: submission.tags ?? {}, accounts: [] }
        })
      }).pipe(failing("The run could not be handed in")),

    get: (id) => Effect.flatMap(existing(id), shownOf).pipe(failing(`The run ${id} could not be read`)),

    list: (filter = {}) =>
      Effect.gen(function* () {
        yield* finite("list: createdFrom", filter.createdFrom)
        yield* finite("list: createdBefore", filter.createdBefore)
        yield* natural("list: limit", filter.limit)
        return (yield* reads.list(filter)).map(storedRunOf)
      }).pipe(failing("The runs could not be listed")),

    inspect: (id) => Effect.flatMap(existing(id), detailsOf).pipe(failing(`The run ${id} could not be read`)),

    tail: (id, options) => Stream.unwrap(Effect.as(natural("tail: from", options?.from), handles.tail(id, options?.from ?? 0))),

    wait: (id) => handles.wait(id),

    cancel: (id) => Effect.andThen(existing(id), handles.cancel(id)).pipe(Effect.andThen(member.nudge), failing(`The run ${id} could not be cancelled`)),

    resume: (id) =>
      transaction(
          Effect.gen(function* () {
            const row = yield* locked(id)
            yield* inState(row, "resume", resumable)
            const failed = Array.from(yield* reads.units(id)).flatMap(([key, unit]) => (isFailure(unit) ? [key] : []))
            for (let from = 0; from < failed.length; from += atOnce) {
              yield* sql`DELETE FROM aria_units WHERE run_id = ${id} AND ${sql.in("key", failed.slice(from, from + atOnce))}`
            }
            yield* untell(id)
            // What is left of its time would mostly be nothing: it has all of it again.
            const { deadline: _, ...options } = optionsOf(row)
            const now = yield* Clock.currentTimeMillis
            const again = options.timeout === undefined ? options : { ...options, deadline: now + options.timeout }
            yield* sql`UPDATE aria_runs SET options = ${JSON.stringify(again)}, status = 'queued', reason = NULL, owner = NULL, deaths = 0, cancel = 0, begun = NULL, ended = NULL, result = NULL WHERE id = ${id} AND status = ${row.status}`
          })
        )
        .pipe(Effect.andThen(member.nudge), failing(`The run ${id} could not be resumed`)),

    fork: (id, options = {}) =>
      Effect.gen(function* () {
        const row = yield* existing(id)
        const { plan } = yield* registered(row.plan, row.plan_version)
        const { shape, text } = yield* checked(plan, options.input === undefined ? JSON.parse(row.input) : options.input)
        const { accounts, concurrency, given, tags, timeout } = optionsOf(row)
        const now = yield* Clock.currentTimeMillis
        return yield* enqueue({
          id: options.id ?? crypto.randomUUID(),
          plan,
          input: text,
          shape,
          userId: options.userId ?? row.user_id,
          priority: options.priority ?? Number(row.priority),
          options: { tags: options.tags ?? tags, concurrency, accounts, given, ...(timeout === undefined ? {} : { timeout, deadline: now + timeout }) },
          origin: row.origin,
          forkedFrom: id
        })
      }).pipe(failing(`The run ${id} could not be forked`)),

    remove: (id) => retention.remove(id).pipe(failing(`The run ${id} could not be removed`)),

    prune: ({ endedBefore }) =>
      Effect.andThen(finite("prune: endedBefore", endedBefore), retention.prune(endedBefore)).pipe(failing("Ended runs could not be removed")),

    export: (id) =>
      Stream.unwrap(
        Effect.map(Effect.flatMap(existing(id), detailsOf), ({ input, result, run, units, usage }) => {
          const json = (kind: string, value: object): Schema.Json => ({ kind, ...JSON.parse(JSON.stringify(value)) })
          const head = [json("run", { run, input, usage, result }), ...units.map((unit) => json("unit", { unit }))]
          const events = Stream.paginate(0, (from: number) =>
            Effect.map(reads.events(id, from, atOnce), (rows) => {
              const last = rows.at(-1)
              return [rows.map((event) => json("event", { event })), last === undefined ? Option.none() : Option.some(last.seq + 1)] as const
            })
          )
          return Stream.concat(Stream.fromIterable(head), events)
        }).pipe(Effect.map(Stream.mapError((error) => error)))
      ).pipe(Stream.catch((error) => Stream.fromEffect(Effect.fail(error).pipe(failing(`The run ${id} could not be exported`))))),

    counts: Effect.map(
      sql<{ readonly status: string; readonly runs: number; readonly age: number | null }>`
        SELECT status, COUNT(*) AS runs, ${now} - MIN(created) AS age FROM aria_runs WHERE ended IS NULL GROUP BY status
        UNION ALL SELECT status, COUNT(*) AS runs, NULL AS age FROM aria_runs WHERE status IN ('needsDecision', 'deadLetter') GROUP BY status`,
      (rows): Counts => {
        const of = (status: Status): number => Number(rows.find((row) => row.status === status)?.runs ?? 0)
        return {
          queued: of("queued"),
          running: of("running"),
          needsDecision: of("needsDecision"),
          planChanged: of("planChanged"),
          deadLetter: of("deadLetter"),
          oldestQueuedMillis: Math.max(0, Number(rows.find(({ status }) => status === "queued")?.age ?? 0))
        }
      }
    ).pipe(failing("The runs could not be counted")),

    workers: Effect.map(
      sql<{ readonly id: string; readonly name: string; readonly state: string; readonly started: number; readonly lease: number; readonly now: number; readonly runs: number; readonly plans: string }>`
        SELECT w.*, ${now} AS now, (SELECT COUNT(*) FROM aria_runs r WHERE r.owner = w.id) AS runs FROM aria_workers w ORDER BY w.started, w.id`,
      (rows) =>
        rows.map(
          (row): WorkerInfo => ({
            id: row.id,
            name: row.name,
            state: Number(row.lease) <= Number(row.now) ? "dead" : row.state === "draining" ? "draining" : "active",
            startedAt: Number(row.started),
            runs: Number(row.runs),
            plans: JSON.parse(row.plans)
          })
        )
    ).pipe(failing("The workers could not be listed")),

    accounts: Effect.map(sql<AccountRow>`SELECT * FROM aria_accounts ORDER BY id`, (rows) =>
      rows.map((row) => ({
        id: row.id,
        used: { tokens: Number(row.used_tokens), calls: Number(row.used_calls), usd: Number(row.used_micro_usd) / 1_000_000 },
        held: { tokens: Number(row.held_tokens), calls: Number(row.held_calls), usd: Number(row.held_micro_usd) / 1_000_000 }
      }))
    ).pipe(failing("The accounts could not be listed")),

    resetAccount: (id) =>
      Effect.asVoid(sql`UPDATE aria_accounts SET used_tokens = 0, used_calls = 0, used_micro_usd = 0 WHERE id = ${id}`).pipe(failing(`The account ${id} could not be reset`))
  }
}
