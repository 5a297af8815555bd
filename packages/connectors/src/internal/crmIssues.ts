/** What a schema has against a value, as path, received and allowed. */
import { format } from "effect/Formatter"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Result from "effect/Result"
import type { Issue } from "../CrmError.ts"

const longest = 200

/** A value for a message. */
export const show = (value: unknown): string => {
  if (value === undefined) return "nothing"
  const text = format(value)
  return text.length > longest ? `${text.slice(0, longest)}...` : text
}

const unexpected = "unexpected"

const standard = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) => {
    if (issue._tag === "UnexpectedKey") return unexpected
    return issue._tag === "MissingKey" ? "a value" : SchemaIssue.defaultLeafHook(issue)
  }
})

const at = (value: unknown, path: ReadonlyArray<string | number>): unknown =>
  path.reduce((inner: unknown, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined), value)

/** The value without keys that are `undefined`: they are the same as keys left out. */
export const withoutUndefined = (value: unknown): unknown =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined).map(([key, inner]) => [key, withoutUndefined(inner)]))
    : Array.isArray(value)
      ? value.map(withoutUndefined)
      : value

/** The value as the schema reads it, or all that is wrong with it. `keys` names the keys that are allowed at a path. */
export const read = <A>(
  schema: Schema.Codec<A, unknown>,
  value: unknown,
  keys: (path: ReadonlyArray<string | number>) => ReadonlyArray<string>
): Result.Result<A, readonly [Issue, ...Array<Issue>]> => {
  // Without its input, the message is what is expected.
  const result = Schema.decodeUnknownResult(schema)(value, { onExcessProperty: "error", errors: "all", reportInput: false })
  return Result.mapError(result, ({ issue }) => {
    const [first, ...others] = standard(issue).issues.map(({ message, path = [] }): Issue => {
      const place = path.map((segment) => (typeof segment === "object" ? segment.key : segment)).map((key) => (typeof key === "symbol" ? String(key) : key))
      const received = at(value, place)
      return message === unexpected
        ? { path: place, received: `an unknown key ${show(place.at(-1))}`, allowed: `one of ${keys(place.slice(0, -1)).join(", ")}` }
        : { path: place, received: show(received), allowed: message.replace(/^Expected /, "") }
    })
    return [first ?? { path: [], received: show(value), allowed: "a valid value" }, ...others]
  })
}
