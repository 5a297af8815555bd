/** A CRM whose records' types are known at run time only. */
import {
  type AnyRecord,
  type CreateError,
  Crm,
  type FindError,
  type GetError,
  type RemoveError,
  type UpdateError
} from "@aria/connectors/Crm"
import { StaleRecordError } from "@aria/connectors/CrmError"
import * as CrmRecord from "@aria/connectors/CrmRecord"
import * as Effect from "effect/Effect"
import type { RemoveInput, Stored } from "../CrmAction.ts"
import { between, type Fields } from "../Difference.ts"
import { fieldsOf, without } from "./json.ts"

/** The fields that a caller writes. */
export type Values = Readonly<Record<string, string | number | null>>

interface Loose {
  readonly find: (
    type: CrmRecord.Type,
    query: object
  ) => Effect.Effect<{ readonly records: ReadonlyArray<AnyRecord>; readonly next?: string | undefined }, FindError>
  readonly get: (type: CrmRecord.Type, id: string) => Effect.Effect<AnyRecord, GetError>
  readonly create: (
    type: CrmRecord.Type,
    draft: Values & { readonly id: string }
  ) => Effect.Effect<AnyRecord, CreateError>
  readonly update: (
    type: CrmRecord.Type,
    request: { readonly id: string; readonly version: string; readonly change: Values }
  ) => Effect.Effect<AnyRecord, UpdateError>
  readonly remove: (
    type: CrmRecord.Type,
    request: { readonly id: string; readonly version: string }
  ) => Effect.Effect<void, RemoveError>
}

export const loose: Effect.Effect<Loose, never, Crm> = Effect.map(Crm, (crm) => crm as unknown as Loose)

/** The record as it is, if it still has the version that the caller knows. */
export const current = Effect.fnUntraced(function* ({ recordId, recordType, version }: RemoveInput) {
  const record = yield* (yield* loose).get(recordType, recordId)
  if (record.version === version) return record
  return yield* new StaleRecordError({ type: recordType, id: recordId, received: version, current: record.version })
})

/** What of a type can be written. */
export const writtenOf = (type: CrmRecord.Type): ReadonlyArray<string> =>
  CrmRecord.fields[type].flatMap(({ name, system }) => (system ? [] : [name]))

/** What of a record can be written, as JSON. */
export const contentOf = (type: CrmRecord.Type, record: AnyRecord): Fields =>
  without(fieldsOf(CrmRecord.schemas[type] as typeof CrmRecord.Lead, record as CrmRecord.Lead), [
    "id",
    "version",
    "createdAt",
    "updatedAt"
  ])

/** The same as values that can be written back. */
export const valuesOf = (type: CrmRecord.Type, record: AnyRecord): Values => contentOf(type, record) as Values

/** A draft with every field: what is left out is `null`. */
export const completed = (type: CrmRecord.Type, values: Values): Values =>
  Object.fromEntries(writtenOf(type).map((name) => [name, values[name] ?? null]))

/** A record with its type, which TypeScript does not see here. */
export const stored = (type: CrmRecord.Type, record: AnyRecord): Stored => ({ type, record }) as unknown as Stored

/** The values that make `after` what `before` was. */
export const restoring = (type: CrmRecord.Type, before: AnyRecord, after: AnyRecord): Values =>
  Object.fromEntries(
    between(contentOf(type, after), contentOf(type, before)).map(({ after: value = null, field }) => [field, value])
  ) as Values
