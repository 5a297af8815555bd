import { LocalCalendar } from "@aria/adapter-local"
import { SqliteClient } from "@aria/sqlite"
import { CalendarContractSuite } from "@aria/testkit"
import * as Layer from "effect/Layer"

CalendarContractSuite.make({
  name: "LocalCalendar",
  layer: LocalCalendar.layer.pipe(Layer.provide(SqliteClient.layer({ filename: ":memory:" })))
})
