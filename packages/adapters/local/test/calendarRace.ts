/** Writes what other processes write as well: `node calendarRace.ts <file> <times>`. Prints how many creations it won. */
import { LocalCalendar } from "@aria/adapter-local"
import { Calendar } from "@aria/connectors"
import { SqliteClient } from "@aria/sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const [filename = "", times = "0"] = process.argv.slice(2)

const event = (id: string, title: string) => ({
  id,
  title,
  start: { dateTime: "2041-06-03T10:00:00", zone: "Europe/Berlin" },
  end: { dateTime: "2041-06-03T11:00:00", zone: "Europe/Berlin" }
})

const program = Effect.gen(function* () {
  const calendar = yield* Calendar.Calendar
  yield* Effect.ignore(calendar.create({ event: { ...event("shared", "Shared"), description: "" } }))
  const addOne = Effect.gen(function* () {
    const { description = "", id, version } = yield* calendar.get({ id: "shared" })
    yield* Effect.yieldNow
    yield* calendar.update({ id, version, change: { description: `${description}+` } })
  })
  let won = 0
  for (let count = 0; count < Number(times); count++) {
    yield* Effect.retry(addOne, { while: (error) => error._tag === "StaleVersionError" })
    const created = Effect.as(calendar.create({ event: event(`event ${count}`, String(process.pid)) }), 1)
    won += yield* Effect.catchTag(created, "EventExistsError", () => Effect.succeed(0))
  }
  console.log(won)
})

const Live = LocalCalendar.layer.pipe(Layer.provide(SqliteClient.layer({ filename, busyTimeout: "30 seconds" })))
await Effect.runPromise(Effect.provide(program, Live))
