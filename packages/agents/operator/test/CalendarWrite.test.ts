import { TimeConflictError } from "@aria/agents-operator/OperatorError"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { read, remove, write } from "./calls.ts"
import { inWorld, meeting, zone } from "./world.ts"

const day = { startDate: "2026-11-23", zone }

describe("calendar_write, create", () => {
  it.effect("what is written is read afterwards, with an id that is no accident", () =>
    inWorld(({ calendar, requests }) =>
      Effect.gen(function* () {
        const made = yield* write({ action: "create", event: { ...meeting(), location: "Room 2" } })
        expect(made).toMatchObject({
          action: "create",
          calendarId: "primary",
          updatedFields: expect.arrayContaining(["title", "location"]),
          differences: [],
          warnings: []
        })
        expect(made.eventId).toBe(requests[0]?.receiptId)
        const { events } = yield* read(day)
        expect(events).toMatchObject([
          { eventId: made.eventId, title: "Review", location: "Room 2", version: made.version }
        ])
        expect(yield* calendar.get({ id: made.eventId })).toStrictEqual(made.event)
      })
    )
  )

  it.effect("a meeting that recurs, and one of a whole day", () =>
    inWorld(() =>
      Effect.gen(function* () {
        yield* write({
          action: "create",
          event: { ...meeting(), recurrence: { rule: { frequency: "weekly", count: 3 } } }
        })
        yield* write({
          action: "create",
          event: { title: "Fair", start: { date: "2026-11-25" }, end: { date: "2026-11-27" } }
        })
        const { events } = yield* read({ startDate: "2026-11-23", endDate: "2026-12-31", zone })
        expect(events.map(({ startsAt, title }) => `${title} ${DateTime.formatIsoDateUtc(startsAt)}`)).toStrictEqual([
          "Review 2026-11-23",
          "Fair 2026-11-24",
          "Review 2026-11-30",
          "Review 2026-12-07"
        ])
      })
    )
  )

  it.effect("names and addresses of any letters stay as they were given", () =>
    inWorld(({ requests }) =>
      Effect.gen(function* () {
        const attendees = [
          { email: "jürgen@bücher.example", name: "Jürgen Müller" },
          { email: "用户@例子.公司", name: "李 小龙" },
          { email: "ada@example.com", name: "Ada 🚀" }
        ]
        const made = yield* write({
          action: "create",
          event: { ...meeting("09:30", "10:00", "Überblick 概要 🚀"), attendees }
        })
        expect(made.event.attendees).toStrictEqual(attendees)
        expect((yield* read(day)).events[0]?.attendees).toStrictEqual(attendees)
        expect(requests[0]?.recipients).toStrictEqual(["jürgen@bücher.example", "用户@例子.公司", "ada@example.com"])
        expect(requests[0]?.summary).toContain("jürgen@bücher.example, 用户@例子.公司, ada@example.com")
      })
    )
  )

  it.effect("an event that no calendar takes is refused before anybody is asked, with all that is wrong", () =>
    inWorld(({ requests, writes }) =>
      Effect.gen(function* () {
        const event = {
          ...meeting("11:00", "10:00", "A\r\nATTENDEE:mailto:eve@example.com"),
          attendees: [{ email: "nobody" }]
        }
        const error = yield* Effect.flip(write({ action: "create", event }))
        expect(error).toMatchObject({ _tag: "InvalidEventError" })
        expect(error.message).toMatch(/title: .*attendees\.0\.email: .*end: /)
        expect([requests.length, writes()]).toStrictEqual([0, 0])
      })
    )
  )

  it.effect("a meeting in the past is refused before anybody is asked, but where history is recorded", () =>
    inWorld(({ requests, writes }) =>
      Effect.gen(function* () {
        yield* TestClock.setTime(Date.parse("2026-11-23T12:00:00Z"))
        const error = yield* Effect.flip(write({ action: "create", event: meeting() }))
        expect(error).toMatchObject({
          _tag: "PastEventError",
          message: expect.stringContaining("2026-11-23T09:00:00.000Z")
        })
        expect([requests.length, writes()]).toStrictEqual([0, 0])
        expect(yield* write({ action: "create", event: meeting(), allowPast: true })).toMatchObject({
          event: { title: "Review" }
        })
        expect(yield* write({ action: "create", event: meeting("14:00", "15:00") })).toMatchObject({
          event: { title: "Review" }
        })
      })
    )
  )

  it.effect("into the calendar that was named; one that there is not is a failure", () =>
    inWorld(
      () =>
        Effect.gen(function* () {
          yield* write({ action: "create", event: meeting(), calendarId: "team" })
          expect((yield* read({ ...day, calendarId: "team" })).totalCount).toBe(1)
          expect((yield* read({ ...day, calendarId: "primary" })).totalCount).toBe(0)
          const error = yield* Effect.flip(
            write({ action: "create", event: meeting("11:00", "12:00"), calendarId: "nobody's" })
          )
          expect(error).toMatchObject({ _tag: "CalendarNotFoundError", known: ["primary", "team"] })
        }),
      {
        calendars: [
          { id: "primary", name: "Calendar" },
          { id: "team", name: "Team" }
        ]
      }
    )
  )
})

describe("calendar_write, a time that is taken", () => {
  it.effect("is refused before anybody is asked, with what is there and the first free time", () =>
    inWorld(({ requests, writes }) =>
      Effect.gen(function* () {
        yield* write({ action: "create", event: meeting("09:00", "10:00", "Standup") })
        yield* write({ action: "create", event: meeting("10:15", "11:00", "Call") })
        const error = yield* Effect.flip(write({ action: "create", event: meeting("09:30", "10:00") }))
        expect(error).toBeInstanceOf(TimeConflictError)
        expect(error).toMatchObject({ title: "Review", conflicts: [{ title: "Standup" }] })
        // 30 minutes do not fit between 10:00 and 10:15; 11:00 in Berlin is 10:00 in UTC.
        expect(error.message).toBe(
          '"Review" was not written, its time is taken by "Standup" (2026-11-23T08:00:00.000Z to 2026-11-23T09:00:00.000Z): ' +
            'take 2026-11-23T10:00:00.000Z to 2026-11-23T10:30:00.000Z, which is free, or give onConflict: "allow"'
        )
        expect([requests.length, writes()]).toStrictEqual([2, 2])
      })
    )
  )

  it.effect("is written where that is allowed, and the person who is asked reads it", () =>
    inWorld(({ requests }) =>
      Effect.gen(function* () {
        yield* write({ action: "create", event: meeting() })
        yield* write({ action: "create", event: meeting("09:45", "10:30", "Other"), onConflict: "allow" })
        expect(requests[1]?.summary).toContain("even over a time that is taken")
        expect((yield* read(day)).totalCount).toBe(2)
      })
    )
  )

  it.effect(
    "does not count meetings that touch, are cancelled or shown as free; nor does one that takes no time itself",
    () =>
      inWorld(({ writes }) =>
        Effect.gen(function* () {
          yield* write({ action: "create", event: meeting("09:00", "09:30") })
          yield* write({ action: "create", event: { ...meeting("09:30", "10:00", "Free"), availability: "free" } })
          yield* write({ action: "create", event: { ...meeting("09:30", "10:00", "Cancelled"), status: "cancelled" } })
          yield* write({ action: "create", event: meeting("09:30", "10:00") })
          yield* write({ action: "create", event: { ...meeting("09:30", "10:00", "Note"), availability: "free" } })
          expect(writes()).toBe(5)
        })
      )
  )

  it.effect("is found for a later occurrence, and for a whole day", () =>
    inWorld(() =>
      Effect.gen(function* () {
        yield* write({
          action: "create",
          event: { title: "Offsite", start: { date: "2026-12-07" }, end: { date: "2026-12-08" } }
        })
        const weekly = { ...meeting(), recurrence: { rule: { frequency: "weekly", count: 5 } } } as const
        const error = yield* Effect.flip(write({ action: "create", event: weekly }))
        expect(error).toMatchObject({ _tag: "TimeConflictError", conflicts: [{ title: "Offsite" }] })
        expect("firstFree" in error).toBe(false)
        yield* write({
          action: "create",
          event: { ...weekly, recurrence: { rule: { frequency: "weekly", count: 2 } } }
        })
      })
    )
  )

  it.effect("is found for an event that has recurred for years, in the year to come", () =>
    inWorld(() =>
      Effect.gen(function* () {
        const since = {
          start: { dateTime: "2020-01-06T09:00:00", zone },
          end: { dateTime: "2020-01-06T09:30:00", zone }
        }
        const weekly = { title: "Standup", ...since, recurrence: { rule: { frequency: "weekly" } } } as const
        const { eventId, version } = yield* write({ action: "create", event: weekly })
        yield* TestClock.setTime(Date.parse("2026-11-01T00:00:00Z"))
        yield* write({ action: "create", event: meeting("10:00", "11:00") })
        const change = {
          start: { dateTime: "2020-01-06T10:30:00", zone },
          end: { dateTime: "2020-01-06T11:00:00", zone }
        }
        const error = yield* Effect.flip(write({ action: "update", eventId, version, change }))
        expect(error).toMatchObject({ _tag: "TimeConflictError", conflicts: [{ title: "Review" }] })
      })
    )
  )

  it.effect("that was taken while a person thought about it is seen before the write", () =>
    inWorld(({ calendar, meanwhile, writes }) =>
      Effect.gen(function* () {
        meanwhile(calendar.create({ event: meeting("09:00", "12:00", "Quicker") }))
        const error = yield* Effect.flip(write({ action: "create", event: meeting() }))
        expect(error).toMatchObject({ _tag: "TimeConflictError", conflicts: [{ title: "Quicker" }] })
        expect(writes()).toBe(0)
      })
    )
  )

  it.effect("is taken by one of those who want it at once", () =>
    inWorld(({ writes }) =>
      Effect.gen(function* () {
        const create = (title: string) =>
          Effect.result(write({ action: "create", event: meeting("09:30", "10:00", title) }))
        const results = yield* Effect.all(["A", "B", "C"].map(create), { concurrency: 3 })
        expect(results.filter(({ _tag }) => _tag === "Success")).toHaveLength(1)
        expect(results.filter(({ _tag }) => _tag === "Failure")).toMatchObject([
          { failure: { _tag: "TimeConflictError" } },
          { failure: { _tag: "TimeConflictError" } }
        ])
        expect(writes()).toBe(1)
      })
    )
  )

  it.effect("is not waited for when who waits, or who is waited for, is interrupted", () =>
    inWorld(({ arrived, next, writes }) =>
      Effect.gen(function* () {
        const create = (title: string, from: string, to: string) =>
          Effect.forkChild(write({ action: "create", event: meeting(from, to, title) }))
        next("hangs")
        const first = yield* create("first", "09:00", "09:30")
        yield* arrived(1)
        const second = yield* create("second", "10:00", "10:30")
        const third = yield* create("third", "11:00", "11:30")
        for (let turn = 0; turn < 50; turn++) yield* Effect.yieldNow
        expect(writes()).toBe(1)
        yield* Fiber.interrupt(second)
        yield* Fiber.interrupt(first)
        expect(yield* Fiber.join(third)).toMatchObject({ event: { title: "third" } })
        expect(yield* write({ action: "create", event: meeting("12:00", "12:30", "fourth") })).toMatchObject({
          event: { title: "fourth" }
        })
        expect((yield* read(day)).events.map(({ title }) => title)).toStrictEqual(["first", "third", "fourth"])
      })
    )
  )

  it.effect("is refused to a meeting that moves, but never because of itself", () =>
    inWorld(() =>
      Effect.gen(function* () {
        const made = yield* write({ action: "create", event: meeting("09:00", "10:00") })
        yield* write({ action: "create", event: meeting("10:30", "11:00", "Call") })
        const { end, start } = meeting("09:30", "10:15")
        const moved = yield* write({
          action: "update",
          eventId: made.eventId,
          version: made.version,
          change: { start, end }
        })
        expect(moved.event.start).toStrictEqual(start)
        const on = {
          action: "update",
          eventId: made.eventId,
          version: moved.version,
          change: { end: meeting("09:30", "10:45").end }
        } as const
        expect(yield* Effect.flip(write(on))).toMatchObject({
          _tag: "TimeConflictError",
          conflicts: [{ title: "Call" }]
        })
        expect((yield* write({ ...on, onConflict: "allow" })).event.end).toStrictEqual(on.change.end)
      })
    )
  )
})

describe("calendar_write, update and delete", () => {
  it.effect("a change is what is read afterwards, and null removes", () =>
    inWorld(({ requests }) =>
      Effect.gen(function* () {
        const attendees = [{ email: "ada@example.com" }]
        const made = yield* write({
          action: "create",
          event: { ...meeting(), location: "Room 2", description: "About", attendees }
        })
        const change = { title: "Retrospective", location: null, attendees: [{ email: "bob@example.com" }] }
        const changed = yield* write({ action: "update", eventId: made.eventId, version: made.version, change })
        expect(changed).toMatchObject({
          action: "update",
          updatedFields: ["title", "location", "attendees"],
          differences: [],
          warnings: []
        })
        expect(changed.version).not.toBe(made.version)
        const [event] = (yield* read(day)).events
        expect(event).toMatchObject({
          title: "Retrospective",
          description: "About",
          attendees: [{ email: "bob@example.com" }]
        })
        expect("location" in event!).toBe(false)
        // Who is left out hears of it as well.
        expect(requests[1]?.recipients).toStrictEqual(["ada@example.com", "bob@example.com"])
      })
    )
  )

  it.effect("a removal is gone, and says what it was", () =>
    inWorld(({ requests }) =>
      Effect.gen(function* () {
        const made = yield* write({
          action: "create",
          event: { ...meeting(), attendees: [{ email: "ada@example.com" }] }
        })
        const gone = yield* remove({ eventId: made.eventId, version: made.version })
        expect(gone).toMatchObject({ action: "delete", eventId: made.eventId, removed: made.event, warnings: [] })
        expect((yield* read(day)).totalCount).toBe(0)
        expect(requests[1]?.recipients).toStrictEqual(["ada@example.com"])
      })
    )
  )

  it.effect("what does not exist is a failure, and nobody is asked", () =>
    inWorld(({ requests }) =>
      Effect.gen(function* () {
        const id = { eventId: "no such event", version: "1" }
        expect(yield* Effect.flip(write({ action: "update", ...id, change: { title: "A" } }))).toMatchObject({
          _tag: "EventNotFoundError",
          id: id.eventId
        })
        expect(yield* Effect.flip(remove(id))).toMatchObject({ _tag: "EventNotFoundError", id: id.eventId })
        expect(requests).toHaveLength(0)
      })
    )
  )

  it.effect("a stale version is a failure that names the current one, and nobody is asked", () =>
    inWorld(({ requests, writes }) =>
      Effect.gen(function* () {
        const made = yield* write({ action: "create", event: meeting() })
        const stale = { eventId: made.eventId, version: made.version }
        const { version: current } = yield* write({ action: "update", ...stale, change: { title: "First" } })
        const expected = { _tag: "StaleVersionError", received: made.version, current }
        expect(yield* Effect.flip(write({ action: "update", ...stale, change: { title: "Second" } }))).toMatchObject(
          expected
        )
        expect(yield* Effect.flip(remove(stale))).toMatchObject(expected)
        expect([requests.length, writes()]).toStrictEqual([2, 2])
        expect((yield* read(day)).events).toMatchObject([{ title: "First" }])
      })
    )
  )

  it.effect("an event that was changed while a person thought about it is left as it is", () =>
    inWorld(({ calendar, meanwhile, writes }) =>
      Effect.gen(function* () {
        const { event } = yield* write({ action: "create", event: meeting() })
        meanwhile(calendar.update({ id: event.id, version: event.version, change: { title: "Somebody else's" } }))
        const error = yield* Effect.flip(remove({ eventId: event.id, version: event.version }))
        expect(error).toMatchObject({ _tag: "StaleVersionError" })
        expect(writes()).toBe(1)
      })
    )
  )

  it.effect("a change that makes an event impossible is refused, and nobody is asked", () =>
    inWorld(({ requests }) =>
      Effect.gen(function* () {
        const { eventId, version } = yield* write({ action: "create", event: meeting() })
        const change = { end: { dateTime: "2026-11-23T09:00:00", zone: "Europe/Atlantis" } }
        expect(yield* Effect.flip(write({ action: "update", eventId, version, change }))).toMatchObject({
          _tag: "InvalidEventError"
        })
        expect(requests).toHaveLength(1)
      })
    )
  )
})

describe("calendar_write, read back", () => {
  it.effect("tells what the calendar made of it", () =>
    inWorld(({ tamper }) =>
      Effect.gen(function* () {
        tamper((event) => ({ ...event, title: event.title.slice(0, 3), organizer: { email: "owner@example.com" } }))
        const made = yield* write({ action: "create", event: meeting() })
        expect(made.event.title).toBe("Rev")
        expect(made.differences).toStrictEqual([
          { field: "title", before: "Review", after: "Rev" },
          { field: "organizer", after: { email: "owner@example.com" } }
        ])
        const changed = yield* write({
          action: "update",
          eventId: made.eventId,
          version: made.version,
          change: { title: "Other" }
        })
        expect(changed.differences).toStrictEqual([{ field: "title", before: "Other", after: "Oth" }])
      })
    )
  )

  it.effect("that fails is told of, since the write was done", () =>
    inWorld(({ unreadable }) =>
      Effect.gen(function* () {
        const made = yield* write({ action: "create", event: { ...meeting(), availability: "free" } })
        // The stored outcome is given, so that the only read is the one afterwards.
        unreadable(1)
        const again = yield* write({ action: "create", event: { ...meeting(), availability: "free" } })
        expect(again.event).toStrictEqual(made.event)
        expect(again.warnings).toStrictEqual([
          "It was written, and could not be read again to make sure: The calendar gave no answer."
        ])
      })
    )
  )

  it.effect("of what was removed since says so", () =>
    inWorld(({ calendar, requests }) =>
      Effect.gen(function* () {
        const made = yield* write({ action: "create", event: meeting() })
        yield* calendar.remove({ id: made.eventId, version: made.version })
        const again = yield* write({ action: "create", event: meeting() })
        expect(again).toMatchObject({ event: made.event, warnings: ["It was written, and removed since."] })
        expect(requests).toHaveLength(1)
      })
    )
  )
})
