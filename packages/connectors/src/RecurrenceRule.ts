/**
 * How an event repeats: iCalendar's RRULE (RFC 5545 §3.3.10) as data.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * @category models
 * @since 0.1.0
 */
export const Frequency = Schema.Literals(["yearly", "monthly", "weekly", "daily", "hourly", "minutely", "secondly"])
/**
 * @category models
 * @since 0.1.0
 */
export type Frequency = typeof Frequency.Type

/**
 * @category models
 * @since 0.1.0
 */
export const Weekday = Schema.Literals(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
/**
 * @category models
 * @since 0.1.0
 */
export type Weekday = typeof Weekday.Type

/**
 * A weekday, with `ordinal` the n-th of its month or year: 1 is the first, -1 the last. Only rules that are monthly, or yearly
 * without `byWeekNo`, may have ordinals.
 *
 * @category models
 * @since 0.1.0
 */
export const ByDay = Schema.Struct({ day: Weekday, ordinal: Schema.optionalKey(Schema.Int) })
/**
 * @category models
 * @since 0.1.0
 */
export type ByDay = typeof ByDay.Type

const numbers = Schema.optionalKey(Schema.Array(Schema.Int))

/**
 * Times are those of the clock on the wall in the zone of the event's start. At most one of `count` and `until` is given; without
 * either it goes on for ever. Lists are never empty.
 *
 * @category models
 * @since 0.1.0
 */
export const RecurrenceRule = Schema.Struct({
  frequency: Frequency,
  /** Every n-th year, month, ... Default 1, minimum 1. */
  interval: Schema.optionalKey(Schema.Int),
  /** How often it happens, the start and excluded occurrences counted. At least 1. */
  count: Schema.optionalKey(Schema.Int),
  /** The last start that is possible, itself included: local date-time in the zone of the start, or a date for all-day events. */
  until: Schema.optionalKey(Schema.String),
  /** 1 to 12. */
  byMonth: numbers,
  /** ISO weeks of the year, 1 to 53 or -53 to -1; yearly only. */
  byWeekNo: numbers,
  /** 1 to 366 or -366 to -1; not for daily, weekly and monthly rules. */
  byYearDay: numbers,
  /** 1 to 31 or -31 to -1 (the last day); not for weekly rules. */
  byMonthDay: numbers,
  byDay: Schema.optionalKey(Schema.Array(ByDay)),
  /** 0 to 23; these three not for all-day events. */
  byHour: numbers,
  byMinute: numbers,
  bySecond: numbers,
  /** Which ones of the set that the rest gives for each year, month, ...: 1 is the first, -1 the last. */
  bySetPos: numbers,
  /** The day on which weeks begin. Default Monday. */
  weekStart: Schema.optionalKey(Weekday)
})
/**
 * @category models
 * @since 0.1.0
 */
export type RecurrenceRule = typeof RecurrenceRule.Type
