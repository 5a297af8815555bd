import * as SqlFailure from "@aria/orchestrator-core/SqlFailure"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import { ClusterStoreError } from "../ClusterError.ts"
import { makeFlush } from "./flush.ts"
import type { Database } from "./database.ts"
import { inTime } from "./inTime.ts"
import { millis } from "./liveClock.ts"
import { perRun, refused, tenuresOf, together, withoutPast } from "./batches.ts"
import { type Batch, emptyBatch, type EndRecord, type EventRecord, type NoRoom, type SettleRecord, type SpendRecord, type StartRecord, type Tenure, type UnitRecord, type Written } from "./records.ts"
import * as telemetry from "./telemetry.ts"

/**
 * One queue for all that a worker writes. What comes while a batch is being written is the next batch: the more there is to do at once,
 * the fewer commits it takes.
 */
export interface Writer {
  /** Whether it was new. Dies with a `ClusterStoreError` where it is not stored. */
  readonly start: (record: StartRecord) => Effect.Effect<boolean>
  /** One whose id nobody else has: stored with the first thing that somebody waits for, or a little later. */
  readonly startLazily: (record: StartRecord) => void
  /** Whether this worker still carries out the run; nothing was written where it does not. */
  readonly unit: (record: UnitRecord) => Effect.Effect<boolean>
  /** Written in order with all else; nobody waits for it, but to hear that the run is carried out elsewhere. */
  readonly unitLazily: (record: UnitRecord, onLost: () => void) => void
  readonly end: (record: EndRecord) => Effect.Effect<boolean>
  readonly spend: (record: SpendRecord) => Effect.Effect<"written" | "lost" | NoRoom>
  /** Written in order with all else; nobody waits for it. */
  readonly settle: (record: SettleRecord) => void
  readonly event: (record: EventRecord) => void
  /** Waits until all that was handed in before is written. */
  readonly drained: Effect.Effect<void>
}


/** How long events and the ends of calls may wait for something to go along with. */
const lazyMillis = 20

/** How long a batch may take on Postgres before it is written again on another connection. */
const patienceMillis = 5_000

interface Waiting {
  /** `isPast` where a later life of the run was among the same. */
  readonly take: (written: Written, isPast: (tenure: Tenure) => boolean) => void
}

export const make = (database: Database, onFailure: (error: SqlError) => Effect.Effect<void>): Effect.Effect<Writer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const flush = makeFlush(database)
    const services = yield* Effect.context<never>()
    let batch: Batch = emptyBatch()
    let waiting: Array<Waiting> = []
    let rows = 0
    let wake: (() => void) | undefined
    let isWriting = false
    let isUrgent = false
    let timer: ReturnType<typeof setTimeout> | undefined

    let isClosed = false

    const refuseAll = () => {
      const all = refused(batch, "this worker has ended")
      for (const one of waiting.splice(0)) one.take(all, () => false)
    }
    const rouse = () => {
      const waker = wake
      wake = undefined
      waker?.()
    }
    const added = () => {
      if (isClosed) return refuseAll()
      rows++
      isUrgent = true
      rouse()
    }
    /** Goes along with what somebody waits for, or a little later. */
    const addedLazily = () => {
      if (isClosed) return refuseAll()
      rows++
      timer ??= setTimeout(() => {
        timer = undefined
        isUrgent = rows > 0
        rouse()
      }, lazyMillis)
    }

    /** Of a run that is given back in the moment in which it ends, the end counts. */
    const addEnd = (record: EndRecord) => {
      const other = batch.ends.findIndex(({ fence, run }) => run === record.run && fence === record.fence)
      if (other < 0) batch.ends.push(record)
      else if (batch.ends[other]!.status === "queued") batch.ends[other] = record
    }
    /** With what comes next, again and again: nobody else would ever look at runs that are under way here. */
    const bury = (taken: Batch, reason: string) => {
      for (const tenure of tenuresOf(taken)) {
        addEnd({ ...tenure, status: "deadLetter", reason, result: null })
        addedLazily()
      }
    }

    const more: Effect.Effect<void> = Effect.callback((resume) => {
      if (isUrgent) return resume(Effect.void)
      wake = () => resume(Effect.void)
      return undefined
    })

    /** Longer each time: a batch may be large, and a database slow. */
    const attempted = (taken: Batch, attempt: number): Effect.Effect<Written, SqlError> =>
      database.dialect === "sqlite"
        ? flush(taken)
        : Effect.catchTag(inTime(patienceMillis * 2 ** Math.min(attempt - 1, 5))(flush(taken)), "TimeoutError", (cause) =>
            Effect.fail(new SqlError({ reason: new ConnectionError({ cause, message: "the database gave no answer in time", operation: "batch" }) }))
          )

    const isReachable = Effect.match(database.sql`SELECT 1`, { onFailure: () => false, onSuccess: () => true })

    /**
     * Until it is written: only who carries out the runs can decide that it takes too long. A batch that a database refuses though it
     * answered before and after has something in it that it cannot keep: then each run is written for itself, and the one that cannot be is
     * given up. Somebody has to look at that: to begin with it again would come to the same, and cost again.
     */
    const persistently = (taken: Batch, attempt = 1, answeredBefore = false): Effect.Effect<Written> =>
      Effect.catch(attempted(taken, attempt), (error) =>
        Effect.andThen(
          onFailure(error),
          Effect.flatMap(error.isRetryable || attempt < 3 ? Effect.succeed(false) : isReachable, (answers) => {
            if (!answers || !answeredBefore) return persistently(taken, attempt + 1, answers)
            const parts = perRun(taken)
            if (parts.length > 1) return Effect.map(Effect.forEach(parts, (part) => persistently(part)), together)
            const why = `the database does not keep what it wrote: ${SqlFailure.reasonOf(error)}`
            bury(taken, why)
            return Effect.as(Effect.logError(`A run is given up, ${why}`, error), refused(taken, SqlFailure.reasonOf(error)))
          })
        )
      )

    const loop: Effect.Effect<never> = Effect.forever(
      Effect.gen(function* () {
        yield* more
        const { current: taken, isPast } = withoutPast(batch)
        const told = waiting
        batch = emptyBatch()
        waiting = []
        rows = 0
        isUrgent = false
        clearTimeout(timer)
        timer = undefined
        isWriting = true
        const began = millis()
        // However it ends: who waits for it may be one that nothing else can end.
        yield* Effect.onExit(persistently(taken), (exit) =>
          Effect.sync(() => {
            isWriting = false
            const result = Exit.isSuccess(exit) ? exit.value : refused(taken, "it could not be written")
            if (Exit.isFailure(exit) && !Cause.hasInterrupts(exit.cause)) {
              // What buries others is not tried for ever: here nothing says that it will ever do.
              bury({ ...taken, ends: taken.ends.filter(({ status }) => status !== "deadLetter") }, `what it wrote cannot be stored: ${String(Cause.squash(exit.cause))}`)
            }
            if (Exit.isSuccess(exit)) telemetry.batchWritten(services, taken, result, millis() - began)
            for (const one of told) one.take(result, isPast)
          })
        )
      }).pipe(
        Effect.catchCause((cause) =>
          Cause.hasInterrupts(cause) ? Effect.failCause(cause) : Effect.logError("A batch could not be written: its runs are given up", cause)
        )
      )
    )
    yield* Effect.forkScoped(loop, { startImmediately: true })
    // Whoever hands something in after the end hears that it is not written, and nobody waits for ever.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        isClosed = true
        clearTimeout(timer)
        refuseAll()
      })
    )

    const written = <A>(add: () => void, of: (written: Written, isPast: (tenure: Tenure) => boolean) => A): Effect.Effect<A> =>
      Effect.callback<A>((resume) => {
        add()
        waiting.push({ take: (result, isPast) => resume(Effect.succeed(of(result, isPast))) })
        added()
      })

    return {
      start: (record) =>
        Effect.suspend(() => {
          // Of two that begin at once one is new.
          const isFirst = !batch.starts.some(({ id }) => id === record.id)
          const answered = written(
            () => void (isFirst && batch.starts.push(record)),
            ({ existing, refused }) => ({ why: refused?.get(record.id), isNew: isFirst && !existing.has(record.id) })
          )
          return Effect.flatMap(answered, ({ isNew, why }) =>
            why === undefined ? Effect.succeed(isNew) : Effect.die(new ClusterStoreError({ reason: "failed", message: `The run ${record.id} is not stored: ${why}` }))
          )
        }),
      startLazily: (record) => {
        batch.starts.push(record)
        addedLazily()
      },
      unitLazily: (record, onLost) => {
        batch.units.push(record)
        waiting.push({
          take: ({ lost }, isPast) => {
            if (lost.has(record.run) || isPast(record)) onLost()
          }
        })
        addedLazily()
      },
      unit: (record) => written(() => batch.units.push(record), ({ lost }, isPast) => !lost.has(record.run) && !isPast(record)),
      end: (record) => written(() => addEnd(record), ({ lost }, isPast) => !lost.has(record.run) && !isPast(record)),
      spend: (record) =>
        written(() => batch.spends.push(record), ({ lost, noRoom }, isPast) => noRoom.get(record.id) ?? (lost.has(record.run) || isPast(record) ? "lost" : "written")),
      settle: (record) => {
        batch.settles.push(record)
        addedLazily()
      },
      event: (record) => {
        batch.events.push(record)
        addedLazily()
      },
      drained: Effect.suspend(() => (rows === 0 && !isWriting ? Effect.void : written(() => {}, () => {})))
    }
  })
