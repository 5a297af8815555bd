/**
 * What every `Calendar` has to keep, as checks: run them on an adapter of your own.
 *
 * Events of every kind and script, ranges and their edges, changes of clocks, refusals, text that looks like iCalendar, stale versions,
 * and several writers at once. Each check gets a layer that is built anew; its events have ids of their own, so the calendar may hold
 * others. It writes to the default calendar, in the years 2001 and 2030 to 2070. `CalendarContractSuite` is the same as tests.
 *
 * @since 0.1.0
 */
import type * as Calendar from "@aria/connectors/Calendar"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { CheckResult, ContractBrokenError } from "./Contract.ts"
import { chosen, expectAll, resultOf, whole } from "./internal/contract.ts"
import { broken, type Check } from "./internal/calendarCheck.ts"
import { checks as ofEvents } from "./internal/calendarEvents.ts"
import { checks as ofRaces } from "./internal/calendarRaces.ts"
import { checks as ofRanges } from "./internal/calendarRanges.ts"
import { checks as ofRefusals } from "./internal/calendarRefusals.ts"

/**
 * How a calendar is tried.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<E = never> {
  /** What it is called in messages. */
  readonly name: string
  /** A calendar that can be written. It is built anew for each check. */
  readonly layer: Layer.Layer<Calendar.Calendar, E>
  /** How many random ranges are asked for. Default 60. */
  readonly ranges?: number | undefined
  /** What random ranges are made from. Default 1. */
  readonly seed?: number | undefined
  /** The one check to run, by its name. Default: all. */
  readonly check?: string | undefined
}

const all: ReadonlyArray<Check> = [...ofEvents, ...ofRanges, ...ofRefusals, ...ofRaces]

/**
 * The names of all checks, in the order in which they are run.
 *
 * @category queries
 * @since 0.1.0
 */
export const checks: ReadonlyArray<string> = all.map(({ name }) => name)

const tried = <E>(check: Check, options: Options<E>): Effect.Effect<CheckResult, E> =>
  Effect.gen(function* () {
    const settings = { ranges: yield* whole("CalendarContract", "ranges", options.ranges ?? 60), seed: yield* whole("CalendarContract", "seed", options.seed ?? 1) }
    const run = Effect.result(Effect.catchDefect(check.run(settings), (defect) => broken(`it died: ${String(defect)}`)))
    const result = yield* Effect.provide(run, options.layer)
    return resultOf(check.name, result)
  }).pipe(Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()))

/**
 * Runs the checks, one after another, and tells of each. Fails only where the layer cannot be built. Always in real time.
 *
 * @example
 * ```ts
 * const results = yield* CalendarContract.examine({ name: "in memory", layer: CalendarMemory.layer })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const examine = <E = never>(options: Options<E>): Effect.Effect<ReadonlyArray<CheckResult>, E> =>
  Effect.flatMap(chosen("CalendarContract", all, options.check), (found) => Effect.forEach(found, (check) => tried(check, options)))

/**
 * As `examine`, and fails with the first check that the calendar does not pass.
 *
 * @category running
 * @since 0.1.0
 */
export const check = <E = never>(options: Options<E>): Effect.Effect<void, E | ContractBrokenError> =>
  Effect.flatMap(examine(options), (results) => expectAll("calendar", options.name, results))
