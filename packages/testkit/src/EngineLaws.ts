/**
 * The laws of an orchestrator, as tests over random plans: run them on an engine of your own.
 *
 * Each seed makes one scenario: some runs of some users with dependencies, conditions, fan-outs, nested plans, child
 * agents, retries, timeouts, budgets and cancellations. It runs in virtual time, all that happens is written down, and
 * every law is checked against that trace. `suite` registers one test per law; `check` is the same without a test runner.
 *
 * @since 0.1.0
 */
import type { InvalidLimitError } from "@aria/orchestrator-core/Budget"
import type * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as driver from "./internal/lawDriver.ts"
import { generate } from "./internal/lawGenerator.ts"
import { all } from "./internal/lawList.ts"

/**
 * What is tested: a name for the report, and how to make the orchestrator with given limits.
 *
 * @category models
 * @since 0.1.0
 */
export interface Engine {
  readonly name: string
  readonly layer: (options: Orchestrator.Options) => Layer.Layer<Orchestrator.Orchestrator, InvalidLimitError>
  /**
   * Whether a reservation is stored before it is admitted. A task that ends in the instant in which it asks may end before its
   * reservation is admitted then. Default `false`.
   */
  readonly storesReservations?: boolean | undefined
  /**
   * Waits until the engine waits for nothing outside of this process, such as the answer of a database. A scenario goes to its next
   * instant when nothing moves any more; what is out there cannot be seen to move. Default: nothing ever is.
   */
  readonly untilQuiet?: Effect.Effect<void> | undefined
}

/**
 * Which scenarios are made, and what is asked of them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The name of one law, as `laws` gives it. Default: all of them. */
  readonly law?: string | undefined
  /** How many scenarios. Default 1,000. */
  readonly seeds?: number | undefined
  /** The seed of the first scenario. Default 0. */
  readonly from?: number | undefined
  /** Whether the first violation ends the check. Default: as many as there are. */
  readonly stopAtFirst?: boolean | undefined
}

/**
 * A law that an engine broke; the seed makes the same scenario again.
 *
 * @category errors
 * @since 0.1.0
 */
export class LawBrokenError extends Schema.TaggedError<LawBrokenError>()("LawBrokenError", {
  engine: Schema.String,
  law: Schema.String,
  seed: Schema.Int,
  /** What was seen, as sentences. */
  violations: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `${this.engine} breaks "${this.law}" with the seed ${this.seed}: ${this.violations.join("; ")}`
  }
}

/**
 * How often a law was broken, and the first cases.
 *
 * @category models
 * @since 0.1.0
 */
export interface Finding {
  readonly law: string
  /** The seeds that broke it. */
  readonly seeds: ReadonlyArray<number>
  readonly first: LawBrokenError | undefined
}

/**
 * The names of all laws, in the order of the report.
 *
 * @category queries
 * @since 0.1.0
 */
export const laws: ReadonlyArray<string> = all.map(({ name }) => name)

/**
 * Runs the scenarios on an engine, each once, and gives what was found for each law.
 *
 * @category running
 * @since 0.1.0
 */
export const examine = (engine: Engine, options: Options = {}): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const { from = 0, law, seeds = 1_000, stopAtFirst = false } = options
    const findings = all
      .filter(({ name }) => law === undefined || name === law)
      .map((checked) => ({ checked, broken: new Array<number>(), errors: new Array<LawBrokenError>() }))
    for (let seed = from; seed < from + seeds; seed++) {
      const trace = yield* driver.trace(engine, generate(seed))
      for (const { broken, checked, errors } of findings) {
        const violations = checked.check(trace)
        if (violations.length === 0) continue
        broken.push(seed)
        if (errors.length === 0) {
          errors.push(new LawBrokenError({ engine: engine.name, law: checked.name, seed, violations: violations.slice(0, 5) }))
        }
      }
      if (stopAtFirst && findings.some(({ broken }) => broken.length > 0)) break
    }
    return findings.map(({ broken, checked, errors }) => ({ law: checked.name, seeds: broken, first: errors[0] }))
  })

/**
 * Runs the scenarios on an engine; fails with the first law that one of them broke.
 *
 * @example
 * ```ts
 * const program = EngineLaws.check({ name: "in process", layer: Orchestrator.layerWith }, { seeds: 100 })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const check = (engine: Engine, options: Options = {}): Effect.Effect<void, LawBrokenError> =>
  Effect.flatMap(examine(engine, { stopAtFirst: true, ...options }), (findings) => {
    const broken = findings.find(({ first }) => first !== undefined)?.first
    return broken === undefined ? Effect.void : Effect.fail(broken)
  })
