import * as SqlFailure from "@aria/orchestrator-core/SqlFailure"
import * as SqlTables from "@aria/orchestrator-core/SqlTables"
import * as Effect from "effect/Effect"
import { SafeIntegers, SqlClient } from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import { ClusterStoreError } from "../ClusterError.ts"
import { tables } from "./tables.ts"

/** A client whose tables are there, and what differs between databases. */
export interface Database {
  readonly sql: SqlClient
  readonly dialect: SqlTables.Dialect
  /** All of it or nothing. A connection that is lost on the way is an error like any other. */
  readonly transaction: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | SqlError, R>
  /** Milliseconds since 1970 by the clock of the database, which is one for all workers. */
  readonly now: Fragment
  /** Rows out of a JSON text: one statement whatever their number. */
  readonly rows: (json: string, columns: ReadonlyArray<readonly [name: string, type: "text" | "number"]>) => Fragment
}

/** Errors of the database as what the caller was about, those either that the writer dies with. */
export const failing =
  (what: string) =>
  <A, E, R>(self: Effect.Effect<A, E | SqlError, R>): Effect.Effect<A, Exclude<E, SqlError> | ClusterStoreError, R> => {
    const failed = (reason: string) => new ClusterStoreError({ reason: "failed", message: `${what}: ${reason}` })
    return Effect.mapError(Effect.provideService(self, SafeIntegers, false), (error) =>
      isSqlError(error) ? failed(SqlFailure.reasonOf(error)) : (error as Exclude<E, SqlError>)
    ).pipe(Effect.catchDefect((defect) => (defect instanceof ClusterStoreError ? Effect.fail(failed(defect.message)) : Effect.die(defect))))
  }

export const open: Effect.Effect<Database, ClusterStoreError, SqlClient> = Effect.gen(function* () {
  const sql = (yield* SqlClient).withoutTransforms()
  const dialect = SqlTables.dialectOf(sql)
  if (dialect === undefined) {
    const message = `Runs are kept in SQLite or Postgres, received a client of ${sql.driver}: provide one of those`
    return yield* new ClusterStoreError({ reason: "dialect", message })
  }
  const format = yield* SqlTables.upToDate(sql, dialect, tables).pipe(failing("The tables of runs could not be read or made"))
  const known = tables.migrations.length
  if (format > known) {
    const message = `The tables of runs have format ${format}, this version knows up to ${known}: use a newer @aria/adapter-cluster; nothing was changed`
    return yield* new ClusterStoreError({ reason: "newerFormat", message })
  }
  return {
    sql,
    dialect,
    // Where not even the rollback arrives, the client dies.
    transaction: SqlFailure.inTransaction(sql),
    now: dialect === "pg" ? sql.literal("(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::double precision") : sql.literal("(unixepoch('subsec') * 1000.0)"),
    rows: (json, columns) => {
      if (dialect === "pg") {
        const list = columns.map(([name, type]) => `${name} ${type === "text" ? "text" : "double precision"}`).join(", ")
        return sql`(SELECT * FROM json_to_recordset(${json}::json) AS given(${sql.literal(list)}))`
      }
      const list = columns.map(([name]) => `value ->> '$.${name}' AS ${name}`).join(", ")
      return sql`(SELECT ${sql.literal(list)} FROM json_each(${json}))`
    }
  }
})
