import type * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import type * as Plan from "@aria/orchestrator-core/Plan"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as RunResult from "@aria/orchestrator-core/RunResult"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { type ClusterStoreError, DeadRunError, PlanChangedError, UnknownRunError } from "../ClusterError.ts"
import { type Database, failing } from "./database.ts"
import { live } from "./liveClock.ts"
import { makeReads, type RunRow, type StoredEvent } from "./reads.ts"
import { type Registry, resultCodec } from "./registry.ts"

export interface StoreHandle extends Orchestrator.RunHandle<any, any> {
  /** Asks for its end, and waits until nobody carries it out: one that is queued ends when somebody takes it, which may be never. */
  readonly stop: Effect.Effect<void>
}

/** Runs as they are seen through the store, wherever they are carried out. */
export interface StoreHandles {
  readonly of: (runId: string, plan?: Plan.Any) => StoreHandle
  readonly wait: (runId: string, plan?: Plan.Any) => Effect.Effect<RunResult.RunResult<any, any>, UnknownRunError | PlanChangedError | DeadRunError | ClusterStoreError>
  readonly tail: (runId: string, from: number) => Stream.Stream<Progress.Event, UnknownRunError | ClusterStoreError>
  readonly cancel: (runId: string) => Effect.Effect<void, ClusterStoreError>
}

const decodeEvent = Schema.decodeUnknownEffect(Schema.toCodecJson(Progress.Event))
const decodeUntyped = Schema.decodeUnknownEffect(Schema.fromJsonString(RunResult.RunResult))

const rowsAtOnce = 200

/** No event comes after it. */
const isOver = ({ ended, status }: RunRow): boolean => ended !== null || status === "planChanged"

export const make = (database: Database, pollMillis: number) => (registry: Registry): StoreHandles => {
  const { sql } = database
  const reads = makeReads(database)
  const pause = live(Effect.sleep(pollMillis))

  const existing = (runId: string): Effect.Effect<RunRow, UnknownRunError | SqlError> =>
    Effect.flatMap(reads.run(runId), (row) => (row === undefined ? Effect.fail(new UnknownRunError({ runId })) : Effect.succeed(row)))

  const untyped = (row: RunRow): Effect.Effect<RunResult.RunResult<any, any>> => Effect.orDie(decodeUntyped(row.result))

  const decodeResult = (row: RunRow, plan: Plan.Any | undefined): Effect.Effect<RunResult.RunResult<any, any>, Schema.SchemaError> => {
    const known = plan ?? registry.find(row.plan, row.plan_version)?.plan
    return known === undefined ? untyped(row) : Schema.decodeUnknownEffect(resultCodec(known))(row.result)
  }

  const wait: StoreHandles["wait"] = (runId, plan) =>
    Effect.gen(function* () {
      while (true) {
        const row = yield* existing(runId)
        if (row.status === "deadLetter") return yield* new DeadRunError({ runId, reason: row.reason ?? "" })
        const changed = (difference: string) => new PlanChangedError({ runId, plan: row.plan, version: row.plan_version, differences: [difference] })
        if (row.status === "planChanged") return yield* changed(row.reason ?? "")
        if (row.ended !== null) return yield* Effect.mapError(decodeResult(row, plan), ({ message }) => changed(`its result does not fit the schemas of the plan: ${message}`))
        yield* pause
      }
    }).pipe(failing(`The run ${runId} could not be waited for`))

  const isEnd = ({ _tag, runId }: StoredEvent, row: RunRow): boolean => _tag === "RunEnded" && runId === row.id

  const eventOf = (row: RunRow, event: StoredEvent): Effect.Effect<Progress.Event> =>
    isEnd(event, row) ? Effect.map(Effect.catch(decodeResult(row, undefined), () => untyped(row)), (result) => ({ ...event, result }) as Progress.Event) : Effect.orDie(decodeEvent(event))

  const tail: StoreHandles["tail"] = (runId, from) =>
    Stream.paginate(from, (next: number) =>
      Effect.gen(function* () {
        while (true) {
          // The run first: what was written before it had ended is among the events then.
          const row = yield* existing(runId)
          const found = yield* reads.events(runId, next, rowsAtOnce)
          const end = found.findIndex((event) => isEnd(event, row))
          const isReadable = end < 0 || row.result !== null
          if (found.length > 0 && isReadable) {
            const events = yield* Effect.forEach(found, (one) => eventOf(row, one))
            return [events, end >= 0 ? Option.none() : Option.some(found.at(-1)!.seq + 1)] as const
          }
          if (found.length === 0 && isOver(row)) return [[], Option.none()] as const
          yield* pause
        }
      }).pipe(failing(`The events of the run ${runId} could not be read`))
    )

  const cancel: StoreHandles["cancel"] = (runId) =>
    Effect.asVoid(sql`UPDATE aria_runs SET cancel = 1 WHERE id = ${runId} AND ended IS NULL`).pipe(failing(`The run ${runId} could not be cancelled`))

  const left = (runId: string): Effect.Effect<void, ClusterStoreError> =>
    Effect.gen(function* () {
      while ((yield* reads.run(runId))?.status === "running") yield* pause
    }).pipe(failing(`The run ${runId} could not be waited for`))

  return {
    wait,
    tail,
    cancel,
    of: (runId, plan) => {
      const waited = Effect.orDie(wait(runId, plan))
      const asked = Effect.orDie(cancel(runId))
      return { runId, await: waited, cancel: Effect.andThen(asked, waited), stop: Effect.andThen(asked, Effect.orDie(left(runId))), events: Stream.orDie(tail(runId, 0)) }
    }
  }
}
