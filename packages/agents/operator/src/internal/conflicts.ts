import { Calendar } from "@aria/connectors/Calendar"
import type { CalendarEvent, Occurrence } from "@aria/connectors/CalendarEvent"
import { isAllDay, local } from "@aria/connectors/EventTime"
import * as FreeBusy from "@aria/connectors/FreeBusy"
import * as Recurrence from "@aria/connectors/Recurrence"
import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { TimeConflictError } from "../OperatorError.ts"

const day = 86_400_000
/** Wall clocks differ from UTC by less than a day. */
const margin = 2 * day
/** How far ahead the occurrences of a recurring event are looked at. */
const ahead = 366 * day
/** How far ahead a free time is looked for. */
const week = 7 * day

const wall = (text: string): number => Date.parse(text.includes("T") ? `${text}Z` : `${text}T00:00:00Z`)

/** The times that an event would take: all of a single one, of one that recurs those from now on, over a year from its start or from now. */
const taken = Effect.fnUntraced(function* (event: CalendarEvent, zone: string) {
  const now = (yield* DateTime.now).epochMilliseconds
  const start = wall(local(event.start)) - margin
  const [from, to] =
    event.recurrence === undefined
      ? [start, wall(local(event.end)) + margin]
      : [now, Math.max(now, start + margin) + ahead + margin]
  const range = { from: DateTime.makeUnsafe(from), to: DateTime.makeUnsafe(to), zone }
  return FreeBusy.busy(yield* Effect.fromResult(Recurrence.expand(event, range)))
})

const zoneOf = ({ start }: CalendarEvent): string => (isAllDay(start) ? "UTC" : start.zone)

/** What takes the time of an event, in all calendars, without that event itself. All-day events are taken in the event's own zone. */
export const conflictsOf = Effect.fn("Operator.conflicts")(function* (event: CalendarEvent) {
  const zone = zoneOf(event)
  const own = yield* taken(event, zone)
  const [first, last] = [own[0], own.at(-1)]
  if (first === undefined || last === undefined) return []
  const calendar = yield* Calendar
  const { occurrences } = yield* calendar.occurrences({ from: first.start, to: last.end, zone })
  const others = occurrences.filter(({ eventId }) => eventId !== event.id)
  const found = new Set<Occurrence>()
  for (const interval of own) for (const one of FreeBusy.conflicts(interval, others)) found.add(one)
  return others.filter((one) => found.has(one))
})

/** The first free time of the length of a single event within a week. Advice only: where it cannot be had, there is none. */
const firstFree = Effect.fnUntraced(function* (event: CalendarEvent) {
  const zone = zoneOf(event)
  const [own] = yield* taken(event, zone)
  if (own === undefined || event.recurrence !== undefined || isAllDay(event.start)) return {}
  const within = { from: own.start, to: DateTime.makeUnsafe(own.start.epochMilliseconds + week), zone }
  const { occurrences } = yield* (yield* Calendar).occurrences(within)
  const slot = yield* Effect.fromResult(
    FreeBusy.firstFreeSlot({
      busy: FreeBusy.busy(occurrences.filter(({ eventId }) => eventId !== event.id)),
      duration: Duration.millis(own.end.epochMilliseconds - own.start.epochMilliseconds),
      within
    })
  )
  return Option.match(slot, { onNone: () => ({}), onSome: (firstFree) => ({ firstFree }) })
})

/** Fails where the time of an event is taken. */
export const refuseConflicts = Effect.fnUntraced(function* (event: CalendarEvent) {
  const conflicts = yield* conflictsOf(event)
  if (!Arr.isReadonlyArrayNonEmpty(conflicts)) return
  const advice = yield* Effect.orElseSucceed(firstFree(event), () => ({}))
  return yield* new TimeConflictError({ title: event.title, conflicts, ...advice })
})
