import type { CalendarEvent } from "@aria/connectors/CalendarEvent"
import * as DateTime from "effect/DateTime"

/** An hour in a zone, or what is given. */
export const event = (given: Partial<CalendarEvent> = {}): CalendarEvent => ({
  calendarId: "work",
  id: "event-1",
  title: "Meeting",
  start: { dateTime: "2026-11-23T09:00:00", zone: "Europe/Berlin" },
  end: { dateTime: "2026-11-23T10:00:00", zone: "Europe/Berlin" },
  attendees: [],
  availability: "busy",
  status: "confirmed",
  version: "1",
  ...given
})

export const at = (text: string): DateTime.Utc => DateTime.makeUnsafe(text)

export const range = (from: string, to: string, zone?: string) => ({
  from: at(from),
  to: at(to),
  ...(zone === undefined ? {} : { zone })
})
