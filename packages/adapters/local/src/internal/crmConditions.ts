/** Conditions and orders as SQL. Values are parameters; columns come from the fields of the type and from nowhere else. */
import { CrmQuery, CrmRecord } from "@aria/connectors"
import * as DateTime from "effect/DateTime"
import type { SqlClient } from "effect/sql/SqlClient"
import type { Fragment } from "effect/sql/Statement"
import { folded } from "./crmTables.ts"

type Where = CrmQuery.Checked["where"]
type Value = string | number | null

/** A value as its column has it. */
export const stored = (value: unknown): Value => {
  if (typeof value === "string" || typeof value === "number") return value
  return DateTime.isDateTime(value) ? DateTime.toEpochMillis(value) : null
}

const fieldOf = (type: CrmRecord.Type, name: string): CrmRecord.FieldInfo => {
  const field = CrmRecord.fields[type].find((field) => field.name === name)
  if (field === undefined) throw new Error(`A ${type} has no field ${name}`)
  return field
}

const all = (sql: SqlClient) => sql`1 = 1`
const none = (sql: SqlClient) => sql`1 = 0`

const oneOf = (sql: SqlClient, column: Fragment, values: ReadonlyArray<unknown>): Fragment =>
  values.length === 0 ? none(sql) : sql`${column} IN ${sql.in(values.map(stored))}`

const part = (sql: SqlClient, { kind, name }: CrmRecord.FieldInfo, text: string): Fragment =>
  // Days and choices are lower case as they are.
  sql`instr(${sql(kind === "text" ? folded(name) : name)}, ${CrmQuery.fold(text)}) > 0`

/** May be NULL where the column is. */
const comparison = (sql: SqlClient, field: CrmRecord.FieldInfo, operator: string, given: unknown): Fragment => {
  const column = sql`${sql(field.name)}`
  switch (operator) {
    case "eq":
      return sql`${column} = ${stored(given)}`
    case "ne":
      return sql`${column} IS NOT ${stored(given)}`
    case "in":
      return oneOf(sql, column, Array.isArray(given) ? given : [])
    case "lt":
      return sql`${column} < ${stored(given)}`
    case "lte":
      return sql`${column} <= ${stored(given)}`
    case "gt":
      return sql`${column} > ${stored(given)}`
    case "gte":
      return sql`${column} >= ${stored(given)}`
    case "exists":
      return given === true ? sql`${column} IS NOT NULL` : sql`${column} IS NULL`
    case "contains":
      return part(sql, field, String(given))
    default:
      throw new Error(`There is no condition ${operator}`)
  }
}

/** True or false, as conditions are: SQL's third value would turn `not` around. */
const decided = (sql: SqlClient, field: CrmRecord.FieldInfo, condition: Fragment): Fragment =>
  field.nullable ? sql`(${condition}) IS TRUE` : condition

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

export const whereOf = (sql: SqlClient, type: CrmRecord.Type, { and, not, or, ...fields }: Where): Fragment => {
  const conditions = Object.entries(fields).flatMap(([name, condition]) => {
    const field = fieldOf(type, name)
    return (isObject(condition) ? Object.entries(condition) : []).map(([operator, given]) =>
      decided(sql, field, comparison(sql, field, operator, given))
    )
  })
  if (and !== undefined) conditions.push(...and.map((each) => whereOf(sql, type, each)))
  if (or !== undefined) conditions.push(or.length === 0 ? none(sql) : sql.or(or.map((each) => sql`(${whereOf(sql, type, each)})`)))
  if (not !== undefined) conditions.push(sql`NOT (${whereOf(sql, type, not)})`)
  return conditions.length === 0 ? all(sql) : sql.and(conditions)
}

export const orderOf = (sql: SqlClient, { orderBy }: CrmQuery.Checked): Fragment =>
  sql.csv(orderBy.map(({ direction, field }) => (direction === "asc" ? sql`${sql(field)} ASC` : sql`${sql(field)} DESC`)))

/** What comes after these keys in one field: `null` is before all others. */
const behind = (sql: SqlClient, field: string, direction: "asc" | "desc", key: Value): Fragment => {
  const column = sql(field)
  if (direction === "asc") return key === null ? sql`${column} IS NOT NULL` : sql`(${column} > ${key}) IS TRUE`
  return key === null ? none(sql) : sql`(${column} < ${key} OR ${column} IS NULL)`
}

/** The records behind those with these keys: later in the first field, or the same there and later in the next. */
export const behindAll = (sql: SqlClient, { orderBy }: CrmQuery.Checked, keys: ReadonlyArray<Value>): Fragment =>
  orderBy.reduceRight<Fragment>((later, { direction, field }, index) => {
    const key = keys[index] ?? null
    return sql`(${behind(sql, field, direction, key)} OR (${sql(field)} IS ${key} AND ${later}))`
  }, none(sql))
