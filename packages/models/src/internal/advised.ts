import * as Effect from "effect/Effect"
import * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"

const advice =
  "Describe its fields with annotations, loosen the schema, or ask again. What was received is the error's responseText"

const explained = (error: unknown): unknown => {
  if (!AiError.isAiError(error) || error.reason._tag !== "StructuredOutputError") return error
  const { description, metadata, responseText, usage } = error.reason
  return AiError.make({
    module: error.module,
    method: error.method,
    reason: new AiError.StructuredOutputError({
      description: `${description}\n\nThe answer of ${responseText.length} characters does not fit the schema. ${advice}.`,
      responseText,
      metadata,
      ...(usage === undefined ? {} : { usage })
    })
  })
}

/**
 * effect says of an object that does not fit what is wrong with it; this says what to do as well. The answer's own text stays out.
 * `@aria/adapter-ai-sdk` has the same for models that are used without this package, which a test of that one holds.
 */
export const advised = (model: LanguageModel.LanguageModel): LanguageModel.LanguageModel => {
  const generateObject: (options: any) => Effect.Effect<any, unknown, any> = model.generateObject
  return { ...model, generateObject: ((options: any) => Effect.mapError(generateObject(options), explained)) as any }
}
