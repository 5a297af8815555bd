/** Calls of a model, and what its servers say. */
import { AiSdk } from "@aria/adapter-ai-sdk"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { AiError, LanguageModel } from "effect/ai"
import { json, serve } from "./servers.ts"
import { key } from "./surfaces.ts"

export type Layer = ReturnType<typeof AiSdk.layer>

export const generate = (model: Layer) => LanguageModel.generateText({ prompt: "hello" }).pipe(Effect.provide(model))
export const stream = (model: Layer) =>
  LanguageModel.streamText({ prompt: "hello" }).pipe(Stream.runDrain, Effect.provide(model))

/** The error of a call, as whoever calls the model sees it. */
export const errorOf = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<AiError.AiError, unknown> =>
  Effect.filterOrFail(
    Effect.map(Effect.flip(effect), (error): unknown => error),
    AiError.isAiError
  )

export const body = (url: string, message: string, code = "some_code", type = "some_type") =>
  url.endsWith("/messages")
    ? { type: "error", error: { type, message } }
    : url.includes("generateContent") || url.includes("GenerateContent")
      ? { error: { code: 400, message, status: type.toUpperCase() } }
      : { error: { message, type, code, param: null } }

export const refusal = (status: number, message: string, headers: Record<string, string> = {}) =>
  serve((response, { url }) => json(response, body(url, message), status, headers))

export const openai = (url: string, options?: AiSdk.Options) =>
  AiSdk.layer("openai/gpt-5", { apiKey: Redacted.make(key), baseUrl: `${url}/v1`, ...options })
export const anthropic = (url: string) =>
  AiSdk.layer("anthropic/claude-sonnet-4-5", { apiKey: Redacted.make(key), baseUrl: `${url}/v1` })
export const google = (url: string) =>
  AiSdk.layer("google/gemini-2.5-flash", { apiKey: Redacted.make(key), baseUrl: `${url}/v1beta` })
