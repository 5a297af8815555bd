import * as DateTime from "effect/DateTime"
import type { CalendarEvent, Occurrence, Override } from "../CalendarEvent.ts"
import { type EventTime, isAllDay } from "../EventTime.ts"
import { cycle, day, firstYear, format, parse } from "./civil.ts"
import { eachOccurrence, readTimes, type Times, written } from "./starts.ts"
import type { Zone } from "./zones.ts"

/** Instants, and the zone that all-day events are read in. */
export interface Window {
  readonly from: number
  readonly to: number
  readonly reader: Zone
}

/** What cannot be read, by its path in the event; or more occurrences than were asked for. */
export type Obstacle =
  | { readonly _tag: "time"; readonly path: ReadonlyArray<string | number>; readonly zone: boolean }
  | { readonly _tag: "tooMany" }

/** Wall clocks differ from UTC by less than a day, and a gap may be a whole day long. */
const margin = 2 * day
const earliest = Date.UTC(firstYear, 0, 2)
const latest = Date.UTC(10_000, 0, 1)

type Moved = { readonly start: EventTime; readonly end: EventTime; readonly startsAt: DateTime.Utc; readonly endsAt: DateTime.Utc }

const overlaps = (start: number, end: number, { from, to }: Window): boolean =>
  start < to && (end > from || (end === start && start >= from))

const known = ({ availability, attendees, description, location, organizer, status, title }: CalendarEvent | Override) => ({
  title,
  ...(description === undefined ? {} : { description }),
  ...(location === undefined ? {} : { location }),
  ...(organizer === undefined ? {} : { organizer }),
  attendees,
  availability,
  status
})

/** An occurrence at `wall`, where it overlaps the window. */
const placed = (times: Times, event: { readonly start: EventTime; readonly end: EventTime }, wall: number, window: Window): Moved | undefined => {
  const { allDay, duration, endZone, zone } = times
  const start = (zone ?? window.reader).toInstant(wall)
  const end = allDay ? window.reader.toInstant(wall + duration) : start + duration
  if (!overlaps(start, end, window)) return undefined
  const startsAt = DateTime.fromDateUnsafe(new Date(start))
  const endsAt = DateTime.fromDateUnsafe(new Date(end))
  if (isAllDay(event.start) || isAllDay(event.end) || endZone === undefined) {
    return { start: { date: written(wall, true) }, end: { date: written(wall + duration, true) }, startsAt, endsAt }
  }
  return {
    start: { dateTime: format(wall), zone: event.start.zone },
    end: { dateTime: format(endZone.toLocal(end)), zone: event.end.zone },
    startsAt,
    endsAt
  }
}

/** By start, then end, calendar, event and recurrence id. */
export const byStart = (a: Occurrence, b: Occurrence): number => {
  const start = a.startsAt.epochMilliseconds - b.startsAt.epochMilliseconds
  if (start !== 0) return start
  const end = a.endsAt.epochMilliseconds - b.endsAt.epochMilliseconds
  if (end !== 0) return end
  return compare(a.calendarId, b.calendarId) || compare(a.eventId, b.eventId) || compare(a.recurrenceId ?? "", b.recurrenceId ?? "")
}
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The occurrences of one event in a window, sorted. */
export const occurrencesOf = (event: CalendarEvent, window: Window, limit: number): ReadonlyArray<Occurrence> | Obstacle => {
  const times = readTimes(event.start, event.end)
  if ("part" in times) return { _tag: "time", path: [times.part], zone: times.zone }
  if (times.duration < 0) return { _tag: "time", path: ["end"], zone: false }
  const own = { calendarId: event.calendarId, eventId: event.id, version: event.version }
  const base = { ...own, ...known(event) }
  const { recurrence } = event
  const found: Array<Occurrence> = []
  if (recurrence === undefined) {
    const moved = placed(times, event, times.start, window)
    return moved === undefined ? [] : [{ ...base, ...moved, start: event.start, end: event.end }]
  }
  const overrides = new Map<number, Override>()
  for (const [index, override] of (recurrence.overrides ?? []).entries()) {
    const path = ["recurrence", "overrides", index]
    const wall = parse(override.recurrenceId)
    if (wall === undefined) return { _tag: "time", path: [...path, "recurrenceId"], zone: false }
    overrides.set(wall, override)
    const other = readTimes(override.start, override.end)
    if ("part" in other) return { _tag: "time", path: [...path, other.part], zone: other.zone }
    const moved = placed(other, override, other.start, window)
    if (moved !== undefined) found.push({ ...own, ...known(override), recurrenceId: override.recurrenceId, ...moved, start: override.start, end: override.end })
  }
  // Starts that the clocks skip: they fall on those of the hour after, which the rule may have too.
  const skipped: Array<Occurrence> = []
  let sorted = found.length === 0
  const range = {
    from: Math.max(earliest, window.from - times.duration - margin),
    to: Math.min(latest, window.to + margin)
  }
  const patient = eachOccurrence(times, recurrence, range, (wall) => {
    if (overrides.has(wall)) return true
    const moved = placed(times, event, wall, window)
    if (moved === undefined) return true
    const { end, endsAt, start: begin, startsAt } = moved
    const occurrence: Occurrence = { ...base, recurrenceId: written(wall, times.allDay), start: begin, end, startsAt, endsAt }
    const start = moved.startsAt.epochMilliseconds
    if (times.zone !== undefined && times.zone.toLocal(start) !== wall) {
      skipped.push(occurrence)
      sorted = false
    } else found.push(occurrence)
    return found.length + skipped.length <= limit
  })
  if (!patient || found.length + skipped.length > limit) return { _tag: "tooMany" }
  if (skipped.length > 0) {
    const taken = new Set(found.map(({ startsAt }) => startsAt.epochMilliseconds))
    for (const one of skipped) {
      const start = one.startsAt.epochMilliseconds
      if (!taken.has(start)) found.push(one)
      taken.add(start)
    }
  }
  return sorted ? found : found.sort(byStart)
}

/** When the last occurrence ends, where all of them end by `now`; for all-day events wherever the reader is. Nothing where one is to come. */
export const overSince = (event: Pick<CalendarEvent, "start" | "end" | "recurrence">, now: number): number | undefined => {
  const times = readTimes(event.start, event.end)
  if ("part" in times) return undefined
  const endOf = (other: Times, wall: number): number =>
    other.zone === undefined ? wall + other.duration + day / 2 : other.zone.toInstant(wall) + other.duration
  let last = Number.NEGATIVE_INFINITY
  const overrides = new Set<number | undefined>()
  for (const { end, recurrenceId, start } of event.recurrence?.overrides ?? []) {
    const other = readTimes(start, end)
    if ("part" in other) return undefined
    overrides.add(parse(recurrenceId))
    last = Math.max(last, endOf(other, other.start))
  }
  const visit = (wall: number): boolean => {
    if (!overrides.has(wall)) last = Math.max(last, endOf(times, wall))
    return last <= now
  }
  // The near ones first: a rule without end is settled by its next occurrence.
  const recent = { from: Math.max(times.start, now - times.duration - margin), to: Math.min(latest, Math.max(times.start, now) + cycle) }
  if (last > now || !eachOccurrence(times, event.recurrence, recent, visit) || last > now) return undefined
  const whole = eachOccurrence(times, event.recurrence, { from: times.start, to: Math.min(latest, now + margin) }, visit)
  return last === Number.NEGATIVE_INFINITY ? undefined : whole ? last : now
}
