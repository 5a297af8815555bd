/**
 * Rules by their definition, slow and plain: every day is looked at and asked whether the rule has it (RFC 5545 §3.3.10, for rules of
 * days and longer). It shares nothing with the code under test.
 */
import type { RecurrenceRule } from "@aria/connectors/RecurrenceRule"

const day = 86_400_000
const names = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]

const parts = (millis: number) => {
  const date = new Date(millis)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, date: date.getUTCDate(), name: names[date.getUTCDay()] ?? "" }
}

/** Days of the same month, or of the same year, that have the same weekday: which one it is, from both ends. */
const ordinals = (millis: number, same: (other: number) => boolean): readonly [number, number] => {
  let before = 0
  let after = 0
  for (let other = millis; same(other); other -= 7 * day) before++
  for (let other = millis; same(other); other += 7 * day) after++
  return [before, -after]
}

/** Monday, or whichever day, of the week. */
const weekOf = (millis: number, first: string): number => {
  let begin = millis
  while (parts(begin).name !== first) begin -= day
  return begin
}

const weekNumbers = (millis: number, first: string): readonly [number, number] => {
  const begin = weekOf(millis, first)
  const year = parts(begin + 3 * day).year
  const inYear = (other: number) => parts(other + 3 * day).year === year
  return ordinals(begin, inYear)
}

const matches = (rule: RecurrenceRule, millis: number, start: number): boolean => {
  const first = rule.weekStart ?? "MO"
  const own = parts(millis)
  const from = parts(start)
  const fromEnd = (own.date - 1) - new Date(Date.UTC(own.year, own.month, 0)).getUTCDate()
  const yearDay = (millis - Date.UTC(own.year, 0, 1)) / day + 1
  const yearDayFromEnd = (millis - Date.UTC(own.year + 1, 0, 1)) / day
  const { byDay, byMonth, byMonthDay, byWeekNo, byYearDay, frequency } = rule
  if (byMonth !== undefined && !byMonth.includes(own.month)) return false
  if (byMonthDay !== undefined && !byMonthDay.includes(own.date) && !byMonthDay.includes(fromEnd)) return false
  if (byYearDay !== undefined && !byYearDay.includes(yearDay) && !byYearDay.includes(yearDayFromEnd)) return false
  if (byWeekNo !== undefined && !weekNumbers(millis, first).some((number) => byWeekNo.includes(number))) return false
  if (byDay !== undefined) {
    const inMonth = frequency === "monthly" || byMonth !== undefined
    const counted = ordinals(millis, (other) => parts(other).year === own.year && (!inMonth || parts(other).month === own.month))
    return byDay.some(({ day: name, ordinal }) => name === own.name && (ordinal === undefined || counted.includes(ordinal)))
  }
  if (byMonthDay !== undefined || byYearDay !== undefined) return true
  if (byWeekNo !== undefined || frequency === "weekly") return own.name === from.name
  if (frequency === "monthly") return own.date === from.date
  if (frequency === "yearly") return own.date === from.date && (byMonth !== undefined || own.month === from.month)
  return true
}

/** Which period of the rule a day is in: a number of years, months, weeks or days. */
const period = (rule: RecurrenceRule, millis: number): number => {
  const own = parts(millis)
  if (rule.frequency === "yearly") return own.year
  if (rule.frequency === "monthly") return own.year * 12 + own.month
  if (rule.frequency === "weekly") return weekOf(millis, rule.weekStart ?? "MO") / (7 * day)
  return millis / day
}

/** The starts of a rule at or before `to`, with the start itself. */
export const naive = (rule: RecurrenceRule, start: string, to: string): ReadonlyArray<string> => {
  const begin = Date.parse(`${start}T00:00:00Z`)
  const end = Date.parse(`${to}T00:00:00Z`)
  const until = rule.until === undefined ? end : Math.min(end, Date.parse(`${rule.until}T00:00:00Z`))
  const sets = new Map<number, Array<number>>()
  const margin = 366 * day
  for (let millis = begin - margin; millis <= end + margin; millis += day) {
    const number = period(rule, millis)
    if ((number - period(rule, begin)) % (rule.interval ?? 1) !== 0 || !matches(rule, millis, begin)) continue
    sets.set(number, [...(sets.get(number) ?? []), millis])
  }
  const all = new Set([begin])
  for (const set of sets.values()) {
    const chosen = rule.bySetPos === undefined ? set : rule.bySetPos.flatMap((place) => set.at(place > 0 ? place - 1 : place) ?? [])
    for (const millis of chosen) if (millis > begin) all.add(millis)
  }
  const sorted = [...all].sort((a, b) => a - b).slice(0, rule.count)
  return sorted.filter((millis) => millis <= until).map((millis) => new Date(millis).toISOString().slice(0, 10))
}
