/**
 * What to look for in a CRM, as data with a schema; and the pure evaluation that says what it means.
 *
 * Two-valued logic: a field that is `null` meets no condition but `ne` and `exists: false`, and `not` is the exact opposite. Texts
 * compare by code points, `null` comes before everything, and the id decides last, so every order is total.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { InvalidCrmQueryError } from "./CrmError.ts"
import type * as CrmRecord from "./CrmRecord.ts"
import { check as checkInput } from "./internal/crmChecks.ts"
import { keysOf, readCursor, writeCursor } from "./internal/crmCursor.ts"
import { compareKeys, matchesWhere, type Row } from "./internal/crmEvaluate.ts"
import { type LooseQuery, queryOf, querySchemaOf } from "./internal/crmQuerySchemas.ts"

/**
 * What a field has to meet: all of what is named. Which there are depends on the field's type.
 *
 * @category models
 * @since 0.1.0
 */
export type Condition<V> = {
  readonly eq?: V | undefined
  /** The opposite of `eq`: also met by `null`. */
  readonly ne?: V | undefined
  /** One of these; none of them where the list is empty. */
  readonly in?: ReadonlyArray<V> | undefined
  readonly lt?: V | undefined
  readonly lte?: V | undefined
  readonly gt?: V | undefined
  readonly gte?: V | undefined
  /** Whether the field is not `null`. */
  readonly exists?: boolean | undefined
} & (V extends string
  ? {
      /** A part of the text, upper and lower case of all scripts alike. */
      readonly contains?: string | undefined
    }
  : unknown)

/**
 * The fields that a type can be searched and sorted by: all but `version`.
 *
 * @category models
 * @since 0.1.0
 */
export type Field<T extends CrmRecord.Type> = Exclude<CrmRecord.Field<T>, "version">

/**
 * What a record has to meet: all fields that are named, and `and`, `or` and `not`. `{}` and `and: []` are met by all, `or: []` by none.
 *
 * @category models
 * @since 0.1.0
 */
export type Where<T extends CrmRecord.Type> = {
  readonly [F in Field<T>]?: Condition<NonNullable<CrmRecord.Of<T>[F]>> | undefined
} & {
  readonly and?: ReadonlyArray<Where<T>> | undefined
  readonly or?: ReadonlyArray<Where<T>> | undefined
  readonly not?: Where<T> | undefined
}

/**
 * A field to sort by.
 *
 * @category models
 * @since 0.1.0
 */
export interface OrderBy<F extends string> {
  readonly field: F
  /** Default `"asc"`. */
  readonly direction?: "asc" | "desc" | undefined
}

/**
 * What to find. Everything may be left out.
 *
 * @category models
 * @since 0.1.0
 */
export interface Query<T extends CrmRecord.Type> {
  readonly where?: Where<T> | undefined
  /** The first field first, each once. `id` ascending decides last. Default: by id. */
  readonly orderBy?: ReadonlyArray<OrderBy<Field<T>>> | undefined
  /** How many records a page has at most. Whole, 1 to 200, default 50. */
  readonly limit?: number | undefined
  /** The `next` of the page before. The rest of the query has to be the same. */
  readonly after?: string | undefined
}

/**
 * A part of what was found.
 *
 * @category models
 * @since 0.1.0
 */
export interface Page<T extends CrmRecord.Type> {
  readonly records: ReadonlyArray<CrmRecord.Of<T>>
  /** For `after`. Left out where this is the last page. */
  readonly next?: string | undefined
}

/**
 * The most that a query may have. More is refused with an `InvalidCrmQueryError`.
 *
 * @category queries
 * @since 0.1.0
 */
export { limits } from "./internal/crmChecks.ts"

/**
 * The schema of the queries for a type: it decodes what came as JSON, from a model or a command line. The times of `createdAt` and
 * `updatedAt` are ISO 8601 there.
 *
 * **Example**
 *
 * ```ts
 * const query = yield* Schema.decodeUnknownEffect(CrmQuery.schema("lead"))({ where: { value: { gte: 1000 } } })
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const schema = <T extends CrmRecord.Type>(type: T): Schema.Codec<Query<T>, unknown> =>
  querySchemaOf(type)

/**
 * A query that came as data, or what is wrong with it, with the allowed fields and values.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = <T extends CrmRecord.Type>(type: T, data: unknown): Result.Result<Query<T>, InvalidCrmQueryError> =>
  Result.map(checkInput(type, data, "data"), (query) => queryOf(type, query))

/**
 * A query that an adapter may carry out: checked, with the defaults filled in.
 *
 * @category models
 * @since 0.1.0
 */
export interface Checked {
  readonly type: CrmRecord.Type
  readonly where: NonNullable<LooseQuery["where"]>
  /** Ends with `id`. */
  readonly orderBy: ReadonlyArray<{ readonly field: string; readonly direction: "asc" | "desc" }>
  readonly limit: number
  readonly after: string | undefined
}

/**
 * A query with its defaults filled in, or what is wrong with it. Cursors are not looked at: see `keysAfter`.
 *
 * @category decoding
 * @since 0.1.0
 */
export const check = (type: CrmRecord.Type, query: unknown): Result.Result<Checked, InvalidCrmQueryError> =>
  Result.map(checkInput(type, query ?? {}, "code"), ({ after, limit = 50, orderBy = [], where = {} }) => {
    const order = orderBy.map(({ direction = "asc", field }) => ({ field, direction }))
    const last = order.findIndex(({ field }) => field === "id")
    // After the id nothing is left to decide.
    return { type, where, limit, after, orderBy: last < 0 ? [...order, { field: "id", direction: "asc" }] : order.slice(0, last + 1) }
  })

/**
 * A value as it is compared: times are milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export type Key = string | number | null

/**
 * The values of a record that decide its place, in the order of `orderBy`.
 *
 * @category cursors
 * @since 0.1.0
 */
export const keys = (query: Checked, record: Readonly<Record<string, unknown>>): ReadonlyArray<Key> => keysOf(query.orderBy, record)

/**
 * A cursor that stands after a record. It holds the record's `keys`, so a page begins right behind them, whatever came or went.
 *
 * @category cursors
 * @since 0.1.0
 */
export const cursor = (query: Checked, record: Readonly<Record<string, unknown>>): string => writeCursor(query, keys(query, record))

/**
 * The keys after which the page begins; `undefined` where the query has no cursor. Fails where its cursor is of another query.
 *
 * @category cursors
 * @since 0.1.0
 */
export const keysAfter = (query: Checked): Result.Result<ReadonlyArray<Key> | undefined, InvalidCrmQueryError> => readCursor(query)

/**
 * Whether a record meets a condition.
 *
 * @category evaluation
 * @since 0.1.0
 */
export const matches: {
  <T extends CrmRecord.Type>(where: Where<T>, record: CrmRecord.Of<T>): boolean
} = (where: object, record: object): boolean => matchesWhere(where as LooseQuery["where"] & object, record as Row)

/**
 * A checked query answered from all records of its type. Adapters without filters of their own use it, and the contract suite
 * compares with it.
 *
 * @category evaluation
 * @since 0.1.0
 */
export const evaluate = <R extends Readonly<Record<string, unknown>>>(
  query: Checked,
  records: Iterable<R>
): Result.Result<{ readonly records: ReadonlyArray<R>; readonly next?: string | undefined }, InvalidCrmQueryError> =>
  Result.map(keysAfter(query), (after) => {
    const order = compareKeys(query.orderBy)
    const found = Array.from(records)
      .filter((record) => matchesWhere(query.where, record))
      .map((record) => ({ record, keys: keys(query, record) }))
      .filter((one) => after === undefined || order(one.keys, after) > 0)
      .sort((one, other) => order(one.keys, other.keys))
      .slice(0, query.limit + 1)
    return pageOf(query, found.map(({ record }) => record))
  })

/**
 * A page out of up to `limit + 1` records in order: the one too many says that there is a next page.
 *
 * @category evaluation
 * @since 0.1.0
 */
export const pageOf = <R extends Readonly<Record<string, unknown>>>(
  query: Checked,
  records: ReadonlyArray<R>
): { readonly records: ReadonlyArray<R>; readonly next?: string | undefined } => {
  const last = records[query.limit - 1]
  return records.length > query.limit && last !== undefined
    ? { records: records.slice(0, query.limit), next: cursor(query, last) }
    : { records }
}

/**
 * A text as `contains` compares it: upper and lower case alike in all scripts, composed characters and their parts alike. One text
 * contains another where its folded form has the other's as a part.
 *
 * @category evaluation
 * @since 0.1.0
 */
export { fold } from "./internal/crmEvaluate.ts"
