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
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { CheckResult, ContractBrokenError } from "./Contract.ts"
import { expectAll } from "./internal/contract.ts"
import { checks as all } from "./internal/questionQueueChecks.ts"
import { examine as examineAll } from "./internal/receiptCheck.ts"

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
export const examine = <E = never>(options: Options<E>): Effect.Effect<ReadonlyArray<CheckResult>, E> =>
  examineAll("QuestionQueueContract", all, options)

/**
 * As `examine`, and fails with the first check that the queue of questions does not pass.
 *
 * @category running
 * @since 0.1.0
 */
export const check = <E = never>(options: Options<E>): Effect.Effect<void, E | ContractBrokenError> =>
  Effect.flatMap(examine(options), (results) => expectAll("queue of questions", options.name, results))
