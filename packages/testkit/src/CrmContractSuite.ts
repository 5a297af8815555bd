/**
 * What every `Crm` has to keep, as tests of vitest, one for each check.
 *
 * @since 0.1.0
 */
import { describe, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as CrmContract from "./CrmContract.ts"

/**
 * How a CRM is tried, and how its tests are run; the environment wins: `ARIA_CRM_QUERIES=5000`, `ARIA_CRM_SEED=17`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<E = never> extends Omit<CrmContract.Options<E>, "check"> {
  /** How long one check may take, in milliseconds of real time. Default 120,000. */
  readonly timeout?: number | undefined
}

/**
 * Registers a test for each check.
 *
 * @example
 * ```ts
 * CrmContractSuite.make({ name: "LocalCrm", layer: LocalCrm.layer.pipe(Layer.provide(SqliteClient.layer({ filename: ":memory:" }))) })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const make = <E = never>(options: Options<E>): void => {
  describe(`Crm contract: ${options.name}`, () => {
    for (const check of CrmContract.checks) {
      it.live(
        check,
        () =>
          Effect.gen(function* () {
            const queries = yield* Config.withDefault(Config.Int("ARIA_CRM_QUERIES"), options.queries ?? 300)
            const seed = yield* Config.withDefault(Config.Int("ARIA_CRM_SEED"), options.seed ?? 1)
            yield* CrmContract.check({ ...options, queries, seed, check })
          }),
        options.timeout ?? 120_000
      )
    }
  })
}
