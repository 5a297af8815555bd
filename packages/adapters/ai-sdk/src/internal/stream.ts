/** One call, answered bit by bit. */
import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider"
import type * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Response from "effect/ai/Response"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CallSettings } from "../CallSettings.ts"
import { attempt, cut, fail, Thrown, unusable } from "./failure.ts"
import { metadata } from "./json.ts"
import { type Answer, type Ending, toFinish, toParts, toResponseMetadata } from "./parts.ts"
import { type Plan, toRequest } from "./request.ts"
import { annotateAnswer, annotateRequest } from "./telemetry.ts"
import { isReported, toUsage } from "./usage.ts"

const method = "streamText"

type Parts = ReadonlyArray<Response.StreamPartEncoded>
type Read = Effect.Effect<Parts, AiError.AiError | Thrown>

interface Reading extends Answer {
  warnings: ReadonlyArray<object>
  readonly headers: Readonly<Record<string, string>> | undefined
  finished: boolean
}

/** The end of the answer. Without a reason of the provider's own it is where the connection ended. */
const finish = (reading: Reading, ending: Ending): Read => {
  const { caller } = reading.plan
  const { raw, unified } = ending.finishReason
  // version 4 has a word for it; version 3 says "other" and nothing else
  if (unified === "interrupted" || (unified === "other" && raw === undefined)) return Effect.fail(cut(caller))
  annotateAnswer(reading.options.span, {}, ending)
  reading.finished = true
  if (reading.unknownTool === undefined) return Effect.succeed([toFinish(reading, ending)])
  const usage = toUsage(ending.usage)
  return Effect.fail(
    unusable(caller, method, reading.unknownTool, isReported(usage) ? { _tag: "reported", usage } : { _tag: "unknown" })
  )
}

const read = (reading: Reading, part: LanguageModelV4StreamPart): Read => {
  switch (part.type) {
    case "stream-start":
      reading.warnings = part.warnings
      return Effect.succeed([])
    case "text-start":
    case "text-end":
    case "reasoning-start":
    case "reasoning-end":
      return Effect.succeed([{ type: part.type, id: part.id, ...metadata(part.providerMetadata) }])
    case "text-delta":
    case "reasoning-delta":
      return Effect.succeed([{ type: part.type, id: part.id, delta: part.delta, ...metadata(part.providerMetadata) }])
    case "tool-input-start":
      return Effect.succeed([
        {
          type: "tool-params-start",
          id: part.id,
          name: part.toolName,
          ...(part.providerExecuted === true ? { providerExecuted: true } : {}),
          ...metadata(part.providerMetadata)
        }
      ])
    case "tool-input-delta":
      return Effect.succeed([
        { type: "tool-params-delta", id: part.id, delta: part.delta, ...metadata(part.providerMetadata) }
      ])
    case "tool-input-end":
      return Effect.succeed([{ type: "tool-params-end", id: part.id, ...metadata(part.providerMetadata) }])
    case "response-metadata":
      annotateAnswer(reading.options.span, part, {})
      return Effect.succeed([toResponseMetadata(part)])
    case "finish":
      return finish(reading, { ...part, warnings: reading.warnings, headers: reading.headers })
    case "error":
      return Effect.fail(new Thrown(part.error))
    case "ping":
    case "raw":
      return Effect.succeed([])
    default:
      return toParts(reading, part) as Effect.Effect<Parts>
  }
}

/** After a call to a tool that is not there the rest is only read for its usage: no other tool may run for an answer that fails. */
const readOn = (reading: Reading, part: LanguageModelV4StreamPart): Read =>
  reading.unknownTool === undefined || part.type === "finish" || part.type === "error"
    ? read(reading, part)
    : Effect.succeed([])

export const stream = (
  model: LanguageModelV4,
  plan: Plan,
  options: LanguageModel.ProviderOptions,
  settings: CallSettings
): Stream.Stream<Response.StreamPartEncoded, AiError.AiError> =>
  Effect.gen(function* () {
    annotateRequest(options.span, plan.caller, settings)
    const request = yield* toRequest(plan, method, options, settings)
    // whatever ends the stream, early or late, ends the request
    const { signal: abortSignal } = yield* Effect.acquireRelease(
      Effect.sync(() => new AbortController()),
      (controller) => Effect.sync(() => controller.abort())
    )
    const result = yield* attempt(plan.caller, method, () => model.doStream({ ...request, abortSignal }))
    const reading: Reading = {
      plan,
      options,
      leftOut: [],
      unknownTool: undefined,
      warnings: [],
      headers: result.response?.headers,
      finished: false
    }
    return Stream.fromReadableStream({
      evaluate: () => result.stream,
      onError: (cause): AiError.AiError | Thrown => new Thrown(cause)
    }).pipe(
      Stream.mapEffect((part) => readOn(reading, part)),
      Stream.flattenIterable,
      Stream.concat(Stream.suspend(() => (reading.finished ? Stream.empty : Stream.fail(cut(plan.caller))))),
      Stream.catch((error) => Stream.fromEffect(fail(plan.caller, method)(error)))
    )
  }).pipe(Stream.unwrap)
