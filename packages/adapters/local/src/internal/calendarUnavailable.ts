/** What happens when the database of the calendar does not do as it should. */
import { CalendarError } from "@aria/connectors"
import * as Effect from "effect/Effect"
import { SafeIntegers, type SqlClient } from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"

type Mapped<E> = Exclude<E, SqlError> | CalendarError.CalendarUnavailableError

const hint = ({ reason }: SqlError, ambiguous: boolean): string => {
  if (ambiguous) return "Whether it was written is not known: read it before you try again"
  return reason._tag === "LockTimeoutError" ? "Another process is writing: try again" : "Nothing was written"
}

const mapSqlError = <A, E, R>(
  self: Effect.Effect<A, E | SqlError, R>,
  operation: string,
  ambiguous: () => boolean
): Effect.Effect<A, Mapped<E>, R> =>
  Effect.mapError(self, (error): Mapped<E> => {
    if (!isSqlError(error)) return error as Mapped<E>
    const doubtful = ambiguous()
    const reason = error.reason._tag === "LockTimeoutError" ? "timeout" : "storage"
    const message = `The local calendar could not ${operation}. ${error.message}. ${hint(error, doubtful)}.`
    return new CalendarError.CalendarUnavailableError({ reason, ambiguous: doubtful, message })
  })

export const unavailable = (sql: SqlClient) => ({
  reading: <A, E, R>(operation: string, self: Effect.Effect<A, E | SqlError, R>) =>
    mapSqlError(self, operation, () => false).pipe(Effect.provideService(SafeIntegers, false)),

  /** In one transaction. Only while it commits can it be doubtful whether it was written: what fails before is rolled back. */
  writing: <A, E, R>(operation: string, self: Effect.Effect<A, E | SqlError, R>) =>
    Effect.suspend(() => {
      let committing = false
      const marked = Effect.tap(self, () => Effect.sync(() => (committing = true)))
      return mapSqlError(sql.withTransaction(marked), operation, () => committing)
    }).pipe(Effect.provideService(SafeIntegers, false))
})
