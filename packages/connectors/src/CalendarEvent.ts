/**
 * An event of a calendar, close to iCalendar's VEVENT (RFC 5545), as data.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { InvalidEventError, type Problem } from "./CalendarError.ts"
import { EventTime } from "./EventTime.ts"
import { changed, changeProblems } from "./internal/changed.ts"
import { eventProblems } from "./internal/eventProblems.ts"
import { RecurrenceRule } from "./RecurrenceRule.ts"

/**
 * Who takes part. An address may hold any letters before and after its `@` (RFC 6531) and is kept as it was given: no punycode, no
 * change of case. Quoted local parts and address literals (`a@[127.0.0.1]`) are not taken.
 *
 * @category models
 * @since 0.1.0
 */
export const Attendee = Schema.Struct({
  email: Schema.String,
  name: Schema.optionalKey(Schema.String),
  /** Left out: not known. */
  status: Schema.optionalKey(Schema.Literals(["needsAction", "accepted", "declined", "tentative", "delegated"])),
  /** Left out: required. */
  role: Schema.optionalKey(Schema.Literals(["chair", "required", "optional", "nonParticipant"]))
})
/**
 * @category models
 * @since 0.1.0
 */
export type Attendee = typeof Attendee.Type

/**
 * @category models
 * @since 0.1.0
 */
export const Organizer = Schema.Struct({ email: Schema.String, name: Schema.optionalKey(Schema.String) })

/**
 * Whether the time counts as taken.
 *
 * @category models
 * @since 0.1.0
 */
export const Availability = Schema.Literals(["busy", "free"])

/**
 * @category models
 * @since 0.1.0
 */
export const Status = Schema.Literals(["confirmed", "tentative", "cancelled"])

const content = {
  title: Schema.String,
  description: Schema.optionalKey(Schema.String),
  location: Schema.optionalKey(Schema.String),
  start: EventTime,
  /** Of the same kind as `start`. A timed event may end when it starts; an all-day one ends on a later day, which is not part of it. */
  end: EventTime,
  attendees: Schema.Array(Attendee),
  organizer: Schema.optionalKey(Organizer),
  availability: Availability,
  status: Status
}

/**
 * One occurrence that differs from the rule. It stands for the whole occurrence: nothing is taken over from the event.
 *
 * @category models
 * @since 0.1.0
 */
export const Override = Schema.Struct({
  /** When the rule has it start, as `EventTime.local` gives it, in the zone of the event's start. */
  recurrenceId: Schema.String,
  ...content
})
/**
 * @category models
 * @since 0.1.0
 */
export type Override = typeof Override.Type

/**
 * When an event happens again. Its own start is always the first occurrence and has to be one of the rule's, but where it is excluded.
 *
 * @category models
 * @since 0.1.0
 */
export const Recurrence = Schema.Struct({
  rule: Schema.optionalKey(RecurrenceRule),
  /** More starts, written like `Override.recurrenceId` (RDATE). */
  additional: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Starts that do not happen, written the same way (EXDATE). */
  excluded: Schema.optionalKey(Schema.Array(Schema.String)),
  overrides: Schema.optionalKey(Schema.Array(Override))
})
/**
 * @category models
 * @since 0.1.0
 */
export type Recurrence = typeof Recurrence.Type

/**
 * An event as a calendar has it. A recurring event lasts as long each time as its first occurrence does, to the second, also over a
 * change of the clocks.
 *
 * @category models
 * @since 0.1.0
 */
export const CalendarEvent = Schema.Struct({
  calendarId: Schema.String,
  /** iCalendar's UID: one event of its calendar, for ever. */
  id: Schema.String,
  ...content,
  recurrence: Schema.optionalKey(Recurrence),
  /** Changes with every write: an ETag, a row's version. Compare it for equality only. */
  version: Schema.String
})
/**
 * @category models
 * @since 0.1.0
 */
export type CalendarEvent = typeof CalendarEvent.Type

/**
 * An event to be made.
 *
 * @category models
 * @since 0.1.0
 */
export const Draft = Schema.Struct({
  /** Default: the calendar's own choice. Give one to create at most once: an `id` that exists is refused. */
  id: Schema.optionalKey(Schema.String),
  ...content,
  attendees: Schema.optionalKey(content.attendees),
  /** Default `"busy"`. */
  availability: Schema.optionalKey(Availability),
  /** Default `"confirmed"`. */
  status: Schema.optionalKey(Status),
  recurrence: Schema.optionalKey(Recurrence)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Draft = typeof Draft.Type

/**
 * What to change of an event. What is left out stays; `null` removes; lists and `recurrence` are replaced as a whole.
 *
 * @category models
 * @since 0.1.0
 */
export const Change = Schema.Struct({
  title: Schema.optionalKey(Schema.String),
  description: Schema.optionalKey(Schema.NullOr(Schema.String)),
  location: Schema.optionalKey(Schema.NullOr(Schema.String)),
  start: Schema.optionalKey(EventTime),
  end: Schema.optionalKey(EventTime),
  attendees: Schema.optionalKey(Schema.Array(Attendee)),
  organizer: Schema.optionalKey(Schema.NullOr(Organizer)),
  availability: Schema.optionalKey(Availability),
  status: Schema.optionalKey(Status),
  recurrence: Schema.optionalKey(Schema.NullOr(Recurrence))
})
/**
 * @category models
 * @since 0.1.0
 */
export type Change = typeof Change.Type

/**
 * One time that an event happens, with what is true of that time.
 *
 * @category models
 * @since 0.1.0
 */
export const Occurrence = Schema.Struct({
  calendarId: Schema.String,
  eventId: Schema.String,
  /** Which occurrence of a recurring event it is: when the rule has it start. Left out for events that do not recur. */
  recurrenceId: Schema.optionalKey(Schema.String),
  ...content,
  /** The same as instants; for all-day events the midnights in the zone that was asked for. */
  startsAt: Schema.DateTimeUtcFromString,
  endsAt: Schema.DateTimeUtcFromString,
  version: Schema.String
})
/**
 * @category models
 * @since 0.1.0
 */
export type Occurrence = typeof Occurrence.Type

const refuse = (problems: ReadonlyArray<Problem>): Result.Result<void, InvalidEventError> =>
  Arr.isReadonlyArrayNonEmpty(problems) ? Result.fail(new InvalidEventError({ problems })) : Result.void

/**
 * The event that a draft becomes, or all that is wrong with it. Adapters ask this before they write, so that all calendars take and
 * refuse the same. `id` is used where the draft has none.
 *
 * Text in one line (title, names, ids) has no control characters; in descriptions and locations lines may end with `\n`. Nothing is
 * trimmed, cut or changed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromDraft = (
  draft: Draft,
  options: { readonly calendarId: string; readonly id: string; readonly version: string }
): Result.Result<CalendarEvent, InvalidEventError> => {
  const id = draft.id ?? options.id
  const blank = draft.title.trim() === "" ? [{ path: ["title"], received: JSON.stringify(draft.title), allowed: "some text" }] : []
  return Result.map(refuse([...blank, ...eventProblems({ ...draft, id })]), () => ({
    ...draft,
    calendarId: options.calendarId,
    id,
    attendees: draft.attendees ?? [],
    availability: draft.availability ?? "busy",
    status: draft.status ?? "confirmed",
    version: options.version
  }))
}

/**
 * The event after a change, its `version` untouched, or what is wrong with what was changed. What the change leaves alone is not
 * judged: it may have come from elsewhere. Start, end and recurrence are judged together.
 *
 * @category combinators
 * @since 0.1.0
 */
export const applyChange = (event: CalendarEvent, change: Change): Result.Result<CalendarEvent, InvalidEventError> => {
  const after = changed(event, change, Object.keys(Change.fields))
  return Result.map(refuse(changeProblems(after, change)), () => after)
}
