import type { Problem } from "../CalendarError.ts"
import type { Attendee, CalendarEvent, Draft, Override, Recurrence } from "../CalendarEvent.ts"
import { type EventTime, isAllDay, local } from "../EventTime.ts"
import { cycle, day, parse } from "./civil.ts"
import { ruleProblems } from "./ruleProblems.ts"
import { eachOccurrence, readTimes, type Times, written } from "./starts.ts"
import * as Text from "./textProblems.ts"
import { zoneOf } from "./zones.ts"

/** What is checked: an event, or what will be one. */
export type Subject = Draft | CalendarEvent

const most = 10_000
const { problem, shown } = Text
type Path = Text.Path

const time = (value: EventTime, path: Path): ReadonlyArray<Problem> => {
  const wall = parse(local(value))
  if (isAllDay(value)) {
    return wall === undefined || value.date.includes("T") ? [problem([...path, "date"], shown(value.date), 'a day that there is, such as "2026-11-23"')] : []
  }
  const found: Array<Problem> = []
  if (wall === undefined || !value.dateTime.includes("T")) {
    found.push(problem([...path, "dateTime"], shown(value.dateTime), 'a time that there is, without an offset, such as "2026-11-23T09:30:00"'))
  }
  if (zoneOf(value.zone) === undefined) {
    found.push(problem([...path, "zone"], shown(value.zone), 'a name of the IANA database, such as "Europe/Berlin", or "UTC"'))
  }
  return found
}

/** The times of an event or of an override. */
const span = (start: EventTime, end: EventTime, path: Path): ReadonlyArray<Problem> => {
  const found = [...time(start, [...path, "start"]), ...time(end, [...path, "end"])]
  if (found.length > 0) return found
  if (isAllDay(start) !== isAllDay(end)) {
    return [problem([...path, "end"], isAllDay(end) ? "a date" : "a time", `a ${isAllDay(start) ? "date" : "time"}, as the start is one`)]
  }
  const times = readTimes(start, end)
  if ("part" in times || times.duration > 0 || (times.duration === 0 && !times.allDay)) return []
  return [problem([...path, "end"], shown(local(end)), times.allDay ? `a day after ${local(start)}; the end is exclusive` : `a time that is not before ${local(start)}`)]
}

const people = (attendees: ReadonlyArray<Attendee>, path: Path): ReadonlyArray<Problem> => {
  if (attendees.length > 1_000) return [problem(path, `${attendees.length} attendees`, "at most 1000")]
  const seen = new Set<string>()
  return attendees.flatMap(({ email, name }, index) => {
    const repeated = seen.has(email)
    seen.add(email)
    return [
      ...Text.email([...path, index, "email"], email),
      ...(name === undefined ? [] : Text.line([...path, index, "name"], name, 1_000)),
      ...(repeated ? [problem([...path, index, "email"], `${shown(email)} again`, "each address once")] : [])
    ]
  })
}

const content = (event: Subject | Override, path: Path): ReadonlyArray<Problem> => [
  ...Text.line([...path, "title"], event.title, 1_000),
  ...(event.description === undefined ? [] : Text.lines([...path, "description"], event.description, 100_000)),
  ...(event.location === undefined ? [] : Text.lines([...path, "location"], event.location, 10_000)),
  ...people(event.attendees ?? [], [...path, "attendees"]),
  ...(event.organizer === undefined
    ? []
    : [
        ...Text.email([...path, "organizer", "email"], event.organizer.email),
        ...(event.organizer.name === undefined ? [] : Text.line([...path, "organizer", "name"], event.organizer.name, 1_000))
      ]),
  ...span(event.start, event.end, path)
]

/** Lists of starts, written like the event's own. */
const startsOf = (values: ReadonlyArray<string>, times: Times, path: Path): ReadonlyArray<Problem> =>
  values.length > most
    ? [problem(path, `${values.length} starts`, `at most ${most}`)]
    : values.flatMap((value, index) => {
        const wall = parse(value)
        const good = wall !== undefined && value === written(wall, times.allDay)
        return good ? [] : [problem([...path, index], shown(value), `written like the start, such as "${written(times.start, times.allDay)}"`)]
      })

const occursAt = (times: Times, recurrence: Recurrence, wall: number): boolean => {
  let found = false
  eachOccurrence(times, recurrence, { from: wall, to: wall + 1 }, () => (found = true))
  return found
}

/** Whether the rule itself has the start; `eachStart` gives it always, so it is asked from a start one period before. */
const onRule = (times: Times, recurrence: Recurrence): boolean => {
  const { rule } = recurrence
  if (rule === undefined) return true
  const { count: _, until: __, interval: ___, ...endless } = rule
  let found = false
  // Without its interval a rule has the start of every period; what it takes from its start is the same a moment before.
  const before = { ...times, start: times.start - 400 * 366 * day }
  const named = pinned(endless, times)
  eachOccurrence(before, { rule: named }, { from: times.start, to: times.start + 1 }, () => (found = true))
  return found
}

/** A rule that says itself what it would take from its start. */
const pinned = (rule: NonNullable<Recurrence["rule"]>, { start }: Times): NonNullable<Recurrence["rule"]> => {
  const date = new Date(start)
  const weekday = (["SU", "MO", "TU", "WE", "TH", "FR", "SA"] as const)[date.getUTCDay()]!
  const { frequency } = rule
  const unnamed = rule.byDay === undefined && rule.byMonthDay === undefined && rule.byYearDay === undefined && rule.byWeekNo === undefined
  const days = rule.byDay === undefined && rule.byMonthDay === undefined && rule.byYearDay === undefined
  return {
    ...rule,
    ...(unnamed && frequency === "yearly" ? { byMonth: rule.byMonth ?? [date.getUTCMonth() + 1] } : {}),
    ...(unnamed && (frequency === "yearly" || frequency === "monthly") ? { byMonthDay: [date.getUTCDate()] } : {}),
    ...(days && (frequency === "weekly" || rule.byWeekNo !== undefined) ? { byDay: [{ day: weekday }] } : {}),
    ...(frequency === "secondly" ? {} : { bySecond: rule.bySecond ?? [date.getUTCSeconds()] }),
    ...(frequency === "secondly" || frequency === "minutely" ? {} : { byMinute: rule.byMinute ?? [date.getUTCMinutes()] }),
    ...(["secondly", "minutely", "hourly"].includes(frequency) ? {} : { byHour: rule.byHour ?? [date.getUTCHours()] })
  }
}

const recurrenceProblems = (event: Subject, recurrence: Recurrence, times: Times): ReadonlyArray<Problem> => {
  const path = ["recurrence"]
  const { additional = [], excluded = [], overrides = [], rule } = recurrence
  const found = [
    ...(rule === undefined ? [] : ruleProblems(rule, times.start, times.allDay, [...path, "rule"])),
    ...startsOf(additional, times, [...path, "additional"]),
    ...startsOf(excluded, times, [...path, "excluded"]),
    ...startsOf(overrides.map(({ recurrenceId }) => recurrenceId), times, [...path, "overrides"]),
    ...overrides.flatMap((override, index) => content(override, [...path, "overrides", index]))
  ]
  if (found.length > 0) return found
  const ids = new Set<string>()
  overrides.forEach(({ recurrenceId, start }, index) => {
    const own = [...path, "overrides", index]
    if (ids.has(recurrenceId)) found.push(problem([...own, "recurrenceId"], `${shown(recurrenceId)} again`, "each occurrence once"))
    ids.add(recurrenceId)
    if (isAllDay(start) !== times.allDay) found.push(problem([...own, "start"], isAllDay(start) ? "a date" : "a time", "of the kind of the event's own start"))
    if (!occursAt(times, recurrence, parse(recurrenceId) ?? Number.NaN)) {
      found.push(problem([...own, "recurrenceId"], shown(recurrenceId), "an occurrence of the event that is not excluded"))
    }
  })
  let happens = false
  eachOccurrence(times, recurrence, { from: times.start, to: times.start + cycle }, () => !(happens = true))
  if (!happens) found.push(problem(path, "a recurrence that never happens", "one with an occurrence that is not excluded"))
  else if (rule !== undefined && !excluded.includes(local(event.start)) && !onRule(times, recurrence)) {
    found.push(problem([...path, "rule"], `a rule that does not happen at the start, ${local(event.start)}`, "a start that is the first of the rule, or is excluded"))
  }
  return found
}

/** All that is wrong with an event. */
export const eventProblems = (event: Subject): ReadonlyArray<Problem> => {
  const found = [...(event.id === undefined ? [] : Text.id(["id"], event.id)), ...content(event, [])]
  if (event.recurrence === undefined) return found
  const times = readTimes(event.start, event.end)
  return "part" in times || times.duration < 0 ? found : [...found, ...recurrenceProblems(event, event.recurrence, times)]
}
