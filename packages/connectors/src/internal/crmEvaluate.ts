/** What conditions and orders mean. */
import * as DateTime from "effect/DateTime"
import type { Key } from "../CrmQuery.ts"
import type { LooseCondition, LooseWhere } from "./crmQuerySchemas.ts"

export type Row = Readonly<Record<string, unknown>>

/** A value as it is compared. */
export const keyOf = (value: unknown): Key => {
  if (typeof value === "string" || typeof value === "number") return value
  return DateTime.isDateTime(value) ? DateTime.toEpochMillis(value) : null
}

/** Half of a character above U+FFFF. */
const half = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff

/** By code points, as databases compare UTF-8. JavaScript compares units of UTF-16, where U+FFFD comes after U+1F600. */
const compareTexts = (one: string, other: string): number => {
  const length = Math.min(one.length, other.length)
  for (let index = 0; index < length; index++) {
    const left = one.charCodeAt(index)
    const right = other.charCodeAt(index)
    // The first unit that differs decides. Halves of characters above U+FFFF belong after all others.
    if (left !== right) return half(left) === half(right) ? left - right : half(left) ? 1 : -1
  }
  return one.length - other.length
}

/** `null` first, then numbers or texts. */
export const compare = (one: Key, other: Key): number => {
  if (one === null || other === null) return (one === null ? 0 : 1) - (other === null ? 0 : 1)
  return typeof one === "string" && typeof other === "string" ? compareTexts(one, other) : Number(one) - Number(other)
}

/**
 * See `CrmQuery.fold`. Letter by letter: a sigma at the end of a word is the same letter. By way of lower case to upper case, because
 * the capital sharp s has no other way to the two letters that the small one becomes.
 */
export const fold = (text: string): string => {
  const upper = Array.from(text.normalize("NFC"), (character) => character.toLowerCase().toUpperCase()).join("")
  return Array.from(upper, (character) => character.toLowerCase()).join("").normalize("NFC")
}

const operations: Readonly<Record<string, (value: Key, given: unknown) => boolean>> = {
  eq: (value, given) => value === keyOf(given),
  ne: (value, given) => value !== keyOf(given),
  in: (value, given) => Array.isArray(given) && given.some((one) => keyOf(one) === value),
  lt: (value, given) => value !== null && compare(value, keyOf(given)) < 0,
  lte: (value, given) => value !== null && compare(value, keyOf(given)) <= 0,
  gt: (value, given) => value !== null && compare(value, keyOf(given)) > 0,
  gte: (value, given) => value !== null && compare(value, keyOf(given)) >= 0,
  exists: (value, given) => (value !== null) === given,
  contains: (value, given) => typeof value === "string" && fold(value).includes(fold(String(given)))
}

const matchesCondition = (value: Key, condition: LooseCondition): boolean =>
  Object.entries(condition).every(([name, given]) => given === undefined || operations[name]?.(value, given) === true)

export const matchesWhere = ({ and, not, or, ...fields }: LooseWhere, row: Row): boolean =>
  (and === undefined || and.every((each) => matchesWhere(each, row))) &&
  (or === undefined || or.some((each) => matchesWhere(each, row))) &&
  (not === undefined || !matchesWhere(not, row)) &&
  Object.entries(fields).every(([name, condition]) => condition === undefined || matchesCondition(keyOf(row[name]), condition as LooseCondition))

export const compareKeys =
  (orderBy: ReadonlyArray<{ readonly direction: "asc" | "desc" }>) =>
  (one: ReadonlyArray<Key>, other: ReadonlyArray<Key>): number => {
    for (const [index, { direction }] of orderBy.entries()) {
      const difference = compare(one[index] ?? null, other[index] ?? null)
      if (difference !== 0) return direction === "asc" ? difference : -difference
    }
    return 0
  }
