/** Parameters of tool calls: from the form that the provider's schema gave them to the tool's own. */
import type * as LanguageModel from "effect/ai/LanguageModel"
import * as Tool from "effect/ai/Tool"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Text that is no JSON stays text, so that the tool's own schema refuses it in the way that its `failureMode` says. */
export const parseParams = (input: unknown): unknown => {
  if (typeof input !== "string") return input
  if (input.trim() === "") return {}
  try {
    return Tool.unsafeSecureJsonParse(input)
  } catch {
    return input
  }
}

/**
 * A provider's schema has `null` for what is left out, entries for records, objects for tuples. What does not fit it is given as it
 * came: the tool's own schema decides.
 */
export const toolParams = (
  tool: Tool.Any,
  input: unknown,
  transformer: LanguageModel.CodecTransformer
): Effect.Effect<unknown> => {
  const params = parseParams(input)
  if (Tool.isDynamic(tool) && tool.jsonSchema !== undefined) return Effect.succeed(params)
  if (Tool.isProviderDefined(tool)) return Effect.succeed(params)
  // services of the schemas are those of the tool's handler, which are there when a call is resolved
  const schema = tool.parametersSchema as unknown as Schema.Codec<unknown, unknown>
  return Effect.suspend(() => Schema.decodeUnknownEffect(transformer(schema).codec)(params)).pipe(
    Effect.flatMap(Schema.encodeEffect(schema)),
    Effect.catchCause(() => Effect.succeed(params))
  )
}
