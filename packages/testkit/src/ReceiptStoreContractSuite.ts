/**
 * What every `ReceiptStore` has to keep, as tests of vitest, one for each check.
 *
 * @since 0.1.0
 */
import { describe, it } from "@effect/vitest"
import * as ReceiptStoreContract from "./ReceiptStoreContract.ts"

/**
 * How a store of receipts is tried, and how its tests are run.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<E = never> extends Omit<ReceiptStoreContract.Options<E>, "check"> {
  /** How long one check may take, in milliseconds of real time. Default 60,000. */
  readonly timeout?: number | undefined
}

/**
 * Registers a test for each check; without a `place` those that need one are left out.
 *
 * @example
 * ```ts
 * ReceiptStoreContractSuite.make({ name: "in memory", layer: ReceiptStore.layerMemory })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const make = <E = never>(options: Options<E>): void => {
  describe(`ReceiptStore contract: ${options.name}`, () => {
    for (const check of ReceiptStoreContract.checks) {
      if (options.place === undefined && ReceiptStoreContract.placeChecks.includes(check)) continue
      it.live(check, () => ReceiptStoreContract.check({ ...options, check }), options.timeout ?? 60_000)
    }
  })
}
