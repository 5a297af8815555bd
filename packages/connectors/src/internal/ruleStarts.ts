import type { RecurrenceRule } from "../RecurrenceRule.ts"
import { day, monthLength, monthStart, weekday, weekNumbers, weekStart } from "./civil.ts"

/** Weekdays in the order of `weekday`. */
const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
const hour = 3_600_000
const minute = 60_000
const second = 1_000

/** How many days and times are looked at before a rule counts as one that nobody can follow. */
const patience = 20_000_000

const yearOf = (days: number): number => new Date(days * day).getUTCFullYear()
const sorted = (numbers: Iterable<number>): ReadonlyArray<number> => [...new Set(numbers)].sort((a, b) => a - b)
const through = (length: number): ReadonlyArray<number> => Array.from({ length }, (_, index) => index)

/** The members of a set at the positions of `bySetPos`. */
const positions = (set: ReadonlyArray<number>, places: ReadonlyArray<number> | undefined): ReadonlyArray<number> =>
  places === undefined
    ? set
    : sorted(places.flatMap((place) => set[place > 0 ? place - 1 : set.length + place] ?? []))

/** Whether a day is one of the rule's, as far as its days go. All parts of a rule narrow each other down. */
const dayTest = (rule: RecurrenceRule, start: number): ((days: number, year: number, month: number) => boolean) => {
  const { byMonth, byWeekNo, byYearDay, frequency } = rule
  const first = weekdays.indexOf(rule.weekStart ?? "MO")
  const dated = rule.byMonthDay !== undefined || rule.byDay !== undefined || byYearDay !== undefined
  const ordered = frequency === "monthly" || frequency === "yearly"
  const plain =
    rule.byDay?.flatMap((one) => (one.ordinal === undefined || !ordered ? [weekdays.indexOf(one.day)] : [])) ??
    (!dated && (frequency === "weekly" || (frequency === "yearly" && byWeekNo !== undefined)) ? [weekday(start)] : undefined)
  const counted = ordered
    ? (rule.byDay?.flatMap(({ day: name, ordinal }) => (ordinal === undefined ? [] : [{ day: weekdays.indexOf(name), ordinal }])) ?? [])
    : []
  const ofMonth = frequency === "monthly" || byMonth !== undefined
  const byDay = (days: number, year: number, month: number): boolean => {
    if (plain === undefined || plain.includes(weekday(days))) return true
    const begin = ofMonth ? monthStart(year, month) : monthStart(year, 0)
    const end = ofMonth ? begin + monthLength(year, month) : monthStart(year + 1, 0)
    return counted.some(
      (one) =>
        one.day === weekday(days) &&
        one.ordinal === (one.ordinal > 0 ? Math.floor((days - begin) / 7) + 1 : -Math.floor((end - 1 - days) / 7) - 1)
    )
  }
  return (days, year, month) => {
    if (byMonth !== undefined && !byMonth.includes(month + 1)) return false
    if (rule.byMonthDay !== undefined) {
      const date = days - monthStart(year, month) + 1
      if (!rule.byMonthDay.includes(date) && !rule.byMonthDay.includes(date - monthLength(year, month) - 1)) return false
    }
    if (byYearDay !== undefined) {
      const number = days - monthStart(year, 0) + 1
      if (!byYearDay.includes(number) && !byYearDay.includes(number - (monthStart(year + 1, 0) - monthStart(year, 0)) - 1)) return false
    }
    if (byWeekNo !== undefined && !weekNumbers(days, year, first).some((number) => byWeekNo.includes(number))) return false
    return byDay(days, year, month)
  }
}

/** The days of a rule of years, months, weeks or days, by period: `first` is the first day of period `index`, `days` those that count. */
const periods = (rule: RecurrenceRule, start: number) => {
  const interval = rule.interval ?? 1
  const startYear = yearOf(start)
  const startMonth = new Date(start * day).getUTCMonth()
  const startDate = start - monthStart(startYear, startMonth) + 1
  const passes = dayTest(rule, start)
  const unnamed = rule.byDay === undefined && rule.byMonthDay === undefined && rule.byYearDay === undefined && rule.byWeekNo === undefined
  const inMonth = (year: number, month: number): ReadonlyArray<number> => {
    const begin = monthStart(year, month)
    const length = monthLength(year, month)
    const dates = rule.byMonthDay ?? (unnamed ? [startDate] : undefined)
    const named = dates === undefined ? through(length) : sorted(dates.map((date) => (date > 0 ? date - 1 : length + date)))
    return named.filter((date) => date >= 0 && date < length && passes(begin + date, year, month)).map((date) => begin + date)
  }
  switch (rule.frequency) {
    case "yearly": {
      const months = rule.byMonth === undefined ? (unnamed ? [startMonth] : through(12)) : sorted(rule.byMonth.map((month) => month - 1))
      return {
        indexOf: (days: number) => Math.floor((yearOf(days) - startYear) / interval),
        first: (index: number) => monthStart(startYear + index * interval, 0),
        days: (index: number) => months.flatMap((month) => inMonth(startYear + index * interval, month))
      }
    }
    case "monthly":
      return {
        indexOf: (days: number) =>
          Math.floor(((yearOf(days) - startYear) * 12 + new Date(days * day).getUTCMonth() - startMonth) / interval),
        first: (index: number) => monthStart(startYear, startMonth + index * interval),
        days: (index: number) => {
          const months = startYear * 12 + startMonth + index * interval
          return inMonth(Math.floor(months / 12), months % 12)
        }
      }
    default: {
      const weekly = rule.frequency === "weekly"
      const length = weekly ? 7 : 1
      const step = (rule.frequency === "daily" || weekly ? interval : 1) * length
      const begin = weekly ? weekStart(start, weekdays.indexOf(rule.weekStart ?? "MO")) : start
      // Weekdays alone need no month.
      const dated = rule.byMonth !== undefined || rule.byMonthDay !== undefined || rule.byYearDay !== undefined
      const test = (days: number) => {
        if (!dated) return passes(days, 0, 0)
        const date = new Date(days * day)
        return passes(days, date.getUTCFullYear(), date.getUTCMonth())
      }
      const wanted = (days: number): boolean => (weekly || dated || rule.byDay !== undefined ? test(days) : true)
      return {
        indexOf: (days: number) => Math.floor((days - begin) / step),
        first: (index: number) => begin + index * step,
        days: (index: number) => {
          const first = begin + index * step
          const found: Array<number> = []
          for (let days = first; days < first + length; days++) if (wanted(days)) found.push(days)
          return found
        }
      }
    }
  }
}

/** The times of one day of a rule that repeats within days. */
const timesWithin = (rule: RecurrenceRule, start: number): ((days: number) => ReadonlyArray<number>) => {
  const interval = rule.interval ?? 1
  const unit = rule.frequency === "hourly" ? hour : rule.frequency === "minutely" ? minute : second
  const origin = Math.floor(start / unit)
  const clock = ((start % day) + day) % day
  const hours = sorted(rule.byHour ?? through(24))
  const minutes = sorted(rule.byMinute ?? (unit === hour ? [Math.floor(clock / minute) % 60] : through(60)))
  const seconds = sorted(rule.bySecond ?? (unit === second ? through(60) : [Math.floor(clock / second) % 60]))
  const aligned = (local: number): boolean => (Math.floor(local / unit) - origin) % interval === 0
  return (days) => {
    const times: Array<number> = []
    for (const ofHour of hours) {
      const local = days * day + ofHour * hour
      if (unit === hour) {
        if (!aligned(local)) continue
        const set = minutes.flatMap((one) => seconds.map((other) => local + one * minute + other * second))
        times.push(...positions(set, rule.bySetPos))
        continue
      }
      for (const ofMinute of minutes) {
        const begin = local + ofMinute * minute
        if (unit === minute && !aligned(begin)) continue
        const set = seconds.map((one) => begin + one * second)
        if (unit === minute) times.push(...positions(set, rule.bySetPos))
        else for (const time of set) if (aligned(time)) times.push(...positions([time], rule.bySetPos))
      }
    }
    return times
  }
}

/** Each of some days at each of some times. */
const timed = (days: ReadonlyArray<number>, clocks: ReadonlyArray<number>): ReadonlyArray<number> =>
  days.flatMap((one) => clocks.map((time) => one * day + time))

/**
 * Visits the wall-clock starts of a rule in order, from `from` on, until `visit` says `false`, the rule ends or `to` is reached.
 * `start` itself is always the first of them. Gives `false` where it lost patience.
 */
export const eachStart = (
  rule: RecurrenceRule,
  options: { readonly start: number; readonly until?: number | undefined; readonly from: number; readonly to: number },
  visit: (local: number) => boolean
): boolean => {
  const { from, start, to } = options
  const last = Math.min(options.until ?? Number.POSITIVE_INFINITY, to - 1)
  const within = rule.frequency === "hourly" || rule.frequency === "minutely" || rule.frequency === "secondly"
  const startDay = Math.floor(start / day)
  const clock = start - startDay * day
  const { days, first, indexOf } = periods(rule, startDay)
  const hours = rule.byHour ?? [Math.floor(clock / hour)]
  const minutes = rule.byMinute ?? [Math.floor(clock / minute) % 60]
  const seconds = rule.bySecond ?? [Math.floor(clock / second) % 60]
  const clocks = sorted(hours.flatMap((h) => minutes.flatMap((m) => seconds.map((s) => h * hour + m * minute + s * second))))
  const inDay = within ? timesWithin(rule, start) : undefined
  let left = rule.count ?? Number.POSITIVE_INFINITY
  if (start >= from && start <= last && !visit(start)) return true
  left--
  let steps = 0
  // What has a count is counted from its start; all else begins near the range.
  const begin = rule.count === undefined ? Math.max(0, indexOf(Math.floor(Math.max(from, start) / day)) - 1) : 0
  for (let index = begin; left > 0 && first(index) * day <= last; index++) {
    const chosen = days(index)
    const single = inDay === undefined && clocks.length === 1 && rule.bySetPos === undefined
    const starts = single ? chosen : inDay !== undefined ? chosen.flatMap(inDay) : positions(timed(chosen, clocks), rule.bySetPos)
    for (const one of starts) {
      const local = single ? one * day + clocks[0]! : one
      if (local <= start) continue
      if (local > last || left <= 0) return true
      left--
      if (local >= from && !visit(local)) return true
    }
    steps += inDay === undefined ? 1 + chosen.length : 1 + chosen.length * 60 + starts.length
    if (steps > patience) return false
  }
  return true
}
