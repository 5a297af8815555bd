/**
 * What goes wrong with a database, as stores tell it. For stores of your own beside `SqlStore`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"

/**
 * What the database said. Some clients only say that a query failed, and leave the rest to the cause.
 *
 * @category getters
 * @since 0.1.0
 */
export const reasonOf = (error: { readonly message: string }): string => {
  const cause = isSqlError(error) ? error.reason.cause : undefined
  return cause instanceof Error && !error.message.includes(cause.message) ? `${error.message}: ${cause.message}` : error.message
}

/** How long Postgres lets a transaction stand still before it ends it, with its connection. */
const idleMillis = 3_000

/**
 * All of it or nothing, as `sql.withTransaction`. That dies where not even the rollback arrives; here a connection that is lost is an
 * error like any other. On Postgres a transaction whose process says nothing more for three seconds is ended, and what it has locked is
 * free: the database would wait for hours for a process that is frozen, or on a machine that is gone.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inTransaction =
  (sql: SqlClient) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> => {
    const bounded = sql.onDialectOrElse({
      pg: () => Effect.andThen(sql`SELECT set_config('idle_in_transaction_session_timeout', ${String(idleMillis)}, true)`, self),
      orElse: () => self
    })
    return Effect.catchDefect(sql.withTransaction<R, E | SqlError, A>(bounded), (defect) => (isSqlError(defect) ? Effect.fail(defect) : Effect.die(defect)))
  }
