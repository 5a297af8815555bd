/** What happens when the database does not do as it should. */
import { CrmError } from "@aria/connectors"
import * as Effect from "effect/Effect"
import { SafeIntegers, type SqlClient } from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"

type Operation = CrmError.CrmUnavailableError["operation"]

const hint = ({ reason }: SqlError, ambiguous: boolean): string => {
  if (ambiguous) return "Whether it was written is not known: read it before you try again"
  return reason._tag === "LockTimeoutError" ? "Another process is writing: try again" : "Nothing was written"
}

const toUnavailable = (operation: Operation, ambiguous: boolean) => (cause: SqlError) =>
  new CrmError.CrmUnavailableError({ operation, ambiguous, cause, message: `The local CRM could not ${operation}. ${cause.message}. ${hint(cause, ambiguous)}` })

const mapSqlError = <A, E, R>(
  self: Effect.Effect<A, E | SqlError, R>,
  operation: Operation,
  ambiguous: () => boolean
): Effect.Effect<A, Exclude<E, SqlError> | CrmError.CrmUnavailableError, R> =>
  Effect.mapError(self, (error) =>
    isSqlError(error) ? toUnavailable(operation, ambiguous())(error) : (error as Exclude<E, SqlError>)
  )

export const unavailable = (sql: SqlClient) => ({
  reading: <A, E, R>(operation: Operation, self: Effect.Effect<A, E | SqlError, R>) =>
    mapSqlError(self, operation, () => false).pipe(Effect.provideService(SafeIntegers, false)),

  /** In one transaction. Only while it commits can it be doubtful whether it was written: what fails before is rolled back. */
  writing: <A, E, R>(operation: Operation, self: Effect.Effect<A, E | SqlError, R>) =>
    Effect.suspend(() => {
      let committing = false
      const marked = Effect.tap(self, () => Effect.sync(() => (committing = true)))
      return mapSqlError(sql.withTransaction(marked), operation, () => committing)
    }).pipe(Effect.provideService(SafeIntegers, false))
})
