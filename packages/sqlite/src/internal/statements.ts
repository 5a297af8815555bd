/** Prepared statements, and those kept for their next use. */
import type { DatabaseSync, StatementSync } from "node:sqlite"

const isBlank = (sql: string): boolean => sql.replace(/--[^\n]*|\/\*[^]*?(?:\*\/|$)|[\s;]+/g, "") === ""

/** Node prepares the first statement of a text and drops the others without a word. */
export const prepare = (db: DatabaseSync, sql: string): StatementSync => {
  const statement = db.prepare(sql)
  const rest = sql.trimStart().slice(statement.sourceSQL.trimStart().length)
  if (!isBlank(rest))
    throw new TypeError(`One statement at a time: there is another one after the first, ${rest.trim()}`)
  return statement
}

/** Keeps the `size` statements that were used last. */
export const makeCache = (db: DatabaseSync, size: number): ((sql: string) => StatementSync) => {
  const kept = new Map<string, StatementSync>()
  return (sql) => {
    const statement = kept.get(sql) ?? prepare(db, sql)
    if (size === 0) return statement
    kept.delete(sql)
    kept.set(sql, statement)
    const oldest = kept.size > size ? kept.keys().next() : undefined
    if (oldest?.done === false) kept.delete(oldest.value)
    return statement
  }
}
