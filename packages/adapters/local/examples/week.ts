import { LocalCalendar } from "@aria/adapter-local"
import { Calendar } from "@aria/connectors"
import { SqliteClient } from "@aria/sqlite"
import { DateTime, Effect, Layer } from "effect"

const program = Effect.gen(function* () {
  const calendar = yield* Calendar.Calendar
  const zone = "America/New_York"
  yield* calendar.create({
    calendarId: "sales",
    event: {
      title: "Pipeline",
      start: { dateTime: "2041-11-01T09:00:00", zone },
      end: { dateTime: "2041-11-01T09:30:00", zone },
      recurrence: { rule: { frequency: "weekly" }, excluded: ["2041-11-15T09:00:00"] }
    }
  })

  // The clocks change on November 3: 9:00 in New York stays 9:00 there.
  const { occurrences } = yield* calendar.occurrences({
    from: DateTime.makeUnsafe("2041-11-01T00:00:00Z"),
    to: DateTime.makeUnsafe("2041-12-01T00:00:00Z"),
    zone
  })
  for (const { calendarId, startsAt, title } of occurrences) console.log(calendarId, title, DateTime.formatIso(startsAt))
})

const calendars = [{ id: "private", name: "Private" }, { id: "sales", name: "Sales" }] as const
const CalendarLive = LocalCalendar.layerWith({ calendars }).pipe(Layer.provide(SqliteClient.layer({ filename: ":memory:" })))
await Effect.runPromise(Effect.provide(program, CalendarLive))
