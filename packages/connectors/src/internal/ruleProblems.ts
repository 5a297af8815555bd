import type { Problem } from "../CalendarError.ts"
import type { RecurrenceRule } from "../RecurrenceRule.ts"
import { parse } from "./civil.ts"
import { problem, shown, type Path } from "./textProblems.ts"

const whole = (value: number | undefined, path: Path): ReadonlyArray<Problem> =>
  value === undefined || (Number.isSafeInteger(value) && value >= 1) ? [] : [problem(path, shown(value), "a whole number, at least 1")]

type Numbers = "byMonth" | "byWeekNo" | "byYearDay" | "byMonthDay" | "byHour" | "byMinute" | "bySecond" | "bySetPos"

/** From where to where each list goes, and whether it may count from the end. */
const lists: ReadonlyArray<readonly [name: Numbers, lowest: number, highest: number, fromEnd: boolean]> = [
  ["byMonth", 1, 12, false],
  ["byWeekNo", 1, 53, true],
  ["byYearDay", 1, 366, true],
  ["byMonthDay", 1, 31, true],
  ["byHour", 0, 23, false],
  ["byMinute", 0, 59, false],
  ["bySecond", 0, 59, false],
  ["bySetPos", 1, 366, true]
]

const list = (
  values: ReadonlyArray<number> | undefined,
  [name, lowest, highest, fromEnd]: (typeof lists)[number],
  path: Path
): ReadonlyArray<Problem> => {
  if (values === undefined) return []
  const allowed = `${lowest} to ${highest}${fromEnd ? `, or -${highest} to -1 to count from the end` : ""}`
  if (values.length === 0) return [problem([...path, name], "an empty list", `some of ${allowed}, or to leave it out`)]
  return values.flatMap((value, index) => {
    const size = fromEnd ? Math.abs(value) : value
    return Number.isInteger(value) && size >= lowest && size <= highest ? [] : [problem([...path, name, index], shown(value), allowed)]
  })
}

/** Parts that a frequency gives no meaning to (RFC 5545 §3.3.10). */
const misplaced = (rule: RecurrenceRule, path: Path): ReadonlyArray<Problem> => {
  const { byDay, frequency } = rule
  const found: Array<Problem> = []
  if (rule.byWeekNo !== undefined && frequency !== "yearly") found.push(problem([...path, "byWeekNo"], `a ${frequency} rule`, "a yearly one"))
  if (rule.byYearDay !== undefined && ["monthly", "weekly", "daily"].includes(frequency)) {
    found.push(problem([...path, "byYearDay"], `a ${frequency} rule`, "a yearly one, or one within days"))
  }
  if (rule.byMonthDay !== undefined && frequency === "weekly") {
    found.push(problem([...path, "byMonthDay"], "a weekly rule", "any other"))
  }
  const ordinals = frequency === "monthly" || (frequency === "yearly" && rule.byWeekNo === undefined)
  if (byDay?.length === 0) found.push(problem([...path, "byDay"], "an empty list", "some weekdays, or to leave it out"))
  byDay?.forEach(({ ordinal }, index) => {
    if (ordinal === undefined) return
    const good = Number.isInteger(ordinal) && ordinal !== 0 && Math.abs(ordinal) <= 53
    if (!ordinals) found.push(problem([...path, "byDay", index, "ordinal"], `a ${frequency} rule`, "a monthly one, or a yearly one without byWeekNo"))
    else if (!good) found.push(problem([...path, "byDay", index, "ordinal"], shown(ordinal), "1 to 53, or -53 to -1 to count from the end"))
  })
  const others = lists.some(([name]) => name !== "bySetPos" && rule[name] !== undefined) || byDay !== undefined
  if (rule.bySetPos !== undefined && !others) {
    found.push(problem([...path, "bySetPos"], "no other list", "a rule with another list, such as byDay, to choose from"))
  }
  return found
}

/** What is wrong with a rule by itself, for an event that starts at `start`, a wall-clock time. */
export const ruleProblems = (rule: RecurrenceRule, start: number, allDay: boolean, path: Path): ReadonlyArray<Problem> => {
  const found = [
    ...whole(rule.interval, [...path, "interval"]),
    ...whole(rule.count, [...path, "count"]),
    ...lists.flatMap((one) => list(rule[one[0]], one, path)),
    ...misplaced(rule, path)
  ]
  if (rule.until !== undefined) {
    const until = parse(rule.until)
    const example = allDay ? '"2026-12-24", as the event is all-day' : '"2026-12-24T23:59:59", wall-clock time in the zone of the start'
    if (rule.count !== undefined) found.push(problem([...path, "until"], "count as well", "one of the two"))
    else if (until === undefined || rule.until.includes("T") === allDay) found.push(problem([...path, "until"], shown(rule.until), example))
    else if (until < start) found.push(problem([...path, "until"], shown(rule.until), "a time that is not before the start"))
  }
  if (allDay) {
    if (["hourly", "minutely", "secondly"].includes(rule.frequency)) {
      found.push(problem([...path, "frequency"], shown(rule.frequency), "daily or longer, as the event is all-day"))
    }
    for (const name of ["byHour", "byMinute", "bySecond"] as const) {
      if (rule[name] !== undefined) found.push(problem([...path, name], "an all-day event", "an event with times"))
    }
  }
  return found
}
