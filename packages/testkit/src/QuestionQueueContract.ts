/**
 * What every `QuestionQueue` has to keep, as checks: run them on a queue of questions of your own.
 *
 * Questions and answers of every shape, asking again, races, what is refused and why, filters and time that is over.
 * `QuestionQueueContractSuite` is the same as tests.
 *
 * @since 0.1.0
 */
import type * as QuestionQueue from "@aria/orchestrator-core/QuestionQueue"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { checks as all } from "./internal/questionQueueChecks.ts"

/**
 * How a queue of questions is tried.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<E = never> {
  /** What it is called in messages. */
  readonly name: string
  /** An empty queue of questions. It is built anew for each check. */
  readonly layer: Layer.Layer<QuestionQueue.QuestionQueue, E>
  /**
   * A new place to keep things, empty, that is gone with its scope: the layer may be built on it several times, one after
   * another and at once, as several processes would. Without it nothing is asked of what outlives a layer.
   */
  readonly place?: Effect.Effect<Layer.Layer<QuestionQueue.QuestionQueue, E>, E, Scope.Scope> | undefined
  /** The one check to run, by its name. Default: all. */
  readonly check?: string | undefined
}

/**
 * What one check came to.
 *
 * @category models
 * @since 0.1.0
 */
export class CheckResult extends Schema.Class<CheckResult>("@aria/testkit/QuestionQueueContract/CheckResult")({
  name: Schema.String,
  passed: Schema.Boolean,
  /** What was seen, as a sentence; `""` where it passed. */
  message: Schema.String
}) {}

/**
 * A queue of questions that does not keep the contract.
 *
 * @category errors
 * @since 0.1.0
 */
export class QuestionQueueContractBrokenError extends Schema.TaggedError<QuestionQueueContractBrokenError>()("QuestionQueueContractBrokenError", {
  queue: Schema.String,
  check: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The queue of questions "${this.queue}" does not pass "${this.check}": ${this.reason}`
  }
}

/**
 * The names of all checks, in the order in which they are run.
 *
 * @category queries
 * @since 0.1.0
 */
export const checks: ReadonlyArray<string> = all.map(({ name }) => name)

/**
 * The names of those that need a `place`.
 *
 * @category queries
 * @since 0.1.0
 */
export const placeChecks: ReadonlyArray<string> = all.filter(({ places }) => places).map(({ name }) => name)

/**
 * Runs the checks, one after another, and tells of each.
 *
 * @example
 * ```ts
 * const results = yield* QuestionQueueContract.examine({ name: "in memory", layer: QuestionQueue.layerMemory })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const examine = <E = never>(options: Options<E>): Effect.Effect<ReadonlyArray<CheckResult>, E> => {
  const { check, layer, place } = options
  if (check !== undefined && !checks.includes(check)) {
    return Effect.die(new Error(`QuestionQueueContract: there is no check ${JSON.stringify(check)}, allowed are: ${checks.join("; ")}`))
  }
  const chosen = all.filter(({ name, places }) => (check === undefined || name === check) && (place !== undefined || !places))
  return Effect.forEach(chosen, ({ name, run }) =>
    Effect.map(
      Effect.result(run(place ?? Effect.succeed(Layer.fresh(layer)))),
      (result) => new CheckResult({ name, passed: Result.isSuccess(result), message: Result.isSuccess(result) ? "" : messageOf(result.failure) })
    )
  )
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * As `examine`, and fails with the first check that the queue of questions does not pass.
 *
 * @category running
 * @since 0.1.0
 */
export const check = <E = never>(options: Options<E>): Effect.Effect<void, E | QuestionQueueContractBrokenError> =>
  Effect.flatMap(examine(options), (results): Effect.Effect<void, QuestionQueueContractBrokenError> => {
    const first = results.find(({ passed }) => !passed)
    return first === undefined
      ? Effect.void
      : Effect.fail(new QuestionQueueContractBrokenError({ queue: options.name, check: first.name, reason: first.message }))
  })
