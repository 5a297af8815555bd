/**
 * VTIMEZONE for a zone of the IANA database, made from what Intl knows of it: the rules that it follows in the end, before them
 * and for zones without rules the changes themselves.
 */
import type { Component } from "./component.ts"
import { line } from "./contentLine.ts"
import { fromAsIfUtc, offsetAt } from "./wallClock.ts"

interface Change {
  readonly at: number
  readonly from: number
  readonly to: number
}

const day = 86_400_000
/** How many years from the first on are looked at. */
const horizon = 20
/** How many years at their end have to follow a rule, so that it is one. */
const fewest = 8

/** All changes of the offset between two instants. Found by looking every six days: no zone has two within that. */
const changesBetween = (zone: string, start: number, end: number): ReadonlyArray<Change> => {
  const changes: Array<Change> = []
  let before = start
  let from = offsetAt(zone, start)
  while (before < end) {
    const after = before + 6 * day
    const to = offsetAt(zone, after)
    if (to !== from) {
      let low = before
      let high = after
      while (high - low > 1000) {
        const middle = Math.floor((low + high) / 2000) * 1000
        if (offsetAt(zone, middle) === from) low = middle
        else high = middle
      }
      changes.push({ at: high, from, to })
    }
    before = after
    from = to
  }
  return changes
}

/** `+0130`; seconds only where there are some, as in old local mean times. */
const printOffset = (offset: number): string => {
  const total = Math.round(Math.abs(offset) / 1000)
  const pad = (value: number) => String(Math.floor(value)).padStart(2, "0")
  const seconds = total % 60 === 0 ? "" : pad(total % 60)
  return `${offset < 0 ? "-" : "+"}${pad(total / 3600)}${pad((total / 60) % 60)}${seconds}`
}

const printLocal = (asIfUtc: number): string => fromAsIfUtc(asIfUtc).replace(/[-:]/g, "")

const yearOf = ({ at, from }: Change) => new Date(at + from).getUTCFullYear()

const isDaylight = (change: Change) => change.to > change.from

const observance = (change: Change, rule?: string): Component => ({
  name: isDaylight(change) ? "DAYLIGHT" : "STANDARD",
  items: [
    line("DTSTART", printLocal(change.at + change.from)),
    line("TZOFFSETFROM", printOffset(change.from)),
    line("TZOFFSETTO", printOffset(change.to)),
    ...(rule === undefined ? [] : [line("RRULE", rule)])
  ]
})

/** The days of the month on which a change came, where they are those of one weekday after a day: BYMONTHDAY=2,3,4,5,6,7,8. */
const daysOf = (walls: ReadonlyArray<Date>): string | undefined => {
  const days = walls.map((date) => date.getUTCDate())
  const first = Math.min(...days)
  // all seven were seen, so it is no other week
  return Math.max(...days) === first + 6 ? Array.from({ length: 7 }, (_, index) => first + index).join() : undefined
}

/** The rule that yearly changes follow: a weekday in a month, the n-th or last or first after some day, always at the same hour. */
const ruleOf = (changes: ReadonlyArray<Change>): string | undefined => {
  const [first] = changes
  if (first === undefined) return undefined
  const walls = changes.map(({ at, from }) => new Date(at + from))
  const same = (of: (date: Date, index: number) => number) => new Set(walls.map(of)).size === 1
  if (
    !changes.every(({ from, to }) => from === first.from && to === first.to) ||
    !same((date, index) => date.getUTCFullYear() - index) ||
    !same((date) => date.getUTCMonth()) ||
    !same((date) => date.getUTCDay()) ||
    !same((date) => date.getTime() % day)
  ) {
    return undefined
  }
  const wall = new Date(first.at + first.from)
  const week = (date: Date) => Math.ceil(date.getUTCDate() / 7)
  const isLast = (date: Date) => new Date(date.getTime() + 7 * day).getUTCMonth() !== date.getUTCMonth()
  const weekday = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"][wall.getUTCDay()]
  const prefix = `FREQ=YEARLY;BYMONTH=${wall.getUTCMonth() + 1};BYDAY=`
  if (walls.every(isLast)) return `${prefix}-1${weekday}`
  if (same(week)) return `${prefix}${week(wall)}${weekday}`
  const days = daysOf(walls)
  return days === undefined ? undefined : `${prefix}${weekday};BYMONTHDAY=${days}`
}

/** The changes from a year on as two rules, one for each direction. */
const rulesFrom = (
  changes: ReadonlyArray<Change>,
  year: number,
  last: number
): ReadonlyArray<Component> | undefined => {
  const later = changes.filter((change) => yearOf(change) >= year)
  const rules = [later.filter(isDaylight), later.filter((change) => !isDaylight(change))].flatMap((kind) => {
    const rule = ruleOf(kind)
    // zones have given up their rules
    return kind[0] === undefined || rule === undefined || kind.length !== last - year + 1
      ? []
      : [observance(kind[0], rule)]
  })
  return rules.length === 2 ? rules : undefined
}

/** Right from the start of that year on. */
export const makeVtimezone = (zone: string, year: number): Component => {
  const start = Date.UTC(year - 1, 0, 1)
  const changes = changesBetween(zone, start, Date.UTC(year + horizon, 0, 1))
  const first = offsetAt(zone, start)
  const years = Array.from({ length: horizon - fewest }, (_, index) => year - 1 + index)
  const ruled = years
    .map((from) => ({ from, rules: rulesFrom(changes, from, year + horizon - 1) }))
    .find(({ rules }) => rules !== undefined)
  const listed = changes.filter((change) => ruled === undefined || yearOf(change) < ruled.from)
  return {
    name: "VTIMEZONE",
    items: [
      line("TZID", zone),
      // what holds until the first change
      observance({ at: start - 365 * day - first, from: first, to: first }),
      ...listed.map((change) => observance(change)),
      ...(ruled?.rules ?? [])
    ]
  }
}
