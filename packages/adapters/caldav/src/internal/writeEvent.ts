/**
 * An event of the contract → an iCalendar document: a new one, or the one that was read with only those lines replaced that say
 * something else now. What other programs wrote stays.
 */
import { type CalendarEvent, EventTime } from "@aria/connectors"
import * as Equal from "effect/Equal"
import { type Component, isComponent, lineOf, linesOf, withLines } from "./component.ts"
import { escapeText, type Line, line, param } from "./contentLine.ts"
import { attendeeLines, organizerLine } from "./people.ts"
import { type Content, eventsOf, recurrenceIdOf } from "./readEvent.ts"
import { printRule } from "./rule.ts"
import { type Context, printInstant, timeLine, timeOf } from "./times.ts"
import { makeVtimezone } from "./vtimezone.ts"
import { zoneNamed } from "./wallClock.ts"

export type Written = Omit<CalendarEvent.CalendarEvent, "calendarId" | "version">

export interface Writing {
  /** Now, in milliseconds. */
  readonly now: number
  readonly scheduling: "none" | "server"
  readonly floatingZone: string
}

const product = "-//ARIA//@aria/adapter-caldav//EN"

const text = (name: string, value: string | undefined): ReadonlyArray<Line> =>
  value === undefined ? [] : [line(name, escapeText(value))]

const statuses = { confirmed: "CONFIRMED", tentative: "TENTATIVE", cancelled: "CANCELLED" } as const

const writeContent = (
  into: Component,
  before: Content | undefined,
  after: Content,
  scheduling: Writing["scheduling"]
): Component => {
  let component = into
  const put = <A>(name: string, of: (content: Content) => A, lines: (value: A) => ReadonlyArray<Line>) => {
    const value = of(after)
    if (before === undefined || !Equal.equals(of(before), value)) component = withLines(component, name, lines(value))
  }
  put(
    "DTSTART",
    ({ start }) => start,
    (start) => [timeLine("DTSTART", [start])]
  )
  if (before === undefined || !Equal.equals([before.start, before.end], [after.start, after.end])) {
    // the length is said in one way only
    component = withLines(component, "DTEND", [timeLine("DTEND", [after.end])])
    component = withLines(component, "DURATION", [])
  }
  put(
    "SUMMARY",
    ({ title }) => title,
    (title) => text("SUMMARY", title)
  )
  put(
    "DESCRIPTION",
    ({ description }) => description,
    (value) => text("DESCRIPTION", value)
  )
  put(
    "LOCATION",
    ({ location }) => location,
    (value) => text("LOCATION", value)
  )
  put(
    "STATUS",
    ({ status }) => status,
    (status) => [line("STATUS", statuses[status])]
  )
  put(
    "TRANSP",
    ({ availability }) => availability,
    (availability) => [line("TRANSP", availability === "free" ? "TRANSPARENT" : "OPAQUE")]
  )
  put(
    "ORGANIZER",
    ({ organizer }) => organizer,
    (organizer) =>
      organizer === undefined ? [] : [organizerLine(organizer, lineOf(component, "ORGANIZER"), scheduling)]
  )
  put(
    "ATTENDEE",
    ({ attendees }) => attendees,
    (attendees) => attendeeLines(attendees, linesOf(component, "ATTENDEE"), scheduling)
  )
  return component
}

/** When it was changed; and that it was rescheduled, so that people who were invited look at it again (RFC 5546 §2.1.4). */
const stamp = (component: Component, { now }: Writing, rescheduled: boolean): Component => {
  const value = printInstant(now)
  const stamped = ["DTSTAMP", "LAST-MODIFIED"].reduce(
    (into, name) => withLines(into, name, [line(name, value)]),
    component
  )
  const sequence = Number(lineOf(component, "SEQUENCE")?.value ?? -1)
  return rescheduled
    ? withLines(stamped, "SEQUENCE", [line("SEQUENCE", String(Number.isInteger(sequence) ? sequence + 1 : 0))])
    : stamped
}

const contentOf = (event: Written): Content => {
  const { recurrence: _, ...content } = event
  return content
}

const timesOf = ({ end, start }: Content) => [start, end]

const isRescheduled = (before: Content | undefined, after: Content) =>
  before === undefined || !Equal.equals(timesOf(before), timesOf(after))

const starts = (name: string, start: EventTime.EventTime, values: ReadonlyArray<string> | undefined) => {
  const [first, ...others] = (values ?? []).map((value) => timeOf(start, value))
  return first === undefined ? [] : [timeLine(name, [first, ...others])]
}

const writeRule = (into: Component, before: Written | undefined, after: Written): Component => {
  const { start } = after
  // these are said in terms of the start
  const anew = before === undefined || !Equal.equals(before.start, start)
  const differs = (of: (recurrence: CalendarEvent.Recurrence | undefined) => unknown) =>
    anew || !Equal.equals(of(before.recurrence), of(after.recurrence))
  const { additional, excluded, rule } = after.recurrence ?? {}
  let component = into
  if (differs((recurrence) => recurrence?.rule))
    component = withLines(component, "RRULE", rule === undefined ? [] : [line("RRULE", printRule(rule, start))])
  if (differs((recurrence) => recurrence?.additional))
    component = withLines(component, "RDATE", starts("RDATE", start, additional))
  if (differs((recurrence) => recurrence?.excluded))
    component = withLines(component, "EXDATE", starts("EXDATE", start, excluded))
  return component
}

const blank = (uid: string, now: number): Component => ({
  name: "VEVENT",
  items: [line("UID", escapeText(uid)), line("DTSTAMP", printInstant(now)), line("CREATED", printInstant(now))]
})

const overridesOf = (event: Written | undefined) => event?.recurrence?.overrides ?? []

const writeOverrides = (
  changed: ReadonlyArray<Component>,
  before: Written | undefined,
  after: Written,
  writing: Writing,
  context: Context
): ReadonlyArray<Component> =>
  overridesOf(after).map((override) => {
    const { recurrenceId, ...content } = override
    const was = overridesOf(before).find((one) => one.recurrenceId === recurrenceId)
    const old =
      before === undefined
        ? undefined
        : changed.find((component) => recurrenceIdOf(component, before.start, context) === recurrenceId)
    const { recurrenceId: _, ...contentBefore } = was ?? override
    const named =
      old !== undefined && Equal.equals(before?.start, after.start)
        ? old
        : withLines(old ?? blank(after.id, writing.now), "RECURRENCE-ID", [
            timeLine("RECURRENCE-ID", [timeOf(after.start, recurrenceId)])
          ])
    const known = old === undefined || was === undefined ? undefined : contentBefore
    const written = writeContent(named, known, content, writing.scheduling)
    return written === old ? old : stamp(written, writing, isRescheduled(known, content))
  })

/** The zones that the lines of events name, each with the earliest year of a time in it. */
const zonesIn = (components: ReadonlyArray<Component>): ReadonlyMap<string, number> => {
  const zones = new Map<string, number>()
  for (const item of components.flatMap(({ items }) => items)) {
    const tzid = isComponent(item) ? undefined : param(item, "TZID")
    const year = isComponent(item)
      ? Number.NaN
      : Math.min(...item.value.split(",").map((value) => Number(value.slice(0, 4))))
    if (tzid !== undefined && !Number.isNaN(year)) zones.set(tzid, Math.min(year, zones.get(tzid) ?? year))
  }
  return zones
}

const covers = (definition: Component, year: number): boolean =>
  definition.items.some((item) => isComponent(item) && Number(lineOf(item, "DTSTART")?.value.slice(0, 4)) < year)

const zonesOf = (document: Component) => {
  const { changed, master, others } = eventsOf(document)
  return zonesIn([...(master === undefined ? [] : [master]), ...others, ...changed])
}

/** Zones that we name have to be defined (RFC 5545 §3.2.19). What others defined stays, where it reaches back far enough. */
const withZones = (document: Component, before: Component): Component => {
  const known = zonesOf(before)
  let { items } = document
  for (const [tzid, year] of zonesOf(document)) {
    if ((known.get(tzid) ?? Infinity) <= year) continue
    const isIt = (item: Line | Component) =>
      isComponent(item) && item.name === "VTIMEZONE" && lineOf(item, "TZID")?.value === tzid
    const definition = items.find(isIt)
    if (
      zoneNamed(tzid) === undefined ||
      (definition !== undefined && isComponent(definition) && covers(definition, year))
    )
      continue
    const rest = items.filter((item) => !isIt(item))
    const at = rest.findIndex(isComponent)
    items = [...rest.slice(0, at), makeVtimezone(tzid, year), ...rest.slice(at)]
  }
  return { ...document, items }
}

/** `before` is what `document` holds; without it the document is new. */
export const writeEvent = (
  after: Written,
  writing: Writing,
  existing?: { readonly document: Component; readonly event: Written }
): Component => {
  const before = existing?.event
  const document = existing?.document ?? {
    name: "VCALENDAR",
    items: [line("VERSION", "2.0"), line("PRODID", product)]
  }
  const { changed, master } = eventsOf(document)
  const context = { document, floatingZone: writing.floatingZone }
  const old = before === undefined ? undefined : contentOf(before)
  const content = writeContent(master ?? blank(after.id, writing.now), old, contentOf(after), writing.scheduling)
  const ruled = writeRule(content, before, after)
  const rescheduled = isRescheduled(old, after) || ruled !== content
  const written = ruled === master ? ruled : stamp(ruled, writing, rescheduled)
  const overrides = writeOverrides(changed, before, after, writing, context)
  const events = new Set([master, ...changed])
  const rest = document.items.filter((item) => !isComponent(item) || !events.has(item))
  return withZones({ ...document, items: [...rest, written, ...overrides] }, document)
}
