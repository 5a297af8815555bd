/** Wall-clock times as milliseconds, read as if they were UTC; days as whole days since 1970-01-01. */

export const second = 1_000
export const day = 86_400_000

const pattern = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2}))?$/

/** The dates of the calendar repeat after 400 years: what a rule has not done in this time counts as never. */
export const cycle = 146_097 * day

/** The earliest year: before it, dates of the Gregorian calendar mean something else. */
export const firstYear = 1583

/** Milliseconds of `"2026-11-23T09:30:00"` or `"2026-11-23"`; nothing where there is no such day or time. */
export const parse = (text: string): number | undefined => {
  const parts = pattern.exec(text)
  if (parts === null) return undefined
  const [year, month, date, hour, minute, sec] = parts.slice(1).map((part) => Number(part ?? 0))
  if (year! < firstYear || month! < 1 || month! > 12 || date! < 1 || date! > monthLength(year!, month! - 1)) return undefined
  if (hour! > 23 || minute! > 59 || sec! > 59) return undefined
  return Date.UTC(year!, month! - 1, date!, hour!, minute!, sec!)
}

const dates = new Map<number, string>()
const clocks = new Map<number, string>()
const kept = 50_000

const remember = (known: Map<number, string>, key: number, text: string): string => {
  if (known.size >= kept) known.clear()
  known.set(key, text)
  return text
}

/** `"2026-11-23"` of a number of days. */
export const formatDay = (days: number): string =>
  dates.get(days) ?? remember(dates, days, new Date(days * day).toISOString().slice(0, 10))

const formatClock = (millis: number): string =>
  clocks.get(millis) ?? remember(clocks, millis, new Date(millis).toISOString().slice(10, 19))

/** `"2026-11-23T09:30:00"`. */
export const format = (local: number): string => {
  const days = Math.floor(local / day)
  return formatDay(days) + formatClock(local - days * day)
}

export const leap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** How many days a month has; months count from 0. */
export const monthLength = (year: number, month: number): number => (month === 1 && leap(year) ? 29 : lengths[month]!)

/** The day that a month begins on. Months below 0 and above 11 are those of other years. */
export const monthStart = (year: number, month: number): number => Math.floor(Date.UTC(year, month, 1) / day)

/** 0 is Monday. */
export const weekday = (days: number): number => (((days + 3) % 7) + 7) % 7

/** The day that the week of a day begins on, where weeks begin on the weekday `first`. */
export const weekStart = (days: number, first: number): number => days - ((weekday(days) - first + 7) % 7)

/** The first day of the first week of a year: the week that has four days of it at least. */
export const firstWeek = (year: number, first: number): number => weekStart(monthStart(year, 0) + 3, first)

/** The number of the week that a day is in, from the start of its year and from the end. */
export const weekNumbers = (days: number, year: number, first: number): readonly [fromStart: number, fromEnd: number] => {
  const own = days < firstWeek(year, first) ? year - 1 : days >= firstWeek(year + 1, first) ? year + 1 : year
  const begin = firstWeek(own, first)
  const number = Math.floor((days - begin) / 7) + 1
  return [number, number - (firstWeek(own + 1, first) - begin) / 7 - 1]
}
