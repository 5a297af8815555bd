/** Events that are written come back as they were. */
import * as Effect from "effect/Effect"
import { broken, type Check, check, expect, expectEvent, expectFailure, filled, hour, listed, range, show } from "./calendarCheck.ts"
import { samples } from "./calendarSamples.ts"

const kinds: ReadonlyArray<Check> = Object.entries(samples).map(([about, sample]) =>
  check(`Events: what was created comes back as it was: ${about}`, ({ calendar, prefix }) =>
    Effect.gen(function* () {
      const draft = { ...sample, id: `${prefix}-sample` }
      const created = yield* calendar.create({ event: draft })
      yield* expectEvent(created, filled(draft), "what create gives")
      const read = yield* calendar.get({ id: created.id })
      yield* expectEvent(read, { ...filled(draft), calendarId: created.calendarId, version: created.version }, "what get gives")
      const again = yield* calendar.get({ id: created.id, calendarId: created.calendarId })
      yield* expectEvent(again, { ...filled(draft), calendarId: created.calendarId, version: created.version }, "what get gives with the calendar's id")
    })
  )
)

export const checks: ReadonlyArray<Check> = [
  ...kinds,
  check("Events: without an id each gets one of its own, and nothing else is made up", ({ calendar, prefix }) =>
    Effect.gen(function* () {
      const { id: _, ...draft } = hour({ calendar, prefix }, "")
      const [one, other] = [yield* calendar.create({ event: draft }), yield* calendar.create({ event: draft })]
      yield* expect(one.id !== other.id && one.id !== "" && other.id !== "", () => `two events got the ids ${show(one.id)} and ${show(other.id)}`)
      for (const made of [one, other]) {
        yield* expectEvent(yield* calendar.get({ id: made.id }), { ...filled(draft), id: made.id, version: made.version }, "an event without an id")
        yield* calendar.remove(made)
      }
    })
  ),
  check("Events: a change replaces what it names, null removes, and the rest stays", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      for (const [index, [about, sample]] of Object.entries(samples).entries()) {
        const draft = { description: "d", location: "l", organizer: { email: "o@example.com" }, ...sample, id: `${scene.prefix}-${index}` }
        const created = yield* calendar.create({ event: draft })
        const renamed = yield* calendar.update({ ...created, change: { title: "Neu: 😀; \\" } })
        const wanted = { ...filled(draft), title: "Neu: 😀; \\" }
        yield* expectEvent(renamed, wanted, `${about}, with another title`)
        yield* expect(renamed.version !== created.version, () => `${about}: the version stayed ${created.version} although the title was changed`)
        yield* expectEvent(yield* calendar.get(created), { ...wanted, version: renamed.version }, `${about}, with another title, read again`)
        const { description: _, location: __, organizer: ___, recurrence: ____, ...less } = wanted as Record<string, unknown>
        const change = { description: null, location: null, organizer: null, recurrence: null, attendees: [{ email: "b@example.com" }], availability: "free", status: "tentative" } as const
        const { recurrence: _____, description: ______, location: _______, organizer: ________, ...kept } = change
        const removed = yield* calendar.update({ ...renamed, change })
        yield* expectEvent(removed, { ...less, ...kept }, `${about}, with its parts removed`)
        yield* expectEvent(yield* calendar.get(created), { ...less, ...kept, version: removed.version }, `${about}, with its parts removed, read again`)
      }
    })
  ),
  check("Events: a moved event is where it was moved to, and there alone", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      const created = yield* calendar.create({ event: hour(scene, "moved") })
      const start = { dateTime: "2050-06-03T10:00:00", zone: "Asia/Tokyo" }
      const end = { dateTime: "2050-06-03T11:00:00", zone: "Asia/Tokyo" }
      const moved = yield* calendar.update({ ...created, change: { start, end } })
      yield* expectEvent(moved, { ...filled(hour(scene, "moved")), start, end }, "a moved event")
      const before = yield* listed(scene, range("2041-06-01T00:00:00Z", "2041-07-01T00:00:00Z"))
      yield* expect(before.length === 0, () => `a moved event is still listed at its old time: ${show(before)}`)
      const after = yield* listed(scene, range("2050-06-03T01:00:00Z", "2050-06-03T02:00:00Z"))
      yield* expect(after.length === 1 && after[0]?.version === moved.version, () => `a moved event is listed ${after.length} times at its new time`)
      const weekly = yield* calendar.update({ ...moved, change: { recurrence: { rule: { frequency: "yearly" } } } })
      const later = yield* listed(scene, range("2070-06-03T01:00:00Z", "2070-06-03T02:00:00Z"))
      yield* expect(later.length === 1, () => `an event that recurs since a change is listed ${later.length} times in a later year`)
      yield* calendar.update({ ...weekly, change: { recurrence: null } })
      const never = yield* listed(scene, range("2070-06-03T01:00:00Z", "2070-06-03T02:00:00Z"))
      yield* expect(never.length === 0, () => "an event that recurs no longer is still listed in a later year")
    })
  ),
  check("Events: a removed event is gone, and no other", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      const gone = yield* calendar.create({ event: hour(scene, "gone") })
      const stays = yield* calendar.create({ event: hour(scene, "stays") })
      yield* calendar.remove(gone)
      const error = yield* expectFailure(calendar.get(gone), "EventNotFoundError", "get of a removed event")
      yield* expect(error.id === gone.id && error.calendarId === gone.calendarId, () => `the error is about ${show(error)}`)
      yield* expectFailure(calendar.remove(gone), "EventNotFoundError", "remove of a removed event")
      yield* expectFailure(calendar.update({ ...gone, change: { title: "x" } }), "EventNotFoundError", "update of a removed event")
      const left = yield* listed(scene, range("2041-06-01T00:00:00Z", "2041-07-01T00:00:00Z"))
      yield* expect(left.length === 1 && left[0]?.eventId === stays.id, () => `listed after a removal: ${show(left.map(({ eventId }) => eventId))}`)
      yield* expectEvent(yield* calendar.get(stays), { ...filled(hour(scene, "stays")), version: stays.version }, "the event beside a removed one")
    })
  ),
  check("Calendars: exactly one is the default, and it is the one that is meant where none is named", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      const all = yield* calendar.calendars
      const defaults = all.filter(({ isDefault }) => isDefault)
      const [first] = defaults
      if (first === undefined || defaults.length > 1) return yield* broken(`of ${all.length} calendars ${defaults.length} are the default: ${show(all)}`)
      yield* expect(new Set(all.map(({ id }) => id)).size === all.length, () => `two calendars have one id: ${show(all)}`)
      const event = yield* calendar.create({ event: hour(scene, "default") })
      yield* expect(event.calendarId === first.id, () => `an event went to ${show(event.calendarId)}, the default is ${show(first.id)}`)
      const named = yield* calendar.occurrences({ calendarId: first.id, ...range("2041-06-03T00:00:00Z", "2041-06-04T00:00:00Z") })
      yield* expect(named.occurrences.some(({ eventId }) => eventId === event.id), () => "an event of the default calendar is not listed with its id")
    })
  )
]
