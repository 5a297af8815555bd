import { SqliteClient } from "@aria/sqlite"
import { EngineLawSuite } from "@aria/testkit"
import { registering } from "./registering.ts"

EngineLawSuite.make({ name: "stored in SQLite", layer: registering(SqliteClient.layer({ filename: ":memory:" })), storesReservations: true })
