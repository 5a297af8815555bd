/** A client whose tables are there. */
import * as Effect from "effect/Effect"
import * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { LocalStoreError } from "../LocalStore.ts"

const causeOf = (error: Migrator.MigrationError | SqlError): string =>
  error._tag === "MigrationError" && error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message

/**
 * Makes the tables where they are missing. Several processes may do so at once: a migration is one transaction.
 * `table` remembers which migrations were made; each connector has one of its own.
 */
export const prepare = (
  table: string,
  migrations: Readonly<Record<string, Effect.Effect<void, SqlError, SqlClient.SqlClient>>>
): Effect.Effect<SqlClient.SqlClient, LocalStoreError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const sqlite = sql.onDialectOrElse({ sqlite: () => true, orElse: () => false })
    if (!sqlite) {
      const message = `The local adapter keeps its data in SQLite, received a client of ${sql.driver}: provide SqliteClient.layer of @aria/sqlite`
      return yield* new LocalStoreError({ reason: "dialect", message })
    }
    yield* Migrator.make({})({ loader: Migrator.fromRecord(migrations), table }).pipe(
      Effect.provideService(SqlClient.SqlClient, sql),
      Effect.mapError((cause) => new LocalStoreError({ reason: "migration", cause, message: `The tables of the local adapter could not be made: ${causeOf(cause)}` }))
    )
    return sql
  })
