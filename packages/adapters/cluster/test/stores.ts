import { SqliteClient } from "@aria/sqlite"
import { Effect, type Layer } from "effect"
import type { Scope } from "effect/Scope"
import type { SqlClient } from "effect/sql/SqlClient"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as postgres from "./postgres.ts"

/** A database, and a client of it; every build of the layer has connections of its own, as another process would. */
export interface Store {
  readonly name: "SQLite" | "Postgres"
  /** An empty one, gone after the scope. */
  readonly make: Effect.Effect<Layer.Layer<SqlClient, unknown>, never, Scope>
}

const sqlite: Store = {
  name: "SQLite",
  make: Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "aria-runs-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    ),
    (folder) => SqliteClient.layer({ filename: join(folder, "runs.db") })
  )
}

export const stores: ReadonlyArray<Store> = [
  sqlite,
  { name: "Postgres", make: Effect.map(postgres.database(), ({ url }) => postgres.clientOf(url, { maxConnections: 4 })) }
]
