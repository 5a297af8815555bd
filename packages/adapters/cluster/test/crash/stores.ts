/** The databases that the processes of a test share. */
import * as SqliteClient from "@aria/sqlite/SqliteClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { SqlClient } from "effect/sql/SqlClient"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

// Only who needs Postgres waits for its client to be loaded.
const postgres = Effect.promise(() => import("../postgres.ts"))

/** Where a database is: what a process is told of it. */
export type Address = { readonly _tag: "sqlite"; readonly filename: string } | { readonly _tag: "postgres"; readonly url: string }

export type Kind = Address["_tag"]

export const kinds: ReadonlyArray<Kind> = ["sqlite", "postgres"]

/** A client of it. A worker whose database is busy waits. */
export const clientAt = (address: Address): Layer.Layer<SqlClient> =>
  address._tag === "sqlite"
    ? Layer.orDie(SqliteClient.layer({ filename: address.filename, busyTimeout: "20 seconds" }))
    : Layer.orDie(Layer.unwrap(Effect.map(postgres, ({ clientOf }) => clientOf(address.url))))

/** A folder of the test, gone afterwards. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "aria-crash-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A new, empty database. */
export const newStore = (kind: Kind, path: string): Effect.Effect<Address, never, Scope.Scope> =>
  kind === "sqlite"
    ? Effect.succeed({ _tag: kind, filename: join(path, "aria.db") })
    : Effect.map(Effect.flatMap(postgres, ({ database }) => database()), ({ url }) => ({ _tag: kind, url }))
