import { day, weekday } from "./civil.ts"
import type { Zone } from "./zones.ts"

/** From a number of milliseconds to another, which is not part of it. */
export type Span = readonly [start: number, end: number]

const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

/** Sorted, none touching the next, none empty. */
export const mergeSpans = (spans: ReadonlyArray<Span>): ReadonlyArray<Span> => {
  const merged: Array<[number, number]> = []
  for (const [start, end] of spans.filter(([from, to]) => from < to).sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}

/** Milliseconds of `"09:30"`, up to `"24:00"`. */
export const readClock = (text: string): number | undefined => {
  const parts = /^(\d{2}):(\d{2})$/.exec(text)
  if (parts === null) return undefined
  const [hours, minutes] = [Number(parts[1]), Number(parts[2])]
  return minutes < 60 && (hours < 24 || (hours === 24 && minutes === 0)) ? hours * 3_600_000 + minutes * 60_000 : undefined
}

interface Search {
  readonly taken: ReadonlyArray<Span>
  readonly duration: number
  readonly within: Span
  readonly zone: Zone
  readonly step: number
  readonly hours: { readonly opens: number; readonly closes: number; readonly days: ReadonlyArray<string> } | undefined
}

/** The working hours of the days that the range touches, cut to it, in order. */
const openings = function* ({ hours, within: [from, to], zone }: Search): Generator<Span> {
  if (hours === undefined) return yield [from, to]
  const last = Math.floor(zone.toLocal(to) / day)
  for (let date = Math.floor(zone.toLocal(from) / day); date <= last; date++) {
    if (!hours.days.includes(weekdays[weekday(date)]!)) continue
    const opens = Math.max(from, zone.toInstant(date * day + hours.opens))
    const closes = Math.min(to, zone.toInstant(date * day + hours.closes))
    if (opens < closes) yield [opens, closes]
  }
}

/** The first free span of a length. */
export const firstFree = (search: Search): Span | undefined => {
  const { duration, step, taken, zone } = search
  const aligned = (instant: number): number => {
    const sinceMidnight = ((zone.toLocal(instant) % day) + day) % day
    return instant + Math.min(Math.ceil(sinceMidnight / step) * step, day) - sinceMidnight
  }
  let index = 0
  for (const [opens, closes] of openings(search)) {
    let start = aligned(opens)
    while (start + duration <= closes) {
      while (index < taken.length && taken[index]![1] <= start) index++
      const next = taken[index]
      if (next === undefined || next[0] >= start + duration) return [start, start + duration]
      start = aligned(next[1])
    }
  }
  return undefined
}
