import { LocalCrm } from "@aria/adapter-local"
import { Crm } from "@aria/connectors"
import { SqliteClient } from "@aria/sqlite"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { SqlClient } from "effect/sql/SqlClient"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The path of a database that does not exist yet, in a folder that is gone after the test. */
export const newFile: Effect.Effect<string, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "aria-local-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  ),
  (folder) => join(folder, "crm.db")
)

/** A CRM in a file, and the client it uses. */
export const inFile = (options: SqliteClient.Options): Layer.Layer<Crm.Crm | SqlClient> =>
  Layer.orDie(Layer.provideMerge(LocalCrm.layer, SqliteClient.layer(options)))

/** Two connections to one file, used in turn: as two processes would, but for the process. */
export const inTurn: Layer.Layer<Crm.Crm> = Layer.effect(Crm.Crm)(
  Effect.gen(function* () {
    const filename = yield* newFile
    const connect = Effect.map(Layer.build(Layer.fresh(inFile({ filename }))), Context.get(Crm.Crm))
    const [one, other] = yield* Effect.all([connect, connect], { concurrency: 2 })
    let calls = 0
    const next = (): Crm.Service => (calls++ % 2 === 0 ? one : other)
    return Crm.Crm.of({
      find: (type, query) => next().find(type, query),
      get: (type, id) => next().get(type, id),
      create: (type, draft) => next().create(type, draft),
      update: (type, request) => next().update(type, request),
      remove: (type, request) => next().remove(type, request)
    })
  })
)
