/** How long a thousand events take to be expanded over a year, in a process of its own: `node recurrence.ts '{"what":"expand"}'`. */
import type { CalendarEvent, RecurrenceRule } from "@aria/connectors"
import { Recurrence } from "@aria/connectors"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import { median } from "../median.ts"

const { rounds = 7, what } = JSON.parse(process.argv[2] ?? "{}")

/** A quarter each happens once, twice a week, every day, and on the last Friday of the month; half in each of two zones. */
const rules: ReadonlyArray<RecurrenceRule.RecurrenceRule | undefined> = [
  undefined,
  { frequency: "weekly", byDay: [{ day: "MO" }, { day: "WE" }] },
  { frequency: "daily" },
  { frequency: "monthly", byDay: [{ day: "FR", ordinal: -1 }] }
]
const events = Array.from({ length: 1_000 }, (_, index): CalendarEvent.CalendarEvent => {
  const rule = rules[index % rules.length]
  const date = `2026-01-${String(1 + (index % 28)).padStart(2, "0")}`
  const zone = index % 8 < 4 ? "Europe/Berlin" : "America/New_York"
  return {
    calendarId: "work",
    id: `event ${index}`,
    title: "Meeting",
    start: { dateTime: `${date}T09:00:00`, zone },
    end: { dateTime: `${date}T10:00:00`, zone },
    attendees: [],
    availability: "busy",
    status: "confirmed",
    version: "1",
    ...(rule === undefined ? {} : { recurrence: { rule } })
  }
})
const year = { from: DateTime.makeUnsafe("2026-01-01T00:00:00Z"), to: DateTime.makeUnsafe("2027-01-01T00:00:00Z") }

const each = (event: CalendarEvent.CalendarEvent) => Result.getOrThrow(Recurrence.expand(event, year))
const found = events.flatMap(each)
if (found.length < 100_000) throw new Error(`there are ${found.length} occurrences: not what was meant to be measured`)

const expand = (): number => events.reduce((sum, event) => sum + each(event).length, 0)

const times = what === "expand" ? [] : found.flatMap(({ endsAt, startsAt }) => [startsAt.epochMilliseconds, endsAt.epochMilliseconds])
found.length = 0

/** What the same times cost when `Date` alone writes them. */
const write = (): number => times.reduce((sum, time) => sum + new Date(time).toISOString().length, 0)

const run = what === "expand" ? expand : write
const millis = Array.from({ length: rounds }, () => {
  const begin = performance.now()
  run()
  return performance.now() - begin
})
console.log(JSON.stringify({ millis: median(millis) }))
