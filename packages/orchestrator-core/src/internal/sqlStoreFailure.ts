import * as Effect from "effect/Effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"

/** What the database said. Some clients only say that a query failed, and leave the rest to the cause. */
export const reasonOf = (error: { readonly message: string }): string => {
  const cause = isSqlError(error) ? error.reason.cause : undefined
  return cause instanceof Error && !error.message.includes(cause.message) ? `${error.message}: ${cause.message}` : error.message
}

/** All of it or nothing. The client dies where not even the rollback arrives: a connection that is lost is an error like any other. */
export const inTransaction =
  (sql: SqlClient) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    Effect.catchDefect(sql.withTransaction(self), (defect) => (isSqlError(defect) ? Effect.fail(defect) : Effect.die(defect)))
