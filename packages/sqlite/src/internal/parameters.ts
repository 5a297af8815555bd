/** What may stand for a `?`. Node would take some values for something else without a word: those are refused. */
import type { SQLInputValue } from "node:sqlite"

const refuse = (index: number, what: string): never => {
  throw new TypeError(`Parameter ${index + 1} is ${what}`)
}

const bind = (value: unknown, index: number): SQLInputValue => {
  switch (typeof value) {
    case "string":
    case "bigint":
      return value
    case "boolean":
      return value ? 1 : 0
    case "number":
      return Number.isNaN(value) ? refuse(index, "NaN, which SQLite would store as NULL: use null") : value
    case "undefined":
      return refuse(index, "undefined: use null")
    default:
  }
  if (value === null || value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (value instanceof Date) return refuse(index, "a Date, which SQLite does not have: use toISOString() or getTime()")
  return refuse(
    index,
    `a value of type ${typeof value}: allowed are strings, numbers, bigints, booleans, bytes and null`
  )
}

export const bindAll = (parameters: ReadonlyArray<unknown>): Array<SQLInputValue> => parameters.map(bind)
