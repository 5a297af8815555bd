/**
 * A CRM in memory: for tests, examples, and work that need not last.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Crm from "./Crm.ts"
import { RecordExistsError, RecordInUseError, RecordNotFoundError, RecordReferenceError, StaleRecordError } from "./CrmError.ts"
import * as CrmQuery from "./CrmQuery.ts"
import * as CrmRecord from "./CrmRecord.ts"
import { asRecord } from "./internal/crmService.ts"

/**
 * The backend itself, empty. Ids are made as `lead-1`, `lead-2` ...; versions rise over all records.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeBackend: Effect.Effect<Crm.Backend> = Effect.sync(() => {
  const store: { readonly [T in CrmRecord.Type]: Map<string, Crm.AnyRecord> } = {
    lead: new Map(),
    contact: new Map(),
    account: new Map(),
    opportunity: new Map(),
    note: new Map()
  }
  let writes = 0
  let made = 0

  const freeId = (type: CrmRecord.Type): string => {
    const id = `${type}-${++made}`
    return store[type].has(id) ? freeId(type) : id
  }

  /** The record, if it is there and has this version. */
  const current = (
    type: CrmRecord.Type,
    { id, version }: { readonly id: string; readonly version: string }
  ): Result.Result<Crm.AnyRecord, RecordNotFoundError | StaleRecordError> => {
    const found = store[type].get(id)
    if (found === undefined) return Result.fail(new RecordNotFoundError({ type, id }))
    return found.version === version
      ? Result.succeed(found)
      : Result.fail(new StaleRecordError({ type, id, received: version, current: found.version }))
  }

  const put = (
    type: CrmRecord.Type,
    record: Readonly<Record<string, unknown>> & { readonly id: string }
  ): Result.Result<Crm.AnyRecord, RecordReferenceError> => {
    const missing = CrmRecord.references(type, record).find(({ id, type }) => !store[type].has(id))
    if (missing !== undefined) {
      const to = { type: missing.type, id: missing.id }
      return Result.fail(new RecordReferenceError({ type, field: missing.field, to }))
    }
    const written = asRecord({ ...record, version: String(++writes) })
    store[type].set(record.id, written)
    return Result.succeed(written)
  }

  const referrer = (type: CrmRecord.Type, id: string): CrmRecord.Reference | undefined => {
    for (const from of CrmRecord.Type.literals) {
      for (const record of store[from].values()) {
        const refers = CrmRecord.references(from, { ...record }).some((to) => to.type === type && to.id === id)
        if (refers) return { type: from, id: record.id }
      }
    }
    return undefined
  }

  /** Decides and writes in one step, so that no other operation comes between. */
  const atOnce = <A, E>(step: (now: DateTime.Utc) => Result.Result<A, E>): Effect.Effect<A, E> =>
    Effect.flatMap(DateTime.now, (now) => Effect.fromResult(step(now)))

  return {
    find: (query) => atOnce(() => CrmQuery.evaluate(query, store[query.type].values())),
    get: (type, id) =>
      atOnce(() => {
        const found = store[type].get(id)
        return found === undefined ? Result.fail(new RecordNotFoundError({ type, id })) : Result.succeed(found)
      }),
    create: (type, given, fields) =>
      atOnce((now): Result.Result<Crm.AnyRecord, RecordExistsError | RecordReferenceError> => {
        const id = given ?? freeId(type)
        return store[type].has(id)
          ? Result.fail(new RecordExistsError({ type, id }))
          : put(type, { ...fields, id, createdAt: now, updatedAt: now })
      }),
    update: (type, request) =>
      atOnce((now) =>
        Result.gen(function* () {
          const found = yield* current(type, request)
          return yield* put(type, { ...found, ...request.change, updatedAt: now })
        })
      ),
    remove: (type, request) =>
      atOnce(() =>
        Result.gen(function* () {
          yield* current(type, request)
          const by = referrer(type, request.id)
          if (by !== undefined) return yield* Result.fail(new RecordInUseError({ type, id: request.id, by }))
          store[type].delete(request.id)
        })
      )
  }
})

/**
 * An empty CRM for as long as the layer lives.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Crm.Crm> = Crm.layer(makeBackend)
