/** Stores that the contracts are tried on. */
import { SqlStore } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The path of a database that does not exist yet, in a folder that is gone with the scope. */
export const newFile = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "aria-stores-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  ),
  (folder) => join(folder, "aria.db")
)

export const inFile = (filename: string) => Layer.provide(SqlStore.layer, SqliteClient.layer({ filename }))

/** A database in memory, and a file that is opened several times. */
export const sqlite = { layer: inFile(":memory:"), place: Effect.map(newFile, inFile) }
