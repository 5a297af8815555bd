/**
 * What every `Crm` has to keep, as checks: run them on an adapter of your own.
 *
 * Records of every type and script, refusals, random queries against `CrmQuery.evaluate`, text that looks like SQL, paging while
 * records come and go, and several writers at once. Each check gets a layer that is built anew and holds no records.
 * `CrmContractSuite` is the same as tests.
 *
 * @since 0.1.0
 */
import type * as Crm from "@aria/connectors/Crm"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Broken, type Check } from "./internal/crmCheck.ts"
import { checks as ofQueries } from "./internal/crmQueries.ts"
import { checks as ofRaces } from "./internal/crmRaces.ts"
import { checks as ofRecords } from "./internal/crmRecords.ts"
import { checks as ofRefusals } from "./internal/crmRefusals.ts"

/**
 * How a CRM is tried.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<E = never> {
  /** What it is called in messages. */
  readonly name: string
  /** A CRM without records. It is built anew for each check. */
  readonly layer: Layer.Layer<Crm.Crm, E>
  /** How many random queries. Default 300. */
  readonly queries?: number | undefined
  /** What random records and queries are made from. Default 1. */
  readonly seed?: number | undefined
  /** The one check to run, by its name. Default: all. */
  readonly check?: string | undefined
}

/**
 * What one check came to.
 *
 * @category models
 * @since 0.1.0
 */
export class CheckResult extends Schema.Class<CheckResult>("@aria/testkit/CrmContract/CheckResult")({
  name: Schema.String,
  passed: Schema.Boolean,
  /** What was seen, as a sentence; `""` where it passed. */
  message: Schema.String
}) {}

/**
 * A CRM that does not keep the contract.
 *
 * @category errors
 * @since 0.1.0
 */
export class CrmContractBrokenError extends Schema.TaggedError<CrmContractBrokenError>()("CrmContractBrokenError", {
  crm: Schema.String,
  check: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The CRM "${this.crm}" does not pass "${this.check}": ${this.reason}`
  }
}

const all: ReadonlyArray<Check> = [...ofRecords, ...ofRefusals, ...ofQueries, ...ofRaces]

/**
 * The names of all checks, in the order in which they are run.
 *
 * @category queries
 * @since 0.1.0
 */
export const checks: ReadonlyArray<string> = all.map(({ name }) => name)

const whole = (name: string, value: number): Effect.Effect<number> =>
  Number.isSafeInteger(value) && value >= 0
    ? Effect.succeed(value)
    : Effect.die(new Error(`CrmContract: ${name}: received ${value}, allowed is a whole number, 0 or more`))

const tried = <E>(check: Check, options: Options<E>): Effect.Effect<CheckResult, E> =>
  Effect.gen(function* () {
    const settings = { queries: yield* whole("queries", options.queries ?? 300), seed: yield* whole("seed", options.seed ?? 1) }
    const run = Effect.result(Effect.catchDefect(check.run(settings), (defect) => Effect.fail(new Broken({ message: `it died: ${String(defect)}` }))))
    const result = yield* Effect.provide(run, options.layer)
    const message = Result.isSuccess(result) ? "" : result.failure.message
    return new CheckResult({ name: check.name, passed: Result.isSuccess(result), message })
  }).pipe(Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()))

/**
 * Runs the checks, one after another, and tells of each. Fails only where the layer cannot be built. Always in real time.
 *
 * @example
 * ```ts
 * const results = yield* CrmContract.examine({ name: "in memory", layer: CrmMemory.layer })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const examine = <E = never>(options: Options<E>): Effect.Effect<ReadonlyArray<CheckResult>, E> => {
  const chosen = all.filter(({ name }) => options.check === undefined || name === options.check)
  return chosen.length === 0
    ? Effect.die(new Error(`CrmContract: there is no check ${JSON.stringify(options.check)}, allowed are: ${checks.join("; ")}`))
    : Effect.forEach(chosen, (check) => tried(check, options))
}

/**
 * As `examine`, and fails with the first check that the CRM does not pass.
 *
 * @category running
 * @since 0.1.0
 */
export const check = <E = never>(options: Options<E>): Effect.Effect<void, E | CrmContractBrokenError> =>
  Effect.flatMap(examine(options), (results): Effect.Effect<void, CrmContractBrokenError> => {
    const first = results.find(({ passed }) => !passed)
    return first === undefined
      ? Effect.void
      : Effect.fail(new CrmContractBrokenError({ crm: options.name, check: first.name, reason: first.message }))
  })
