import { isSqlError } from "effect/sql/SqlError"

/** What the database said. Some clients only say that a query failed, and leave the rest to the cause. */
export const reasonOf = (error: { readonly message: string }): string => {
  const cause = isSqlError(error) ? error.reason.cause : undefined
  return cause instanceof Error && !error.message.includes(cause.message) ? `${error.message}: ${cause.message}` : error.message
}
