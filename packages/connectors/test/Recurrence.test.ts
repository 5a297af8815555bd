import * as CalendarEvent from "@aria/connectors/CalendarEvent"
import * as EventTime from "@aria/connectors/EventTime"
import * as Recurrence from "@aria/connectors/Recurrence"
import type { RecurrenceRule } from "@aria/connectors/RecurrenceRule"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { at, event, range } from "./events.ts"

const timed = (from: string, to: string, zone: string, endZone = zone) => ({ start: { dateTime: from, zone }, end: { dateTime: to, zone: endZone } })
const iso = (time: DateTime.DateTime): string => DateTime.formatIso(time)
const expand = (of: Partial<CalendarEvent.CalendarEvent>, from: string, to: string, zone?: string) =>
  Result.getOrThrow(Recurrence.expand(event(of), range(from, to, zone)))
const starts = (found: ReadonlyArray<CalendarEvent.Occurrence>): ReadonlyArray<string> => found.map(({ startsAt }) => iso(startsAt).slice(0, 16))
const daily = (count: number): { readonly rule: RecurrenceRule } => ({ rule: { frequency: "daily", count } })

describe("Recurrence: changes of the clocks", () => {
  it("keeps 9:00 in Berlin at 9:00, forward on 2026-03-29 and back on 2026-10-25", () => {
    const spring = expand({ ...timed("2026-03-28T09:00:00", "2026-03-28T10:00:00", "Europe/Berlin"), recurrence: daily(3) }, "2026-03-01T00:00:00Z", "2026-04-30T00:00:00Z")
    expect(starts(spring)).toEqual(["2026-03-28T08:00", "2026-03-29T07:00", "2026-03-30T07:00"])
    expect(spring.map(({ end, start }) => [EventTime.local(start), EventTime.local(end)])).toEqual(["28", "29", "30"].map((day) => [`2026-03-${day}T09:00:00`, `2026-03-${day}T10:00:00`]))
    const autumn = expand({ ...timed("2026-10-24T09:00:00", "2026-10-24T10:00:00", "Europe/Berlin"), recurrence: daily(3) }, "2026-10-01T00:00:00Z", "2026-11-30T00:00:00Z")
    expect(starts(autumn)).toEqual(["2026-10-24T07:00", "2026-10-25T08:00", "2026-10-26T08:00"])
  })

  it("keeps 9:00 in New York at 9:00, forward on 2026-03-08 and back on 2026-11-01", () => {
    const spring = expand({ ...timed("2026-03-07T09:00:00", "2026-03-07T10:00:00", "America/New_York"), recurrence: daily(2) }, "2026-03-01T00:00:00Z", "2026-04-30T00:00:00Z")
    expect(starts(spring)).toEqual(["2026-03-07T14:00", "2026-03-08T13:00"])
    const autumn = expand({ ...timed("2026-10-31T09:00:00", "2026-10-31T10:00:00", "America/New_York"), recurrence: daily(2) }, "2026-10-01T00:00:00Z", "2026-11-30T00:00:00Z")
    expect(starts(autumn)).toEqual(["2026-10-31T13:00", "2026-11-01T14:00"])
  })

  it("reads a time that is skipped with the offset before the gap, and of one that comes twice takes the first", () => {
    const skipped = expand({ ...timed("2026-03-28T02:30:00", "2026-03-28T02:45:00", "Europe/Berlin"), recurrence: daily(3) }, "2026-03-01T00:00:00Z", "2026-04-30T00:00:00Z")
    expect(starts(skipped)).toEqual(["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"])
    const twice = expand({ ...timed("2026-10-24T02:30:00", "2026-10-24T02:45:00", "Europe/Berlin"), recurrence: daily(3) }, "2026-10-01T00:00:00Z", "2026-11-30T00:00:00Z")
    expect(starts(twice)).toEqual(["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"])
    const american = expand({ ...timed("2026-03-08T02:15:00", "2026-03-08T02:45:00", "America/New_York") }, "2026-03-01T00:00:00Z", "2026-04-30T00:00:00Z")
    expect(starts(american)).toEqual(["2026-03-08T07:15"])
    const first = expand({ ...timed("2026-11-01T01:15:00", "2026-11-01T01:45:00", "America/New_York") }, "2026-10-01T00:00:00Z", "2026-12-30T00:00:00Z")
    expect(starts(first)).toEqual(["2026-11-01T05:15"])
  })

  it("does not list a skipped start and the one that it falls on as two", () => {
    const hourly: { readonly rule: RecurrenceRule } = { rule: { frequency: "minutely", interval: 30, count: 8 } }
    const found = expand({ ...timed("2026-03-29T01:00:00", "2026-03-29T01:10:00", "Europe/Berlin"), recurrence: hourly }, "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z")
    expect(found.map(({ recurrenceId, startsAt }) => `${recurrenceId?.slice(11, 16)} ${iso(startsAt).slice(11, 16)}`)).toEqual(["01:00 00:00", "01:30 00:30", "03:00 01:00", "03:30 01:30", "04:00 02:00", "04:30 02:30"])
  })

  it("lasts as long to the second each time, also over a change", () => {
    const found = expand({ ...timed("2026-03-27T22:00:00", "2026-03-28T06:00:00", "Europe/Berlin"), recurrence: daily(3) }, "2026-03-01T00:00:00Z", "2026-04-30T00:00:00Z")
    expect(found.map(({ end }) => EventTime.local(end))).toEqual(["2026-03-28T06:00:00", "2026-03-29T07:00:00", "2026-03-30T06:00:00"])
    expect(new Set(found.map(({ endsAt, startsAt }) => endsAt.epochMilliseconds - startsAt.epochMilliseconds))).toEqual(new Set([8 * 3_600_000]))
  })

  it("is in a range that begins long after it did", () => {
    const fair = { ...timed("2026-01-10T09:00:00", "2026-01-20T18:00:00", "Europe/Berlin"), recurrence: { rule: { frequency: "monthly" as const } } }
    expect(starts(expand(fair, "2026-05-19T00:00:00Z", "2026-05-20T00:00:00Z"))).toEqual(["2026-05-10T07:00"])
    expect(starts(expand(fair, "2026-05-21T00:00:00Z", "2026-05-22T00:00:00Z"))).toEqual([])
  })

  it("ends in the zone of the end", () => {
    const found = expand({ ...timed("2026-03-20T10:00:00", "2026-03-20T14:00:00", "Europe/Berlin", "America/New_York"), recurrence: { rule: { frequency: "weekly", count: 2 } } }, "2026-03-01T00:00:00Z", "2026-04-30T00:00:00Z")
    // On March 20 New York has changed its clocks and Berlin has not.
    expect(found.map(({ end }) => end)).toEqual([{ dateTime: "2026-03-20T14:00:00", zone: "America/New_York" }, { dateTime: "2026-03-27T14:00:00", zone: "America/New_York" }])
    const later = expand({ ...timed("2026-03-20T10:00:00", "2026-03-20T14:00:00", "Europe/Berlin", "America/New_York"), recurrence: { rule: { frequency: "weekly", count: 3 } } }, "2026-04-01T00:00:00Z", "2026-04-30T00:00:00Z")
    expect(later.map(({ end }) => EventTime.local(end))).toEqual(["2026-04-03T13:00:00"])
  })

  it("knows a day that an island left out, and clocks that move by half an hour", () => {
    const apia = expand({ ...timed("2011-12-29T09:00:00", "2011-12-29T10:00:00", "Pacific/Apia"), recurrence: daily(3) }, "2011-12-01T00:00:00Z", "2012-01-30T00:00:00Z")
    // December 30 did not happen there: its start falls on that of the 31st.
    expect(starts(apia)).toEqual(["2011-12-29T19:00", "2011-12-30T19:00"])
    const island = expand({ ...timed("2026-04-04T12:00:00", "2026-04-04T13:00:00", "Australia/Lord_Howe"), recurrence: daily(2) }, "2026-04-01T00:00:00Z", "2026-04-30T00:00:00Z")
    expect(starts(island)).toEqual(["2026-04-04T01:00", "2026-04-05T01:30"])
  })
})

describe("Recurrence: rules", () => {
  it("has leap days in leap years only, and month ends where the month has them", () => {
    const birthday = expand({ start: { date: "2024-02-29" }, end: { date: "2024-03-01" }, recurrence: { rule: { frequency: "yearly" } } }, "2024-01-01T00:00:00Z", "2041-01-01T00:00:00Z")
    expect(birthday.map(({ start }) => EventTime.local(start))).toEqual(["2024-02-29", "2028-02-29", "2032-02-29", "2036-02-29", "2040-02-29"])
    const ends = expand({ ...timed("2026-01-31T09:00:00", "2026-01-31T10:00:00", "UTC"), recurrence: { rule: { frequency: "monthly", count: 4 } } }, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    expect(ends.map(({ start }) => EventTime.local(start).slice(0, 10))).toEqual(["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"])
    expect(expand({ ...timed("2096-02-29T09:00:00", "2096-02-29T10:00:00", "UTC"), recurrence: { rule: { frequency: "yearly", count: 2 } } }, "2096-01-01T00:00:00Z", "2110-01-01T00:00:00Z").map(({ recurrenceId }) => recurrenceId)).toEqual(["2096-02-29T09:00:00", "2104-02-29T09:00:00"])
  })

  it("counts the start and what is excluded, wherever the range begins", () => {
    const meeting = { ...timed("2026-01-01T09:00:00", "2026-01-01T10:00:00", "UTC"), recurrence: { ...daily(5), excluded: ["2026-01-02T09:00:00", "2026-01-04T09:00:00"] } }
    expect(starts(expand(meeting, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"))).toEqual(["01", "03", "05"].map((day) => `2026-01-${day}T09:00`))
    expect(starts(expand(meeting, "2026-01-04T00:00:00Z", "2027-01-01T00:00:00Z"))).toEqual(["2026-01-05T09:00"])
  })

  it("includes its until, as wall-clock time of the start's zone", () => {
    const until = (text: string) => starts(expand({ ...timed("2026-03-28T09:00:00", "2026-03-28T10:00:00", "Europe/Berlin"), recurrence: { rule: { frequency: "daily", until: text } } }, "2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z")).length
    expect([until("2026-03-30T09:00:00"), until("2026-03-30T08:59:59"), until("2026-03-30T23:59:59")]).toEqual([3, 2, 3])
  })

  it("adds, excludes and changes occurrences, and tells which they are", () => {
    const override: CalendarEvent.Override = { ...timed("2026-01-20T07:00:00", "2026-01-20T08:00:00", "Asia/Tokyo"), recurrenceId: "2026-01-03T09:00:00", title: "Moved", attendees: [{ email: "a@example.com" }], availability: "free", status: "cancelled" }
    const found = expand(
      { ...timed("2026-01-01T09:00:00", "2026-01-01T10:00:00", "UTC"), description: "d", recurrence: { ...daily(4), additional: ["2026-01-02T15:00:00", "2026-01-01T09:00:00"], excluded: ["2026-01-02T09:00:00"], overrides: [override] } },
      "2026-01-01T00:00:00Z",
      "2027-01-01T00:00:00Z"
    )
    expect(found.map(({ recurrenceId, title }) => `${title} ${recurrenceId}`)).toEqual(["Meeting 2026-01-01T09:00:00", "Meeting 2026-01-02T15:00:00", "Meeting 2026-01-04T09:00:00", "Moved 2026-01-03T09:00:00"])
    const moved = found[3]
    expect(moved).toMatchObject({ availability: "free", status: "cancelled", attendees: [{ email: "a@example.com" }], start: override.start })
    expect(moved).not.toHaveProperty("description")
    expect(iso(moved?.startsAt ?? at("2000-01-01T00:00:00Z"))).toBe("2026-01-19T22:00:00.000Z")
  })

  it("has no recurrence id for an event that does not recur", () => {
    expect(expand({}, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")[0]).not.toHaveProperty("recurrenceId")
  })

  it("weeks of a year belong to the year that has most of their days", () => {
    const week = (weekNo: number, from: string) =>
      expand({ start: { date: from }, end: { date: from.replace(/\d\d$/, (day) => String(Number(day) + 1).padStart(2, "0")) }, recurrence: { rule: { frequency: "yearly", byWeekNo: [weekNo], byDay: [{ day: "WE" }] } } }, "2020-01-01T00:00:00Z", "2033-01-01T00:00:00Z").map(({ start }) => EventTime.local(start))
    expect(week(53, "2020-12-30")).toEqual(["2020-12-30", "2026-12-30", "2032-12-29"])
    expect(week(-1, "2020-12-30").slice(0, 4)).toEqual(["2020-12-30", "2021-12-29", "2022-12-28", "2023-12-27"])
  })
})

describe("Recurrence: what cannot be expanded", () => {
  const fails = (of: Partial<CalendarEvent.CalendarEvent>, zone?: string) => Result.flip(Recurrence.expand(event(of), range("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", zone))).pipe(Result.getOrThrow)

  it("says what is wrong", () => {
    expect(fails({}, "Mars/Olympus")).toMatchObject({ _tag: "UnknownZoneError", zone: "Mars/Olympus" })
    expect(fails(timed("2026-01-01T09:00:00", "2026-01-01T10:00:00", "+01:00"))).toMatchObject({ _tag: "UnknownZoneError", zone: "+01:00" })
    expect(fails(timed("2026-01-01T09:00:00", "2026-01-01T10:00:00", "UTC", "Customized Time Zone 1"))).toMatchObject({ _tag: "UnknownZoneError", zone: "Customized Time Zone 1" })
    expect(fails(timed("2026-02-30T09:00:00", "2026-03-01T10:00:00", "UTC"))).toMatchObject({ _tag: "InvalidEventError", problems: [{ path: ["start"] }] })
    expect(fails(timed("2026-02-03T09:00:00", "2026-02-03T08:00:00", "UTC"))).toMatchObject({ _tag: "InvalidEventError", problems: [{ path: ["end"] }] })
    expect(fails({ recurrence: { rule: { frequency: "daily", interval: 0 } } })).toMatchObject({ _tag: "InvalidEventError", problems: [{ path: ["recurrence", "rule", "interval"] }] })
    expect(fails({ recurrence: { rule: { frequency: "daily", interval: Number.NaN } } })).toMatchObject({ _tag: "InvalidEventError" })
    for (const to of ["2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z"]) {
      expect(Recurrence.expand(event(), range("2026-01-01T00:00:00Z", to)).pipe(Result.flip, Result.getOrThrow)._tag).toBe("InvalidRangeError")
    }
  })

  it("gives up on rules that have no end, and says so", () => {
    const secondly = { ...timed("2026-01-01T09:00:00", "2026-01-01T09:00:00", "UTC"), recurrence: { rule: { frequency: "secondly" as const } } }
    expect(fails(secondly)).toMatchObject({ _tag: "TooManyOccurrencesError", limit: 50_000 })
    const never = { frequency: "minutely" as const, byMonth: [2], byMonthDay: [30] }
    expect(expand({ recurrence: { rule: never, excluded: ["2026-11-23T09:00:00"] } }, "2026-01-01T00:00:00Z", "9999-01-01T00:00:00Z")).toEqual([])
    const odd = { frequency: "secondly" as const, interval: 86_413, byMinute: [1], bySecond: [1] }
    const found = Recurrence.expand(event({ recurrence: { rule: odd } }), range("2026-01-01T00:00:00Z", "9999-01-01T00:00:00Z"))
    expect(Result.isFailure(found) ? found.failure._tag : found.success.length).toBe("TooManyOccurrencesError")
  }, 60_000)

  it("lists what can be read beside what cannot", () => {
    const events = [event({ id: "b" }), event({ id: "lost", start: { dateTime: "2026-11-23T09:00:00", zone: "Nowhere" } }), event({ id: "a" })]
    const listing = Result.getOrThrow(Recurrence.list(events, range("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")))
    expect(listing.occurrences.map(({ eventId }) => eventId)).toEqual(["a", "b"])
    expect(listing.unreadable).toEqual([{ calendarId: "work", id: "lost", reason: expect.stringMatching(/Zone "Nowhere"/) }])
    expect(Recurrence.list(events, range("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"), { limit: 1 })).toMatchObject({ failure: { _tag: "TooManyOccurrencesError", limit: 1 } })
  })
})

describe("Recurrence: what is over", () => {
  const now = at("2026-11-23T12:00:00Z")
  const ended = (of: Partial<CalendarEvent.CalendarEvent>) => Option.map(Recurrence.endedBefore(event(of), now), iso).pipe(Option.getOrUndefined)

  it("is over when its last occurrence is", () => {
    expect(ended({})).toBe("2026-11-23T09:00:00.000Z")
    expect(ended(timed("2026-11-23T11:30:00", "2026-11-23T12:30:00", "UTC"))).toBeUndefined()
    expect(ended({ ...timed("2020-01-01T09:00:00", "2020-01-01T10:00:00", "UTC"), recurrence: { rule: { frequency: "daily" } } })).toBeUndefined()
    expect(ended({ ...timed("2020-01-01T09:00:00", "2020-01-01T10:00:00", "UTC"), recurrence: daily(3) })).toBe("2020-01-03T10:00:00.000Z")
    expect(ended({ ...timed("2020-01-01T09:00:00", "2020-01-01T10:00:00", "UTC"), recurrence: { ...daily(3), additional: ["2027-01-01T09:00:00"] } })).toBeUndefined()
    const override: CalendarEvent.Override = { ...timed("2027-01-01T09:00:00", "2027-01-01T10:00:00", "UTC"), recurrenceId: "2020-01-02T09:00:00", title: "x", attendees: [], availability: "busy", status: "confirmed" }
    expect(ended({ ...timed("2020-01-01T09:00:00", "2020-01-01T10:00:00", "UTC"), recurrence: { ...daily(3), overrides: [override] } })).toBeUndefined()
  })

  it("counts a whole day as over when it has ended everywhere", () => {
    expect(ended({ start: { date: "2026-11-22" }, end: { date: "2026-11-23" } })).toBe("2026-11-23T12:00:00.000Z")
    expect(ended({ start: { date: "2026-11-23" }, end: { date: "2026-11-24" } })).toBeUndefined()
  })
})
