/**
 * Receipts, the audit log and questions in a SQL database.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { SafeIntegers, SqlClient } from "effect/sql/SqlClient"
import { reasonOf } from "./SqlFailure.ts"
import { makeQuestions } from "./internal/sqlStoreQuestions.ts"
import { makeReceipts } from "./internal/sqlStoreReceipts.ts"
import { tables } from "./internal/sqlStoreTables.ts"
import { QuestionQueue } from "./QuestionQueue.ts"
import { ReceiptStore } from "./ReceiptStore.ts"
import * as SqlTables from "./SqlTables.ts"

/**
 * A database that nothing can be kept in, and why.
 *
 * - `dialect`: it is neither SQLite nor Postgres
 * - `newerFormat`: its tables were made by a newer version of this package
 * - `failed`: its tables could not be read or made
 *
 * @category errors
 * @since 0.1.0
 */
export class SqlStoreError extends Schema.TaggedError<SqlStoreError>()("SqlStoreError", {
  reason: Schema.Literals(["dialect", "newerFormat", "failed"]),
  /** A sentence: what was found and what to do. */
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {}

const open = Effect.gen(function* () {
  const sql = (yield* SqlClient).withoutTransforms()
  const dialect = SqlTables.dialectOf(sql)
  if (dialect === undefined) {
    const message = `SqlStore keeps its tables in SQLite or Postgres, received a client of ${sql.driver}: provide one of those`
    return yield* new SqlStoreError({ reason: "dialect", message })
  }
  const format = yield* Effect.mapError(
    Effect.provideService(SqlTables.upToDate(sql, dialect, tables), SafeIntegers, false),
    (cause) => new SqlStoreError({ reason: "failed", cause, message: `The tables of SqlStore could not be read or made: ${reasonOf(cause)}` })
  )
  const known = tables.migrations.length
  if (format > known) {
    const message = `The tables of SqlStore have format ${format}, this version knows up to ${known}: use a newer @aria/orchestrator-core; nothing was changed`
    return yield* new SqlStoreError({ reason: "newerFormat", message })
  }
  return Context.make(ReceiptStore, makeReceipts(sql, dialect)).pipe(Context.add(QuestionQueue, makeQuestions(sql)))
})

/**
 * Receipts, audit log and questions in tables of the client's database whose names begin with `aria_`. The tables are made where
 * they are missing. Several processes may share them: a receipt and its entry in the log are one transaction, and the log
 * takes no changes and no removals.
 *
 * **Gotchas**
 *
 * A receipt has to be committed before an action is done: inside a transaction of the same client nothing is performed.
 *
 * **Example**
 *
 * ```ts
 * const Stores = SqlStore.layer.pipe(Layer.provide(SqliteClient.layer({ filename: "aria.db" })))
 * ```
 *
 * Errors: `SqlStoreError`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<ReceiptStore | QuestionQueue, SqlStoreError, SqlClient> = Layer.effectContext(open)
