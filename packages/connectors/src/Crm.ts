/**
 * A CRM: leads, contacts, accounts, opportunities and notes that can be found, read and written. A service without I/O; adapters
 * implement it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type {
  CrmUnavailableError,
  InvalidCrmQueryError,
  InvalidRecordError,
  RecordExistsError,
  RecordInUseError,
  RecordNotFoundError,
  RecordReferenceError,
  StaleRecordError,
  UnknownRecordTypeError
} from "./CrmError.ts"
import type * as CrmQuery from "./CrmQuery.ts"
import type * as CrmRecord from "./CrmRecord.ts"
import { checked } from "./internal/crmService.ts"

/** The schema of all errors of a CRM, and their type. */
export { CrmError as Error } from "./CrmError.ts"

/**
 * @category errors
 * @since 0.1.0
 */
export type FindError = InvalidCrmQueryError | UnknownRecordTypeError | CrmUnavailableError
/**
 * @category errors
 * @since 0.1.0
 */
export type GetError = RecordNotFoundError | UnknownRecordTypeError | CrmUnavailableError
/**
 * @category errors
 * @since 0.1.0
 */
export type CreateError =
  | InvalidRecordError
  | RecordExistsError
  | RecordReferenceError
  | UnknownRecordTypeError
  | CrmUnavailableError
/**
 * @category errors
 * @since 0.1.0
 */
export type UpdateError =
  | InvalidRecordError
  | RecordNotFoundError
  | RecordReferenceError
  | StaleRecordError
  | UnknownRecordTypeError
  | CrmUnavailableError
/**
 * @category errors
 * @since 0.1.0
 */
export type RemoveError =
  | RecordInUseError
  | RecordNotFoundError
  | StaleRecordError
  | UnknownRecordTypeError
  | CrmUnavailableError

/**
 * What may be done with a CRM. Everything it fails with is typed; see `Crm.Error` for all of it.
 *
 * A failed write changed nothing, but for a `CrmUnavailableError` that is `ambiguous`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /** A page of the records that meet the query. Paging repeats and skips none of those that stay as they are. */
  readonly find: <T extends CrmRecord.Type>(
    type: T,
    query?: CrmQuery.Query<T>
  ) => Effect.Effect<CrmQuery.Page<T>, FindError>
  /** One record. */
  readonly get: <T extends CrmRecord.Type>(type: T, id: string) => Effect.Effect<CrmRecord.Of<T>, GetError>
  /** Writes a new record. What it refers to has to exist. Of several that create the same id, one succeeds. */
  readonly create: <T extends CrmRecord.Type>(
    type: T,
    draft: CrmRecord.Draft<T>
  ) => Effect.Effect<CrmRecord.Of<T>, CreateError>
  /** Changes a record that still has this version. Of several that update the same version, one succeeds. */
  readonly update: <T extends CrmRecord.Type>(
    type: T,
    request: { readonly id: string; readonly version: string; readonly change: CrmRecord.Change<T> }
  ) => Effect.Effect<CrmRecord.Of<T>, UpdateError>
  /** Removes a record that still has this version and that no other one refers to. */
  readonly remove: <T extends CrmRecord.Type>(
    type: T,
    request: { readonly id: string; readonly version: string }
  ) => Effect.Effect<void, RemoveError>
}

/**
 * A CRM.
 *
 * **Example**
 *
 * ```ts
 * const crm = yield* Crm.Crm
 * const { records, next } = yield* crm.find("lead", {
 *   where: { status: { eq: "new" }, value: { gte: 10_000 } },
 *   orderBy: [{ field: "value", direction: "desc" }],
 *   limit: 20
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class Crm extends Context.Service<Crm, Service>()("@aria/connectors/Crm/Crm") {}

/**
 * A record whose type is known at run time only.
 *
 * @category models
 * @since 0.1.0
 */
export type AnyRecord = CrmRecord.Of<CrmRecord.Type>

/**
 * What an adapter writes: the five operations on data that is checked already. `make` makes a `Service` of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Backend {
  /** All of what the query asks for; `CrmQuery.evaluate` does it for an adapter that cannot. Cursors are the adapter's own. */
  readonly find: (
    query: CrmQuery.Checked
  ) => Effect.Effect<
    { readonly records: ReadonlyArray<AnyRecord>; readonly next?: string | undefined },
    InvalidCrmQueryError | CrmUnavailableError
  >
  readonly get: (
    type: CrmRecord.Type,
    id: string
  ) => Effect.Effect<AnyRecord, RecordNotFoundError | CrmUnavailableError>
  /** `fields` has every written field. Without an id the adapter makes one. */
  readonly create: (
    type: CrmRecord.Type,
    id: string | undefined,
    fields: Readonly<Record<string, string | number | null>>
  ) => Effect.Effect<AnyRecord, RecordExistsError | RecordReferenceError | CrmUnavailableError>
  /** `change` has one field at least, and only those to be changed. */
  readonly update: (
    type: CrmRecord.Type,
    request: {
      readonly id: string
      readonly version: string
      readonly change: Readonly<Record<string, string | number | null>>
    }
  ) => Effect.Effect<AnyRecord, RecordNotFoundError | RecordReferenceError | StaleRecordError | CrmUnavailableError>
  readonly remove: (
    type: CrmRecord.Type,
    request: { readonly id: string; readonly version: string }
  ) => Effect.Effect<void, RecordInUseError | RecordNotFoundError | StaleRecordError | CrmUnavailableError>
}

/**
 * A CRM out of what an adapter does: types, queries, drafts and changes are checked before the adapter sees them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (backend: Backend): Service => checked(backend)

/**
 * `make`, as a layer.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <E, R>(backend: Effect.Effect<Backend, E, R>): Layer.Layer<Crm, E, R> =>
  Layer.effect(Crm)(Effect.map(backend, make))

/**
 * All records that meet a query, page by page as they are asked for. `limit` is the size of a page.
 *
 * @category combinators
 * @since 0.1.0
 */
export const stream = <T extends CrmRecord.Type>(
  type: T,
  query: CrmQuery.Query<T> = {}
): Stream.Stream<CrmRecord.Of<T>, FindError, Crm> =>
  Stream.paginate(query.after, (after) =>
    Effect.map(
      Effect.flatMap(Crm, (crm) => crm.find(type, { ...query, after })),
      ({ next, records }) => [records, next === undefined ? Option.none() : Option.some(next)] as const
    )
  )
