/** The schemas of queries, made from the fields of each type. */
import * as Schema from "effect/Schema"
import type * as CrmQuery from "../CrmQuery.ts"
import * as CrmRecord from "../CrmRecord.ts"
import { Day, Finite, Text } from "./crmFields.ts"

/** A condition whose field is not known at compile time. Values are texts, numbers or times. */
export type LooseCondition = Readonly<Record<string, unknown>>

export type LooseWhere = {
  readonly and?: ReadonlyArray<LooseWhere> | undefined
  readonly or?: ReadonlyArray<LooseWhere> | undefined
  readonly not?: LooseWhere | undefined
} & Readonly<Record<string, unknown>>

export interface LooseQuery {
  readonly where?: LooseWhere | undefined
  readonly orderBy?: ReadonlyArray<{ readonly field: string; readonly direction?: "asc" | "desc" | undefined }> | undefined
  readonly limit?: number | undefined
  readonly after?: string | undefined
}

const values = {
  text: Text,
  number: Finite,
  day: Day,
  choice: CrmRecord.Note.fields.aboutType,
  instant: Schema.DateTimeUtcFromString
} as const

/** The names of the conditions, by kind of field. */
export const operators = (kind: CrmRecord.FieldInfo["kind"]): ReadonlyArray<string> => [
  "eq",
  "ne",
  "in",
  "lt",
  "lte",
  "gt",
  "gte",
  "exists",
  ...(kind === "number" || kind === "instant" ? [] : ["contains"])
]

const schemaOf: Readonly<Record<string, (value: Schema.Codec<unknown, unknown>) => Schema.Codec<unknown, unknown>>> = {
  in: (value) => Schema.Array(value),
  exists: () => Schema.Boolean,
  contains: () => Text
}

const condition = (kind: CrmRecord.FieldInfo["kind"]) =>
  Schema.Struct(
    Object.fromEntries(
      operators(kind).map((name) => [name, Schema.optionalKey((schemaOf[name] ?? ((value) => value))(values[kind]))])
    )
  )

const conditions = {
  text: condition("text"),
  number: condition("number"),
  day: condition("day"),
  choice: condition("choice"),
  instant: condition("instant")
}

export const queryable = (type: CrmRecord.Type): ReadonlyArray<CrmRecord.FieldInfo> =>
  CrmRecord.fields[type].filter(({ queryable }) => queryable)

const Limit = Finite.check(
  Schema.makeFilter((limit: number) => Number.isInteger(limit) && limit >= 1 && limit <= 200, {
    expected: "a whole number from 1 to 200"
  })
)

const structOf = (type: CrmRecord.Type) => {
  const fields = queryable(type)
  const where: Schema.Codec<LooseWhere, unknown> = Schema.Struct({
    ...Object.fromEntries(fields.map(({ kind, name }) => [name, Schema.optionalKey(conditions[kind])])),
    and: Schema.optionalKey(Schema.Array(Schema.suspend(() => where))),
    or: Schema.optionalKey(Schema.Array(Schema.suspend(() => where))),
    not: Schema.optionalKey(Schema.suspend(() => where))
  }) as unknown as Schema.Codec<LooseWhere, unknown>
  return Schema.Struct({
    where: Schema.optionalKey(where),
    orderBy: Schema.optionalKey(
      Schema.Array(
        Schema.Struct({
          field: Schema.Literals(fields.map(({ name }) => name)),
          direction: Schema.optionalKey(Schema.Literals(["asc", "desc"]))
        })
      )
    ),
    limit: Schema.optionalKey(Limit),
    after: Schema.optionalKey(Text)
  })
}

const schemas = {
  lead: structOf("lead"),
  contact: structOf("contact"),
  account: structOf("account"),
  opportunity: structOf("opportunity"),
  note: structOf("note")
}

/** The schema as the code knows it that does not know the type of the record. */
export const looseSchemaOf = (type: CrmRecord.Type): Schema.Codec<LooseQuery, unknown> => schemas[type] as unknown as Schema.Codec<LooseQuery, unknown>

/** The same as users see it: made of the fields of the type, which TypeScript cannot follow. */
export const querySchemaOf = <T extends CrmRecord.Type>(type: T): Schema.Codec<CrmQuery.Query<T>, unknown> =>
  schemas[type] as unknown as Schema.Codec<CrmQuery.Query<T>, unknown>

/** A query that was checked against the fields of its type is one of that type. */
export const queryOf = <T extends CrmRecord.Type>(_: T, checked: LooseQuery): CrmQuery.Query<T> => checked as unknown as CrmQuery.Query<T>
