/**
 * All connectors of this package at once, in one database.
 *
 * @since 0.1.0
 */
import type { Calendar, Crm } from "@aria/connectors"
import { SqliteClient } from "@aria/sqlite"
import * as Layer from "effect/Layer"
import type { SqlClient } from "effect/sql/SqlClient"
import * as LocalCalendar from "./LocalCalendar.ts"
import * as LocalCrm from "./LocalCrm.ts"
import type { LocalStoreError } from "./LocalStore.ts"

/**
 * A calendar and a CRM in the database of a `SqlClient` for SQLite.
 *
 * Errors: `LocalStoreError` where the client is not for SQLite or the tables cannot be made.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Calendar.Calendar | Crm.Crm, LocalStoreError, SqlClient> = Layer.mergeAll(
  LocalCalendar.layer,
  LocalCrm.layer
)

/**
 * A calendar and a CRM in a file, which is made where it is missing. The options are those of `SqliteClient.layer`.
 *
 * **Example**
 *
 * ```ts
 * import { Local } from "@aria/adapter-local"
 *
 * const Office = Local.layerFile({ filename: "office.db" })
 * ```
 *
 * Errors: `LocalStoreError`, `InvalidSqliteOptionError`, and `SqliteOpenError` where the file cannot be used.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFile = (
  options: SqliteClient.Options
): Layer.Layer<
  Calendar.Calendar | Crm.Crm,
  LocalStoreError | SqliteClient.InvalidSqliteOptionError | SqliteClient.SqliteOpenError
> => Layer.provide(layer, SqliteClient.layer(options))
