/** Whether a query is one. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { InvalidCrmQueryError, type Issue } from "../CrmError.ts"
import type * as CrmRecord from "../CrmRecord.ts"
import { read, show, withoutUndefined } from "./crmIssues.ts"
import { type LooseQuery, operators, looseSchemaOf, queryable } from "./crmQuerySchemas.ts"

/** The most that a query may have: every adapter has to carry it. */
export const limits = {
  /** Records of a page. */
  limit: 200,
  /** `and`, `or` and `not` within each other. */
  depth: 16,
  /** Conditions, `and`, `or` and `not` together. */
  conditions: 200,
  /** Values in the lists of `in`, together. */
  values: 1_000
} as const

type Path = ReadonlyArray<string | number>

/** Whether it is small enough, before anything goes into its depth. */
const tooMuch = (where: unknown): Issue | undefined => {
  const open: Array<{ readonly value: unknown; readonly path: Path; readonly depth: number }> = [{ value: where, path: ["where"], depth: 0 }]
  let conditions = 0
  let values = 0
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { depth, path, value } = one
    if (typeof value !== "object" || value === null) continue
    if (depth > limits.depth) return { path: path.slice(0, 8), received: `more than ${limits.depth} levels`, allowed: `${limits.depth} levels of and, or and not` }
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined) continue
      const here = [...path, key]
      if (key === "not") {
        conditions += 1
        open.push({ value: inner, path: here, depth: depth + 1 })
      } else if ((key === "and" || key === "or") && Array.isArray(inner)) {
        conditions += inner.length
        if (conditions <= limits.conditions) inner.forEach((each, index) => open.push({ value: each, path: [...here, index], depth: depth + 1 }))
      } else if (typeof inner === "object" && inner !== null) {
        conditions += Object.keys(inner).length
        if ("in" in inner && Array.isArray(inner.in)) values += inner.in.length
      }
    }
    if (conditions > limits.conditions) return { path: ["where"], received: `more than ${limits.conditions} conditions`, allowed: `${limits.conditions} conditions` }
    if (values > limits.values) return { path: ["where"], received: `${values} values`, allowed: `${limits.values} values in all lists of in` }
  }
  return undefined
}

const allowedKeys =
  (type: CrmRecord.Type) =>
  (path: Path): ReadonlyArray<string> => {
    if (path.length === 0) return ["where", "orderBy", "limit", "after"]
    if (path[0] === "orderBy") return ["field", "direction"]
    const fields = queryable(type)
    const field = fields.find(({ name }) => name === path.at(-1))
    return field === undefined ? [...fields.map(({ name }) => name), "and", "or", "not"] : operators(field.kind)
  }

const twice = (query: LooseQuery): Issue | undefined => {
  const names = (query.orderBy ?? []).map(({ field }) => field)
  const index = names.findIndex((name, place) => names.indexOf(name) !== place)
  return index < 0 ? undefined : { path: ["orderBy", index, "field"], received: show(names[index]), allowed: "each field once" }
}

const fail = (type: CrmRecord.Type, issue: Issue) => Result.fail(new InvalidCrmQueryError({ type, issues: [issue] }))

/** In `data`, times are texts; in `code`, they are times. */
export const check = (type: CrmRecord.Type, input: unknown, form: "data" | "code"): Result.Result<LooseQuery, InvalidCrmQueryError> => {
  const large = tooMuch(typeof input === "object" && input !== null && "where" in input ? input.where : undefined)
  if (large !== undefined) return fail(type, large)
  const schema = looseSchemaOf(type)
  const query = read(form === "data" ? schema : Schema.toType(schema), withoutUndefined(input), allowedKeys(type))
  if (Result.isFailure(query)) return Result.fail(new InvalidCrmQueryError({ type, issues: query.failure }))
  const double = twice(query.success)
  return double === undefined ? Result.succeed(query.success) : fail(type, double)
}
