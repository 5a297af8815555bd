/**
 * An orchestrator whose runs outlive their process: the same plans, stored as they go, and taken over where a worker dies.
 *
 * @since 0.1.0
 */
import type { InvalidLimitError } from "@aria/orchestrator-core/Budget"
import type * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import type * as Plan from "@aria/orchestrator-core/Plan"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { SqlClient } from "effect/sql/SqlClient"
import type { ClusterStoreError } from "./ClusterError.ts"
import { makeCluster } from "./internal/cluster.ts"
import type { Runs } from "./Runs.ts"

/**
 * How a worker behaves, beyond the limits of every orchestrator. Limits of users and of the orchestrator hold for all workers of one
 * store together, and for as long as the store lives.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<Plans extends ReadonlyArray<Plan.Any>> extends Orchestrator.Options {
  /** The plans that can be run, and gone on with here. Two of one name have two versions. */
  readonly plans: Plans
  /**
   * How long others wait for a sign of life before they take over the runs of a worker; not at all where they see that its process on
   * the same machine is gone. A worker whose event loop stands still for longer loses its runs. Default 4 seconds, minimum 1 second.
   */
  readonly lease?: Duration.Input | undefined
  /** How often a worker looks for work and for cancellations, and readers for what is new. Default 500 milliseconds, minimum 10. */
  readonly pollInterval?: Duration.Input | undefined
  /** How long tasks under way may take to end when a worker stops; after that another one starts them again. Default 10 seconds. */
  readonly drainTimeout?: Duration.Input | undefined
  /**
   * How many runs of the store a worker carries out at a time, not counting those that do nothing but wait for answers and times
   * (`Run.ask`, approvals, `Run.sleep`); those that are started in its process always begin. Default 1,000, minimum 1.
   */
  readonly maxRuns?: number | undefined
  /** How many runs that do nothing but wait are not counted: they are kept in memory. Default 10,000, minimum 0. */
  readonly maxWaiting?: number | undefined
  /** How many workers in a row may die with a run that does not get any further, before it is given up. Default 3, minimum 1. */
  readonly maxDeaths?: number | undefined
  /** What a list of workers says of this one. Default: host and process id. */
  readonly name?: string | undefined
}

/**
 * What the worker of this process is doing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Standing {
  readonly worker: string
  /** `cutOff`: away from its database for longer than its lease; its runs were left to others. */
  readonly state: "active" | "draining" | "cutOff"
  /** Milliseconds until its lease ends, where nothing renews it; below 0 others may have its runs. `Infinity` for a client. */
  readonly leaseMillis: number
  /** How many runs it carries out now. */
  readonly runs: number
  /** How many of them do nothing but wait for answers and times. */
  readonly waiting: number
  /** Name and version of the plans that it knows. */
  readonly plans: ReadonlyArray<string>
}

/**
 * The worker of this process.
 *
 * @category services
 * @since 0.1.0
 */
export class Cluster extends Context.Service<
  Cluster,
  {
    readonly standing: Effect.Effect<Standing>
    /** Asks the database for next to nothing; fails where it gives no answer. Whoever waits for it says for how long. */
    readonly ping: Effect.Effect<void, ClusterStoreError>
    /**
     * Makes a plan known that was not when the layer was built, such as one that came as data. Its handlers are those of the caller. One of
     * the same name and version takes its place.
     */
    readonly register: <A, E, R, I>(plan: Plan.Plan<string, A, E, R, I>) => Effect.Effect<void, never, R>
    /** Stops looking for work, lets tasks under way come to their end, and gives the rest to others. The end of the layer does the same. */
    readonly drain: Effect.Effect<void>
  }
>()("@aria/adapter-cluster/Cluster") {}

/**
 * What the plans need: the layers of their agents.
 *
 * @category utility types
 * @since 0.1.0
 */
export type Services<Plans extends ReadonlyArray<Plan.Any>> = Plans[number]["~types"]["services"]

type Layered<Plans extends ReadonlyArray<Plan.Any>> = Layer.Layer<
  Orchestrator.Orchestrator | Runs | Cluster,
  InvalidLimitError | ClusterStoreError,
  SqlClient | Exclude<Services<Plans>, Orchestrator.Orchestrator | Runs | Cluster>
>

/**
 * A worker: it runs what is started in its process, and what others have left.
 *
 * **Example**
 *
 * ```ts
 * const Durable = Cluster.layer({ plans: [MorningBrief] }).pipe(
 *   Layer.provideMerge(Layer.mergeAll(Scout.layer, Scribe.layer, SqliteClient.layer({ filename: "aria.db" })))
 * )
 * ```
 *
 * Errors: `ClusterStoreError`, `InvalidLimitError`. `Orchestrator.run` dies with `PlanNotRegisteredError` and `RunConflictError`, which
 * `Runs.submit` fails with; a result that will not come dies with `PlanChangedError` or `DeadRunError`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <const Plans extends ReadonlyArray<Plan.Any>>(options: Options<Plans>): Layered<Plans> =>
  makeCluster(Cluster, options, true)

/**
 * As `layer`, for a process that carries out nothing: what it starts is run by workers elsewhere.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClient = <const Plans extends ReadonlyArray<Plan.Any>>(
  options: Pick<Options<Plans>, "plans" | "pollInterval">
): Layer.Layer<Orchestrator.Orchestrator | Runs | Cluster, InvalidLimitError | ClusterStoreError, SqlClient> => makeCluster(Cluster, options, false)
