/** Cursors: the keys of the last record of a page, and of which query they are. */
import { decodeString, encode } from "effect/encoding/Base64Url"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { InvalidCrmQueryError } from "../CrmError.ts"
import type { Checked, Key } from "../CrmQuery.ts"
import * as CrmRecord from "../CrmRecord.ts"
import { keyOf } from "./crmEvaluate.ts"
import { Finite, Text } from "./crmFields.ts"
import { show } from "./crmIssues.ts"

const Cursor = Schema.fromJsonString(
  Schema.Tuple([Schema.Literal(1), Schema.String, Schema.Array(Schema.NullOr(Schema.Union([Text, Finite])))])
)

/** A cursor goes with the type and the order that it was made for. */
const orderOf = ({ orderBy, type }: Checked): string =>
  [type, ...orderBy.map(({ direction, field }) => `${field} ${direction}`)].join()

export const keysOf = (orderBy: Checked["orderBy"], record: Readonly<Record<string, unknown>>): ReadonlyArray<Key> =>
  orderBy.map(({ field }) => keyOf(record[field]))

export const writeCursor = (query: Checked, keys: ReadonlyArray<Key>): string =>
  encode(JSON.stringify([1, orderOf(query), keys]))

const fits = ({ orderBy, type }: Checked, keys: ReadonlyArray<Key>): boolean =>
  keys.length === orderBy.length &&
  orderBy.every(({ field }, index) => {
    const info = CrmRecord.fields[type].find(({ name }) => name === field)
    const key = keys[index] ?? null
    if (info === undefined || key === null) return info?.nullable === true
    return (typeof key === "number") === (info.kind === "number" || info.kind === "instant")
  })

export const readCursor = (query: Checked): Result.Result<ReadonlyArray<Key> | undefined, InvalidCrmQueryError> => {
  const { after, type } = query
  if (after === undefined) return Result.succeed(undefined)
  const read = Result.flatMap(decodeString(after), (text) => Schema.decodeResult(Cursor)(text))
  if (Result.isSuccess(read)) {
    const [, order, keys] = read.success
    if (order === orderOf(query) && fits(query, keys)) return Result.succeed(keys)
  }
  return Result.fail(
    new InvalidCrmQueryError({
      type,
      issues: [{ path: ["after"], received: show(after), allowed: "the next of a page of the same query, in the same order" }]
    })
  )
}
