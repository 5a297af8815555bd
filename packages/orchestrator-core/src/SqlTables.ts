/**
 * Tables of a package in a database that others use as well: made where they are missing, brought up to date where they are old, and left
 * alone where they are newer. For stores of your own beside `SqlStore`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { inTransaction } from "./SqlFailure.ts"

/**
 * The databases that are known here.
 *
 * @category models
 * @since 0.1.0
 */
export type Dialect = "sqlite" | "pg"

/**
 * The statements of each format, one after the other: what was published is never changed, only added to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tables {
  /** Of the table that says which format is there, such as `"acme_formats"`. A name and no more: it is not quoted. */
  readonly formats: string
  /** The first makes the tables; their number is the format that they come to. */
  readonly migrations: ReadonlyArray<(dialect: Dialect) => ReadonlyArray<string>>
}

/**
 * `undefined` where it is neither SQLite nor Postgres.
 *
 * @category getters
 * @since 0.1.0
 */
export const dialectOf = (sql: SqlClient): Dialect | undefined =>
  sql.onDialectOrElse<Dialect | undefined, Dialect, Dialect>({ sqlite: () => "sqlite", pg: () => "pg", orElse: () => undefined })

/** The format of what is there; 0 where there is nothing yet. */
const formatOf = (sql: SqlClient, dialect: Dialect, { formats }: Tables): Effect.Effect<number, SqlError> =>
  Effect.gen(function* () {
    const there =
      dialect === "pg"
        ? // to_regclass may answer from before another process made it.
          yield* sql`SELECT 1 FROM pg_catalog.pg_class WHERE relname = ${formats} AND pg_catalog.pg_table_is_visible(oid)`
        : yield* sql`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ${formats}`
    if (there.length === 0) return 0
    const [row] = yield* sql.unsafe<{ readonly format: unknown }>(`SELECT MAX(format) AS format FROM ${formats}`)
    return Number(row?.format ?? 0)
  })

/**
 * Brings the tables up to date, in one transaction, and gives the format that is there then: more than `migrations.length` where a newer
 * version made them, which are left as they are. Several processes may do so at once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const upToDate = (sql: SqlClient, dialect: Dialect, tables: Tables): Effect.Effect<number, SqlError> =>
  Effect.gen(function* () {
    const { formats, migrations } = tables
    const known = migrations.length
    // A database that is up to date is not written to, so that one that is open for reading only can be read.
    const before = yield* formatOf(sql, dialect, tables)
    if (before >= known) return before
    return yield* inTransaction(sql)(
      Effect.gen(function* () {
        // Another process may be at it as well. SQLite's transactions keep it out by themselves.
        if (dialect === "pg") yield* sql`SELECT pg_advisory_xact_lock(hashtext(${formats}))`
        const found = yield* formatOf(sql, dialect, tables)
        if (found >= known) return found
        if (found === 0) yield* sql.unsafe(`CREATE TABLE ${formats} (format INTEGER PRIMARY KEY NOT NULL)`)
        for (const [index, migration] of migrations.entries()) {
          if (index < found) continue
          for (const statement of migration(dialect)) yield* sql.unsafe(statement)
          yield* sql.unsafe(`INSERT INTO ${formats} (format) VALUES (${index + 1})`)
        }
        return known
      })
    )
  })
