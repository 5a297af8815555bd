/** Random records and queries, from few values, so that conditions meet some records and not others. */
import * as CrmRecord from "@aria/connectors/CrmRecord"
import type { Row } from "./crmCheck.ts"
import type { Random } from "./lawRandom.ts"

const words = ["a", "A", "b", "B", "ab", "aB", "Ab", "abc", "", "10", "9", "%", "_", "a%b", "it's", "\\", "\uFFFD", "😀", "\uE000", "Ä", "ä", "Ärger", "ÄRGER"]
const folding = ["ß", "SS", "ss", "ΣΑΣ", "σας", "ς", "İ", "ı", "i", "I", "é", "e\u0301", "ﬁ", "FI", "Ω", "ω", "Я", "я", " "]
const numbers = [-10, -1, -0.5, 0, 0.1, 0.25, 0.5, 1, 2, 10, 9, 1e9, 0.1 + 0.2]
const days = ["2025-12-31", "2026-01-01", "2026-02-28", "2026-11-23", "0001-01-01", "9999-12-31"]
const choices = ["lead", "contact", "account", "opportunity"]

const anyText = (random: Random): string => random.pick(random.chance(0.6) ? words : folding)

/** A value for a field, of those that a record may have. */
const written = (random: Random, { name }: CrmRecord.FieldInfo): string | number => {
  switch (name) {
    case "currency":
      return random.pick(["EUR", "USD"])
    case "employees":
      return random.pick([0, 1, 2, 9, 10, 1e9])
    case "probability":
      return random.pick([0, 0.1, 0.25, 0.5, 1])
    case "closeDate":
      return random.pick(days)
    case "value":
    case "amount":
    case "revenue":
      return random.pick(numbers)
    default:
      return anyText(random)
  }
}

/** The written fields of a record, but for references. */
export const fieldsFor = (random: Random, type: CrmRecord.Type): Readonly<Record<string, string | number | null>> =>
  Object.fromEntries(
    CrmRecord.fields[type]
      .filter(({ name, system }) => !system && !name.startsWith("about") && name !== "accountId")
      .map((field) => {
        if (field.nullable && random.chance(0.3)) return [field.name, null]
        const value = written(random, field)
        return [field.name, value === "" && !field.nullable ? "x" : value]
      })
  )

/** A value to compare a field with: often one that a record has. */
const given = (random: Random, field: CrmRecord.FieldInfo, rows: ReadonlyArray<Row>): unknown => {
  const row = rows.length > 0 ? random.pick(rows) : undefined
  const there = row?.[field.name]
  if (there !== undefined && there !== null && (field.kind === "instant" || random.chance(0.5))) return there
  if (field.kind === "choice") return random.pick(choices)
  if (field.kind === "day") return random.pick(days)
  return field.kind === "number" ? random.pick(numbers) : anyText(random)
}

const condition = (random: Random, field: CrmRecord.FieldInfo, rows: ReadonlyArray<Row>): Readonly<Record<string, unknown>> => {
  const compared = ["eq", "ne", "lt", "lte", "gt", "gte", "in", "exists"]
  const names = field.kind === "number" || field.kind === "instant" ? compared : [...compared, "contains", "contains"]
  const one = (): readonly [string, unknown] => {
    const name = random.pick(names)
    if (name === "exists") return [name, random.chance(0.5)]
    if (name === "contains") return [name, random.chance(0.2) ? String(given(random, field, rows)) : anyText(random)]
    return [name, name === "in" ? Array.from({ length: random.between(0, 4) }, () => given(random, field, rows)) : given(random, field, rows)]
  }
  return Object.fromEntries(Array.from({ length: random.weighted([[0.05, 0], [1, 1], [0.2, 2]]) }, one))
}

const where = (random: Random, type: CrmRecord.Type, rows: ReadonlyArray<Row>, depth: number): Readonly<Record<string, unknown>> => {
  const fields = CrmRecord.fields[type].filter(({ queryable }) => queryable)
  const several = () => Array.from({ length: random.between(0, 3) }, () => where(random, type, rows, depth - 1))
  const named = Array.from({ length: random.between(depth === 0 ? 1 : 0, 2) }, () => random.pick(fields))
  return {
    ...Object.fromEntries(named.map((field) => [field.name, condition(random, field, rows)])),
    ...(depth > 0 && random.chance(0.4) ? { or: several() } : {}),
    ...(depth > 0 && random.chance(0.2) ? { and: several() } : {}),
    ...(depth > 0 && random.chance(0.3) ? { not: where(random, type, rows, depth - 1) } : {})
  }
}

export interface RandomQuery {
  readonly where?: Readonly<Record<string, unknown>>
  readonly orderBy?: ReadonlyArray<{ readonly field: string; readonly direction?: "asc" | "desc" }>
  readonly limit?: number
}

export const orderFor = (random: Random, type: CrmRecord.Type): NonNullable<RandomQuery["orderBy"]> => {
  const names = CrmRecord.fields[type].filter(({ queryable }) => queryable).map(({ name }) => name)
  return [...new Set(Array.from({ length: random.between(1, 3) }, () => random.pick(names)))].map((field) => ({
    field,
    ...(random.chance(0.7) ? { direction: random.pick(["asc", "desc"] as const) } : {})
  }))
}

export const queryFor = (random: Random, type: CrmRecord.Type, rows: ReadonlyArray<Row>): RandomQuery => ({
  ...(random.chance(0.85) ? { where: where(random, type, rows, random.between(0, 2)) } : {}),
  ...(random.chance(0.8) ? { orderBy: orderFor(random, type) } : {}),
  ...(random.chance(0.7) ? { limit: random.weighted([[1, 1], [1, 2], [2, 7], [1, 200]]) } : {})
})
