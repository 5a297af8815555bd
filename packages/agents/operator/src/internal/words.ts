/** Words for sentences that a person approves: nothing in a value can look like a part of the sentence. */
import type { Attendee, Recurrence } from "@aria/connectors/CalendarEvent"
import { type EventTime, isAllDay, local } from "@aria/connectors/EventTime"

const longest = 200

/** A text in quotes, with what steers a terminal or turns a line around written out. */
export const quoted = (text: string): string => {
  const cut = [...text].length > longest ? `${[...text].slice(0, longest).join("")}…` : text
  return JSON.stringify(cut).replace(/[\p{C}\u2028\u2029]/gu, (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`)
}

const dayFormat = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC"
})

/** `Monday, 23 November 2026`; what is no day is given as it is. */
const dayOf = (text: string): string => {
  const date = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  return Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text.slice(0, 10))
    ? quoted(text)
    : dayFormat.format(date)
}

const clock = (text: string): string => {
  const time = text.slice(11)
  return time.endsWith(":00") ? time.slice(0, 5) : time
}

const dayBefore = (date: string): string => {
  const at = Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(at) ? date : new Date(at - 86_400_000).toISOString().slice(0, 10)
}

const zoneOf = (time: EventTime): string => (isAllDay(time) ? "" : time.zone)

/** When something is: `on Monday, 23 November 2026, 09:30 to 10:00 (Europe/Berlin)`. */
export const when = (start: EventTime, end: EventTime): string => {
  const [from, to] = [local(start), local(end)]
  if (isAllDay(start)) {
    const last = isAllDay(end) ? dayBefore(to) : to
    return last <= from ? `on ${dayOf(from)}, all day` : `from ${dayOf(from)} to ${dayOf(last)}, all day`
  }
  const zones = zoneOf(start) === zoneOf(end) ? [`(${zoneOf(start)})`] : [`(${zoneOf(start)})`, `(${zoneOf(end)})`]
  const first = `on ${dayOf(from)}, ${clock(from)}${zones.length === 1 ? "" : ` ${zones[0]}`}`
  const second = from.slice(0, 10) === to.slice(0, 10) ? clock(to) : `${dayOf(to)}, ${clock(to)}`
  return `${first} to ${second} ${zones.at(-1)}`
}

/** A start or an end by itself. */
export const at = (time: EventTime): string =>
  isAllDay(time) ? dayOf(time.date) : `${dayOf(time.dateTime)}, ${clock(time.dateTime)} (${time.zone})`

const named = 10

/** `with ada@example.com, bob@example.com`; beyond ten it counts, and the request's recipients have them all. */
export const who = (attendees: ReadonlyArray<Pick<Attendee, "email">>): string => {
  if (attendees.length === 0) return "with nobody else"
  const names = attendees.slice(0, named).map(({ email }) => quoted(email).slice(1, -1))
  const more = attendees.length - names.length
  return `with ${names.join(", ")}${more === 0 ? "" : ` and ${more} more`}`
}

const units = {
  yearly: "years",
  monthly: "months",
  weekly: "weeks",
  daily: "days",
  hourly: "hours",
  minutely: "minutes",
  secondly: "seconds"
} as const

/** `, repeated every 2 weeks, 5 times`. */
export const repeating = (recurrence: Recurrence | undefined): string => {
  if (recurrence === undefined) return ""
  const { rule } = recurrence
  if (rule === undefined) return ", on more than one date"
  const every =
    rule.interval === undefined || rule.interval === 1
      ? rule.frequency
      : `every ${rule.interval} ${units[rule.frequency]}`
  const end =
    rule.count === undefined
      ? rule.until === undefined
        ? ""
        : ` until ${quoted(rule.until).slice(1, -1)}`
      : `, ${rule.count} times`
  return `, repeated ${every}${end}`
}

/** Which calendar. */
export const inCalendar = (calendarId: string | undefined): string =>
  calendarId === undefined ? "in the default calendar" : `in the calendar ${quoted(calendarId)}`
