import type * as CalendarEvent from "@aria/connectors/CalendarEvent"
import * as EventTime from "@aria/connectors/EventTime"
import * as Recurrence from "@aria/connectors/Recurrence"
import type { RecurrenceRule, Weekday } from "@aria/connectors/RecurrenceRule"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { event } from "./events.ts"
import { naive } from "./naiveRule.ts"
import { random } from "./random.ts"

type Random = ReturnType<typeof random>
const weekdays: readonly [Weekday, ...ReadonlyArray<Weekday>] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
const day = 86_400_000
const base = Date.UTC(2024, 0, 1)
const date = (millis: number): string => new Date(millis).toISOString().slice(0, 10)

const some = (of: Random, most: number, make: () => number): ReadonlyArray<number> => Array.from({ length: 1 + of.below(most) }, make)
const signed = (of: Random, highest: number): number => (of.below(3) === 0 ? -1 : 1) * (1 + of.below(highest))

/** A rule of days or longer that `ruleProblems` has nothing against. */
const randomRule = (of: Random, start: string): RecurrenceRule => {
  const frequency = of.pick(["yearly", "monthly", "weekly", "daily"] as const)
  const byWeekNo = frequency === "yearly" ? of.maybe(0.2, () => some(of, 3, () => signed(of, 53))) : undefined
  const byYearDay = frequency === "yearly" ? of.maybe(0.2, () => some(of, 8, () => signed(of, 366))) : undefined
  const ordered = frequency === "monthly" || (frequency === "yearly" && byWeekNo === undefined)
  const rule = {
    interval: of.maybe(0.5, () => 1 + of.below(4)),
    byMonth: of.maybe(0.3, () => some(of, 4, () => 1 + of.below(12))),
    byWeekNo,
    byYearDay,
    byMonthDay: frequency === "weekly" ? undefined : of.maybe(0.3, () => some(of, 4, () => signed(of, 31))),
    byDay: of.maybe(0.5, () =>
      Array.from({ length: 1 + of.below(3) }, () => {
        const ordinal = ordered ? of.maybe(0.4, () => signed(of, frequency === "monthly" ? 5 : 20)) : undefined
        return ordinal === undefined ? { day: of.pick(weekdays) } : { day: of.pick(weekdays), ordinal }
      })
    ),
    weekStart: of.maybe(0.4, () => of.pick(weekdays)),
    ...(of.below(3) === 0 ? { count: 1 + of.below(30) } : {}),
    ...(of.below(4) === 0 ? { until: date(Date.parse(start) + of.below(900) * day) } : {})
  }
  const chosen = rule.byMonth ?? rule.byWeekNo ?? rule.byYearDay ?? rule.byMonthDay ?? rule.byDay
  const bySetPos = chosen === undefined ? undefined : of.maybe(0.25, () => some(of, 2, () => signed(of, 4)))
  const given = Object.fromEntries(Object.entries({ ...rule, bySetPos }).filter(([, value]) => value !== undefined))
  if ("count" in given) delete given["until"]
  return { frequency, ...given }
}

const zones: readonly [string, ...ReadonlyArray<string>] = ["Europe/Berlin", "America/New_York", "UTC", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"]

/** An event of any kind, with some of its occurrences excluded and changed. */
const randomEvent = (of: Random): CalendarEvent.CalendarEvent => {
  const start = date(base + of.below(700) * day)
  const clock = `T${String(of.below(24)).padStart(2, "0")}:${of.pick(["00", "30", "59"])}:00`
  const zone = of.pick(zones)
  const length = of.pick([0, 15, 60, 24 * 60, 100 * 60])
  const allDay = of.below(4) === 0
  const local = (text: string): EventTime.EventTime => (allDay ? { date: text } : { dateTime: `${text}${clock}`, zone })
  const later = new Date(Date.parse(`${start}${clock}Z`) + length * 60_000).toISOString().slice(0, 19)
  const written = (days: number): string => EventTime.local(local(date(Date.parse(start) + days * day)))
  const within: RecurrenceRule = { frequency: of.pick(["hourly", "minutely"]), interval: 1 + of.below(300), count: 1 + of.below(80) }
  const rule = !allDay && of.below(6) === 0 ? within : randomRule(of, start)
  const until = rule.until === undefined ? {} : { until: allDay ? rule.until : `${rule.until}T12:00:00` }
  const override = { title: "Moved", start: local(date(Date.parse(start) + 40 * day)), end: local(date(Date.parse(start) + 41 * day)), attendees: [], availability: "busy", status: "confirmed" } as const
  return event({
    start: local(start),
    end: allDay ? { date: date(Date.parse(start) + (1 + of.below(3)) * day) } : { dateTime: later, zone },
    ...(of.below(5) === 0
      ? {}
      : {
          recurrence: {
            rule: { ...rule, ...until },
            excluded: Array.from({ length: of.below(3) }, () => written(of.below(60))),
            additional: Array.from({ length: of.below(3) }, () => written(of.below(60))),
            overrides: of.below(3) === 0 ? [{ ...override, recurrenceId: written(7) }] : []
          }
        })
  })
}

const expand = (of: CalendarEvent.CalendarEvent, from: number, to: number, zone: string) =>
  Result.getOrThrow(Recurrence.expand(of, { from: DateTime.makeUnsafe(from), to: DateTime.makeUnsafe(to), zone }))

const seeds = Array.from({ length: 1_000 }, (_, index) => index + 1)

describe("Recurrence: laws", () => {
  it("a rule gives what its definition says, seen from anywhere", () => {
    for (const seed of seeds.slice(0, 500)) {
      const of = random(seed)
      const start = date(base + of.below(900) * day)
      const rule = randomRule(of, start)
      const to = date(Date.parse(start) + 1_600 * day)
      const wanted = naive(rule, start, to)
      const meeting = event({ start: { date: start }, end: { date: date(Date.parse(start) + day) }, recurrence: { rule } })
      const given = expand(meeting, Date.parse(start), Date.parse(to) + day, "UTC").map((one) => EventTime.local(one.start))
      expect(given, `seed ${seed}: ${start} ${JSON.stringify(rule)}`).toEqual(wanted)
      const middle = date(Date.parse(start) + of.below(1_500) * day)
      const later = expand(meeting, Date.parse(middle), Date.parse(to) + day, "UTC").map((one) => EventTime.local(one.start))
      expect(later, `seed ${seed}: ${start} ${JSON.stringify(rule)} from ${middle}`).toEqual(wanted.filter((one) => one >= middle))
    }
  }, 60_000)

  it("the occurrences of a range are those of its parts, sorted, each once, and overlap it", () => {
    for (const seed of seeds) {
      const of = random(seed)
      const meeting = randomEvent(of)
      const zone = of.pick(zones)
      const from = base + of.below(800 * 24) * 3_600_000
      const middle = from + (1 + of.below(60 * 24)) * 3_600_000
      const to = middle + (1 + of.below(60 * 24)) * 3_600_000
      const whole = expand(meeting, from, to, zone)
      const what = `seed ${seed}: ${JSON.stringify(meeting)}, ${new Date(from).toISOString()} to ${new Date(to).toISOString()} by ${new Date(middle).toISOString()} in ${zone}`
      const names = whole.map(({ recurrenceId, startsAt }) => `${DateTime.formatIso(startsAt)} ${recurrenceId}`)
      expect(names, what).toEqual([...new Set(names)])
      expect(names.map((name) => name.slice(0, 24)), what).toEqual(names.map((name) => name.slice(0, 24)).sort())
      for (const { endsAt, startsAt } of whole) {
        expect(startsAt.epochMilliseconds, what).toBeLessThan(to)
        expect(endsAt.epochMilliseconds, what).toBeGreaterThanOrEqual(from)
      }
      const parts = [...expand(meeting, from, middle, zone), ...expand(meeting, middle, to, zone)].map(({ recurrenceId, startsAt }) => `${DateTime.formatIso(startsAt)} ${recurrenceId}`)
      expect([...new Set(parts)].sort(), what).toEqual([...names].sort())
    }
  }, 60_000)

  it("no occurrence lies outside of the bounds, in any zone", () => {
    for (const seed of seeds) {
      const of = random(seed)
      const meeting = randomEvent(of)
      const bounds = Option.getOrThrow(Recurrence.bounds(meeting))
      const first = bounds.from.epochMilliseconds
      const last = Option.match(bounds.to, { onNone: () => Number.POSITIVE_INFINITY, onSome: (to) => to.epochMilliseconds })
      const { count, until } = meeting.recurrence?.rule ?? { count: 1 }
      const endless = count === undefined && until === undefined
      expect(Number.isFinite(last) && endless, `seed ${seed}`).toBe(false)
      if (until !== undefined) expect(last, `seed ${seed}`).toBeLessThan(base + 2_000 * day)
      for (const { endsAt, startsAt } of expand(meeting, base - 100 * day, base + 3_000 * day, of.pick(["Pacific/Kiritimati", "Pacific/Pago_Pago"]))) {
        expect(startsAt.epochMilliseconds, `seed ${seed}`).toBeGreaterThanOrEqual(first)
        expect(endsAt.epochMilliseconds, `seed ${seed}`).toBeLessThanOrEqual(last)
      }
    }
  }, 60_000)
})
