/** Whether a draft or a change fits its type. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Issue } from "../CrmError.ts"
import * as CrmRecord from "../CrmRecord.ts"
import { RecordId } from "./crmFields.ts"
import { read, withoutUndefined } from "./crmIssues.ts"

type Value = string | number | null
type Values = Readonly<Record<string, Value>>
type Issues = readonly [Issue, ...Array<Issue>]

const written = (type: CrmRecord.Type) => CrmRecord.fields[type].filter(({ system }) => !system)

/** The fields without those that the CRM makes. All may be left out: a change has some, a draft those that must be. */
const schemaOf = (type: CrmRecord.Type, required: boolean) => {
  const all: Readonly<Record<string, Schema.Codec<Value, unknown>>> = CrmRecord.schemas[type].fields as never
  const fields = written(type).map(({ name, nullable }) => {
    const value = all[name] as Schema.Codec<Value, unknown>
    return [name, required && !nullable ? value : Schema.optionalKey(value)] as const
  })
  return Schema.Struct({
    ...Object.fromEntries(fields),
    ...(required ? { id: Schema.optionalKey(RecordId) } : {})
  }) as unknown as Schema.Codec<Values, unknown>
}

const schemas = (required: boolean) => ({
  lead: schemaOf("lead", required),
  contact: schemaOf("contact", required),
  account: schemaOf("account", required),
  opportunity: schemaOf("opportunity", required),
  note: schemaOf("note", required)
})

export const drafts = schemas(true)
export const changes = schemas(false)

/** There is one zero: databases do not keep the sign of it. */
const oneZero = (value: Value): Value => (value === 0 ? 0 : value)

const names = (type: CrmRecord.Type) => written(type).map(({ name }) => name)

export const readDraft = (type: CrmRecord.Type, input: unknown): Result.Result<{ readonly id: string | undefined; readonly fields: Values }, Issues> =>
  Result.map(
    read(drafts[type], withoutUndefined(input), () => ["id", ...names(type)]),
    ({ id, ...fields }) => ({
      id: typeof id === "string" ? id : undefined,
      fields: Object.fromEntries(names(type).map((name) => [name, oneZero(fields[name] ?? null)]))
    })
  )

export const readChange = (type: CrmRecord.Type, input: unknown): Result.Result<Values, Issues> =>
  Result.flatMap(
    read(changes[type], withoutUndefined(input), () => names(type)),
    (fields): Result.Result<Values, Issues> =>
      Object.keys(fields).length === 0
        ? Result.fail([{ path: [], received: "no field", allowed: `one at least of ${names(type).join(", ")}` }])
        : Result.succeed(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, oneZero(value)])))
  )
