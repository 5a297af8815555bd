import type { Metered } from "@aria/models"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { AiError, type Response } from "effect/ai"
import * as Stream from "effect/Stream"

export type Usage = typeof Response.Usage.Encoded

export const usage = (
  input: number | undefined,
  output: number | undefined,
  more: Partial<Record<"cacheRead" | "cacheWrite" | "reasoning", number>> = {}
): Usage => ({
  inputTokens: { total: input, uncached: undefined, cacheRead: more.cacheRead, cacheWrite: more.cacheWrite },
  outputTokens: { total: output, text: undefined, reasoning: more.reasoning }
})

export const finish = (reported: Usage): Response.FinishPartEncoded => ({
  type: "finish",
  reason: "stop",
  usage: reported,
  response: undefined
})

export const text = (value: string, reported?: Usage): Array<Response.PartEncoded> => [
  { type: "text", text: value },
  ...(reported === undefined ? [] : [finish(reported)])
]

export const textStream = (value: string, reported?: Usage): Array<Response.StreamPartEncoded> => [
  { type: "text-start", id: "1" },
  { type: "text-delta", id: "1", delta: value },
  { type: "text-end", id: "1" },
  ...(reported === undefined ? [] : [finish(reported)])
]

export const failure = (reason: AiError.AiErrorReason): AiError.AiError =>
  AiError.make({ module: "test", method: "test", reason })
export const lost = failure(
  new AiError.NetworkError({ reason: "TransportError", method: "POST", url: "http://127.0.0.1/" })
)
export const unsendable = failure(
  new AiError.NetworkError({ reason: "EncodeError", method: "POST", url: "http://127.0.0.1/" })
)
export const tooMany = (retryAfterMillis?: number): AiError.AiError =>
  failure(
    new AiError.RateLimitError(retryAfterMillis === undefined ? {} : { retryAfter: Duration.millis(retryAfterMillis) })
  )
export const broken = failure(new AiError.InternalProviderError({ description: "Server error" }))

/** A provider that does one thing, and keeps what it was asked. */
export const provider = (options: {
  readonly generateText?: Effect.Effect<Array<Response.PartEncoded>, AiError.AiError>
  readonly streamText?: Stream.Stream<Response.StreamPartEncoded, AiError.AiError>
}) => {
  const requests: Array<Metered.RequestOptions> = []
  return {
    requests,
    provider: "acme",
    model: "one",
    generateText: (request: Metered.RequestOptions) =>
      Effect.suspend(() => {
        requests.push(request)
        return options.generateText ?? Effect.succeed(text("hi", usage(10, 5)))
      }),
    streamText: (request: Metered.RequestOptions) =>
      Stream.suspend(() => {
        requests.push(request)
        return options.streamText ?? Stream.fromIterable(textStream("hi", usage(10, 5)))
      })
  }
}
