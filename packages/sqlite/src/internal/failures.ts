/** What went wrong, as effect's `SqlError` with its reason. */
import {
  classifySqliteError,
  ConnectionError,
  SqlError,
  type SqlErrorReason,
  SqlSyntaxError
} from "effect/sql/SqlError"
import { codeOf } from "./busy.ts"

const nodeCodeOf = (cause: unknown): unknown =>
  typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined

const hintOf = (cause: unknown, code: number | undefined, busyTimeout: number): string => {
  if (nodeCodeOf(cause) === "ERR_OUT_OF_RANGE") return ". Provide SqlClient.SafeIntegers to read integers as bigint"
  if (code === 517) return ". What was read has changed since: run the transaction again"
  if (code !== undefined && (code & 0xff) === 5)
    return `. Another connection kept it for longer than busyTimeout, ${busyTimeout} ms`
  return ""
}

const isSyntax = (text: string): boolean =>
  /syntax error|incomplete input|unrecognized token|no such (table|column|function|index|savepoint)|has no column named/i.test(
    text
  )

const reasonOf = (cause: unknown, text: string, message: string, operation: string): SqlErrorReason => {
  const code = codeOf(cause)
  if (code === 1 && isSyntax(text)) return new SqlSyntaxError({ cause, message, operation })
  if (nodeCodeOf(cause) === "ERR_INVALID_STATE" && /not open|finalized/.test(text))
    return new ConnectionError({ cause, message, operation })
  // Node writes SQLite's code into `errcode`; effect looks for it in `errno`.
  if (code !== undefined && cause instanceof Error && !("errno" in cause)) Object.assign(cause, { errno: code })
  return classifySqliteError(cause, { message, operation })
}

export const toSqlError = (cause: unknown, operation: string, busyTimeout: number): SqlError => {
  const text = cause instanceof Error ? cause.message : String(cause)
  const message = `SQLite: ${text}${hintOf(cause, codeOf(cause), busyTimeout)}`
  return new SqlError({ reason: reasonOf(cause, text, message, operation) })
}
