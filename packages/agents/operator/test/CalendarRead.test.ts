import type { CalendarEvent } from "@aria/connectors/CalendarEvent"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { read } from "./calls.ts"
import { inWorld, zone } from "./world.ts"

const event = (id: string, from: string, to: string, more?: Partial<CalendarEvent>): CalendarEvent => ({
  calendarId: "primary",
  id,
  title: id,
  start: { dateTime: from, zone: more?.start !== undefined && "zone" in more.start ? more.start.zone : "UTC" },
  end: { dateTime: to, zone: "UTC" },
  attendees: [],
  availability: "busy",
  status: "confirmed",
  version: "1",
  ...more
})

const events = [
  event("before", "2026-11-22T23:00:00", "2026-11-23T00:00:00"),
  event("across midnight", "2026-11-22T23:30:00", "2026-11-23T00:30:00"),
  event("late", "2026-11-23T23:30:00", "2026-11-23T23:45:00"),
  event("next day", "2026-11-24T00:00:00", "2026-11-24T01:00:00"),
  event("cancelled", "2026-11-23T12:00:00", "2026-11-23T13:00:00", { status: "cancelled" }),
  { ...event("day", "", ""), start: { date: "2026-11-23" }, end: { date: "2026-11-24" } },
  event("elsewhere", "2026-11-23T10:00:00", "2026-11-23T11:00:00", { calendarId: "team" }),
  {
    ...event("daily", "", ""),
    start: { dateTime: "2026-10-20T09:00:00", zone },
    end: { dateTime: "2026-10-20T09:15:00", zone },
    recurrence: { rule: { frequency: "daily", count: 10 } }
  } satisfies CalendarEvent
]
const calendars = [
  { id: "primary", name: "Calendar" },
  { id: "team", name: "Team" }
]
const inCalendars = <A, E>(use: Parameters<typeof inWorld<A, E>>[0]) => inWorld(use, { calendars, events })

const titles = ({ events }: { readonly events: ReadonlyArray<{ readonly title: string }> }) =>
  events.map(({ title }) => title)

describe("calendar_read", () => {
  it.effect("startDate alone is that day in UTC, in all calendars; a day begins and ends at midnight", () =>
    inCalendars(() =>
      Effect.gen(function* () {
        const result = yield* read({ startDate: "2026-11-23" })
        expect(titles(result)).toStrictEqual(["across midnight", "day", "elsewhere", "cancelled", "late"])
        expect(result).toMatchObject({
          startDate: "2026-11-23",
          endDate: "2026-11-23",
          zone: "UTC",
          totalCount: 5,
          unreadable: []
        })
        expect("calendarId" in result).toBe(false)
      })
    )
  )

  it.effect("endDate is the last day, itself included", () =>
    inCalendars(() =>
      Effect.gen(function* () {
        expect(titles(yield* read({ startDate: "2026-11-23", endDate: "2026-11-24" }))).toContain("next day")
        expect(titles(yield* read({ startDate: "2026-11-24", endDate: "2026-11-24" }))).toStrictEqual(["next day"])
      })
    )
  )

  it.effect("a zone moves the days", () =>
    inCalendars(() =>
      Effect.gen(function* () {
        // 23:30 in UTC is 00:30 of the next day in Berlin.
        expect(titles(yield* read({ startDate: "2026-11-24", zone }))).toStrictEqual(["late", "next day"])
        expect(titles(yield* read({ startDate: "2026-11-23", zone }))).not.toContain("late")
      })
    )
  )

  it.effect("a calendar is the one that was asked for, and one that there is not is a failure", () =>
    inCalendars(() =>
      Effect.gen(function* () {
        expect(titles(yield* read({ startDate: "2026-11-23", calendarId: "team" }))).toStrictEqual(["elsewhere"])
        const error = yield* Effect.flip(read({ startDate: "2026-11-23", calendarId: "nobody's" }))
        expect(error).toMatchObject({ _tag: "CalendarNotFoundError", known: ["primary", "team"] })
      })
    )
  )

  it.effect("recurring events are expanded, over a change of the clocks", () =>
    inCalendars(() =>
      Effect.gen(function* () {
        // Clocks go back in Berlin on 25 October 2026: 25 hours, and 9:00 stays 9:00.
        const { events } = yield* read({ startDate: "2026-10-24", endDate: "2026-10-26", zone })
        expect(events.map(({ recurrenceId }) => recurrenceId)).toStrictEqual([
          "2026-10-24T09:00:00",
          "2026-10-25T09:00:00",
          "2026-10-26T09:00:00"
        ])
        expect(events.map(({ startsAt }) => DateTime.formatIso(startsAt))).toStrictEqual([
          "2026-10-24T07:00:00.000Z",
          "2026-10-25T08:00:00.000Z",
          "2026-10-26T08:00:00.000Z"
        ])
      })
    )
  )

  it.effect("a day without a midnight begins after the gap", () =>
    inWorld(
      () =>
        Effect.gen(function* () {
          // In Beirut the clocks went from 00:00 to 01:00 on 29 March 2026: 28 March ends at 22:00 UTC.
          expect(titles(yield* read({ startDate: "2026-03-28", zone: "Asia/Beirut" }))).toStrictEqual(["last minutes"])
          expect(titles(yield* read({ startDate: "2026-03-29", zone: "Asia/Beirut" }))).toStrictEqual(["first minutes"])
        }),
      {
        events: [
          event("last minutes", "2026-03-28T21:30:00", "2026-03-28T22:00:00"),
          event("first minutes", "2026-03-28T22:00:00", "2026-03-28T22:30:00")
        ]
      }
    )
  )

  it.effect("a calendar that does not answer is a failure", () =>
    inWorld(({ unreadable }) =>
      Effect.gen(function* () {
        unreadable(1)
        expect(yield* Effect.flip(read({ startDate: "2026-11-23" }))).toMatchObject({
          _tag: "CalendarUnavailableError",
          ambiguous: false
        })
      })
    )
  )
})
