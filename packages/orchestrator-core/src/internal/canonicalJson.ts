import type * as Schema from "effect/Schema"

/**
 * JSON with the keys of every object in order of their UTF-16 code units and no white space, as RFC 8785 has it: equal
 * values give equal text, whatever order they were written in. Fields that are `undefined` are left out.
 */
export const canonicalJson = (value: Schema.Json): string => {
  if (value === null || typeof value !== "object") return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`
  const object = value as Schema.JsonObject
  const fields: Array<string> = []
  for (const key of Object.keys(object).sort()) {
    const field = object[key]
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${canonicalJson(field)}`)
  }
  return `{${fields.join(",")}}`
}
