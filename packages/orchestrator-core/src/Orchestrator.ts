/**
 * Carries out plans. One orchestrator has one cap and one set of limits for all its runs and all they start.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { InvalidLimitError, Limits } from "./Budget.ts"
import * as engine from "./internal/engine.ts"
import type * as Plan from "./Plan.ts"
import type * as Progress from "./Progress.ts"
import type { RunResult } from "./RunResult.ts"
import type * as Duration from "effect/Duration"

/**
 * A run while it lives.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunHandle<out A, out E = never> {
  readonly runId: string
  /** Waits for the result. */
  readonly await: Effect.Effect<RunResult<A, E>>
  /** Stops the run and waits until nothing of it is alive; the result has what was done and spent. */
  readonly cancel: Effect.Effect<RunResult<A, E>>
  /** Its events from the first one on, however late the stream is run; it ends after `RunEnded`. */
  readonly events: Stream.Stream<Progress.Event>
}

/**
 * What carries out plans; another engine is another layer for this service.
 *
 * @category services
 * @since 0.1.0
 */
export class Orchestrator extends Context.Service<
  Orchestrator,
  {
    readonly run: <A, E, R, I>(
      plan: Plan.Plan<string, A, E, R, I>,
      ...input: Plan.InputArgs<I>
    ) => Effect.Effect<RunResult<A, E>, Plan.InputError<I>, R>
    readonly start: <A, E, R, I>(
      plan: Plan.Plan<string, A, E, R, I>,
      ...input: Plan.InputArgs<I>
    ) => Effect.Effect<RunHandle<A, E>, Plan.InputError<I>, R>
  }
>()("@aria/orchestrator-core/Orchestrator") {}

/**
 * Runs a plan to its end and gives every outcome. A task that fails does not fail the run; `result.outputs` does.
 * Interrupting it stops the run: nothing stays alive, and the result is in the `RunEnded` event.
 *
 * @category running
 * @since 0.1.0
 */
export const run = <A, E, R, I>(
  plan: Plan.Plan<string, A, E, R, I>,
  ...input: Plan.InputArgs<I>
): Effect.Effect<RunResult<A, E>, Plan.InputError<I>, R | Orchestrator> =>
  Effect.flatMap(Orchestrator, (orchestrator) => orchestrator.run(plan, ...input))

/**
 * Starts a plan in the background, where it lives as long as the orchestrator.
 *
 * @category running
 * @since 0.1.0
 */
export const start = <A, E, R, I>(
  plan: Plan.Plan<string, A, E, R, I>,
  ...input: Plan.InputArgs<I>
): Effect.Effect<RunHandle<A, E>, Plan.InputError<I>, R | Orchestrator> =>
  Effect.flatMap(Orchestrator, (orchestrator) => orchestrator.start(plan, ...input))

/**
 * Runs a plan as the stream of its events, nested runs' included. Ending the stream early stops the run.
 *
 * @category running
 * @since 0.1.0
 */
export const stream = <A, E, R, I>(
  plan: Plan.Plan<string, A, E, R, I>,
  ...input: Plan.InputArgs<I>
): Stream.Stream<Progress.Event, Plan.InputError<I>, R | Orchestrator> =>
  Stream.unwrap(
    Effect.map(
      Effect.acquireRelease(start(plan, ...input), (handle) => handle.cancel),
      (handle) => handle.events
    )
  )

/**
 * The limits of an orchestrator. Counts are whole numbers from 1.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The most calls in flight, over all runs and all they start. Default 10. */
  readonly concurrency?: number | undefined
  /** What all runs together may spend while the orchestrator lives. Default: no limit. */
  readonly limits?: Limits | undefined
  /** The most calls in flight of one user. Default: no cap of its own. */
  readonly userConcurrency?: number | undefined
  /** What all runs of one user may spend while the orchestrator lives. */
  readonly userLimits?: Limits | undefined
  /** The most calls in flight of one run and its nested runs. */
  readonly runConcurrency?: number | undefined
  /** What each run may spend, nested runs included. */
  readonly runLimits?: Limits | undefined
  /** When each outermost run is stopped. Default: never. */
  readonly runTimeout?: Duration.Input | undefined
}

/**
 * An orchestrator in this process, with given limits.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerWith = (options: Options): Layer.Layer<Orchestrator, InvalidLimitError> =>
  Layer.effect(Orchestrator, engine.make(options))

/**
 * An orchestrator in this process, with at most 10 calls in flight and no other limit. When its scope closes, what
 * still runs is cancelled.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Orchestrator> = Layer.orDie(layerWith({}))
