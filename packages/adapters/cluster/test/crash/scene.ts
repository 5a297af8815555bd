/** A store, a client of it, and workers that a test starts, stops and looks at. */
import { Cluster, Runs } from "@aria/adapter-cluster"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { SqlClient } from "effect/sql/SqlClient"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Entry, entriesOf } from "./diary.ts"
import { fixOf, gateOf, gatePlan, poisoned, poisonedPlan, relayPlan, sightPlan } from "./gatePlans.ts"
import { freeze, isAlive, startWorker, type Worker, type WorkerOptions } from "./processes.ts"
import { type Address, clientAt, folder, type Kind, newStore } from "./stores.ts"
import { install, seen } from "./witness.ts"
import type { Name } from "./workerPlans.ts"

export interface Scene {
  readonly runs: Runs.Runs["Service"]
  readonly sql: SqlClient
  /** Those that end by a mistake end the scene. */
  readonly start: (plans?: Name, options?: Partial<WorkerOptions>) => Effect.Effect<Worker, never, Scope.Scope>
  readonly freeze: (worker: Worker) => Effect.Effect<void>
  /** Those of a task, in the order in which they began. */
  readonly begun: (task: string, run?: string) => ReadonlyArray<Entry>
  /** Lets those go on that wait, all or those of one process. */
  readonly open: (of?: Worker) => Effect.Effect<void>
  readonly fix: Effect.Effect<void>
  readonly seen: Effect.Effect<Effect.Success<typeof seen>>
}

/** Looks again until it is so, or for a minute. */
export const until = <E, R>(what: string, isSo: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
  Effect.gen(function* () {
    for (let looks = 0; looks < 3_000; looks++) {
      if (yield* isSo) return
      yield* Effect.sleep(20)
    }
    return yield* Effect.die(new Error(`It did not come to this: ${what}`))
  })

export const scene = <A, E>(kind: Kind, play: (scene: Scene) => Effect.Effect<A, E, Scope.Scope>, at?: Address): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const path = yield* folder
    const store = at ?? (yield* newStore(kind, path))
    const diary = join(path, "diary")
    const client = Cluster.layerClient({ plans: [gatePlan, poisonedPlan, relayPlan, sightPlan], pollInterval: 50 }).pipe(Layer.orDie, Layer.provideMerge(clientAt(store)))
    const workers: Array<Worker> = []
    const mistake = yield* Deferred.make<never>()
    const watch = (worker: Worker) =>
      Effect.flatMap(Effect.promise(() => worker.ended), ({ code, signal }) =>
        signal !== null || code === 0 || code === poisoned ? Effect.void : Deferred.die(mistake, new Error(`The worker ${worker.child.pid} ended with ${code}`))
      )
    const start: Scene["start"] = (plans = "gate", options = {}) =>
      Effect.tap(startWorker({ store, plans, diary, world: "", leaseMillis: 2_000, ...options }), (worker) => {
        workers.push(worker)
        return Effect.forkScoped(watch(worker))
      })
    // Why it did not come to something is what they say.
    const tellWorkers = Effect.sync(() => {
      for (const worker of workers) console.error(`The worker ${worker.child.pid} (${isAlive(worker) ? "alive" : "ended"}) said: ${worker.said()}`)
    })
    return yield* Effect.gen(function* () {
      yield* install(kind)
      const sql = yield* SqlClient
      const played = play({
        runs: yield* Runs.Runs,
        sql,
        start,
        freeze: (worker) => freeze(worker, store),
        begun: (task, run) => entriesOf(diary).filter((entry) => entry.task === task && (run === undefined || entry.run === run)),
        open: (of) => Effect.sync(() => writeFileSync(`${gateOf(diary)}${of === undefined ? "" : `.${of.child.pid}`}`, "")),
        fix: Effect.sync(() => writeFileSync(fixOf(diary), "")),
        seen: Effect.provideService(seen, SqlClient, sql)
      })
      return yield* Effect.raceFirst(played, Deferred.await(mistake))
    }).pipe(Effect.onError(() => tellWorkers), Effect.provide(client))
  }).pipe(Effect.scoped)
