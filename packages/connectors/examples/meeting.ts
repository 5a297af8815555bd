import { Calendar, CalendarMemory, FreeBusy } from "@aria/connectors"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const zone = "Europe/Berlin"
const at = (dateTime: string) => ({ dateTime, zone })
const week = { from: DateTime.makeUnsafe("2041-06-03T00:00:00Z"), to: DateTime.makeUnsafe("2041-06-08T00:00:00Z"), zone }

const program = Effect.gen(function* () {
  const calendar = yield* Calendar.Calendar
  yield* calendar.create({
    event: {
      title: "Stand-up",
      start: at("2041-06-03T09:00:00"),
      end: at("2041-06-03T09:15:00"),
      recurrence: { rule: { frequency: "weekly", byDay: [{ day: "MO" }, { day: "WE" }] } }
    }
  })

  const { occurrences } = yield* calendar.occurrences(week)
  const busy = FreeBusy.busy(occurrences)
  const search = { busy, duration: "1 hour", within: week, workingHours: { from: "09:00", to: "17:00" } } as const
  const slot = yield* Effect.fromResult(FreeBusy.firstFreeSlot(search))
  yield* Console.log(Option.map(slot, ({ start }) => DateTime.formatIso(start)))

  // An id makes a creation idempotent: the second one is told, and nothing is overwritten.
  const event = { id: "board-2041", title: "Board", start: { date: "2041-06-04" }, end: { date: "2041-06-05" } }
  const { version } = yield* calendar.create({ event })
  const again = yield* Effect.flip(calendar.create({ event }))
  yield* calendar.update({ id: event.id, version, change: { location: "Köln" } })
  const stale = yield* Effect.flip(calendar.remove({ id: event.id, version }))
  yield* Console.log(again._tag, stale._tag)
})

Effect.runPromise(Effect.provide(program, CalendarMemory.layer))
