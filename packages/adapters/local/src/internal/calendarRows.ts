/** Events as rows, and back. */
import { CalendarError, CalendarEvent, Recurrence } from "@aria/connectors"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

export interface Row {
  readonly calendarId: string
  readonly id: string
  readonly version: number
  readonly body: string
}

/** Events that last no longer are found by their start. */
export const short = 32 * 86_400_000

/** Later than any occurrence. */
const never = Date.UTC(10_001, 0, 1)

const Body = Schema.fromJsonString(CalendarEvent.CalendarEvent)
const encode = Schema.encodeSync(Body)
const decode = Schema.decodeUnknownResult(Body)

/** The columns of an event but its version. */
export const columnsOf = (event: CalendarEvent.CalendarEvent) => {
  const bounds = Recurrence.bounds(event)
  const firstAt = Option.match(bounds, { onNone: () => 0, onSome: ({ from }) => from.epochMilliseconds })
  const lastAt = Option.match(Option.flatMap(bounds, ({ to }) => to), { onNone: () => never, onSome: (to) => to.epochMilliseconds })
  return { long: lastAt - firstAt > short ? 1 : 0, firstAt, lastAt, body: encode(event) }
}

/** An event, or why the row holds none: somebody else wrote it, or a later version of this package did. */
export const eventOf = (row: Row): Result.Result<CalendarEvent.CalendarEvent, string> =>
  Result.mapBoth(decode(row.body), {
    onSuccess: (event) => ({ ...event, calendarId: row.calendarId, id: row.id, version: String(row.version) }),
    onFailure: ({ message }) => `The row of the event ${JSON.stringify(row.id)} cannot be read: ${message}`
  })

export const readEvent = (row: Row): Effect.Effect<CalendarEvent.CalendarEvent, CalendarError.CalendarUnavailableError> =>
  Result.match(eventOf(row), {
    onSuccess: Effect.succeed,
    onFailure: (message) => Effect.fail(new CalendarError.CalendarUnavailableError({ reason: "unreadable", ambiguous: false, message }))
  })
