/**
 * A process that carries out runs of a store, beside any number of others.
 *
 * @since 0.1.0
 */
import type { InvalidLimitError } from "@aria/orchestrator-core/Budget"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { Cluster } from "./Cluster.ts"
import * as Health from "./Health.ts"
import { start } from "./internal/workerProcess.ts"
import type { Runs } from "./Runs.ts"

/**
 * What a worker does besides carrying out runs.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Where it says how it is. Default: a free port of 127.0.0.1, which the log names; `false`: nowhere. */
  readonly health?: Health.Options | false | undefined
}

/**
 * Serves health and metrics, and stays until it is interrupted. Then it drains: looks for no more work, lets tasks under way come to their
 * end, gives its runs to others, and only then stops to answer. For programs that handle signals themselves; others use `main`.
 *
 * @category running
 * @since 0.1.0
 */
export const run = (
  options: Options = {}
): Effect.Effect<never, Health.HealthPortError | InvalidLimitError, Cluster | Runs> =>
  Effect.scoped(
    Effect.gen(function* () {
      const cluster = yield* Cluster
      const { leaseMillis, plans, worker } = yield* cluster.standing
      const knows = plans.length === 0 ? "no plan" : plans.join(", ")
      if (leaseMillis === Infinity) {
        yield* Effect.logWarning(
          "This process has Cluster.layerClient: it hands in runs and carries out none; a worker has Cluster.layer"
        )
      }
      const health = options.health ?? {}
      const where = health === false ? "" : `; health and metrics at ${(yield* Health.serve(health)).url}`
      yield* Effect.logInfo(`Worker ${worker} carries out runs of ${knows}${where}`)
      return yield* Effect.onInterrupt(Effect.never, () => cluster.drain)
    })
  )

/**
 * Runs a worker as this process, from its start to its end.
 *
 * - `SIGTERM` and `SIGINT` drain it: see `run`. With the defaults that takes at most 26 seconds, and no longer than the tasks under way.
 * - A second signal, half a second later or more, ends it at once: others take over when its lease ends. (One that comes sooner is the
 *   same: npm and terminals send both.)
 *
 * Exit codes: 0 after a drain; 1 where it could not start, with the reason on standard error; 130 and 143 after a second signal.
 *
 * **Example**
 *
 * ```ts
 * Worker.main(
 *   Cluster.layer({ plans: [MorningBrief] }).pipe(Layer.provide([Scout.layer, Scribe.layer, PgClient.layer({ url })])),
 *   { health: { port: 9090 } }
 * )
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const main = <E>(layer: Layer.Layer<Cluster | Runs, E>, options: Options = {}): void =>
  start(Effect.provide(run(options), layer))
