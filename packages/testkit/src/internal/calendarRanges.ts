/** What a range holds. */
import type * as CalendarEvent from "@aria/connectors/CalendarEvent"
import * as Recurrence from "@aria/connectors/Recurrence"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { broken, canonical, type Check, check, expect, expectFailure, hour, listed, range, type Scene, show } from "./calendarCheck.ts"
import { samples } from "./calendarSamples.ts"

type Occurrence = CalendarEvent.Occurrence

/** An occurrence as data without what stores are free in. */
const plain = (one: Occurrence): string =>
  canonical({ ...one, startsAt: DateTime.formatIso(one.startsAt), endsAt: DateTime.formatIso(one.endsAt) })

const startsOf = (occurrences: ReadonlyArray<Occurrence>): ReadonlyArray<string> => occurrences.map(({ startsAt }) => DateTime.formatIso(startsAt))

const expectStarts = (scene: Scene, from: string, to: string, wanted: ReadonlyArray<string>, what: string, zone?: string) =>
  Effect.gen(function* () {
    const found = startsOf(yield* listed(scene, range(from, to, zone)))
    yield* expect(canonical(found) === canonical(wanted), () => `${what}: listed are ${show(found)}, should be ${show(wanted)}`)
  })

/** Numbers that are the same for one seed. */
const numbers = (seed: number): ((below: number) => number) => {
  let state = (seed * 2_654_435_761 + 1) >>> 0
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0
    return Math.floor(((state ^ (state >>> 13)) >>> 0) / 2 ** 32 * below)
  }
}

const sorted = (occurrences: ReadonlyArray<Occurrence>): boolean =>
  occurrences.every((one, index) => {
    const before = occurrences[index - 1]
    return before === undefined || before.startsAt.epochMilliseconds <= one.startsAt.epochMilliseconds
  })

export const checks: ReadonlyArray<Check> = [
  check("Ranges: begin and end are sharp, to the second", (scene) =>
    Effect.gen(function* () {
      yield* scene.calendar.create({ event: hour(scene, "hour") })
      const at = "2041-06-03T10:00:00.000Z"
      for (const [from, to, there] of [
        ["09:00:00", "10:00:00", false],
        ["09:00:00", "10:00:01", true],
        ["10:00:00", "11:00:00", true],
        ["10:20:00", "10:40:00", true],
        ["10:59:59", "12:00:00", true],
        ["11:00:00", "12:00:00", false]
      ] as const) {
        yield* expectStarts(scene, `2041-06-03T${from}Z`, `2041-06-03T${to}Z`, there ? [at] : [], `an hour from 10:00, asked for ${from} to ${to}`)
      }
      yield* scene.calendar.create({ event: hour(scene, "alarm", { start: { dateTime: "2041-06-04T10:00:00", zone: "UTC" }, end: { dateTime: "2041-06-04T10:00:00", zone: "UTC" } }) })
      for (const [from, to, there] of [
        ["09:00:00", "10:00:00", false],
        ["10:00:00", "11:00:00", true],
        ["09:00:00", "10:00:01", true],
        ["10:00:01", "11:00:00", false]
      ] as const) {
        yield* expectStarts(scene, `2041-06-04T${from}Z`, `2041-06-04T${to}Z`, there ? ["2041-06-04T10:00:00.000Z"] : [], `an event without length at 10:00, asked for ${from} to ${to}`)
      }
    })
  ),
  check("Ranges: a long event is in every range that it overlaps", (scene) =>
    Effect.gen(function* () {
      const event = hour(scene, "long", { start: { dateTime: "2030-01-01T00:00:00", zone: "UTC" }, end: { dateTime: "2060-01-01T00:00:00", zone: "UTC" } })
      yield* scene.calendar.create({ event })
      yield* expectStarts(scene, "2045-01-01T00:00:00Z", "2045-01-01T00:00:01Z", ["2030-01-01T00:00:00.000Z"], "30 years, asked for a second of them")
      yield* expectStarts(scene, "2060-01-01T00:00:00Z", "2060-02-01T00:00:00Z", [], "30 years, asked for the month after")
    })
  ),
  check("Ranges: whole days begin at midnight of the zone that is asked for", (scene) =>
    Effect.gen(function* () {
      yield* scene.calendar.create({ event: hour(scene, "day", { start: { date: "2041-06-03" }, end: { date: "2041-06-04" } }) })
      const days: ReadonlyArray<readonly [zone: string, start: string, end: string]> = [
        ["UTC", "2041-06-03T00:00:00.000Z", "2041-06-04T00:00:00.000Z"],
        ["Pacific/Kiritimati", "2041-06-02T10:00:00.000Z", "2041-06-03T10:00:00.000Z"],
        ["Pacific/Pago_Pago", "2041-06-03T11:00:00.000Z", "2041-06-04T11:00:00.000Z"],
        ["Europe/Berlin", "2041-06-02T22:00:00.000Z", "2041-06-03T22:00:00.000Z"]
      ]
      for (const [zone, start, end] of days) {
        const before = DateTime.formatIso(DateTime.makeUnsafe(Date.parse(start) - 1000))
        const after = DateTime.formatIso(DateTime.makeUnsafe(Date.parse(end) + 1000))
        yield* expectStarts(scene, before, start, [], `a day in ${zone}, asked for the second before`, zone)
        yield* expectStarts(scene, before, after, [start], `a day in ${zone}`, zone)
        yield* expectStarts(scene, end, after, [], `a day in ${zone}, asked for the second after`, zone)
      }
      yield* expectStarts(scene, "2041-06-03T00:00:00Z", "2041-06-04T00:00:00Z", ["2041-06-03T00:00:00.000Z"], "a day without a zone")
    })
  ),
  check("Ranges: a recurring event keeps its time on the wall when the clocks change", (scene) =>
    Effect.gen(function* () {
      const zoned = (id: string, date: string, time: string, zone: string) =>
        hour(scene, id, {
          start: { dateTime: `${date}T${time}:00`, zone },
          end: { dateTime: `${date}T${time.slice(0, 3)}59:00`, zone },
          recurrence: { rule: { frequency: "daily", count: 4 } }
        })
      yield* scene.calendar.create({ event: zoned("spring", "2031-03-28", "09:00", "Europe/Berlin") })
      yield* expectStarts(scene, "2031-03-27T00:00:00Z", "2031-04-05T00:00:00Z", ["28T08", "29T08", "30T07", "31T07"].map((at) => `2031-03-${at}:00:00.000Z`), "9:00 in Berlin over the change of March 30")
      yield* scene.calendar.create({ event: zoned("skipped", "2032-03-26", "02:30", "Europe/Berlin") })
      yield* expectStarts(scene, "2032-03-25T00:00:00Z", "2032-04-05T00:00:00Z", ["26T01", "27T01", "28T01", "29T00"].map((at) => `2032-03-${at}:30:00.000Z`), "2:30 in Berlin, which is skipped on March 28")
      yield* scene.calendar.create({ event: zoned("twice", "2032-11-06", "01:30", "America/New_York") })
      yield* expectStarts(scene, "2032-11-05T00:00:00Z", "2032-11-15T00:00:00Z", ["06T05", "07T05", "08T06", "09T06"].map((at) => `2032-11-${at}:30:00.000Z`), "1:30 in New York, which comes twice on November 7")
    })
  ),
  check("Ranges: excluded occurrences do not happen, changed ones happen where they were moved to", (scene) =>
    Effect.gen(function* () {
      const zone = "Europe/Berlin"
      const at = (date: string, time: string) => ({ dateTime: `${date}T${time}:00`, zone })
      const event = hour(scene, "standup", {
        title: "Stand-up",
        start: at("2041-06-03", "09:00"),
        end: at("2041-06-03", "09:15"),
        recurrence: {
          rule: { frequency: "daily" },
          excluded: ["2041-06-05T09:00:00"],
          additional: ["2041-06-06T15:00:00"],
          overrides: [
            { recurrenceId: "2041-06-07T09:00:00", title: "Moved", start: at("2041-06-20", "07:00"), end: at("2041-06-20", "08:00"), attendees: [], availability: "free", status: "confirmed" }
          ]
        }
      })
      yield* scene.calendar.create({ event })
      yield* expectStarts(
        scene,
        "2041-06-03T00:00:00Z",
        "2041-06-09T00:00:00Z",
        ["03T07", "04T07", "06T07", "06T13", "08T07"].map((start) => `2041-06-${start}:00:00.000Z`),
        "daily but for one day, with one more and one moved away"
      )
      const [moved, usual] = yield* listed(scene, range("2041-06-20T00:00:00Z", "2041-06-21T00:00:00Z"))
      const names = [moved, usual].map((one) => (one === undefined ? "nothing" : `${one.title} ${one.recurrenceId} ${one.availability}`))
      yield* expect(canonical(names) === canonical(["Moved 2041-06-07T09:00:00 free", "Stand-up 2041-06-20T09:00:00 busy"]), () => `on the day of the moved occurrence are ${show(names)}`)
    })
  ),
  check("Ranges: random ranges hold what the events say, sorted, and the parts of a range add up to it", (scene, { ranges, seed }) =>
    Effect.gen(function* () {
      const events: Array<CalendarEvent.CalendarEvent> = []
      for (const [index, sample] of Object.values(samples).entries()) {
        events.push(yield* scene.calendar.create({ event: { ...sample, id: `${scene.prefix}-${index}` } }))
      }
      const random = numbers(seed)
      const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]
      const begin = Date.parse("2041-05-20T00:00:00Z")
      for (let round = 0; round < ranges; round++) {
        const from = begin + random(400 * 24) * 3_600_000 + random(3) * 1_000
        const middle = from + (1 + random(30 * 24)) * 3_600_000
        const to = middle + (1 + random(random(2) === 0 ? 48 : 200 * 24)) * 3_600_000
        const zone = zones[random(zones.length)] ?? "UTC"
        const asked = (one: number, other: number) => ({ from: DateTime.makeUnsafe(one), to: DateTime.makeUnsafe(other), zone })
        const what = `seed ${seed}, range ${DateTime.formatIso(DateTime.makeUnsafe(from))} to ${DateTime.formatIso(DateTime.makeUnsafe(to))} in ${zone}`
        const whole = yield* listed(scene, asked(from, to))
        const wanted = Recurrence.list(events, asked(from, to))
        if (Result.isFailure(wanted)) return yield* broken(wanted.failure.message)
        const [is, should] = [whole.map(plain), wanted.success.occurrences.map(plain)]
        const missing = should.find((one) => !is.includes(one))
        const surplus = is.find((one) => !should.includes(one))
        yield* expect(missing === undefined, () => `${what}: not listed is ${show(missing)}`)
        yield* expect(surplus === undefined, () => `${what}: listed is ${show(surplus)}`)
        yield* expect(is.length === should.length, () => `${what}: ${is.length} are listed, should be ${should.length}`)
        yield* expect(sorted(whole), () => `${what}: not sorted by start: ${show(startsOf(whole))}`)
        if (round % 4 > 0) continue
        const parts = [...(yield* listed(scene, asked(from, middle))), ...(yield* listed(scene, asked(middle, to)))].map(plain)
        yield* expect(canonical([...new Set(parts)].sort()) === canonical([...is].sort()), () => `${what}: its parts do not add up to it`)
      }
    })
  ),
  check("Ranges: an empty or inverted range and an unknown zone are refused", ({ calendar }) =>
    Effect.gen(function* () {
      const [from, to] = ["2041-06-03T00:00:00Z", "2041-06-04T00:00:00Z"]
      yield* expectFailure(calendar.occurrences(range(to, from)), "InvalidRangeError", "an inverted range")
      yield* expectFailure(calendar.occurrences(range(from, from)), "InvalidRangeError", "an empty range")
      for (const zone of ["Europe/Nowhere", "", "+01:00", "Europe/Berlin\r\n", "W. Europe Standard Time", "../UTC"]) {
        const error = yield* expectFailure(calendar.occurrences(range(from, to, zone)), "UnknownZoneError", `the zone ${show(zone)}`)
        yield* expect(error.zone === zone, () => `the error is about the zone ${show(error.zone)}, it was ${show(zone)}`)
      }
    })
  )
]
