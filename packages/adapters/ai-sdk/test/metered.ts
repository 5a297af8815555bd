/** Models by name whose every call is counted, each on a server of its own. */
import { AiSdk } from "@aria/adapter-ai-sdk"
import { Breaker, Guarded, Limiter, RetryBudget } from "@aria/models"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { key } from "./surfaces.ts"

export const apiKey = Redacted.make(key)

export interface Protocol {
  readonly name: string
  readonly provider: string
  readonly version: string
  /** Where a request has the most tokens of its answer. */
  readonly limit: ReadonlyArray<string>
  /** What the answers of `answers.ts` report. */
  readonly usage: object
  readonly streamed?: object
}

export const protocols: ReadonlyArray<readonly [string, Protocol]> = (
  [
    {
      name: "openai/gpt-5",
      provider: "openai",
      version: "/v1",
      limit: ["max_output_tokens"],
      usage: { inputTokens: 100, cachedInputTokens: 40, outputTokens: 30, reasoningTokens: 20 }
    },
    {
      name: "anthropic/claude-sonnet-4-5",
      provider: "anthropic",
      version: "/v1",
      limit: ["max_tokens"],
      usage: { inputTokens: 100, cachedInputTokens: 30, outputTokens: 25 }
    },
    {
      name: "google/gemini-2.5-flash",
      provider: "google",
      version: "/v1beta",
      limit: ["generationConfig", "maxOutputTokens"],
      usage: { inputTokens: 50, cachedInputTokens: 20, outputTokens: 17, reasoningTokens: 7 }
    },
    {
      name: "openai-compatible/llama-3.3",
      provider: "openai-compatible",
      version: "/v1",
      limit: ["max_tokens"],
      usage: { inputTokens: 80, cachedInputTokens: 16, outputTokens: 20, reasoningTokens: 8 }
    }
  ] satisfies ReadonlyArray<Protocol>
).map((protocol) => [protocol.name, protocol])

export const at = (body: unknown, path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((value, field) => (value as Record<string, unknown> | undefined)?.[field], body)

export const provider = ({ name, version }: Protocol, url: string, options: AiSdk.Options = {}) =>
  AiSdk.provider(name, { apiKey, baseUrl: `${url}${version}`, ...options })

/** A guarded model that tries nothing again. */
export const guarded = (protocol: Protocol, url: string, options: Guarded.Options = {}, settings: AiSdk.Options = {}) =>
  Layer.unwrap(
    Effect.map(provider(protocol, url, settings), (functions) =>
      Guarded.layer({ maxOutputTokens: 400, retry: { times: 0 }, ...options }, functions)
    )
  )

export const traffic = Layer.mergeAll(
  Limiter.layer({ provider: { "*": { requestsPerMinute: 60 } } }),
  RetryBudget.layer(),
  Breaker.layerMemory()
)
