/** Making events as a side effect, each under an id that the server has never seen: it does not help to find a second one. */
import { Calendar, CalendarError } from "@aria/connectors"
import { SideEffect } from "@aria/orchestrator-core"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { randomUUID } from "node:crypto"

export const leaseMillis = 1_000
/** For how long a request of a process that is gone may still be carried out, and a process may stand still. */
export const stillMillis = 3_000

const first = DateTime.makeUnsafe("2031-01-01T00:00:00Z")
/** Each has a quarter of an hour of its own. */
const startOf = (key: string) => DateTime.add(first, { minutes: 15 * Number(key) })
const local = (time: DateTime.DateTime) => ({ dateTime: DateTime.formatIso(time).slice(0, 19), zone: "UTC" })
export const titleOf = (key: string) => `Event ${key}`

/** All that was made of the first `count`. */
export const made = (count: number) =>
  Effect.gen(function* () {
    const calendar = yield* Calendar.Calendar
    const { occurrences } = yield* calendar.occurrences({ from: first, to: startOf(String(count)) })
    return occurrences.map(({ title }) => title)
  })

export const Make = SideEffect.make("calendar.create", {
  input: Schema.String,
  success: Schema.String,
  error: CalendarError.CalendarError,
  once: "global",
  settleAfter: stillMillis,
  call: (key) =>
    Effect.gen(function* () {
      const start = startOf(key)
      const event = {
        id: randomUUID(),
        title: titleOf(key),
        start: local(start),
        end: local(DateTime.add(start, { minutes: 5 }))
      }
      yield* (yield* Calendar.Calendar).create({ event })
      return titleOf(key)
    }),
  verify: (key) =>
    Effect.gen(function* () {
      const start = startOf(key)
      const { occurrences } = yield* (yield* Calendar.Calendar).occurrences({
        from: start,
        to: DateTime.add(start, { minutes: 5 })
      })
      return occurrences.some(({ title }) => title === titleOf(key))
        ? SideEffect.done(titleOf(key))
        : SideEffect.notDone
    })
})
