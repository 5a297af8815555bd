/**
 * The database that the connectors of this package keep their data in.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A database that the data cannot be kept in, and why.
 *
 * @category errors
 * @since 0.1.0
 */
export class LocalStoreError extends Schema.TaggedError<LocalStoreError>()("LocalStoreError", {
  /** `dialect`: it is no SQLite. `migration`: its tables could not be made or brought up to date. */
  reason: Schema.Literals(["dialect", "migration"]),
  /** A sentence: what was found and what to do. */
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {}
