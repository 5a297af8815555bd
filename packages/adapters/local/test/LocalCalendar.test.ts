import { LocalCalendar, LocalStore } from "@aria/adapter-local"
import { Calendar } from "@aria/connectors"
import { SqliteClient } from "@aria/sqlite"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const newFile: Effect.Effect<string, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "aria-calendar-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  ),
  (folder) => join(folder, "calendar.db")
)

const inFile = (filename: string, options: LocalCalendar.Options = {}) =>
  Layer.fresh(Layer.orDie(Layer.provideMerge(LocalCalendar.layerWith(options), SqliteClient.layer({ filename, busyTimeout: "30 seconds" }))))
const inMemory = (options?: LocalCalendar.Options) => inFile(":memory:", options)

const meeting = (id: string, date: string) => ({
  id,
  title: "Meeting",
  start: { dateTime: `${date}T10:00:00`, zone: "Europe/Berlin" },
  end: { dateTime: `${date}T11:00:00`, zone: "Europe/Berlin" }
})

const week = { from: DateTime.makeUnsafe("2041-06-03T00:00:00Z"), to: DateTime.makeUnsafe("2041-06-10T00:00:00Z") }

describe("LocalCalendar", () => {
  it.effect("keeps events, their versions and its calendars over a restart", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const calendars = [
        { id: "sales", name: "Vertrieb" },
        { id: "private", name: "Privat" }
      ] as const
      const weekly = { ...meeting("weekly", "2041-06-03"), recurrence: { rule: { frequency: "weekly" as const } } }
      const first = yield* Effect.gen(function* () {
        const calendar = yield* Calendar.Calendar
        yield* calendar.create({ event: weekly })
        const other = yield* calendar.create({ calendarId: "private", event: meeting("private", "2041-06-04") })
        return { listing: yield* calendar.occurrences(week), other: yield* calendar.update({ ...other, change: { title: "Zahnarzt 🦷" } }) }
      }).pipe(Effect.provide(inFile(filename, { calendars })))
      yield* Effect.gen(function* () {
        const calendar = yield* Calendar.Calendar
        expect(yield* calendar.calendars).toEqual([
          { id: "sales", name: "Vertrieb", isDefault: true, readOnly: false },
          { id: "private", name: "Privat", isDefault: false, readOnly: false }
        ])
        expect(yield* calendar.get(first.other)).toEqual(first.other)
        const { occurrences } = yield* calendar.occurrences(week)
        expect(occurrences.map(({ eventId }) => eventId)).toEqual(["weekly", "private"])
        expect(occurrences[0]).toEqual(first.listing.occurrences[0])
        const { occurrences: own } = yield* calendar.occurrences({ ...week, calendarId: "private" })
        expect(own.map(({ title }) => title)).toEqual(["Zahnarzt 🦷"])
        const next = yield* calendar.update({ ...first.other, change: { title: "Later" } })
        expect(next.version).not.toBe(first.other.version)
      }).pipe(Effect.provide(inFile(filename)))
      yield* Effect.gen(function* () {
        const calendar = yield* Calendar.Calendar
        const all = yield* calendar.calendars
        expect(all.map(({ id, isDefault, name }) => `${id} ${name} ${isDefault}`)).toEqual(["private Private true", "sales Vertrieb false"])
      }).pipe(Effect.provide(inFile(filename, { calendars: [{ id: "private", name: "Private" }] })))
    })
  )

  it.effect("knows the same id in two calendars as two events", () =>
    Effect.gen(function* () {
      const calendar = yield* Calendar.Calendar
      const one = yield* calendar.create({ event: meeting("same", "2041-06-03") })
      const other = yield* calendar.create({ calendarId: "b", event: meeting("same", "2041-06-04") })
      yield* calendar.update({ ...one, change: { title: "Changed" } })
      expect(yield* calendar.get({ calendarId: "b", id: "same" })).toEqual(other)
      yield* calendar.remove({ ...other })
      expect((yield* calendar.get({ id: "same" })).title).toBe("Changed")
    }).pipe(Effect.provide(inMemory({ calendars: [{ id: "a", name: "A" }, { id: "b", name: "B" }] })))
  )

  it.effect("reads a week by its index, not all rows", () =>
    Effect.gen(function* () {
      const calendar = yield* Calendar.Calendar
      const sql = yield* SqlClient.SqlClient
      const begin = Date.parse("2035-01-01")
      const dates = Array.from({ length: 2_000 }, (_, index) => new Date(begin + index * 3 * 86_400_000).toISOString().slice(0, 10))
      yield* sql.withTransaction(Effect.forEach(dates, (date, index) => calendar.create({ event: meeting(`event ${index}`, date) })))
      yield* calendar.create({ event: { ...meeting("weekly", "2036-01-07"), recurrence: { rule: { frequency: "weekly", until: "2040-01-02T10:00:00" } } } })
      yield* calendar.create({ event: { ...meeting("yearly", "2036-06-04"), recurrence: { rule: { frequency: "yearly" } } } })
      // A body that cannot be read is told of when it is read: none but those around the week are.
      yield* sql`UPDATE aria_calendar_event SET body = 'no event' WHERE firstAt < ${Date.parse("2041-04-01")} AND id != 'yearly'`
      yield* sql`UPDATE aria_calendar_event SET body = 'no event' WHERE firstAt > ${Date.parse("2041-06-20")}`
      const { occurrences, unreadable } = yield* calendar.occurrences(week)
      expect(unreadable).toEqual([])
      expect(occurrences.map(({ eventId, startsAt }) => `${eventId} ${DateTime.formatIso(startsAt).slice(0, 13)}`)).toEqual([
        `event ${dates.indexOf("2041-06-04")} 2041-06-04T08`,
        "yearly 2041-06-04T08",
        `event ${dates.indexOf("2041-06-07")} 2041-06-07T08`
      ])
      const plan = yield* sql<{ readonly detail: string }>`EXPLAIN QUERY PLAN
        SELECT body FROM aria_calendar_event WHERE long = 0 AND firstAt > 1 AND firstAt < 2 AND lastAt > 1
        UNION ALL SELECT body FROM aria_calendar_event WHERE long = 1 AND lastAt > 1 AND firstAt < 2`
      const details = plan.map(({ detail }) => detail).join("\n")
      expect(details).toMatch(/aria_calendar_event_first/)
      expect(details).toMatch(/aria_calendar_event_last/)
      expect(details).not.toMatch(/SCAN aria_calendar_event/)
    }).pipe(Effect.provide(inMemory()))
  )

  it.effect("tells of a row that it cannot read, and lists the others", () =>
    Effect.gen(function* () {
      const calendar = yield* Calendar.Calendar
      const sql = yield* SqlClient.SqlClient
      const one = yield* calendar.create({ event: meeting("broken", "2041-06-03") })
      yield* calendar.create({ event: meeting("good", "2041-06-04") })
      yield* sql`UPDATE aria_calendar_event SET body = '{"title":5}' WHERE id = 'broken'`
      const { occurrences, unreadable } = yield* calendar.occurrences(week)
      expect(occurrences.map(({ eventId }) => eventId)).toEqual(["good"])
      expect(unreadable.map(({ id }) => id)).toEqual(["broken"])
      const error = yield* Effect.flip(calendar.get(one))
      expect(error).toMatchObject({ _tag: "CalendarUnavailableError", reason: "unreadable", ambiguous: false })
    }).pipe(Effect.provide(inMemory()))
  )

  it.effect("says that nothing was written where the database refuses, and that it may have been where the commit failed", () =>
    Effect.gen(function* () {
      const calendar = yield* Calendar.Calendar
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TRIGGER refuse BEFORE INSERT ON aria_calendar_event BEGIN SELECT RAISE(ABORT, 'disk is full'); END`
      const refused = yield* Effect.flip(calendar.create({ event: meeting("refused", "2041-06-03") }))
      expect(refused).toMatchObject({ _tag: "CalendarUnavailableError", reason: "storage", ambiguous: false })
      expect(refused.message).toMatch(/could not create an event.*Nothing was written/s)
      yield* sql`DROP TRIGGER refuse`
      yield* sql`PRAGMA defer_foreign_keys = ON`
      yield* sql`CREATE TABLE missing (id INTEGER PRIMARY KEY)`
      yield* sql`CREATE TABLE pointer (id INTEGER REFERENCES missing (id) DEFERRABLE INITIALLY DEFERRED)`
      yield* sql`CREATE TRIGGER late AFTER INSERT ON aria_calendar_event BEGIN INSERT INTO pointer VALUES (7); END`
      const doubtful = yield* Effect.flip(calendar.create({ event: meeting("late", "2041-06-03") }))
      expect(doubtful).toMatchObject({ _tag: "CalendarUnavailableError", ambiguous: true })
      expect(doubtful.message).toMatch(/not known/)
    }).pipe(Effect.provide(inMemory()))
  )

  it.effect("is a part of the transaction around it", () =>
    Effect.gen(function* () {
      const calendar = yield* Calendar.Calendar
      const sql = yield* SqlClient.SqlClient
      const both = Effect.andThen(calendar.create({ event: meeting("undone", "2041-06-03") }), Effect.fail("stop"))
      yield* Effect.flip(sql.withTransaction(both))
      expect((yield* Effect.flip(calendar.get({ id: "undone" })))._tag).toBe("EventNotFoundError")
    }).pipe(Effect.provide(inMemory()))
  )

  it.effect("refuses ranges with more occurrences than its limit", () =>
    Effect.gen(function* () {
      const calendar = yield* Calendar.Calendar
      yield* calendar.create({ event: { ...meeting("daily", "2041-06-01"), recurrence: { rule: { frequency: "daily" } } } })
      expect((yield* calendar.occurrences(week)).occurrences).toHaveLength(7)
      const to = DateTime.makeUnsafe("2041-06-20T00:00:00Z")
      expect(yield* Effect.flip(calendar.occurrences({ ...week, to }))).toMatchObject({ _tag: "TooManyOccurrencesError", limit: 10 })
    }).pipe(Effect.provide(inMemory({ limit: 10 })))
  )

  it.effect("refuses a file whose tables are another's", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE aria_calendar_event (x)`
      }).pipe(Effect.provide(SqliteClient.layer({ filename })))
      const error = yield* Effect.flip(Effect.provide(Calendar.Calendar, LocalCalendar.layer.pipe(Layer.provide(SqliteClient.layer({ filename })))))
      expect(error).toBeInstanceOf(LocalStore.LocalStoreError)
      expect(error).toMatchObject({ reason: "migration" })
    })
  )

  it.live(
    "two processes on one file lose no update and create nothing twice",
    () =>
      Effect.gen(function* () {
        const filename = yield* newFile
        const times = 60
        const run = Effect.callback<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>((resume) => {
          const child = spawn(process.execPath, [join(import.meta.dirname, "calendarRace.ts"), filename, String(times)])
          let stdout = ""
          let stderr = ""
          child.stdout.on("data", (data) => (stdout += String(data)))
          child.stderr.on("data", (data) => (stderr += String(data)))
          child.once("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
          return Effect.sync(() => child.kill("SIGKILL"))
        })
        const ends = yield* Effect.all([run, run], { concurrency: 2 })
        expect(ends.map(({ code, stderr }) => ({ code, stderr: /rror/.test(stderr) ? stderr : "" }))).toEqual([1, 2].map(() => ({ code: 0, stderr: "" })))
        expect(ends.reduce((sum, { stdout }) => sum + Number(stdout), 0)).toBe(times)
        yield* Effect.gen(function* () {
          const calendar = yield* Calendar.Calendar
          expect((yield* calendar.get({ id: "shared" })).description).toBe("+".repeat(2 * times))
          expect((yield* calendar.occurrences(week)).occurrences).toHaveLength(times + 1)
        }).pipe(Effect.provide(inFile(filename)))
      }),
    120_000
  )
})
