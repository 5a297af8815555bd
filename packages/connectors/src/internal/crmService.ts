/** Checks what callers give before an adapter sees it. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { AnyRecord, Backend, Service } from "../Crm.ts"
import { InvalidRecordError, type Issue, RecordNotFoundError, UnknownRecordTypeError } from "../CrmError.ts"
import * as CrmQuery from "../CrmQuery.ts"
import * as CrmRecord from "../CrmRecord.ts"
import { RecordId } from "./crmFields.ts"
import { show } from "./crmIssues.ts"
import { readChange, readDraft } from "./crmWrites.ts"

const isType = Schema.is(CrmRecord.Type)
const isId = Schema.is(RecordId)

/** What no record can be called is not asked for: half characters would become other ones on the way. */
const existing = <A, E>(type: CrmRecord.Type, id: string, use: Effect.Effect<A, E>): Effect.Effect<A, E | RecordNotFoundError> =>
  isId(id) ? use : Effect.fail(new RecordNotFoundError({ type, id: String(id).toWellFormed() }))

const typed = <A, E>(type: unknown, use: (type: CrmRecord.Type) => Effect.Effect<A, E>): Effect.Effect<A, E | UnknownRecordTypeError> =>
  isType(type) ? use(type) : Effect.fail(new UnknownRecordTypeError({ received: show(type) }))

const invalid = (type: CrmRecord.Type) => (issues: readonly [Issue, ...Array<Issue>]) => new InvalidRecordError({ type, issues })

/** The types of records follow from the names of their types, which TypeScript does not see here. */
export const checked = (backend: Backend): Service => {
  const find = Effect.fn("Crm.find")((type: unknown, query: unknown) =>
    typed(type, (type) => Effect.flatMap(Effect.fromResult(CrmQuery.check(type, query)), backend.find))
  )
  const get = Effect.fn("Crm.get")((type: unknown, id: string) => typed(type, (type) => existing(type, id, backend.get(type, id))))
  const create = Effect.fn("Crm.create")((type: unknown, draft: unknown) =>
    typed(type, (type) =>
      Effect.flatMap(Effect.fromResult(Result.mapError(readDraft(type, draft), invalid(type))), ({ fields, id }) =>
        backend.create(type, id, fields)
      )
    )
  )
  const update = Effect.fn("Crm.update")(
    (type: unknown, request: { readonly id: string; readonly version: string; readonly change: unknown }) =>
      typed(type, (type) =>
        Effect.flatMap(Effect.fromResult(Result.mapError(readChange(type, request.change), invalid(type))), (change) =>
          existing(type, request.id, backend.update(type, { id: request.id, version: request.version, change }))
        )
      )
  )
  const remove = Effect.fn("Crm.remove")((type: unknown, request: { readonly id: string; readonly version: string }) =>
    typed(type, (type) => existing(type, request.id, backend.remove(type, request)))
  )
  return { find, get, create, update, remove } as unknown as Service
}

/** A record of a type that is known at run time only. */
export const asRecord = (record: Readonly<Record<string, unknown>>): AnyRecord => record as unknown as AnyRecord
