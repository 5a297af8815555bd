/**
 * What side effects promise, as tests over random schedules: run them on a store of your own.
 *
 * Each seed makes one schedule: some performers in some processes want the same actions, and meanwhile the store fails before or
 * after it took effect, is slow or out of reach; calls are refused, lose their answer, arrive late, die, hang, are interrupted or
 * outlast their lease; processes are gone without a word; look-ups err; people settle and take back. It runs in virtual time,
 * every arrival of an action is written down, and the receipts and the audit log are held against that. `SideEffectLawSuite`
 * is the same as tests.
 *
 * @since 0.1.0
 */
import type * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { violations } from "./internal/faultRun.ts"
import { generate } from "./internal/faultScenario.ts"

/**
 * Which store is tried, and on how many schedules.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** What the store is called in messages. */
  readonly name: string
  /** An empty store, built anew for each schedule. It must not wait for real time where it does not have to. */
  readonly layer: Layer.Layer<ReceiptStore.ReceiptStore, unknown>
  /** How many schedules. Default 500. */
  readonly seeds?: number | undefined
  /** The seed of the first one. Default 0. */
  readonly from?: number | undefined
}

/**
 * A schedule after which something was not as it was promised; the seed makes the same one again.
 *
 * @category errors
 * @since 0.1.0
 */
export class SideEffectLawBrokenError extends Schema.TaggedError<SideEffectLawBrokenError>()("SideEffectLawBrokenError", {
  store: Schema.String,
  seed: Schema.Int,
  /** What was seen, as sentences. */
  violations: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `On ${this.store}, with the seed ${this.seed}: ${this.violations.join("; ")}`
  }
}

/**
 * Runs the schedules, one after another, and fails with the first that breaks a law:
 *
 * - an action arrives at most once, and an undo as well
 * - the log has its intent before it arrives, holds together, and tells of every receipt what the receipt says
 * - what is `done` arrived, what is `notDone` never does, what arrived is done, unknown and listed, or undone
 * - who is given a success is given it after it arrived; another input under the same key is a conflict
 * - every call of `perform` ends, and when all works again everything that can be looked up is settled
 *
 * @example
 * ```ts
 * const program = SideEffectLaws.check({ name: "in memory", layer: ReceiptStore.layerMemory, seeds: 100 })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const check = ({ from = 0, layer, name, seeds = 500 }: Options): Effect.Effect<void, SideEffectLawBrokenError> =>
  Effect.gen(function* () {
    for (let seed = from; seed < from + seeds; seed++) {
      const found = yield* violations(layer, generate(seed))
      if (found.length > 0) return yield* new SideEffectLawBrokenError({ store: name, seed, violations: found.slice(0, 5) })
    }
  })
