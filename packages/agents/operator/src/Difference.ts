/**
 * What differs between two states of an event or a record, field by field.
 *
 * @since 0.1.0
 */
import { hashOf } from "@aria/orchestrator-core/Receipt"
import * as Schema from "effect/Schema"

/**
 * One field with its two values, as JSON. A value is left out where the field is not there.
 *
 * @category models
 * @since 0.1.0
 */
export const Difference = Schema.Struct({
  field: Schema.String,
  before: Schema.optionalKey(Schema.Json),
  after: Schema.optionalKey(Schema.Json)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Difference = typeof Difference.Type

/**
 * The fields of an event or a record as JSON.
 *
 * @category models
 * @since 0.1.0
 */
export type Fields = Readonly<Record<string, Schema.Json>>

const same = (a: Schema.Json | undefined, b: Schema.Json | undefined): boolean =>
  a === undefined || b === undefined ? a === b : hashOf(a) === hashOf(b)

/**
 * The fields that are not the same, in the order of `after`, then of `before`. The order of keys inside a value counts for nothing.
 *
 * @category getters
 * @since 0.1.0
 */
export const between = (before: Fields, after: Fields): ReadonlyArray<Difference> => {
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])]
  return names
    .filter((field) => !same(before[field], after[field]))
    .map((field) => {
      const [was, is] = [before[field], after[field]]
      return { field, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }
    })
}
