/**
 * The laws of an orchestrator as tests of vitest, one for each law.
 *
 * @since 0.1.0
 */
import { describe, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as EngineLaws from "./EngineLaws.ts"

/**
 * How the tests are run; the environment wins: `ARIA_LAW_SEEDS=5000` for more scenarios, `ARIA_LAW_SEED=17` for one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** How many scenarios. Default 1,000. */
  readonly seeds?: number | undefined
  /** How long all scenarios together may take, in milliseconds of real time. Default 300,000. */
  readonly timeout?: number | undefined
}

const wanted = (options: Options) =>
  Effect.gen(function* () {
    const one = yield* Config.option(Config.Int("ARIA_LAW_SEED"))
    if (Option.isSome(one)) return { from: one.value, seeds: 1 }
    return { from: 0, seeds: yield* Config.withDefault(Config.Int("ARIA_LAW_SEEDS"), options.seeds ?? 1_000) }
  })

/**
 * Registers a test for each law. The scenarios are run once, in the first of them, and shared by all.
 *
 * @category running
 * @since 0.1.0
 */
export const make = (engine: EngineLaws.Engine, options: Options = {}): void => {
  describe(`Engine laws: ${engine.name}`, () => {
    const examined = Effect.runSync(
      Effect.cached(Effect.flatMap(Effect.orDie(wanted(options)), (range) => EngineLaws.examine(engine, range)))
    )
    for (const law of EngineLaws.laws) {
      it.live(
        law,
        () =>
          Effect.flatMap(examined, (findings) => {
            const found = findings.find((finding) => finding.law === law)
            if (found?.first === undefined) return Effect.void
            const again = `rerun it with ARIA_LAW_SEED=${found.first.seed}; broken by ${found.seeds.length} seeds: ${found.seeds.slice(0, 10).join()}`
            return Effect.logError(again).pipe(Effect.andThen(Effect.fail(found.first)))
          }),
        options.timeout ?? 300_000
      )
    }
  })
}
