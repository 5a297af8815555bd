import { Cluster } from "@aria/adapter-cluster"
import { Orchestrator } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { PgClient } from "@effect/sql-pg"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import { agents, plans } from "../plans/durablePlans.ts"

/** Where runs outlive their process. */
export type Kept =
  | { readonly kind: "sqlite"; readonly filename: string; readonly synchronous: "NORMAL" | "FULL" }
  | { readonly kind: "postgres"; readonly url: string }

/** Where runs are. */
export type Store = { readonly kind: "memory" } | Kept

/** The client with its default settings. */
export const clientOf = (store: Kept): Layer.Layer<SqlClient.SqlClient> =>
  store.kind === "sqlite"
    ? Layer.orDie(SqliteClient.layer({ filename: store.filename, synchronous: store.synchronous }))
    : Layer.orDie(PgClient.layer({ url: Redacted.make(store.url) }))

/** A worker on a store, with its client beside it. */
export const workerOn = (store: Kept, options: Orchestrator.Options = {}) =>
  Cluster.layer({ plans, concurrency: 100, ...options }).pipe(Layer.provideMerge(Layer.merge(agents, clientOf(store))), Layer.orDie)

/** The orchestrator in memory, or a worker. */
export const orchestratorOn = (store: Store, options: Orchestrator.Options = {}): Layer.Layer<Orchestrator.Orchestrator | Layer.Success<typeof agents>> =>
  store.kind === "memory"
    ? Layer.merge(Layer.orDie(Orchestrator.layerWith({ concurrency: 100, ...options })), agents)
    : workerOn(store, options)

export interface Disk {
  /** Of the database's files with nothing left to write. */
  readonly files: number
  /** Of all that was ever written to the log of the server; 0 where it is not counted. */
  readonly log: number
}

/** What a store has written so far, by a client of its own. */
export const diskOf = (store: Store): Effect.Effect<Disk> => {
  if (store.kind === "memory") return Effect.succeed({ files: 0, log: 0 })
  return Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    if (store.kind === "sqlite") {
      yield* sql`PRAGMA wal_checkpoint(TRUNCATE)`
      const [row] = yield* sql<{ readonly files: number }>`SELECT page_count * page_size AS files FROM pragma_page_count(), pragma_page_size()`
      return { files: row?.files ?? 0, log: 0 }
    }
    yield* sql`CHECKPOINT`
    const [row] = yield* sql<Disk>`SELECT pg_database_size(current_database())::float8 AS files, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS log`
    return row ?? { files: 0, log: 0 }
  }).pipe(Effect.provide(clientOf(store)), Effect.orDie)
}
