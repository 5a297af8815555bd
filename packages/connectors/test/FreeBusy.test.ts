import type { Occurrence } from "@aria/connectors/CalendarEvent"
import * as FreeBusy from "@aria/connectors/FreeBusy"
import * as Recurrence from "@aria/connectors/Recurrence"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { at, event, range } from "./events.ts"
import { random } from "./random.ts"

const minute = 60_000
const base = Date.UTC(2026, 2, 23)
const interval = (start: string, end: string) => ({ start: at(start), end: at(end) })
const spans = (intervals: ReadonlyArray<FreeBusy.Interval>) => intervals.map(({ end, start }) => [start.epochMilliseconds, end.epochMilliseconds] as const)
const shown = (slot: Option.Option<FreeBusy.Interval>): string | undefined =>
  Option.map(slot, ({ end, start }) => `${DateTime.formatIso(start).slice(0, 16)} ${DateTime.formatIso(end).slice(0, 16)}`).pipe(Option.getOrUndefined)

const first = (options: Parameters<typeof FreeBusy.firstFreeSlot>[0]) => shown(Result.getOrThrow(FreeBusy.firstFreeSlot(options)))

const listed = (zone: string): ReadonlyArray<Occurrence> =>
  Result.getOrThrow(
    Recurrence.list(
      [
        event({ id: "a" }),
        event({ id: "b", start: { dateTime: "2026-11-23T09:30:00", zone: "Europe/Berlin" }, end: { dateTime: "2026-11-23T11:00:00", zone: "Europe/Berlin" } }),
        event({ id: "free", availability: "free", start: { dateTime: "2026-11-23T13:00:00", zone: "Europe/Berlin" }, end: { dateTime: "2026-11-23T14:00:00", zone: "Europe/Berlin" } }),
        event({ id: "off", status: "cancelled", start: { dateTime: "2026-11-23T15:00:00", zone: "Europe/Berlin" }, end: { dateTime: "2026-11-23T16:00:00", zone: "Europe/Berlin" } }),
        event({ id: "alarm", start: { dateTime: "2026-11-23T17:00:00", zone: "Europe/Berlin" }, end: { dateTime: "2026-11-23T17:00:00", zone: "Europe/Berlin" } }),
        event({ id: "day", start: { date: "2026-11-24" }, end: { date: "2026-11-25" } })
      ],
      range("2026-11-22T00:00:00Z", "2026-11-27T00:00:00Z", zone)
    )
  ).occurrences

describe("FreeBusy", () => {
  it("merges what is busy, and leaves out what is free, cancelled or has no length", () => {
    const found = FreeBusy.busy(listed("Europe/Berlin")).map(({ end, start }) => `${DateTime.formatIso(start)} ${DateTime.formatIso(end)}`)
    expect(found).toEqual(["2026-11-23T08:00:00.000Z 2026-11-23T10:00:00.000Z", "2026-11-23T23:00:00.000Z 2026-11-24T23:00:00.000Z"])
    const tokyo = FreeBusy.busy(listed("Asia/Tokyo")).map(({ start }) => DateTime.formatIso(start))
    expect(tokyo[1]).toBe("2026-11-23T15:00:00.000Z")
  })

  it("tells what is in the way of a meeting, but not what ends when it begins", () => {
    const ids = (start: string, end: string) => FreeBusy.conflicts(interval(start, end), listed("Europe/Berlin")).map(({ eventId }) => eventId)
    expect(ids("2026-11-23T08:15:00Z", "2026-11-23T08:45:00Z")).toEqual(["a", "b"])
    expect(ids("2026-11-23T10:00:00Z", "2026-11-23T18:00:00Z")).toEqual([])
    expect(ids("2026-11-23T06:00:00Z", "2026-11-23T08:00:00Z")).toEqual([])
    expect(ids("2026-11-23T22:00:00Z", "2026-11-23T23:30:00Z")).toEqual(["day"])
  })

  it("finds the first slot within working hours, in steps, over a weekend and a change of clocks", () => {
    const workingHours = { from: "09:00", to: "17:00" }
    const within = range("2026-03-27T00:00:00Z", "2026-04-03T00:00:00Z", "Europe/Berlin")
    expect(first({ busy: [], duration: "30 minutes", within, workingHours })).toBe("2026-03-27T08:00 2026-03-27T08:30")
    const friday = interval("2026-03-27T07:00:00Z", "2026-03-27T15:40:00Z")
    expect(first({ busy: [friday], duration: "15 minutes", within, workingHours })).toBe("2026-03-27T15:45 2026-03-27T16:00")
    // Monday is after the change of March 29: 9:00 in Berlin is 7:00 in UTC.
    expect(first({ busy: [friday], duration: "30 minutes", within, workingHours })).toBe("2026-03-30T07:00 2026-03-30T07:30")
    expect(first({ busy: [friday], duration: "30 minutes", within, workingHours: { ...workingHours, days: ["SA"] } })).toBe("2026-03-28T08:00 2026-03-28T08:30")
    expect(first({ busy: [interval("2026-03-27T07:00:00Z", "2026-03-27T08:01:00Z")], duration: "1 hour", within, workingHours, step: "1 hour" })).toBe("2026-03-27T09:00 2026-03-27T10:00")
    expect(first({ busy: [], duration: "9 hours", within, workingHours })).toBeUndefined()
    expect(first({ busy: [friday], duration: "9 hours", within })).toBe("2026-03-27T15:45 2026-03-28T00:45")
    expect(first({ busy: [], duration: "24 hours", within: range("2026-03-27T00:00:00Z", "2026-03-28T00:00:00Z") })).toBe("2026-03-27T00:00 2026-03-28T00:00")
    expect(first({ busy: [], duration: "2 hours", within, workingHours: { from: "22:00", to: "24:00" } })).toBe("2026-03-27T21:00 2026-03-27T23:00")
  })

  it("refuses options that make no sense", () => {
    const within = range("2026-03-27T00:00:00Z", "2026-04-03T00:00:00Z")
    const refused = (options: Partial<Parameters<typeof FreeBusy.firstFreeSlot>[0]>) => {
      const found = FreeBusy.firstFreeSlot({ busy: [], duration: "1 hour", within, ...options })
      return Result.isFailure(found) ? found.failure : undefined
    }
    expect(refused({ duration: 0 })).toMatchObject({ _tag: "InvalidSlotOptionError", option: "duration", received: "0 ms" })
    expect(refused({ duration: "Infinity" })).toMatchObject({ option: "duration" })
    expect(refused({ step: 1 })).toMatchObject({ option: "step" })
    for (const workingHours of [{ from: "17:00", to: "09:00" }, { from: "9:00", to: "17:00" }, { from: "09:00", to: "24:30" }, { from: "09:60", to: "17:00" }]) {
      expect(refused({ workingHours })).toMatchObject({ option: "workingHours" })
    }
    expect(refused({ within: { ...within, zone: "Nowhere" } })).toMatchObject({ _tag: "UnknownZoneError" })
    expect(refused({ within: { from: within.to, to: within.from } })).toMatchObject({ _tag: "InvalidRangeError" })
  })

  it("law: merged intervals are as few as can be, and hold the same instants", () => {
    for (let seed = 1; seed <= 1_000; seed++) {
      const of = random(seed)
      const given = Array.from({ length: of.below(12) }, () => {
        const start = base + of.below(40) * minute
        return { start: DateTime.makeUnsafe(start), end: DateTime.makeUnsafe(start + (of.below(12) - 2) * minute) }
      })
      const merged = spans(FreeBusy.merge(given))
      for (const [index, [start, end]] of merged.entries()) {
        expect(start, `seed ${seed}`).toBeLessThan(end)
        if (index > 0) expect(start, `seed ${seed}`).toBeGreaterThan(merged[index - 1]?.[1] ?? 0)
      }
      const holds = (all: ReadonlyArray<readonly [number, number]>, instant: number) => all.some(([start, end]) => start <= instant && instant < end)
      for (let instant = base - 5 * minute; instant < base + 60 * minute; instant += minute / 2) {
        expect(holds(merged, instant), `seed ${seed}`).toBe(holds(spans(given), instant))
      }
    }
  }, 60_000)

  it("law: a slot is free, lies within hours and range, begins on a step, and none does so before it", () => {
    let some = 0
    for (let seed = 1; seed <= 500; seed++) {
      const of = random(seed)
      const busy = Array.from({ length: of.below(25) }, () => {
        const start = base + of.below(9 * 24 * 60) * minute
        return { start: DateTime.makeUnsafe(start), end: DateTime.makeUnsafe(start + of.below(20 * 60) * minute) }
      })
      const zone = of.pick(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
      const step = of.pick([5, 15, 30, 60])
      const length = of.pick([15, 45, 60, 180])
      const from = base + of.below(4 * 24 * 60) * minute
      const to = from + (1 + of.below(6 * 24 * 60)) * minute
      const hours = of.maybe(0.7, () => ({ from: "09:00", to: "17:30", days: ["MO", "TU", "SA", "SU"] as const }))
      const slot = Option.getOrUndefined(
        Result.getOrThrow(
          FreeBusy.firstFreeSlot({ busy, duration: length * minute, within: { from: DateTime.makeUnsafe(from), to: DateTime.makeUnsafe(to), zone }, step: step * minute, workingHours: hours })
        )
      )
      const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
      const allowed = (start: number): boolean => {
        const end = start + length * minute
        if (start < from || end > to || spans(busy).some(([one, other]) => one < other && one < end && other > start)) return false
        const parts = Object.fromEntries(format.formatToParts(start).map(({ type, value }) => [type, value]))
        const last = Object.fromEntries(format.formatToParts(end - 1).map(({ type, value }) => [type, value]))
        if ((Number(parts["hour"]) * 60 + Number(parts["minute"])) % step !== 0) return false
        if (hours === undefined) return true
        const clock = (of: Record<string, string>) => `${of["hour"]}:${of["minute"]}`
        return ["Mon", "Tue", "Sat", "Sun"].includes(parts["weekday"] ?? "") && parts["weekday"] === last["weekday"] && clock(parts) >= "09:00" && clock(last) < "17:30"
      }
      const wanted = Array.from({ length: Math.ceil((to - from) / minute) }, (_, index) => from + index * minute).find(allowed)
      expect(slot?.start.epochMilliseconds, `seed ${seed}`).toBe(wanted)
      if (slot !== undefined) expect(slot.end.epochMilliseconds - slot.start.epochMilliseconds, `seed ${seed}`).toBe(length * minute)
      if (wanted !== undefined) some++
    }
    expect(some).toBeGreaterThan(200)
  }, 60_000)
})
