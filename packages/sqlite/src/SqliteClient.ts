/**
 * effect's `SqlClient` over the SQLite that comes with Node.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import * as Statement from "effect/sql/Statement"
import { makeConnection } from "./internal/connection.ts"
import { open } from "./internal/open.ts"
import { check } from "./internal/settings.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The path of a file, made where it is missing, in a folder that exists; or `":memory:"` for one that is gone when closed. */
  readonly filename: string
  /** Opens a file that exists, and writes nothing. Default `false`. */
  readonly readonly?: boolean | undefined
  /**
   * How long a statement waits while another connection keeps the database locked; a number is milliseconds. Other fibers go on
   * meanwhile, but for those that use this client. Default 5 seconds, minimum 0, which fails at once.
   */
  readonly busyTimeout?: Duration.Input | undefined
  /**
   * What a commit waits for. `"NORMAL"` survives the end of the process, but a loss of power may take the last commits (never parts
   * of one); `"FULL"` survives that too and is slower. Default `"NORMAL"`.
   */
  readonly synchronous?: "NORMAL" | "FULL" | undefined
  /** How many prepared statements are kept, those used last. Default 200, minimum 0, which keeps none. */
  readonly statementCacheSize?: number | undefined
}

/**
 * An option that no database could be opened with.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidSqliteOptionError extends Schema.TaggedError<InvalidSqliteOptionError>()(
  "InvalidSqliteOptionError",
  { option: Schema.String, received: Schema.String, allowed: Schema.String }
) {
  override get message(): string {
    return `SQLite option ${this.option}: received ${this.received}, allowed is ${this.allowed}.`
  }
}

/**
 * A file that cannot be used as a database, and why.
 *
 * @category errors
 * @since 0.1.0
 */
export class SqliteOpenError extends Schema.TaggedError<SqliteOpenError>()("SqliteOpenError", {
  filename: Schema.String,
  reason: Schema.Literals([
    "directoryMissing",
    "fileMissing",
    "notAFile",
    "notADatabase",
    "newerFormat",
    "notWritable",
    "locked",
    "unusable"
  ]),
  /** A sentence: what was found and what to do. */
  message: Schema.String,
  cause: Schema.Defect()
}) {}

/**
 * The client itself, where a layer is not wanted. Its connection is closed with the scope.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  options: Options
) => Effect.Effect<
  SqlClient.SqlClient,
  InvalidSqliteOptionError | SqliteOpenError,
  Reactivity.Reactivity | Scope.Scope
> = Effect.fn("SqliteClient.make")(function* (options: Options) {
  const settings = yield* Result.match(check(options), {
    onFailure: (refusal) => Effect.fail(new InvalidSqliteOptionError(refusal)),
    onSuccess: Effect.succeed
  })
  const db = yield* Effect.mapError(open(settings), (unusable) => new SqliteOpenError(unusable))
  return yield* SqlClient.make({
    ...SqlClient.makeSqliteAcquirers({
      connection: Effect.succeed(makeConnection(db, settings)),
      semaphore: yield* Semaphore.make(1),
      isTransaction: () => db.isTransaction
    }),
    compiler: Statement.makeCompilerSqlite(),
    driver: "sqlite-node",
    // A transaction that begins by reading could not write any more once another process has.
    beginTransaction: settings.readonly ? "BEGIN" : "BEGIN IMMEDIATE",
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
    prepareTransactionControls: true,
    spanAttributes: [
      ["db.system.name", "sqlite"],
      ["db.namespace", settings.filename]
    ]
  })
})

/**
 * One connection to one database, for as long as the layer lives. One statement or transaction runs at a time; a transaction takes
 * the write lock when it begins, so several processes may share a file. Nested transactions are savepoints.
 *
 * An integer beyond ±(2^53 - 1) fails to be read, unless `SqlClient.SafeIntegers` is provided as `true`: then all integers are
 * bigints. Blobs are `Uint8Array`.
 *
 * **Gotchas**
 *
 * A statement keeps the event loop while it runs. A stream keeps the connection until it ends: to use others meanwhile, put both into
 * one transaction.
 *
 * **Example**
 *
 * ```ts
 * import { SqliteClient } from "@aria/sqlite"
 *
 * const Database = SqliteClient.layer({ filename: "aria.db" })
 * ```
 *
 * Errors: `InvalidSqliteOptionError`, and `SqliteOpenError` where the file cannot be used.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<SqlClient.SqlClient, InvalidSqliteOptionError | SqliteOpenError> =>
  Layer.effect(SqlClient.SqlClient)(make(options)).pipe(Layer.provide(Reactivity.layer))

/**
 * `layer`, with options from configuration.
 *
 * **Example**
 *
 * ```ts
 * const Database = SqliteClient.layerConfig({ filename: Config.String("DATABASE_FILE") })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: Config.Wrap<Options>
): Layer.Layer<SqlClient.SqlClient, Config.ConfigError | InvalidSqliteOptionError | SqliteOpenError> =>
  Layer.effect(SqlClient.SqlClient)(
    Effect.gen(function* () {
      return yield* make(yield* Config.unwrap(options))
    })
  ).pipe(Layer.provide(Reactivity.layer))
