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
import type { CheckResult, ContractBrokenError } from "./Contract.ts"
import { chosen, expectAll, resultOf, whole } from "./internal/contract.ts"
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

const all: ReadonlyArray<Check> = [...ofRecords, ...ofRefusals, ...ofQueries, ...ofRaces]

/**
 * The names of all checks, in the order in which they are run.
 *
 * @category queries
 * @since 0.1.0
 */
export const checks: ReadonlyArray<string> = all.map(({ name }) => name)

const tried = <E>(check: Check, options: Options<E>): Effect.Effect<CheckResult, E> =>
  Effect.gen(function* () {
    const settings = { queries: yield* whole("CrmContract", "queries", options.queries ?? 300), seed: yield* whole("CrmContract", "seed", options.seed ?? 1) }
    const run = Effect.result(Effect.catchDefect(check.run(settings), (defect) => Effect.fail(new Broken({ message: `it died: ${String(defect)}` }))))
    const result = yield* Effect.provide(run, options.layer)
    return resultOf(check.name, result)
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
export const examine = <E = never>(options: Options<E>): Effect.Effect<ReadonlyArray<CheckResult>, E> =>
  Effect.flatMap(chosen("CrmContract", all, options.check), (found) => Effect.forEach(found, (check) => tried(check, options)))

/**
 * As `examine`, and fails with the first check that the CRM does not pass.
 *
 * @category running
 * @since 0.1.0
 */
export const check = <E = never>(options: Options<E>): Effect.Effect<void, E | ContractBrokenError> =>
  Effect.flatMap(examine(options), (results) => expectAll("CRM", options.name, results))
