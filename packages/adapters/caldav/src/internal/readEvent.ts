/** An iCalendar document with one event → the event of the contract. */
import type { CalendarEvent, EventTime } from "@aria/connectors"
import * as Result from "effect/Result"
import { childrenOf, type Component, lineOf, linesOf, parse } from "./component.ts"
import { param, unescapeText } from "./contentLine.ts"
import { readAttendee, readOrganizer } from "./people.ts"
import { readRule } from "./rule.ts"
import { addDuration, type Context, localIn, readTime, Unreadable } from "./times.ts"

export type Content = Omit<CalendarEvent.Override, "recurrenceId">

/** A document, its event and the components that it was read from. */
export interface Read {
  readonly document: Component
  readonly event: Omit<CalendarEvent.CalendarEvent, "calendarId" | "version">
}

const textOf = (component: Component, name: string): string | undefined => {
  const found = lineOf(component, name)
  return found === undefined ? undefined : unescapeText(found.value)
}

/** As other programs have it, an empty text is none. */
const optional = (component: Component, name: string) => {
  const text = textOf(component, name)
  return text === "" ? undefined : text
}

const readEnd = (component: Component, start: EventTime.EventTime, context: Context): EventTime.EventTime => {
  const end = lineOf(component, "DTEND")
  const duration = lineOf(component, "DURATION")
  if (end !== undefined) return readTime(end, context)
  if (duration !== undefined) return addDuration(start, duration.value)
  return "date" in start ? addDuration(start, "P1D") : start
}

const readContent = (component: Component, context: Context): Content => {
  const from = lineOf(component, "DTSTART")
  if (from === undefined) throw new Unreadable("it has no DTSTART")
  const start = readTime(from, context)
  const description = optional(component, "DESCRIPTION")
  const location = optional(component, "LOCATION")
  const organizer = readOrganizer(lineOf(component, "ORGANIZER"))
  const status = lineOf(component, "STATUS")?.value.trim().toUpperCase()
  return {
    title: textOf(component, "SUMMARY") ?? "",
    ...(description === undefined ? {} : { description }),
    ...(location === undefined ? {} : { location }),
    start,
    end: readEnd(component, start, context),
    attendees: linesOf(component, "ATTENDEE").flatMap((line) => readAttendee(line) ?? []),
    ...(organizer === undefined ? {} : { organizer }),
    availability: lineOf(component, "TRANSP")?.value.trim().toUpperCase() === "TRANSPARENT" ? "free" : "busy",
    status: status === "TENTATIVE" ? "tentative" : status === "CANCELLED" ? "cancelled" : "confirmed"
  }
}

/** EXDATE and RDATE: several lines, each with several values. */
const readStarts = (component: Component, name: string, start: EventTime.EventTime, context: Context) => [
  ...new Set(
    linesOf(component, name).flatMap((from) => {
      if (param(from, "VALUE")?.toUpperCase() === "PERIOD")
        throw new Unreadable(`${name} has periods of their own length`)
      return from.value
        .split(",")
        .filter((value) => value.trim() !== "")
        .flatMap((value) => localIn(start, readTime(from, context, value)) ?? [])
    })
  )
]

/** When the rule has the occurrence start that this component changes. */
export const recurrenceIdOf = (
  component: Component,
  start: EventTime.EventTime,
  context: Context
): string | undefined => {
  const from = lineOf(component, "RECURRENCE-ID")
  return from === undefined ? undefined : localIn(start, readTime(from, context))
}

const readRecurrence = (
  master: Component,
  changed: ReadonlyArray<Component>,
  start: EventTime.EventTime,
  context: Context
): CalendarEvent.Recurrence | undefined => {
  const rules = linesOf(master, "RRULE")
  if (rules.length > 1) throw new Unreadable("it has several RRULEs")
  if (lineOf(master, "EXRULE") !== undefined) throw new Unreadable("it has an EXRULE")
  const additional = readStarts(master, "RDATE", start, context)
  const excluded = readStarts(master, "EXDATE", start, context)
  const overrides = changed.map((component): CalendarEvent.Override => {
    const from = lineOf(component, "RECURRENCE-ID")
    const recurrenceId = recurrenceIdOf(component, start, context)
    if (recurrenceId === undefined) throw new Unreadable("a RECURRENCE-ID is a day, and the event has times")
    if (from !== undefined && param(from, "RANGE") !== undefined)
      throw new Unreadable("it changes an occurrence and all that follow it (RANGE)")
    return { recurrenceId, ...readContent(component, context) }
  })
  const [rule] = rules
  if (rule === undefined && additional.length === 0 && excluded.length === 0 && overrides.length === 0) return undefined
  return {
    ...(rule === undefined ? {} : { rule: readRule(rule.value, start, context) }),
    ...(additional.length === 0 ? {} : { additional }),
    ...(excluded.length === 0 ? {} : { excluded }),
    ...(overrides.length === 0 ? {} : { overrides })
  }
}

/** The components of one event: the one that has the rule, and those that change single occurrences. */
export const eventsOf = (document: Component) => {
  const events = childrenOf(document, "VEVENT")
  const isChanged = (component: Component) => lineOf(component, "RECURRENCE-ID") !== undefined
  const [master, ...others] = events.filter((component) => !isChanged(component))
  return { master, others, changed: events.filter(isChanged) }
}

export const uidOf = (document: Component): string | undefined => {
  const [event] = childrenOf(document, "VEVENT")
  return event === undefined ? undefined : textOf(event, "UID")
}

const read = (text: string, floatingZone: string): Read => {
  const parsed = parse(text)
  if (Result.isFailure(parsed)) throw new Unreadable(`it is no iCalendar: ${parsed.failure}`)
  const document = parsed.success.find(({ name }) => name === "VCALENDAR")
  if (document === undefined) throw new Unreadable("it has no VCALENDAR")
  const { changed, master, others } = eventsOf(document)
  const id = uidOf(document)
  if (id === undefined) throw new Unreadable("it has no UID")
  if (master === undefined) throw new Unreadable("it is one occurrence of a recurring event that is not here")
  if (others.length > 0) throw new Unreadable("it holds several events")
  const context = { document, floatingZone }
  const content = readContent(master, context)
  const recurrence = readRecurrence(master, changed, content.start, context)
  return { document, event: { id, ...content, ...(recurrence === undefined ? {} : { recurrence }) } }
}

/** The failure is the end of a sentence about the event. */
export const readEvent = (text: string, floatingZone: string): Result.Result<Read, string> => {
  try {
    return Result.succeed(read(text, floatingZone))
  } catch (error) {
    if (error instanceof Unreadable) return Result.fail(error.message)
    throw error
  }
}
