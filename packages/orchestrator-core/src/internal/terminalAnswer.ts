import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** How an answer is typed. */
export type Form =
  | { readonly _tag: "yesNo" }
  | { readonly _tag: "choices"; readonly values: ReadonlyArray<Schema.Json> }
  | { readonly _tag: "text" }
  | { readonly _tag: "json" }

const Node = Schema.Struct({
  $ref: Schema.optionalKey(Schema.String),
  $defs: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  type: Schema.optionalKey(Schema.Json),
  enum: Schema.optionalKey(Schema.Array(Schema.Json)),
  const: Schema.optionalKey(Schema.Json),
  anyOf: Schema.optionalKey(Schema.Array(Schema.Json))
})
const decode = Schema.decodeUnknownOption(Node)

/** The literals that a JSON Schema allows, where it allows nothing else. */
const literals = (schema: Schema.Json): ReadonlyArray<Schema.Json> | undefined => {
  const node = Option.getOrUndefined(decode(schema))
  if (node === undefined) return undefined
  if (node.enum !== undefined) return node.enum
  if (node.const !== undefined) return [node.const]
  const parts = node.anyOf?.map(literals)
  return parts?.every((part) => part !== undefined) === true ? parts.flat() : undefined
}

/** How the answers of a JSON Schema are best typed; what is not known is typed as JSON. */
export const formOf = (schema: Schema.Json): Form => {
  const outer = Option.getOrUndefined(decode(schema))
  if (outer === undefined) return { _tag: "json" }
  const target = outer.$ref?.replace(/^#\/\$defs\//, "")
  const inner = target === undefined ? schema : outer.$defs?.[target]
  const node = inner === undefined ? undefined : Option.getOrUndefined(decode(inner))
  if (inner === undefined || node === undefined) return { _tag: "json" }
  const values = literals(inner)
  if (values !== undefined && values.length > 0) return { _tag: "choices", values }
  if (node.type === "boolean") return { _tag: "yesNo" }
  return { _tag: node.type === "string" ? "text" : "json" }
}

type Check = (value: Schema.Json) => string | undefined

const accepted = (value: Schema.Json, check: Check): Result.Result<Schema.Json, string> => {
  const problem = check(value)
  return problem === undefined ? Result.succeed(value) : Result.fail(problem)
}

const yesNo: Readonly<Record<string, boolean>> = { y: true, yes: true, n: false, no: false, "": false }

/** What a typed line means, or what is wrong with it. */
export const read = (form: Form, typed: string, check: Check): Result.Result<Schema.Json, string> => {
  // Arrow keys and the like end up in the line as escapes.
  if (/(?!\t)\p{Cc}/u.test(typed)) return Result.fail("The line has keys in it that are no text; type it again")
  const line = typed.trim()
  switch (form._tag) {
    case "yesNo": {
      const value = yesNo[line.toLowerCase()]
      return value === undefined ? Result.fail("Type y or n") : accepted(value, check)
    }
    case "choices": {
      const { values } = form
      if (/^\d+$/.test(line)) {
        const value = values[Number(line) - 1]
        return value === undefined ? Result.fail(`Type a number from 1 to ${values.length}`) : accepted(value, check)
      }
      const named = values.find((value) => value === line)
      return named === undefined ? Result.fail(`Type a number from 1 to ${values.length}`) : accepted(named, check)
    }
    case "text":
      if (line === "") return Result.fail('Nothing was typed; for an empty text type ""')
      return accepted(line === '""' ? "" : typed, check)
    case "json": {
      if (line === "") return Result.fail("Nothing was typed")
      const json = parse(line)
      const first = json === undefined ? Result.fail("Type JSON") : accepted(json, check)
      // A text that is allowed beside something else needs no quotes.
      return Result.isSuccess(first) || check(line) !== undefined ? first : Result.succeed(line)
    }
  }
}

const parse = (text: string): Schema.Json | undefined => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
