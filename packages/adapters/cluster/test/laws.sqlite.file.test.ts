import { SqliteClient } from "@aria/sqlite"
import { EngineLawSuite } from "@aria/testkit"
import { afterAll } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { registering } from "./registering.ts"

const folder = mkdtempSync(join(tmpdir(), "aria-laws-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** As users have it, in a file that is new for each scenario and gone after it. */
let files = 0
const file = Layer.unwrap(
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(folder, `${++files}-`))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    ),
    (path) => SqliteClient.layer({ filename: join(path, "runs.db") })
  )
)

EngineLawSuite.make({ name: "stored in a file of SQLite", layer: registering(file), storesReservations: true }, { seeds: 400 })
