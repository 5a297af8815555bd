/**
 * Reading a calendar: what happens on some days, recurring events expanded.
 *
 * @since 0.1.0
 */
import { Calendar } from "@aria/connectors/Calendar"
import { Occurrence } from "@aria/connectors/CalendarEvent"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { startOfDay } from "./internal/days.ts"
import { defined } from "./internal/json.ts"
import { Day, Zone } from "./internal/payloadFields.ts"

/**
 * Which days of which calendar.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Parameters = Schema.Struct({
  /** The first day, `"2026-11-23"`. */
  startDate: Day,
  /** The last day, itself included, not before `startDate`. Default: `startDate`, so one day. */
  endDate: Schema.optional(Day),
  /** Where the days begin at midnight: a name of the IANA database. Default `"UTC"`. */
  zone: Schema.optional(Zone),
  /** Default: all calendars. */
  calendarId: Schema.optional(Schema.String)
}).check(
  Schema.makeFilter(({ endDate, startDate }) =>
    endDate === undefined || endDate >= startDate
      ? undefined
      : {
          path: ["endDate"],
          issue: `Expected a day that is not before startDate, ${startDate}, got ${JSON.stringify(endDate)}`
        }
  )
)
/**
 * @category models
 * @since 0.1.0
 */
export type Parameters = typeof Parameters.Type

/**
 * What happens on those days.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Success = Schema.Struct({
  operationType: Schema.Literal("calendar_read"),
  /** Left out: all calendars. */
  calendarId: Schema.optionalKey(Schema.String),
  startDate: Schema.String,
  endDate: Schema.String,
  zone: Schema.String,
  /** All that overlaps the days, by start; cancelled ones are among them. */
  events: Schema.Array(Occurrence),
  /** How many `events` there are. */
  totalCount: Schema.Natural,
  /** Events that the calendar has and that could not be understood: there may be more on those days than is listed. */
  unreadable: Schema.Array(Schema.Struct({ calendarId: Schema.String, id: Schema.String, reason: Schema.String }))
})
/**
 * @category models
 * @since 0.1.0
 */
export type Success = typeof Success.Type

/**
 * Reads the days.
 *
 * @category running
 * @since 0.1.0
 */
export const run = Effect.fn("CalendarRead.run")(function* ({
  calendarId,
  endDate: last,
  startDate,
  zone = "UTC"
}: Parameters) {
  const calendar = yield* Calendar
  const endDate = last ?? startDate
  yield* Progress.report(`Reading the calendar from ${startDate} to ${endDate}`)
  const from = startOfDay(startDate, zone, 0)
  const to = startOfDay(endDate, zone, 1)
  const { occurrences, unreadable } = yield* calendar.occurrences({ ...defined({ calendarId }), from, to, zone })
  const success: Success = {
    operationType: "calendar_read",
    ...defined({ calendarId }),
    startDate,
    endDate,
    zone,
    events: occurrences,
    totalCount: occurrences.length,
    unreadable
  }
  return success
})
