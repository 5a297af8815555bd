import * as CalendarError from "@aria/connectors/CalendarError"
import * as CalendarEvent from "@aria/connectors/CalendarEvent"
import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { event } from "./events.ts"

const options = { calendarId: "work", id: "made-up", version: "7" }
const draft: CalendarEvent.Draft = { title: "a", start: { dateTime: "2041-06-03T10:00:00", zone: "UTC" }, end: { dateTime: "2041-06-03T11:00:00", zone: "UTC" } }

const problems = (result: Result.Result<unknown, CalendarError.InvalidEventError>): ReadonlyArray<CalendarError.Problem> => (Result.isFailure(result) ? result.failure.problems : [])
const paths = (given: Partial<CalendarEvent.Draft>) => problems(CalendarEvent.fromDraft({ ...draft, ...given }, options)).map(({ path }) => path.join("."))

describe("CalendarEvent", () => {
  it("becomes an event with an id, a version and defaults, and is data", () => {
    const made = Result.getOrThrow(CalendarEvent.fromDraft(draft, options))
    expect(made).toEqual({ ...draft, calendarId: "work", id: "made-up", version: "7", attendees: [], availability: "busy", status: "confirmed" })
    const given = Result.getOrThrow(CalendarEvent.fromDraft({ ...draft, id: "own" }, options))
    expect(given.id).toBe("own")
    const json = JSON.parse(JSON.stringify(Schema.encodeSync(CalendarEvent.CalendarEvent)(made)))
    expect(Schema.decodeUnknownSync(CalendarEvent.CalendarEvent)(json)).toEqual(made)
  })

  it("takes addresses of any script, and none that could become something else", () => {
    const good = ["ada@example.com", "ada@localhost", "jürgen@bücher.example", "用户@例子.测试", "o'brien+x=y@example.co.uk", "!#$%&'*/=?^_`{|}~-@example.com", `${"a".repeat(64)}@example.com`]
    const bad = ["", "@", "a", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a..b@c", ".a@b", "a.@b", "a@.b", "a@b.", "a@-b", "a@b-", "<a@b>", "a,b@c", "a;b@c", "a:b@c", "mailto:a@b", '"a b"@c', "a@[127.0.0.1]", "a\\@b", "a@b_c", "a\u00a0b@c", "a@b\u200b c", "a\r\n@b", "a@b\n", `${"ä".repeat(33)}@example.com`, `a@${"b".repeat(64)}.com`]
    expect(good.filter((email) => paths({ attendees: [{ email }] }).length > 0)).toEqual([])
    expect(bad.filter((email) => paths({ attendees: [{ email }] }).length === 0)).toEqual([])
    expect(paths({ organizer: { email: "a@b@c", name: "x\ny" } })).toEqual(["organizer.email", "organizer.name"])
  })

  it("tells of all that is wrong at once, and its message has no control character", () => {
    const result = CalendarEvent.fromDraft(
      { title: "a\r\nb", id: "x".repeat(256), description: "\u0000", location: "a\tb\nc", start: { dateTime: "2041-02-30T10:00:00", zone: "Mars/\r\nEvil" }, end: { date: "2041-06-03" }, attendees: [{ email: "a\u001b@b" }, { email: "c@d", name: "x\u2028y" }] },
      options
    )
    expect(problems(result).map(({ path }) => path.join("."))).toEqual(["id", "title", "description", "attendees.0.email", "attendees.1.name", "start.dateTime", "start.zone"])
    const message = Result.isFailure(result) ? result.failure.message : ""
    expect(message).toMatch(/title: received U\+000D at position 1, allowed is text in one line/)
    // oxlint-disable-next-line no-control-regex
    expect(message).not.toMatch(/[\u0000-\u001f\u2028]/)
  })

  it("has limits on lengths and numbers, and takes what is at them", () => {
    expect(paths({ title: "x".repeat(1_001), location: "x".repeat(10_001), description: "x".repeat(100_001), id: "é".repeat(128) })).toEqual(["id", "title", "description", "location"])
    expect(paths({ title: "x".repeat(1_000), location: "x".repeat(10_000), description: "x".repeat(100_000), id: "é".repeat(127) })).toEqual([])
    expect(paths({ attendees: Array.from({ length: 1_001 }, (_, index) => ({ email: `a${index}@b` })) })).toEqual(["attendees"])
  })

  it("judges a change by what it changes, and what came from elsewhere not at all", () => {
    const foreign = event({ title: "", attendees: [{ email: "no address" }], recurrence: { rule: { frequency: "weekly", byDay: [{ day: "TU" }] } } })
    const renamed = Result.getOrThrow(CalendarEvent.applyChange(foreign, { description: "new" }))
    expect(renamed).toEqual({ ...foreign, description: "new" })
    expect(problems(CalendarEvent.applyChange(foreign, { end: { dateTime: "2026-11-23T11:00:00", zone: "Europe/Berlin" } })).map(({ path }) => path.join("."))).toEqual(["recurrence.rule"])
    expect(problems(CalendarEvent.applyChange(foreign, { attendees: [{ email: "x" }] })).map(({ path }) => path.join("."))).toEqual(["attendees.0.email"])
    const removed = Result.getOrThrow(CalendarEvent.applyChange(renamed, { description: null, recurrence: null }))
    expect(removed).not.toHaveProperty("description")
    expect(removed).not.toHaveProperty("recurrence")
  })

  it("never lets a change touch the id, the calendar or the version", () => {
    const change: CalendarEvent.Change = Object.assign({ title: "x" }, { id: "other", calendarId: "other", version: "9", evil: 1 })
    expect(Result.getOrThrow(CalendarEvent.applyChange(event(), change))).toEqual({ ...event(), title: "x" })
  })
})
