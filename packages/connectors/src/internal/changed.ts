import type { CalendarEvent, Change } from "../CalendarEvent.ts"
import type { Problem } from "../CalendarError.ts"
import { eventProblems } from "./eventProblems.ts"

/** An event with some of its fields replaced, or removed where they are `null`. */
export const changed = (event: CalendarEvent, change: Change, fields: ReadonlyArray<string>): CalendarEvent => {
  const entries = Object.entries(change).filter(([name, value]) => fields.includes(name) && value !== undefined)
  const all = new Map([...Object.entries(event), ...entries])
  return Object.fromEntries([...all].filter(([, value]) => value !== null)) as CalendarEvent
}

const together = ["start", "end", "recurrence"]

/** What is wrong with the parts that a change touches. */
export const changeProblems = (after: CalendarEvent, change: Change): ReadonlyArray<Problem> => {
  const touched = new Set(Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name])))
  if (together.some((name) => touched.has(name))) for (const name of together) touched.add(name)
  return eventProblems(after).filter(({ path }) => touched.has(String(path[0])))
}
