/**
 * A real Postgres for tests and benches. `layer` is a `SqlClient` on a new, empty database; `database` gives the address of one, for
 * other processes too; `own` starts a server that a test may stop and start again.
 */
import { PgClient } from "@effect/sql-pg"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { randomUUID } from "node:crypto"
import { type PostgresAddress, type PostgresServer, startPostgres, urlOf } from "./postgresServer.ts"
import type { SupervisorOptions } from "./postgresSupervisor.ts"

const ask = async (): Promise<PostgresAddress> => {
  const asked = process.env["ARIA_POSTGRES_OF_THIS_RUN"]
  if (asked === undefined) return startPostgres()
  const response = await fetch(asked)
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as PostgresAddress
}

let asked: Promise<PostgresAddress> | undefined
/** The server of this test run, started when it is asked for first; outside vitest, one of this process. */
export const shared: Effect.Effect<PostgresAddress> = Effect.promise(() => (asked ??= ask()))

/** A server of its own, for tests that stop it, start it again or need other settings. It is gone after the scope. */
export const own = (options: SupervisorOptions = {}): Effect.Effect<PostgresServer, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(() => startPostgres(options)),
    (server) => Effect.promise(() => server.close())
  )

export type ClientOptions = Omit<PgClient.PgPoolConfig, "url">

/** A pool of connections to the database of an address. Without options it is effect's own. */
export const clientOf = (
  url: string,
  options: ClientOptions = {}
): Layer.Layer<PgClient.PgClient | SqlClient, SqlError> => PgClient.layer({ ...options, url: Redacted.make(url) })

/** Runs a statement that stands alone, on a connection of its own to the database that every server has. */
const alone = (server: PostgresAddress, statement: (sql: SqlClient) => Effect.Effect<unknown, SqlError>) =>
  Effect.flatMap(SqlClient, statement).pipe(
    Effect.provide(clientOf(urlOf(server), { maxConnections: 1 }), { local: true })
  )

export interface Database {
  readonly name: string
  readonly url: string
}

export interface DatabaseOptions {
  /** Default: the shared one. */
  readonly on?: PostgresAddress | undefined
  /** The name of a database that it becomes a copy of; nobody may be connected to that one meanwhile. Default: an empty one. */
  readonly template?: string | undefined
}

/** A new database. After the scope it is dropped, whoever is still connected to it. */
export const database = ({ on, template = "template1" }: DatabaseOptions = {}): Effect.Effect<
  Database,
  never,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const server = on ?? (yield* shared)
    const name = `test_${randomUUID().replaceAll("-", "")}`
    yield* Effect.acquireRelease(
      Effect.orDie(alone(server, (sql) => sql`CREATE DATABASE ${sql(name)} TEMPLATE ${sql(template)}`)),
      // A server that a test has stopped takes its databases along.
      () => Effect.ignore(alone(server, (sql) => sql`DROP DATABASE ${sql(name)} WITH (FORCE)`))
    )
    return { name, url: urlOf(server, name) }
  })

/** A `SqlClient` on a new database. Every build of it is another one: use `Layer.fresh` where one program needs several. */
export const layer: Layer.Layer<PgClient.PgClient | SqlClient, SqlError> = Layer.unwrap(
  Effect.map(database(), ({ url }) => clientOf(url))
)
