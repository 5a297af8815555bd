/** The schemas of drafts, changes and queries, made from those of records: one source for what a record has. */
import * as CrmQuery from "@aria/connectors/CrmQuery"
import * as CrmRecord from "@aria/connectors/CrmRecord"
import * as Schema from "effect/Schema"
import { notEmpty } from "./payloadFields.ts"

type System = "id" | "version" | "createdAt" | "updatedAt"

type DraftFields<F extends Schema.Struct.Fields> = {
  readonly [K in Exclude<keyof F, System>]: F[K] extends Schema.Top
    ? null extends F[K]["Type"]
      ? Schema.optional<F[K]>
      : F[K]
    : never
}

type ChangeFields<F extends Schema.Struct.Fields> = {
  readonly [K in Exclude<keyof F, System>]: F[K] extends Schema.Top ? Schema.optional<F[K]> : never
}

const fieldsOf = (type: CrmRecord.Type, optional: (field: CrmRecord.FieldInfo) => boolean) => {
  const all: Readonly<Record<string, Schema.Top>> = CrmRecord.schemas[type].fields
  const written = CrmRecord.fields[type].filter(({ system }) => !system)
  return Object.fromEntries(
    written.map((field) => [field.name, optional(field) ? Schema.optional(all[field.name]!) : all[field.name]!])
  )
}

/** What a new record is made from: fields that may be `null` may be left out. */
export const draftOf = <T extends CrmRecord.Type>(
  type: T
): Schema.Struct<DraftFields<(typeof CrmRecord.schemas)[T]["fields"]>> =>
  Schema.Struct(fieldsOf(type, ({ nullable }) => nullable)) as never

/** What a record is changed by: one field at least. */
export const changeOf = <T extends CrmRecord.Type>(
  type: T
): Schema.Struct<ChangeFields<(typeof CrmRecord.schemas)[T]["fields"]>> =>
  Schema.Struct(fieldsOf(type, () => true)).check(notEmpty as never) as never

/** A schema that takes from a caller what it gives. */
export interface QueryPart<T> extends Schema.Codec<T, unknown> {
  readonly "~type.make": T
  readonly "~type.make.in": T
}

const partOf = (type: CrmRecord.Type, name: string): unknown => {
  const { fields } = CrmQuery.schema(type) as unknown as {
    readonly fields: Readonly<Record<string, { readonly schema: unknown }>>
  }
  const part = fields[name]?.schema
  if (part === undefined) throw new Error(`CrmQuery.schema("${type}") has no part "${name}"`)
  return part
}

/** The conditions of a query, without the rest of it. */
export const whereOf = <T extends CrmRecord.Type>(type: T): QueryPart<CrmQuery.Where<T>> =>
  partOf(type, "where") as QueryPart<CrmQuery.Where<T>>

/** The order of a query, without the rest of it. */
export const orderOf = <T extends CrmRecord.Type>(
  type: T
): QueryPart<ReadonlyArray<CrmQuery.OrderBy<CrmQuery.Field<T>>>> =>
  partOf(type, "orderBy") as QueryPart<ReadonlyArray<CrmQuery.OrderBy<CrmQuery.Field<T>>>>
