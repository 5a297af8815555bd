/** Values that go into metadata, which holds JSON and nothing else. */
import type * as Schema from "effect/Schema"

/** What JSON cannot hold is left out, or becomes its text. */
export const toJson = (value: unknown): Schema.Json => {
  try {
    const text = JSON.stringify(value)
    return text === undefined ? null : JSON.parse(text)
  } catch {
    return String(value)
  }
}

type Json = { readonly [key: string]: Schema.Json }

/** Metadata of a part, as the field of an encoded part. */
export const metadata = (value: object | undefined): { readonly metadata?: Json } =>
  value === undefined || Object.keys(value).length === 0 ? {} : { metadata: toJson(value) as Json }

/** Options of a part or message of a prompt, as the field that the AI SDK has for them. */
export const providerOptions = (options: Readonly<Record<string, unknown>>): { readonly providerOptions?: never } => {
  const given = Object.entries(options).filter(([, value]) => typeof value === "object" && value !== null)
  return given.length === 0 ? {} : { providerOptions: Object.fromEntries(given) as never }
}
