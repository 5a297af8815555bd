/** One call, answered at once. */
import type { LanguageModelV4 } from "@ai-sdk/provider"
import type * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Response from "effect/ai/Response"
import * as Effect from "effect/Effect"
import type { CallSettings } from "../CallSettings.ts"
import { attempt, unusable } from "./failure.ts"
import { type Answer, toFinish, toParts, toResponseMetadata } from "./parts.ts"
import { type Plan, toRequest } from "./request.ts"
import { annotateAnswer, annotateRequest } from "./telemetry.ts"
import { isReported, toUsage } from "./usage.ts"

const method = "generateText"

export const generate = Effect.fnUntraced(function* (
  model: LanguageModelV4,
  plan: Plan,
  options: LanguageModel.ProviderOptions,
  settings: CallSettings
): Effect.fn.Return<Array<Response.PartEncoded>, AiError.AiError> {
  annotateRequest(options.span, plan.caller, settings)
  const request = yield* toRequest(plan, method, options, settings)
  const result = yield* attempt(plan.caller, method, (abortSignal) => model.doGenerate({ ...request, abortSignal }))
  annotateAnswer(options.span, result.response ?? {}, result)

  const answer: Answer = { plan, options, leftOut: [], unknownTool: undefined }
  // some providers answer with an object beside their text: it takes the text's place
  const content =
    options.responseFormat.type === "json" && result.structuredOutputText !== undefined
      ? [
          ...result.content.filter(({ type }) => type !== "text"),
          { type: "text" as const, text: result.structuredOutputText }
        ]
      : result.content
  const parts = yield* Effect.forEach(content, (part) => toParts(answer, part))
  if (answer.unknownTool !== undefined) {
    const usage = toUsage(result.usage)
    return yield* unusable(
      plan.caller,
      method,
      answer.unknownTool,
      isReported(usage) ? { _tag: "reported", usage } : { _tag: "unknown" }
    )
  }
  return [
    toResponseMetadata(result.response ?? {}),
    ...parts.flat(),
    toFinish(answer, { ...result, headers: result.response?.headers })
  ]
})
