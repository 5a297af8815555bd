/** How a CRM is made wrong in one way, and named with the check that has to see it. */
import * as Crm from "@aria/connectors/Crm"
import * as CrmMemory from "@aria/connectors/CrmMemory"
import type * as CrmQuery from "@aria/connectors/CrmQuery"
import * as CrmRecord from "@aria/connectors/CrmRecord"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export type Backend = Crm.Backend
export type Fields = Readonly<Record<string, string | number | null>>
export type Where = CrmQuery.Checked["where"]

export interface Mutant {
  readonly description: string
  /** How the name of the check begins. */
  readonly check: string
  readonly layer: Layer.Layer<Crm.Crm>
}

export const wrong = (check: string, description: string, change: (backend: Backend) => Partial<Backend>): Mutant => ({
  check,
  description,
  layer: Crm.layer(Effect.map(CrmMemory.makeBackend, (backend) => ({ ...backend, ...change(backend) })))
})

/** Wrong before the checks of `Crm.make`: what is asked is not looked at, or answered otherwise. */
export const careless = (check: string, description: string, change: (crm: Loose, backend: Backend) => Partial<Loose>): Mutant => ({
  check,
  description,
  layer: Layer.effect(Crm.Crm)(
    Effect.map(CrmMemory.makeBackend, (backend) => {
      const crm = Crm.make(backend) as unknown as Loose
      return { ...crm, ...change(crm, backend) } as unknown as Crm.Service
    })
  )
})

interface Loose {
  readonly find: (type: CrmRecord.Type, query?: Record<string, unknown>) => Effect.Effect<unknown, Crm.Error>
  readonly get: (type: CrmRecord.Type, id: string) => Effect.Effect<Crm.AnyRecord, Crm.Error>
  readonly create: (type: CrmRecord.Type, draft: Record<string, unknown>) => Effect.Effect<Crm.AnyRecord, Crm.Error>
  readonly update: (
    type: CrmRecord.Type,
    request: { readonly id: string; readonly version: string; readonly change: Record<string, unknown> }
  ) => Effect.Effect<Crm.AnyRecord, Crm.Error>
  readonly remove: (type: CrmRecord.Type, request: { readonly id: string; readonly version: string }) => Effect.Effect<void, Crm.Error>
}

export const text = (change: (text: string) => string) => (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? change(value) : value]))
export const number = (change: (value: number) => number) => (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === "number" ? change(value) : value]))

/** Writes other fields than it was given. */
export const writing = (change: (fields: Fields) => Fields) => (backend: Backend) => ({
  create: (type: CrmRecord.Type, id: string | undefined, fields: Fields) => backend.create(type, id, change(fields)),
  update: (type: CrmRecord.Type, request: Parameters<Backend["update"]>[1]) => backend.update(type, { ...request, change: change(request.change) })
})

/** Answers another condition than it was asked. */
export const asking = (change: (condition: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>) => {
  const rewrite = (where: Where): Where => {
    const { and, not, or, ...fields } = where
    return {
      ...Object.fromEntries(Object.entries(fields).map(([name, condition]) => [name, change({ ...(condition as object | undefined) })])),
      ...(and === undefined ? {} : { and: and.map(rewrite) }),
      ...(or === undefined ? {} : { or: or.map(rewrite) }),
      ...(not === undefined ? {} : { not: rewrite(not) })
    }
  }
  return (backend: Backend) => ({ find: (query: CrmQuery.Checked) => backend.find({ ...query, where: rewrite(query.where) }) })
}

export const queried = (change: (query: CrmQuery.Checked) => CrmQuery.Checked) => (backend: Backend) => ({
  find: (query: CrmQuery.Checked) => backend.find(change(query))
})

/** Everything of a type, whatever was asked. */
export const everything = (backend: Backend, type: CrmRecord.Type) =>
  Effect.map(
    Effect.catchTag(
      backend.find({ type, where: {}, orderBy: [{ field: "id", direction: "asc" }], limit: 1_000_000, after: undefined }),
      "InvalidCrmQueryError",
      Effect.die
    ),
    ({ records }) => records
  )

/** The version that is there, whatever the caller knows. */
export const latest = (backend: Backend, type: CrmRecord.Type, id: string) => Effect.map(backend.get(type, id), ({ version }) => version)

/** A draft as it comes, with null for what it leaves out. */
export const unchecked = (backend: Backend, type: CrmRecord.Type, draft: Record<string, unknown>) => {
  const { id, ...fields } = { ...draft }
  const empty = Object.fromEntries(CrmRecord.fields[type].filter(({ system }) => !system).map(({ name }) => [name, null]))
  return backend.create(type, typeof id === "string" ? id : undefined, { ...empty, ...(fields as Fields) })
}

export const pause = Effect.yieldNow
