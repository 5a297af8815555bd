/**
 * What side effects promise, as a test of vitest.
 *
 * @since 0.1.0
 */
import { describe, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SideEffectLaws from "./SideEffectLaws.ts"

/**
 * Which store is tried; the environment wins: `ARIA_FAULT_SEEDS=20000` makes more schedules, `ARIA_FAULT_SEED=17` makes one
 * again that was reported.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Omit<SideEffectLaws.Options, "from"> {
  /** How long all schedules may take, in milliseconds of real time. Default 120,000. */
  readonly timeout?: number | undefined
}

/**
 * Registers the test.
 *
 * @example
 * ```ts
 * SideEffectLawSuite.make({ name: "in memory", layer: ReceiptStore.layerMemory })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const make = (options: Options): void => {
  describe(`Side effects on ${options.name}`, () => {
    it.live(
      "whatever fails, and whenever: an action is done at most once, and nothing that was done is forgotten",
      () =>
        Effect.gen(function* () {
          const one = yield* Config.option(Config.Int("ARIA_FAULT_SEED"))
          const seeds = yield* Config.withDefault(Config.Int("ARIA_FAULT_SEEDS"), options.seeds ?? 500)
          yield* SideEffectLaws.check(Option.isSome(one) ? { ...options, from: one.value, seeds: 1 } : { ...options, seeds })
        }),
      options.timeout ?? 120_000
    )
  })
}
