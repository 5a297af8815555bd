/** What must not be written, and that nothing is changed by trying. */
import type * as CalendarError from "@aria/connectors/CalendarError"
import type * as CalendarEvent from "@aria/connectors/CalendarEvent"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Check, check, dataOf, expect, expectEvent, expectFailure, filled, hour, listed, range, type Scene, show, unchanged } from "./calendarCheck.ts"

type Change = CalendarEvent.Change

const berlin = (dateTime: string) => ({ dateTime, zone: "Europe/Berlin" })

/** Changes that make an event one that no calendar takes, and where the problem is. */
const bad: ReadonlyArray<readonly [change: Change, path: string]> = [
  [{ end: { dateTime: "2041-06-03T09:59:59", zone: "UTC" } }, "end"],
  [{ end: berlin("2041-06-03T11:30:00") }, "end"],
  [{ end: { date: "2041-06-04" } }, "end"],
  [{ start: { date: "2041-06-03" }, end: { date: "2041-06-03" } }, "end"],
  [{ start: { date: "2041-02-29" }, end: { date: "2041-03-02" } }, "start.date"],
  [{ start: { dateTime: "2041-06-03T24:00:00", zone: "UTC" } }, "start.dateTime"],
  [{ start: { dateTime: "2041-06-03T09:00:00", zone: "Europe/Nowhere" } }, "start.zone"],
  [{ end: { dateTime: "2041-06-03T11:00:00", zone: "+01:00" } }, "end.zone"],
  [{ title: "a\nb" }, "title"],
  [{ title: "a\u0000b" }, "title"],
  [{ title: "half \ud800" }, "title"],
  [{ description: "a\u0007b" }, "description"],
  [{ location: "a\u001bb" }, "location"],
  [{ attendees: [{ email: "nobody" }] }, "attendees.0.email"],
  [{ attendees: [{ email: "a@b@c" }] }, "attendees.0.email"],
  [{ attendees: [{ email: "mailto:a@example.com" }] }, "attendees.0.email"],
  [{ attendees: [{ email: "a@example.com" }, { email: "a@example.com" }] }, "attendees.1.email"],
  [{ organizer: { email: "a@example.com>" } }, "organizer.email"],
  [{ recurrence: { rule: { frequency: "daily", interval: 0 } } }, "recurrence.rule.interval"],
  [{ recurrence: { rule: { frequency: "daily", count: 0 } } }, "recurrence.rule.count"],
  [{ recurrence: { rule: { frequency: "daily", count: 2, until: "2041-07-01T00:00:00" } } }, "recurrence.rule.until"],
  [{ recurrence: { rule: { frequency: "daily", until: "2041-07-01" } } }, "recurrence.rule.until"],
  [{ recurrence: { rule: { frequency: "daily", until: "2041-06-01T00:00:00" } } }, "recurrence.rule.until"],
  [{ recurrence: { rule: { frequency: "monthly", byMonthDay: [32] } } }, "recurrence.rule.byMonthDay.0"],
  [{ recurrence: { rule: { frequency: "monthly", byMonthDay: [] } } }, "recurrence.rule.byMonthDay"],
  [{ recurrence: { rule: { frequency: "weekly", byDay: [{ day: "MO", ordinal: 1 }] } } }, "recurrence.rule.byDay.0.ordinal"],
  [{ recurrence: { rule: { frequency: "monthly", byWeekNo: [1] } } }, "recurrence.rule.byWeekNo"],
  [{ recurrence: { rule: { frequency: "weekly", byDay: [{ day: "TU" }] } } }, "recurrence.rule"],
  [{ recurrence: { rule: { frequency: "yearly", byMonth: [2], byMonthDay: [30] }, excluded: ["2041-06-03T10:00:00"] } }, "recurrence"],
  [{ recurrence: { rule: { frequency: "daily", count: 1 }, excluded: ["2041-06-03T10:00:00"] } }, "recurrence"],
  [{ recurrence: { rule: { frequency: "daily" }, excluded: ["2041-06-03"] } }, "recurrence.excluded.0"],
  [{ recurrence: { rule: { frequency: "daily" }, additional: ["2041-06-03T10:00"] } }, "recurrence.additional.0"],
  [
    {
      recurrence: {
        rule: { frequency: "daily" },
        overrides: [{ recurrenceId: "2041-06-03T10:30:00", title: "x", start: berlin("2041-06-03T10:00:00"), end: berlin("2041-06-03T11:00:00"), attendees: [], availability: "busy", status: "confirmed" }]
      }
    },
    "recurrence.overrides.0.recurrenceId"
  ]
]

const expectProblem = (error: CalendarError.InvalidEventError, path: string, what: string) =>
  expect(
    error.problems.some((problem) => problem.path.join(".").startsWith(path) && problem.received !== "" && problem.allowed !== ""),
    () => `${what}: no problem at ${show(path)}, but ${show(error.problems)}`
  )

const refuses = (scene: Scene, change: Change, path: string) =>
  Effect.gen(function* () {
    const { calendar } = scene
    const good = hour(scene, "bad")
    const { description: _, location: __, organizer: ___, recurrence, ...given } = change
    const draft: CalendarEvent.Draft = {
      ...good,
      ...given,
      ...(change.description == null ? {} : { description: change.description }),
      ...(change.location == null ? {} : { location: change.location }),
      ...(change.organizer == null ? {} : { organizer: change.organizer }),
      ...(recurrence == null ? {} : { recurrence })
    }
    yield* expectProblem(yield* expectFailure(calendar.create({ event: draft }), "InvalidEventError", `create with ${show(change)}`), path, `create with ${show(change)}`)
    yield* expectFailure(calendar.get({ id: `${scene.prefix}-bad` }), "EventNotFoundError", `get of what was refused with ${show(change)}`)
    const event = yield* calendar.create({ event: good })
    const update = expectFailure(calendar.update({ ...event, change }), "InvalidEventError", `update with ${show(change)}`)
    yield* expectProblem(yield* unchanged(scene, event, update, "an update that was refused"), path, `update with ${show(change)}`)
    yield* calendar.remove(event)
  })

/** Line breaks of all kinds, before what would be a property of its own. */
const breaks = ["\r\n", "\n", "\r", "\u2028", "\u0085", "\r\n "]
const injected = breaks.map((ending) => `x${ending}ATTENDEE:mailto:evil@example.com${ending}STATUS:CANCELLED`)

const injections = ({ prefix }: Scene, text: string): ReadonlyArray<readonly [where: string, given: Partial<CalendarEvent.Draft>]> => [
  ["title", { title: text }],
  ["description", { description: text }],
  ["location", { location: text }],
  ["id", { id: `${prefix}${text}` }],
  ["an attendee's name", { attendees: [{ email: "a@example.com", name: text }] }],
  ["an attendee's address", { attendees: [{ email: `a@example.com${text}` }] }],
  ["the organizer's name", { organizer: { email: "a@example.com", name: text } }],
  ["a zone", { start: { dateTime: "2041-06-03T10:00:00", zone: `UTC${text}` } }],
  ["an excluded start", { recurrence: { rule: { frequency: "daily" }, excluded: [text] } }]
]

export const checks: ReadonlyArray<Check> = [
  check("Refusals: an id that exists is not created again", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      const first = yield* calendar.create({ event: hour(scene, "taken") })
      for (const again of [hour(scene, "taken"), hour(scene, "taken", { title: "Other", start: { date: "2041-07-01" }, end: { date: "2041-07-02" } })]) {
        const create = expectFailure(calendar.create({ event: again }), "EventExistsError", "create with an id that exists")
        const error = yield* unchanged(scene, first, create, "a create that was refused")
        yield* expect(error.id === first.id && error.calendarId === first.calendarId, () => `the error is about ${show(error)}`)
      }
    })
  ),
  check("Refusals: a stale version changes nothing, and the error tells the current one", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      const first = yield* calendar.create({ event: hour(scene, "stale") })
      const second = yield* calendar.update({ ...first, change: { title: "Second" } })
      for (const version of [first.version, "", "no version", `${second.version} `]) {
        const update = expectFailure(calendar.update({ ...first, version, change: { title: "Lost", location: "Lost" } }), "StaleVersionError", `update with the version ${show(version)}`)
        const error = yield* unchanged(scene, second, update, "a stale update")
        yield* expect(error.current === second.version && error.received === version, () => `the error tells ${show(error)}, current is ${show(second.version)}`)
        const remove = expectFailure(calendar.remove({ ...first, version }), "StaleVersionError", `remove with the version ${show(version)}`)
        yield* unchanged(scene, second, remove, "a stale removal")
      }
      const third = yield* calendar.update({ ...second, change: { description: "Third" } })
      yield* expectEvent(third, { ...filled(hour(scene, "stale")), title: "Second", description: "Third" }, "an event after stale and good updates")
    })
  ),
  check("Refusals: a version of another event or of a removed one is stale", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      const one = yield* calendar.create({ event: hour(scene, "one") })
      const changed = yield* calendar.update({ ...one, change: { title: "Changed" } })
      yield* calendar.remove(changed)
      const again = yield* calendar.create({ event: hour(scene, "one", { title: "Again" }) })
      for (const { version } of [one, changed]) {
        const update = expectFailure(calendar.update({ ...again, version, change: { title: "Lost" } }), "StaleVersionError", "update of an event made anew with the version of the old one")
        yield* unchanged(scene, again, update, "an update with the version of a removed event")
      }
    })
  ),
  check("Refusals: what is not there is not found", (scene) =>
    Effect.gen(function* () {
      const { calendar, prefix } = scene
      const { version } = yield* calendar.create({ event: hour(scene, "Here") })
      for (const id of [`${prefix}-here`, `${prefix}-Here `, `${prefix}-Her`, "", "' OR '1'='1", "%", "../..", "*"]) {
        yield* expectFailure(calendar.get({ id }), "EventNotFoundError", `get of ${show(id)}`)
        yield* expectFailure(calendar.update({ id, version, change: { title: "x" } }), "EventNotFoundError", `update of ${show(id)}`)
        yield* expectFailure(calendar.remove({ id, version }), "EventNotFoundError", `remove of ${show(id)}`)
      }
      yield* calendar.get({ id: `${prefix}-Here` })
    })
  ),
  check("Refusals: a calendar that is not there is told, with those that there are", (scene) =>
    Effect.gen(function* () {
      const { calendar, prefix } = scene
      const known = (yield* calendar.calendars).map(({ id }) => id)
      const calendarId = `${prefix}-nowhere`
      const event = yield* calendar.create({ event: hour(scene, "event") })
      const tries: ReadonlyArray<Effect.Effect<unknown, CalendarError.CalendarError>> = [
        calendar.occurrences({ calendarId, ...range("2041-06-03T00:00:00Z", "2041-06-04T00:00:00Z") }),
        calendar.get({ calendarId, id: event.id }),
        calendar.create({ calendarId, event: hour(scene, "other") }),
        calendar.update({ ...event, calendarId, change: { title: "x" } }),
        calendar.remove({ ...event, calendarId })
      ]
      for (const one of tries) {
        const error = yield* unchanged(scene, event, expectFailure(one, "CalendarNotFoundError", "an unknown calendar"), "a write to an unknown calendar")
        yield* expect(error.calendarId === calendarId && known.every((id) => error.known.includes(id)), () => `the error tells ${show(error)}, there are ${show(known)}`)
      }
    })
  ),
  check("Refusals: events that no calendar takes are not written, and the error names the path", (scene) =>
    Effect.forEach(bad, ([change, path]) => refuses(scene, change, path), { discard: true })
  ),
  check("Refusals: an event without a title is not created", (scene) =>
    Effect.forEach(["", "  "], (title) =>
      Effect.gen(function* () {
        const error = yield* expectFailure(scene.calendar.create({ event: hour(scene, "untitled", { title }) }), "InvalidEventError", `create with the title ${show(title)}`)
        yield* expectProblem(error, "title", `create with the title ${show(title)}`)
      }), { discard: true })
  ),
  check("Refusals: an event that is over is created only as history", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      const past = hour(scene, "past", { start: berlin("2001-06-05T10:00:00"), end: berlin("2001-06-05T11:00:00") })
      const pasts = [past, { ...past, recurrence: { rule: { frequency: "daily", count: 3 } as const } }, hour(scene, "past", { start: { date: "2001-06-05" }, end: { date: "2001-06-06" } })]
      for (const event of pasts) {
        yield* expectFailure(calendar.create({ event }), "PastEventError", `create of ${show(event)}`)
        yield* expectFailure(calendar.get({ id: `${scene.prefix}-past` }), "EventNotFoundError", "get of an event that was refused as past")
        const made = yield* calendar.create({ event, allowPast: true })
        yield* expectEvent(made, filled(event), "an event of the past that was allowed")
        yield* calendar.remove(made)
      }
      const since = { ...past, recurrence: { rule: { frequency: "weekly" } as const } }
      yield* expectEvent(yield* calendar.create({ event: since }), filled(since), "an event that began in the past and goes on")
    })
  ),
  check("Refusals: line breaks in any field come back as text or are refused, and never become a part of the event", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      let count = 0
      for (const text of injected) {
        for (const [where, given] of injections(scene, text)) {
          const draft = hour(scene, `inject-${count++}`, given)
          const made = yield* Effect.result(calendar.create({ event: draft }))
          if (Result.isFailure(made)) {
            const { _tag, message } = made.failure
            yield* expect(_tag === "InvalidEventError", () => `a line break in ${where} failed with ${_tag} (${message}), should be InvalidEventError`)
            yield* expect(!/[\r\n\u2028\u0085]/.test(message), () => `the message of a line break in ${where} has one itself: ${show(message)}`)
            continue
          }
          yield* expectEvent(yield* calendar.get(made.success), { ...(yield* dataOf(made.success)), ...filled(draft) }, `an event with a line break in ${where}`)
        }
      }
      for (const one of yield* listed(scene, range("2041-06-03T00:00:00Z", "2041-06-04T00:00:00Z"))) {
        const evil = one.attendees.some(({ email }) => email === "evil@example.com")
        yield* expect(!evil && one.status === "confirmed", () => `text became a part of the event: ${show(one)}`)
      }
    })
  )
]
