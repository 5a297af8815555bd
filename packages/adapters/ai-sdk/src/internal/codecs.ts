/** Schemas as providers take them. Writing one takes far longer than the rest of a call: each schema is written once. */
import type * as LanguageModel from "effect/ai/LanguageModel"

type Written = ReturnType<LanguageModel.CodecTransformer>

/** A schema that cannot be written fails anew each time. */
export const remembering = (transformer: LanguageModel.CodecTransformer): LanguageModel.CodecTransformer => {
  const written = new WeakMap<object, Written>()
  return (schema) => {
    const known = written.get(schema)
    // one schema, one codec: its types are those of the schema that is asked for
    if (known !== undefined) return known as never
    const made = transformer(schema)
    written.set(schema, made as Written)
    return made
  }
}
