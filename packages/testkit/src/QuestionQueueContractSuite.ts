/**
 * What every `QuestionQueue` has to keep, as tests of vitest, one for each check.
 *
 * @since 0.1.0
 */
import { describe, it } from "@effect/vitest"
import * as QuestionQueueContract from "./QuestionQueueContract.ts"

/**
 * How a queue of questions is tried, and how its tests are run.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<E = never> extends Omit<QuestionQueueContract.Options<E>, "check"> {
  /** How long one check may take, in milliseconds of real time. Default 60,000. */
  readonly timeout?: number | undefined
}

/**
 * Registers a test for each check; without a `place` those that need one are left out.
 *
 * @example
 * ```ts
 * QuestionQueueContractSuite.make({ name: "in memory", layer: QuestionQueue.layerMemory })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const make = <E = never>(options: Options<E>): void => {
  describe(`QuestionQueue contract: ${options.name}`, () => {
    for (const check of QuestionQueueContract.checks) {
      if (options.place === undefined && QuestionQueueContract.placeChecks.includes(check)) continue
      it.live(check, () => QuestionQueueContract.check({ ...options, check }), options.timeout ?? 60_000)
    }
  })
}
