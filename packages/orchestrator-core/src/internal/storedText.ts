import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { OutputTooLargeError } from "./outputTooLarge.ts"

/** What one stored value may take, as UTF-8. */
export const mostBytes = 1_048_576

/** A value as the text that is stored for it. `subject` says whose it is. */
export const encode = (
  subject: string,
  schema: Schema.Codec<any, any>,
  value: unknown
): Effect.Effect<string, Schema.SchemaError | OutputTooLargeError> =>
  Effect.flatMap(encodeAny(schema, value), (text) => {
    const bytes = sizeOf(text)
    return bytes > mostBytes ? Effect.fail(new OutputTooLargeError({ subject, bytes, allowed: mostBytes })) : Effect.succeed(text)
  })

/** As `encode`, for what is not kept itself. */
export const encodeAny = (schema: Schema.Codec<any, any>, value: unknown): Effect.Effect<string, Schema.SchemaError> =>
  Effect.map(Schema.encodeEffect(schema)(value), (encoded) => JSON.stringify(encoded) ?? "null")

export const decode = (schema: Schema.Codec<any, any>, text: string): Effect.Effect<any, Schema.SchemaError> =>
  Effect.suspend(() => Schema.decodeUnknownEffect(schema)(JSON.parse(text)))

/** Reads what is stored for a schema. Whoever asks first whether it fits reads it once all the same. */
export class Reader {
  private readonly schema: Schema.Codec<any, any>
  private last: { readonly text: string; readonly value: any } | undefined

  constructor(schema: Schema.Codec<any, any>) {
    this.schema = schema
  }

  /** What can only be read with time is taken for what fits. */
  readonly fits = (text: string): boolean => {
    const exit = Effect.runSyncExit(decode(this.schema, text))
    if (Exit.isSuccess(exit)) this.last = { text, value: exit.value }
    return Exit.isSuccess(exit) || !Cause.hasFails(exit.cause)
  }

  read(text: string): Effect.Effect<any> {
    return this.last?.text === text ? Effect.succeed(this.last.value) : Effect.orDie(decode(this.schema, text))
  }
}

/** A code unit has three bytes at most: short texts need not be counted. */
const sizeOf = (text: string): number => {
  if (text.length * 3 <= mostBytes) return text.length
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code >= 0x80) bytes += code < 0x800 ? 1 : code >= 0xd800 && code <= 0xdfff ? 1 : 2
  }
  return bytes
}
