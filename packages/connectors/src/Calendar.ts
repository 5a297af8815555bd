/**
 * Calendars that can be read and written. A service without I/O; adapters implement it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as CalendarError from "./CalendarError.ts"
import type { CalendarEvent, Change, Draft, Occurrence } from "./CalendarEvent.ts"

/**
 * One calendar. Exactly one of those that a service has is the default.
 *
 * @category models
 * @since 0.1.0
 */
export const CalendarInfo = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  isDefault: Schema.Boolean,
  /** Whether events can only be read. */
  readOnly: Schema.Boolean
})
/**
 * @category models
 * @since 0.1.0
 */
export type CalendarInfo = typeof CalendarInfo.Type

/**
 * Which occurrences: those that overlap the range. One that ends when the range begins, or starts when it ends, is not among them; one
 * without length is, where it starts in the range.
 *
 * @category models
 * @since 0.1.0
 */
export interface Range {
  readonly from: DateTime.DateTime
  /** Exclusive, and after `from`. */
  readonly to: DateTime.DateTime
  /** Where days begin at midnight, for all-day events. Default `"UTC"`. */
  readonly zone?: string | undefined
}

/**
 * What a range holds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listing {
  /** By start, then end, calendar, event and recurrence id. Cancelled ones are among them. */
  readonly occurrences: ReadonlyArray<Occurrence>
  /** Events that the calendar has and that could not be understood: the range may hold more than is listed. */
  readonly unreadable: ReadonlyArray<{
    readonly calendarId: string
    readonly id: string
    /** A sentence. */
    readonly reason: string
  }>
}

/**
 * Which event.
 *
 * @category models
 * @since 0.1.0
 */
export interface EventKey {
  /** Default: the default calendar. */
  readonly calendarId?: string | undefined
  readonly id: string
}

/**
 * Calendars of one account or store. Writes are all or nothing; a stale version, an id that exists and an invalid event change nothing.
 *
 * @category services
 * @since 0.1.0
 */
export class Calendar extends Context.Service<
  Calendar,
  {
    readonly calendars: Effect.Effect<ReadonlyArray<CalendarInfo>, CalendarError.CalendarUnavailableError>
    /** All that happens in a range, recurring events expanded. Without `calendarId` in all calendars. */
    readonly occurrences: (
      request: Range & { readonly calendarId?: string | undefined }
    ) => Effect.Effect<Listing, Exclude<CalendarError.ReadError, CalendarError.EventNotFoundError>>
    readonly get: (
      key: EventKey
    ) => Effect.Effect<
      CalendarEvent,
      CalendarError.CalendarNotFoundError | CalendarError.EventNotFoundError | CalendarError.CalendarUnavailableError
    >
    /** Makes an event. One that is over already is a `PastEventError`, unless `allowPast` says that history is being recorded. */
    readonly create: (request: {
      /** Default: the default calendar. */
      readonly calendarId?: string | undefined
      readonly event: Draft
      /** Default `false`. */
      readonly allowPast?: boolean | undefined
    }) => Effect.Effect<
      CalendarEvent,
      Exclude<CalendarError.WriteError, CalendarError.EventNotFoundError | CalendarError.StaleVersionError>
    >
    /** Changes an event that still has the version that was read; gives it as it then is. */
    readonly update: (
      request: EventKey & { readonly version: string; readonly change: Change }
    ) => Effect.Effect<CalendarEvent, Exclude<CalendarError.WriteError, CalendarError.EventExistsError | CalendarError.PastEventError>>
    /** Removes an event, all its occurrences with it, that still has the version that was read. */
    readonly remove: (
      request: EventKey & { readonly version: string }
    ) => Effect.Effect<
      void,
      Exclude<
        CalendarError.WriteError,
        CalendarError.EventExistsError | CalendarError.InvalidEventError | CalendarError.PastEventError
      >
    >
  }
>()("@aria/connectors/Calendar/Calendar") {}
