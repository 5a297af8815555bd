/**
 * When time is taken and when it is free, from the occurrences that a calendar lists, without any I/O.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Range } from "./Calendar.ts"
import { InvalidRangeError, UnknownZoneError } from "./CalendarError.ts"
import type { Occurrence } from "./CalendarEvent.ts"
import type { Weekday } from "./RecurrenceRule.ts"
import { firstFree, mergeSpans, readClock, type Span } from "./internal/freeSpans.ts"
import { zoneOf } from "./internal/zones.ts"

/**
 * A time from an instant to another, which is not part of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Interval {
  readonly start: DateTime.DateTime
  readonly end: DateTime.DateTime
}

/**
 * The part of each day in which a slot may lie, on the clock on the wall.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkingHours {
  /** `"09:00"`. */
  readonly from: string
  /** `"17:30"`, after `from`; `"24:00"` is the end of the day. */
  readonly to: string
  /** Default: Monday to Friday. */
  readonly days?: ReadonlyArray<Weekday> | undefined
}

/**
 * An option that no slot could be looked for with.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidSlotOptionError extends Schema.TaggedError<InvalidSlotOptionError>()("InvalidSlotOptionError", {
  option: Schema.String,
  received: Schema.String,
  allowed: Schema.String
}) {
  override get message(): string {
    return `Free slot, ${this.option}: received ${this.received}, allowed is ${this.allowed}.`
  }
}

const spanOf = ({ end, start }: Interval): Span => [start.epochMilliseconds, end.epochMilliseconds]

const intervalOf = ([start, end]: Span): { readonly start: DateTime.Utc; readonly end: DateTime.Utc } => ({
  start: DateTime.makeUnsafe(start),
  end: DateTime.makeUnsafe(end)
})

/**
 * Whether an occurrence takes time: it is neither cancelled nor shown as free, and has a length.
 *
 * @category guards
 * @since 0.1.0
 */
export const isBusy = ({ availability, endsAt, startsAt, status }: Occurrence): boolean =>
  availability === "busy" && status !== "cancelled" && endsAt.epochMilliseconds > startsAt.epochMilliseconds

/**
 * As few intervals as hold all that is in the given ones: sorted, none touches the next. Those without length are left out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const merge = (
  intervals: ReadonlyArray<Interval>
): ReadonlyArray<{ readonly start: DateTime.Utc; readonly end: DateTime.Utc }> => mergeSpans(intervals.map(spanOf)).map(intervalOf)

/**
 * The time that is taken, merged. All-day events take their days in the zone that the occurrences were listed in.
 *
 * @category getters
 * @since 0.1.0
 */
export const busy = (
  occurrences: ReadonlyArray<Occurrence>
): ReadonlyArray<{ readonly start: DateTime.Utc; readonly end: DateTime.Utc }> =>
  merge(occurrences.filter(isBusy).map(({ endsAt, startsAt }) => ({ start: startsAt, end: endsAt })))

/**
 * The occurrences that take time of an interval, in the order given.
 *
 * @category getters
 * @since 0.1.0
 */
export const conflicts = (interval: Interval, occurrences: ReadonlyArray<Occurrence>): ReadonlyArray<Occurrence> => {
  const [start, end] = spanOf(interval)
  return occurrences.filter(
    (one) => isBusy(one) && one.startsAt.epochMilliseconds < end && one.endsAt.epochMilliseconds > start
  )
}

const refused = (option: string, received: string, allowed: string) =>
  Result.fail(new InvalidSlotOptionError({ option, received, allowed }))

/**
 * The earliest time of a length that is free, lies within the range and, with working hours, within those of one day.
 *
 * **Example**
 *
 * ```ts
 * const slot = FreeBusy.firstFreeSlot({
 *   busy: FreeBusy.busy(occurrences),
 *   duration: "45 minutes",
 *   within: { from, to, zone: "Europe/Berlin" },
 *   workingHours: { from: "09:00", to: "17:30" }
 * })
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const firstFreeSlot = (options: {
  /** In any order; they may overlap. */
  readonly busy: ReadonlyArray<Interval>
  /** More than 0. */
  readonly duration: Duration.Input
  /** Its zone is that of `workingHours` and `step`. */
  readonly within: Range
  /** Default: at any time. */
  readonly workingHours?: WorkingHours | undefined
  /** Slots begin at multiples of it, counted from midnight. Default 15 minutes, at least 1 second and at most a day. */
  readonly step?: Duration.Input | undefined
}): Result.Result<
  Option.Option<{ readonly start: DateTime.Utc; readonly end: DateTime.Utc }>,
  InvalidRangeError | UnknownZoneError | InvalidSlotOptionError
> => {
  const { from, to, zone: name = "UTC" } = options.within
  const zone = zoneOf(name)
  if (zone === undefined) return Result.fail(new UnknownZoneError({ zone: name }))
  if (!(from.epochMilliseconds < to.epochMilliseconds)) {
    return Result.fail(
      new InvalidRangeError({ from: DateTime.formatIso(from), to: DateTime.formatIso(to), allowed: "a start that is before the end" })
    )
  }
  const duration = Duration.toMillis(options.duration)
  if (!Number.isFinite(duration) || duration <= 0) return refused("duration", `${duration} ms`, "a finite length above 0")
  const step = Duration.toMillis(options.step ?? "15 minutes")
  if (!(step >= 1_000 && step <= 86_400_000)) return refused("step", `${step} ms`, "1 second to 1 day")
  const { workingHours } = options
  const opens = workingHours === undefined ? undefined : readClock(workingHours.from)
  const closes = workingHours === undefined ? undefined : readClock(workingHours.to)
  if (workingHours !== undefined && (opens === undefined || closes === undefined || opens >= closes)) {
    return refused("workingHours", JSON.stringify({ from: workingHours.from, to: workingHours.to }), 'from a time such as "09:00" to a later one')
  }
  const found = firstFree({
    taken: mergeSpans(options.busy.map(spanOf)),
    duration,
    within: [from.epochMilliseconds, to.epochMilliseconds],
    zone,
    step,
    hours: opens === undefined || closes === undefined ? undefined : { opens, closes, days: workingHours?.days ?? ["MO", "TU", "WE", "TH", "FR"] }
  })
  return Result.succeed(Option.map(Option.fromUndefinedOr(found), intervalOf))
}
