/**
 * When an event starts or ends: a wall-clock time in a zone, or a whole day.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * What the clock on the wall shows: `"2026-11-23T09:30:00"`, without a zone or an offset. Years 1583 to 9999.
 *
 * @category models
 * @since 0.1.0
 */
export const LocalDateTime = Schema.String.check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/))

/**
 * A day: `"2026-11-23"`. Years 1583 to 9999.
 *
 * @category models
 * @since 0.1.0
 */
export const LocalDate = Schema.String.check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}$/))

/**
 * A wall-clock time in a zone. A time that the clocks skip is read with the offset before the gap (02:30 becomes 03:30), one that
 * comes twice is the first of the two (RFC 5545 §3.3.5).
 *
 * @category models
 * @since 0.1.0
 */
export const Timed = Schema.Struct({
  dateTime: LocalDateTime,
  /** A name of the IANA database, `"Europe/Berlin"`, or `"UTC"`. */
  zone: Schema.String
})
/**
 * @category models
 * @since 0.1.0
 */
export type Timed = typeof Timed.Type

/**
 * A whole day wherever the reader is. As an end it is exclusive: an event of one day ends on the next.
 *
 * @category models
 * @since 0.1.0
 */
export const AllDay = Schema.Struct({ date: LocalDate })
/**
 * @category models
 * @since 0.1.0
 */
export type AllDay = typeof AllDay.Type

/**
 * @category models
 * @since 0.1.0
 */
export const EventTime = Schema.Union([Timed, AllDay])
/**
 * @category models
 * @since 0.1.0
 */
export type EventTime = typeof EventTime.Type

/**
 * Whether it is a whole day.
 *
 * @category guards
 * @since 0.1.0
 */
export const isAllDay = (time: EventTime): time is AllDay => "date" in time

/**
 * The wall clock as text, `"2026-11-23T09:30:00"` or `"2026-11-23"`: what names an occurrence of a recurring event.
 *
 * @category getters
 * @since 0.1.0
 */
export const local = (time: EventTime): string => (isAllDay(time) ? time.date : time.dateTime)
