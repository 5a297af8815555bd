/**
 * What every `Calendar` has to keep, as tests of vitest, one for each check.
 *
 * @since 0.1.0
 */
import { describe, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as CalendarContract from "./CalendarContract.ts"

/**
 * How a calendar is tried, and how its tests are run; the environment wins: `ARIA_CALENDAR_RANGES=5000`, `ARIA_CALENDAR_SEED=17`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<E = never> extends Omit<CalendarContract.Options<E>, "check"> {
  /** How long one check may take, in milliseconds of real time. Default 120,000. */
  readonly timeout?: number | undefined
}

/**
 * Registers a test for each check.
 *
 * @example
 * ```ts
 * CalendarContractSuite.make({ name: "CalendarMemory", layer: CalendarMemory.layer })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const make = <E = never>(options: Options<E>): void => {
  describe(`Calendar contract: ${options.name}`, () => {
    for (const check of CalendarContract.checks) {
      it.live(
        check,
        () =>
          Effect.gen(function* () {
            const ranges = yield* Config.withDefault(Config.Int("ARIA_CALENDAR_RANGES"), options.ranges ?? 60)
            const seed = yield* Config.withDefault(Config.Int("ARIA_CALENDAR_SEED"), options.seed ?? 1)
            yield* CalendarContract.check({ ...options, ranges, seed, check })
          }),
        options.timeout ?? 120_000
      )
    }
  })
}
