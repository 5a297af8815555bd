import * as Journal from "@aria/orchestrator-core/Journal"
import { outline } from "@aria/orchestrator-core/Plan"
import * as Run from "@aria/orchestrator-core/Run"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import type { Claims } from "./claims.ts"
import type { Database } from "./database.ts"
import { inTime } from "./inTime.ts"
import type { Lease } from "./lease.ts"
import type { Life, Past } from "./life.ts"
import { millis } from "./liveClock.ts"
import { differences } from "./newRun.ts"
import { makeReads, optionsOf, type RunRow } from "./reads.ts"
import { underWay } from "./recorder.ts"
import { inputCodec, type Registered, type Registry } from "./registry.ts"
import type { Residents } from "./residents.ts"
import * as telemetry from "./telemetry.ts"
import type { Writer } from "./writer.ts"

/** The worker that takes runs from the store. */
interface Worker {
  readonly database: Database
  readonly claims: Claims
  readonly lease: Lease
  readonly registry: Registry
  readonly residents: Residents
  readonly writer: Writer
  readonly services: Context.Context<never>
  readonly settings: { readonly lease: number; readonly maxRuns: number; readonly maxWaiting: number; readonly maxDeaths: number; readonly runTimeout: number | undefined }
  readonly begin: (row: RunRow, registered: Registered, input: unknown, context: Context.Context<never>, past: Past) => Effect.Effect<Life>
}

type Looking = Effect.Effect<void, SqlError | Cause.TimeoutError>

/** A worker takes some and looks again, so that others that look meanwhile get their part of many. */
const takenAtOnce = 20

/** Each is read in some round trips before it goes on: a few at a time, in their order. */
const readAtOnce = 8

/** What a worker does again and again with the runs of the store. */
export const makeTaking = ({ begin, claims, database, lease, registry, residents, services, settings, writer }: Worker): {
  /** Takes runs that nobody carries out, as many as there is room for. */
  readonly look: Looking
  /** Takes runs that are here without anybody knowing. */
  readonly reclaim: Looking
  /** Stops those that are to be stopped. */
  readonly cancelled: Looking
  /** Ends the leases of workers that are gone. */
  readonly bury: Looking
} => {
  const reads = makeReads(database)

  /** A connection that is dead gives no error for a quarter of an hour. */
  const limited = <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A, E | Cause.TimeoutError> => (database.dialect === "pg" ? inTime(settings.lease)(self) : self)

  /** Goes on with a run that this worker owns. */
  const take = (row: RunRow): Effect.Effect<void> => residents.whileArriving(row.id, goOn(row))
  const goOn = (row: RunRow): Effect.Effect<void> =>
    Effect.gen(function* () {
      const registered = yield* registry.get({ name: row.plan, version: row.plan_version })
      const { plan } = registered
      const end = (status: string, reason: string) => writer.end({ run: row.id, fence: Number(row.fence), status, reason, result: null })
      const past = yield* limited(reads.past(row))
      telemetry.runClaimed(services, past.told.next > 0)
      if (Number(row.deaths) > settings.maxDeaths) {
        // What is stored had ended, whether that was told or not.
        const stored = new Set(Array.from(past.units.values(), ({ kind, value }): unknown => (kind === "task" ? JSON.parse(value).taskId : undefined)))
        const running = underWay(past.told.marks).filter((id) => !stored.has(id))
        const what = running.length === 0 ? "before any other of its tasks had told that it started" : `while these of its tasks were under way: ${running.join(", ")}`
        yield* end("deadLetter", `${Number(row.deaths)} workers in a row died with it without getting any further, ${what}`)
        return
      }
      const decoded = yield* Effect.result(Schema.decodeEffect(inputCodec(plan))(row.input))
      if (decoded._tag === "Failure") {
        yield* end("planChanged", `its input does not fit the schema of the plan: ${decoded.failure.message}`)
        return
      }
      const input = decoded.success
      const given = plan.inputSchema === undefined ? undefined : input
      const shape = yield* outline(plan, given)
      const different = differences(JSON.parse(row.shape), shape)
      if (different.length > 0) {
        yield* end("planChanged", different.join("; "))
        return
      }
      const { accounts, concurrency, deadline, given: kinds, tags } = optionsOf(row)
      const now = yield* Clock.currentTimeMillis
      // What was handed in got no time of its own: it has what its first worker gave to every run.
      const until = deadline ?? (settings.runTimeout === undefined || row.begun === null ? undefined : Number(row.begun) + settings.runTimeout)
      const configured = Run.configure({
        userId: row.user_id,
        tags,
        priority: Number(row.priority),
        concurrency,
        timeout: until === undefined ? undefined : Math.max(1, until - now)
      })
      const placed = yield* Effect.context<never>().pipe(configured, Journal.within(accounts), Effect.provideContext(registered.services))
      // It may have been cut off since it claimed this one, and be back: others have it by now, or will.
      if (lease.worker() !== row.owner || lease.isExpired()) return
      // Or have been told to stop.
      if (lease.state() !== "active") {
        yield* writer.end({ run: row.id, fence: Number(row.fence), status: "queued", reason: null, result: null })
        return
      }
      const context = kinds === undefined ? placed : yield* Effect.context<never>().pipe(SideEffect.withGiven(kinds), Effect.provideContext(placed))
      const life = yield* begin(row, registered, given, context, past)
      if (Number(row.cancel) === 1) yield* Effect.forkDetach(life.handle.cancel, { startImmediately: true })
    }).pipe(
      Effect.catchCause((cause) => {
        if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
        const problem = Cause.squash(cause)
        // A database that did not answer says nothing of the run.
        const end = isSqlError(problem) || Cause.isTimeoutError(problem) ? { status: "queued", reason: null } : { status: "deadLetter", reason: `it could not be gone on with: ${String(problem)}` }
        return Effect.andThen(
          Effect.logError(`The run ${row.id} could not be gone on with`, cause),
          Effect.asVoid(writer.end({ run: row.id, fence: Number(row.fence), ...end, result: null }))
        )
      })
    )

  /** Those that only wait take nothing but memory. They are counted where that makes a difference. */
  const roomFor = (runs: number) => (runs < settings.maxRuns ? settings.maxRuns - runs : settings.maxRuns + Math.min(residents.waiting(), settings.maxWaiting) - runs)

  let ownedAt = millis()
  /** A claim may have been committed and its answer lost: nobody else would ever take such a run. Looked for after a failure, and now and then. */
  const reclaim: Effect.Effect<void, SqlError | Cause.TimeoutError> = Effect.suspend(() => {
    if (lease.state() !== "active" || millis() - ownedAt < settings.lease) return Effect.void
    ownedAt = millis()
    return Effect.gen(function* () {
      const owned = new Map((yield* limited(claims.owned(lease.worker()))).map(({ fence, id }) => [id, Number(fence)]))
      const again = (id: string) =>
        Effect.flatMap(limited(reads.run(id)), (row) => (row?.owner === lease.worker() && residents.isStranger(id) ? take(row) : Effect.void))
      yield* Effect.forEach(residents.strangers(owned), again, { concurrency: readAtOnce, discard: true })
    })
  })

  const look: Effect.Effect<void, SqlError | Cause.TimeoutError> = Effect.suspend(() => {
    if (lease.state() !== "active") return Effect.void
    const room = Math.min(roomFor(residents.size), takenAtOnce)
    if (room <= 0) return Effect.void
    const claimed = Effect.onError(limited(claims.claim(lease.worker(), registry.keys, room)), () => Effect.sync(() => void (ownedAt = -Infinity)))
    return Effect.flatMap(claimed, (rows) => {
      const taken = Effect.forEach(rows, take, { concurrency: readAtOnce, discard: true })
      return rows.length < room ? taken : Effect.andThen(taken, look)
    })
  })

  const cancelled = Effect.flatMap(Effect.suspend(() => limited(claims.cancelled(lease.worker()))), (ids) =>
    Effect.forEach(
      ids,
      (id) => {
        const life = residents.get(id)
        return life === undefined ? Effect.void : Effect.forkDetach(life.handle.cancel, { startImmediately: true })
      },
      { discard: true }
    )
  )

  return { look, reclaim, cancelled, bury: limited(claims.bury) }
}
