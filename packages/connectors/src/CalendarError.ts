/**
 * Why a calendar did not do what it was asked to. None of them holds a credential.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"

/**
 * @category errors
 * @since 0.1.0
 */
export class CalendarNotFoundError extends Schema.TaggedError<CalendarNotFoundError>()("CalendarNotFoundError", {
  calendarId: Schema.String,
  /** The ids that there are. */
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `Calendar ${JSON.stringify(this.calendarId)}: there is none, allowed is ${this.known.map((id) => JSON.stringify(id)).join(", ") || "nothing: there are no calendars"}.`
  }
}

/**
 * @category errors
 * @since 0.1.0
 */
export class EventNotFoundError extends Schema.TaggedError<EventNotFoundError>()("EventNotFoundError", {
  calendarId: Schema.String,
  id: Schema.String
}) {
  override get message(): string {
    return `Event ${JSON.stringify(this.id)}: there is none in the calendar ${JSON.stringify(this.calendarId)}, or it was removed.`
  }
}

/**
 * An event with this id exists. Nothing was written: read the one that is there.
 *
 * @category errors
 * @since 0.1.0
 */
export class EventExistsError extends Schema.TaggedError<EventExistsError>()("EventExistsError", {
  calendarId: Schema.String,
  id: Schema.String
}) {
  override get message(): string {
    return `Event ${JSON.stringify(this.id)}: it exists in the calendar ${JSON.stringify(this.calendarId)} and was left as it is; read it, or give another id.`
  }
}

/**
 * The event was changed since it was read. Nothing was written: read it again and decide anew.
 *
 * @category errors
 * @since 0.1.0
 */
export class StaleVersionError extends Schema.TaggedError<StaleVersionError>()("StaleVersionError", {
  calendarId: Schema.String,
  id: Schema.String,
  received: Schema.String,
  /** The version that the event has now. */
  current: Schema.String
}) {
  override get message(): string {
    return `Event ${JSON.stringify(this.id)} was changed meanwhile: received version ${JSON.stringify(this.received)}, it now has ${JSON.stringify(this.current)}; read it again.`
  }
}

/**
 * @category models
 * @since 0.1.0
 */
export const Problem = Schema.Struct({
  /** Where: `["recurrence", "rule", "byMonthDay", 0]`. */
  path: Schema.Array(Schema.Union([Schema.String, Schema.Int])),
  received: Schema.String,
  allowed: Schema.String
})
/**
 * @category models
 * @since 0.1.0
 */
export type Problem = typeof Problem.Type

/**
 * An event that no calendar takes, with all that is wrong with it.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidEventError extends Schema.TaggedError<InvalidEventError>()("InvalidEventError", {
  problems: Schema.NonEmptyArray(Problem)
}) {
  override get message(): string {
    const sentences = this.problems.map(
      ({ allowed, path, received }) => `${path.join(".")}: received ${received}, allowed is ${allowed}`
    )
    return `Invalid event: ${sentences.join("; ")}.`
  }
}

/**
 * An event that would be over when it is made. Give `allowPast` to import history.
 *
 * @category errors
 * @since 0.1.0
 */
export class PastEventError extends Schema.TaggedError<PastEventError>()("PastEventError", {
  /** The end of its last occurrence. */
  ended: Schema.DateTimeUtcFromString,
  now: Schema.DateTimeUtcFromString
}) {
  override get message(): string {
    return `The event ended at ${DateTime.formatIso(this.ended)} and now is ${DateTime.formatIso(this.now)}: give a time to come, or allowPast to record what was.`
  }
}

/**
 * A range that holds nothing: `to` is not after `from`.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidRangeError extends Schema.TaggedError<InvalidRangeError>()("InvalidRangeError", {
  from: Schema.String,
  to: Schema.String,
  allowed: Schema.String
}) {
  override get message(): string {
    return `Range from ${this.from} to ${this.to}: allowed is ${this.allowed}.`
  }
}

/**
 * @category errors
 * @since 0.1.0
 */
export class UnknownZoneError extends Schema.TaggedError<UnknownZoneError>()("UnknownZoneError", {
  zone: Schema.String
}) {
  override get message(): string {
    return `Zone ${JSON.stringify(this.zone)}: there is none, allowed are names of the IANA database, such as "Europe/Berlin", or "UTC".`
  }
}

/**
 * More occurrences in one range than anybody reads: a rule for every second, a range of centuries.
 *
 * @category errors
 * @since 0.1.0
 */
export class TooManyOccurrencesError extends Schema.TaggedError<TooManyOccurrencesError>()("TooManyOccurrencesError", {
  limit: Schema.Int
}) {
  override get message(): string {
    return `More than ${this.limit} occurrences: ask for a shorter range.`
  }
}

/**
 * The calendar could not be asked, or gave no answer that can be used.
 *
 * @category errors
 * @since 0.1.0
 */
export class CalendarUnavailableError extends Schema.TaggedError<CalendarUnavailableError>()("CalendarUnavailableError", {
  reason: Schema.Literals([
    "unauthorized",
    "forbidden",
    "unreachable",
    "timeout",
    "rateLimited",
    "status",
    "notACalendar",
    "unreadable",
    "tooLarge",
    "storage"
  ]),
  /** Whether a write may have been carried out all the same: `false` where it surely was not, and for reads. */
  ambiguous: Schema.Boolean,
  /** A sentence: what was asked of whom, what happened and what to do. */
  message: Schema.String
}) {}

/**
 * What reading may fail with.
 *
 * @category errors
 * @since 0.1.0
 */
export const ReadError = Schema.Union([
  CalendarNotFoundError,
  EventNotFoundError,
  InvalidRangeError,
  UnknownZoneError,
  TooManyOccurrencesError,
  CalendarUnavailableError
])
/**
 * @category errors
 * @since 0.1.0
 */
export type ReadError = typeof ReadError.Type

/**
 * What writing may fail with. Nothing was written, but where `CalendarUnavailableError.ambiguous` says that it may have been.
 *
 * @category errors
 * @since 0.1.0
 */
export const WriteError = Schema.Union([
  CalendarNotFoundError,
  EventNotFoundError,
  EventExistsError,
  StaleVersionError,
  InvalidEventError,
  PastEventError,
  CalendarUnavailableError
])
/**
 * @category errors
 * @since 0.1.0
 */
export type WriteError = typeof WriteError.Type

/**
 * All of them, for the error schema of an agent.
 *
 * @category errors
 * @since 0.1.0
 */
export const CalendarError = Schema.Union([
  ...WriteError.members,
  InvalidRangeError,
  UnknownZoneError,
  TooManyOccurrencesError
])
/**
 * @category errors
 * @since 0.1.0
 */
export type CalendarError = typeof CalendarError.Type
