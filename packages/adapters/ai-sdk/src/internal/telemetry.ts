/** `gen_ai.*` attributes on the span that effect makes for a call. No text of prompts or answers. */
import type { LanguageModelV4FinishReason, LanguageModelV4Usage } from "@ai-sdk/provider"
import * as Telemetry from "effect/ai/Telemetry"
import type { Span } from "effect/Tracer"
import type { CallSettings } from "../CallSettings.ts"
import type { Caller } from "./failure.ts"
import { type About, finishReason } from "./parts.ts"
import { providerName } from "./providerNames.ts"
import { toUsage } from "./usage.ts"

export const annotateRequest = (span: Span, caller: Caller, settings: CallSettings): void =>
  Telemetry.addGenAIAnnotations(span, {
    provider: { name: providerName(caller.provider) },
    operation: { name: "chat" },
    request: {
      model: caller.model,
      temperature: settings.temperature,
      topP: settings.topP,
      topK: settings.topK,
      maxTokens: settings.maxOutputTokens,
      seed: settings.seed,
      frequencyPenalty: settings.frequencyPenalty,
      presencePenalty: settings.presencePenalty,
      stopSequences: settings.stopSequences === undefined ? undefined : [...settings.stopSequences]
    }
  })

export const annotateAnswer = (
  span: Span,
  about: About,
  end: { readonly finishReason?: LanguageModelV4FinishReason; readonly usage?: LanguageModelV4Usage }
): void => {
  const { inputTokens, outputTokens } = toUsage(end.usage)
  Telemetry.addGenAIAnnotations(span, {
    response: {
      id: about.id,
      model: about.modelId,
      finishReasons: end.finishReason === undefined ? undefined : [finishReason(end.finishReason)]
    },
    usage: { inputTokens: inputTokens.total, outputTokens: outputTokens.total }
  })
}
