/**
 * When events happen: the occurrences of recurring and single events in a range, without any I/O.
 *
 * Rules are those of RFC 5545 §3.3.10, on the clock on the wall: a meeting at 9:00 stays at 9:00 when the clocks change. A start that
 * the clocks skip moves by the length of the gap, one that comes twice is the first of the two (§3.3.5). Lengths are exact.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Listing, Range } from "./Calendar.ts"
import { InvalidRangeError, InvalidEventError, TooManyOccurrencesError, UnknownZoneError } from "./CalendarError.ts"
import type { CalendarEvent, Draft, Occurrence } from "./CalendarEvent.ts"
import { type EventTime, isAllDay, local } from "./EventTime.ts"
import { boundsOf } from "./internal/boundsOf.ts"
import { ruleProblems } from "./internal/ruleProblems.ts"
import { byStart, type Obstacle, occurrencesOf, overSince, type Window } from "./internal/occurrencesOf.ts"
import { readTimes } from "./internal/starts.ts"
import { zoneOf } from "./internal/zones.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** How many occurrences there may be. Default 50,000, minimum 1. */
  readonly limit?: number | undefined
}

const defaultLimit = 50_000

const windowOf = ({ from, to, zone = "UTC" }: Range): Result.Result<Window, InvalidRangeError | UnknownZoneError> => {
  const reader = zoneOf(zone)
  if (reader === undefined) return Result.fail(new UnknownZoneError({ zone }))
  return from.epochMilliseconds < to.epochMilliseconds
    ? Result.succeed({ from: from.epochMilliseconds, to: to.epochMilliseconds, reader })
    : Result.fail(
        new InvalidRangeError({ from: DateTime.formatIso(from), to: DateTime.formatIso(to), allowed: "a start that is before the end" })
      )
}

const timeAt = (event: CalendarEvent, path: ReadonlyArray<string | number>): EventTime => {
  const [first, , index, part] = path
  const owner = first === "recurrence" && typeof index === "number" ? (event.recurrence?.overrides?.[index] ?? event) : event
  return part === "end" || first === "end" ? owner.end : owner.start
}

const failureOf = (
  event: CalendarEvent,
  obstacle: Obstacle,
  limit: number
): UnknownZoneError | TooManyOccurrencesError | InvalidEventError => {
  if (obstacle._tag === "tooMany") return new TooManyOccurrencesError({ limit })
  const time = timeAt(event, obstacle.path)
  if (obstacle.zone && !isAllDay(time)) return new UnknownZoneError({ zone: time.zone })
  return new InvalidEventError({
    problems: [{ path: obstacle.path, received: JSON.stringify(local(time)), allowed: "a time that there is, and an end of the kind of the start and not before it" }]
  })
}

/** An event as it came from elsewhere may hold a rule that has no meaning, or that would never end. */
const ruleError = (event: CalendarEvent): InvalidEventError | undefined => {
  const rule = event.recurrence?.rule
  if (rule === undefined) return undefined
  const times = readTimes(event.start, event.end)
  if ("part" in times) return undefined
  const [first, ...others] = ruleProblems(rule, times.start, times.allDay, ["recurrence", "rule"])
  return first === undefined ? undefined : new InvalidEventError({ problems: [first, ...others] })
}

const within = (
  event: CalendarEvent,
  window: Window,
  limit: number
): Result.Result<ReadonlyArray<Occurrence>, UnknownZoneError | TooManyOccurrencesError | InvalidEventError> => {
  const invalid = ruleError(event)
  if (invalid !== undefined) return Result.fail(invalid)
  const found = occurrencesOf(event, window, limit)
  return "_tag" in found ? Result.fail(failureOf(event, found, limit)) : Result.succeed(found)
}

/**
 * The occurrences of one event that overlap a range, sorted. Those of one range are those of its parts: what overlaps two parts is in
 * both.
 *
 * **Example**
 *
 * ```ts
 * const occurrences = Recurrence.expand(event, { from, to, zone: "Europe/Berlin" })
 * ```
 *
 * Errors: `InvalidRangeError`; `UnknownZoneError` of the range or the event; `InvalidEventError` where a time or the rule has no
 * meaning; `TooManyOccurrencesError`.
 *
 * @category expanding
 * @since 0.1.0
 */
export const expand = (
  event: CalendarEvent,
  range: Range,
  options?: Options
): Result.Result<
  ReadonlyArray<Occurrence>,
  InvalidRangeError | UnknownZoneError | TooManyOccurrencesError | InvalidEventError
> => Result.flatMap(windowOf(range), (window) => within(event, window, options?.limit ?? defaultLimit))

/**
 * The occurrences of many events, as a calendar lists them. An event that cannot be understood is told of and hides no other.
 *
 * @category expanding
 * @since 0.1.0
 */
export const list = (
  events: Iterable<CalendarEvent>,
  range: Range,
  options?: Options
): Result.Result<Listing, InvalidRangeError | UnknownZoneError | TooManyOccurrencesError> =>
  Result.flatMap(windowOf(range), (window) => {
    const limit = options?.limit ?? defaultLimit
    const occurrences: Array<Occurrence> = []
    const unreadable: Array<Listing["unreadable"][number]> = []
    for (const event of events) {
      const found = within(event, window, limit)
      if (Result.isSuccess(found)) for (const one of found.success) occurrences.push(one)
      else if (found.failure._tag === "TooManyOccurrencesError") return Result.fail(found.failure)
      else unreadable.push({ calendarId: event.calendarId, id: event.id, reason: found.failure.message })
      if (occurrences.length > limit) return Result.fail(new TooManyOccurrencesError({ limit }))
    }
    return Result.succeed({ occurrences: occurrences.sort(byStart), unreadable })
  })

/**
 * When the last occurrence ended, for an event that is over; nothing where some part of it is still to come. An all-day event is over
 * when its last day has ended everywhere.
 *
 * @category expanding
 * @since 0.1.0
 */
export const endedBefore = (
  event: Pick<CalendarEvent | Draft, "start" | "end" | "recurrence">,
  now: DateTime.DateTime
): Option.Option<DateTime.Utc> =>
  Option.map(Option.fromUndefinedOr(overSince(event, now.epochMilliseconds)), (millis) => DateTime.makeUnsafe(millis))

/**
 * Instants that all occurrences lie between, whatever zone they are read in, for the index of a store: a range that does not overlap
 * them holds none. Up to some days wider than need be; `to` is nothing where there is no last occurrence. Nothing at all for an event
 * whose times cannot be read.
 *
 * @category expanding
 * @since 0.1.0
 */
export const bounds = (
  event: Pick<CalendarEvent, "start" | "end" | "recurrence">
): Option.Option<{ readonly from: DateTime.Utc; readonly to: Option.Option<DateTime.Utc> }> =>
  Option.map(Option.fromUndefinedOr(boundsOf(event)), ({ from, to }) => ({
    from: DateTime.makeUnsafe(from),
    to: Option.map(Option.fromUndefinedOr(to), (millis) => DateTime.makeUnsafe(millis))
  }))
