import * as JsonPointer from "effect/JsonPointer"

/** The tokens of a JSON Pointer (RFC 6901), or `undefined` where the text is none. */
export const parse = (pointer: string): ReadonlyArray<string> | undefined => {
  if (pointer === "") return []
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return undefined
  return pointer.slice(1).split("/").map(JsonPointer.unescapeToken)
}

/** What the tokens lead to; `undefined` where they lead nowhere, which no JSON value is. */
export const resolve = (value: unknown, tokens: ReadonlyArray<string>): unknown => {
  let at: unknown = value
  for (const token of tokens) {
    if (Array.isArray(at)) at = /^(0|[1-9]\d*)$/.test(token) ? at[Number(token)] : undefined
    else if (typeof at === "object" && at !== null && Object.hasOwn(at, token)) at = (at as Record<string, unknown>)[token]
    else return undefined
  }
  return at
}
