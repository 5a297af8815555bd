/** DATE, DATE-TIME and DURATION values (RFC 5545 §3.3) ↔ the times of the contract. */
import { EventTime } from "@aria/connectors"
import type { Component } from "./component.ts"
import { type Line, line, param } from "./contentLine.ts"
import { asIfUtc, fromAsIfUtc, instantOf, localAt } from "./wallClock.ts"
import { resolveZone } from "./zones.ts"

/** An event that the contract has no words for, or that has no meaning. The message ends its sentence. */
export class Unreadable extends Error {}

/** What values mean in one document. */
export interface Context {
  readonly document: Component
  /** The zone of times that name none. */
  readonly floatingZone: string
}

const quote = (text: string) => JSON.stringify(text.slice(0, 100))

const exists = (local: string): boolean => {
  const milliseconds = asIfUtc(local)
  return !Number.isNaN(milliseconds) && fromAsIfUtc(milliseconds).startsWith(local)
}

/** `value` is one of the values of the line, which may be a list. */
export const readTime = (from: Line, context: Context, value = from.value): EventTime.EventTime => {
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/.exec(value.trim())
  const [, year, month, day, hour, minute, second, utc] = found ?? []
  const date = `${year}-${month}-${day}`
  if (found === null || !exists(date)) throw new Unreadable(`${from.name} has ${quote(value)}, which is no time`)
  if (hour === undefined) return { date }
  // a leap second is the second before it
  const dateTime = `${date}T${hour}:${minute}:${second === "60" ? "59" : second}`
  if (!exists(dateTime)) throw new Unreadable(`${from.name} has ${quote(value)}, which is no time`)
  if (utc === "Z") return { dateTime, zone: "UTC" }
  const tzid = param(from, "TZID")
  if (tzid === undefined) return { dateTime, zone: context.floatingZone }
  const zone = resolveZone(tzid, context.document)
  if (zone === undefined) throw new Unreadable(`${from.name} is in the time zone ${quote(tzid)}, which is not known`)
  return { dateTime, zone }
}

/** What names an occurrence: the time on the wall where the event starts. Undefined for a day of a timed event, which names none. */
export const localIn = (start: EventTime.EventTime, time: EventTime.EventTime): string | undefined => {
  if (EventTime.isAllDay(start)) return EventTime.local(time).slice(0, 10)
  if (EventTime.isAllDay(time)) return undefined
  return time.zone === start.zone ? time.dateTime : localAt(instantOf(time.dateTime, time.zone), start.zone)
}

/** Days are days on the wall, hours are exact. */
export const addDuration = (start: EventTime.EventTime, value: string): EventTime.EventTime => {
  const found = /^\+?P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(value.trim())
  if (found === null) throw new Unreadable(`DURATION has ${quote(value)}, which is none that an event can last`)
  const [weeks, days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number
  ]
  const wall = asIfUtc(EventTime.local(start)) + (weeks * 7 + days) * 86_400_000
  const exact = ((hours * 60 + minutes) * 60 + seconds) * 1000
  if (Number.isNaN(new Date(wall + exact).getTime()))
    throw new Unreadable(`DURATION has ${quote(value)}, which never ends`)
  if (EventTime.isAllDay(start)) return { date: fromAsIfUtc(wall + exact).slice(0, 10) }
  const { zone } = start
  return {
    dateTime: exact === 0 ? fromAsIfUtc(wall) : localAt(instantOf(fromAsIfUtc(wall), zone) + exact, zone),
    zone
  }
}

const basic = (local: string) => local.replace(/[-:]/g, "")

export const printTime = (time: EventTime.EventTime): string =>
  EventTime.isAllDay(time) ? basic(time.date) : `${basic(time.dateTime)}${time.zone === "UTC" ? "Z" : ""}`

/** A property with one time or several of one kind. */
export const timeLine = (name: string, times: readonly [EventTime.EventTime, ...Array<EventTime.EventTime>]): Line => {
  const [first] = times
  return line(
    name,
    times.map(printTime).join(),
    EventTime.isAllDay(first) ? { VALUE: "DATE" } : first.zone === "UTC" ? {} : { TZID: first.zone }
  )
}

/** The time that a name of an occurrence stands for. */
export const timeOf = (start: EventTime.EventTime, local: string): EventTime.EventTime =>
  EventTime.isAllDay(start) ? { date: local } : { dateTime: local, zone: start.zone }

export const printInstant = (milliseconds: number): string => `${basic(fromAsIfUtc(milliseconds))}Z`
