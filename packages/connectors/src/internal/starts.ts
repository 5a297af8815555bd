import type { Recurrence } from "../CalendarEvent.ts"
import { type EventTime, isAllDay, local } from "../EventTime.ts"
import { day, format, formatDay, parse } from "./civil.ts"
import { eachStart } from "./ruleStarts.ts"
import { type Zone, zoneOf } from "./zones.ts"

/** An event's times, read: wall-clock milliseconds of its start, and how long it lasts. */
export interface Times {
  readonly start: number
  readonly allDay: boolean
  /** Of the start; for all-day events nothing. */
  readonly zone: Zone | undefined
  readonly endZone: Zone | undefined
  /** Milliseconds between the instants; for all-day events between the days. */
  readonly duration: number
}

/** The instant of a time that was checked; all-day in the zone of the reader. */
const instantOf = (time: EventTime, wall: number, reader: Zone): number =>
  (isAllDay(time) ? reader : (zoneOf(time.zone) ?? reader)).toInstant(wall)

/** The times of an event, or the first part of it that cannot be read. */
export const readTimes = (start: EventTime, end: EventTime): Times | { readonly part: "start" | "end"; readonly zone: boolean } => {
  const begin = parse(local(start))
  const finish = parse(local(end))
  if (begin === undefined || isAllDay(start) === local(start).includes("T")) return { part: "start", zone: false }
  if (finish === undefined || isAllDay(start) !== isAllDay(end) || isAllDay(end) === local(end).includes("T")) return { part: "end", zone: false }
  if (isAllDay(start) || isAllDay(end)) {
    return { start: begin, allDay: true, zone: undefined, endZone: undefined, duration: finish - begin }
  }
  const zone = zoneOf(start.zone)
  const endZone = zoneOf(end.zone)
  if (zone === undefined) return { part: "start", zone: true }
  if (endZone === undefined) return { part: "end", zone: true }
  return { start: begin, allDay: false, zone, endZone, duration: instantOf(end, finish, endZone) - instantOf(start, begin, zone) }
}

/** A start as text, the way it is written in `recurrenceId`. */
export const written = (wall: number, allDay: boolean): string => (allDay ? formatDay(Math.floor(wall / day)) : format(wall))

/**
 * Visits the starts of an event that are not excluded, in order, `from` included and `to` not, until `visit` says `false`. Overrides
 * are not looked at. Gives `false` where there was no end to it.
 */
export const eachOccurrence = (
  times: Times,
  recurrence: Recurrence | undefined,
  range: { readonly from: number; readonly to: number },
  visit: (wall: number) => boolean
): boolean => {
  const { from, to } = range
  const { allDay, start } = times
  const excluded = new Set(recurrence?.excluded?.map(parse))
  const more = (recurrence?.additional ?? []).flatMap((text) => parse(text) ?? []).filter((wall) => wall >= from && wall < to)
  const sorted = [...new Set(more)].sort((a, b) => a - b)
  let next = 0
  let going = true
  const offer = (wall: number): boolean => {
    going = excluded.has(wall) || visit(wall)
    return going
  }
  // Additional starts come in between those of the rule.
  const merged = (wall: number): boolean => {
    while (next < sorted.length && sorted[next]! < wall) if (!offer(sorted[next++]!)) return false
    if (sorted[next] === wall) next++
    return offer(wall)
  }
  const { rule } = recurrence ?? {}
  const until = rule?.until === undefined ? undefined : parse(rule.until)
  if (rule === undefined) {
    if (start >= from && start < to) merged(start)
  } else if (!eachStart(rule, { start, until: until === undefined || !allDay ? until : until + day - 1, from, to }, merged)) return false
  for (const wall of sorted.slice(next)) if (!going || !offer(wall)) break
  return true
}
