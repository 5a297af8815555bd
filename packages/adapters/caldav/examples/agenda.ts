import { CalDav } from "@aria/adapter-caldav"
import { Calendar, EventTime } from "@aria/connectors"
import { NodeHttpClient } from "@effect/platform-node"
import * as Config from "effect/Config"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

// Without these variables nobody answers, and the program says so.
const CalendarLive = CalDav.layerConfig({
  url: Config.String("CALDAV_URL").pipe(Config.withDefault("http://127.0.0.1:9/")),
  username: Config.String("CALDAV_USERNAME").pipe(Config.withDefault("aria")),
  password: Config.Redacted("CALDAV_PASSWORD").pipe(Config.withDefault(Redacted.make("secret")))
}).pipe(Layer.provide(NodeHttpClient.layerUndici))

const program = Effect.gen(function* () {
  const calendar = yield* Calendar.Calendar
  const from = yield* DateTime.now
  const { occurrences } = yield* calendar.occurrences({ from, to: DateTime.add(from, { weeks: 1 }) })
  for (const { start, title } of occurrences) yield* Effect.log(EventTime.local(start), title)
}).pipe(Effect.catchTag("CalendarUnavailableError", ({ message }) => Effect.logWarning(message)))

Effect.runPromise(Effect.provide(program, CalendarLive))
