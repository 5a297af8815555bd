/** The protocols, each through the package that speaks it. */
import { AiSdk } from "@aria/adapter-ai-sdk"
import { createOpenAI } from "@ai-sdk/openai"
import { createOpenAI as createOpenAIOfSpecificationV3 } from "ai-sdk-openai-spec-v3"
import * as Redacted from "effect/Redacted"

export const key = "sk-test-0123456789abcdef"
const apiKey = Redacted.make(key)

type Make = (url: string, options?: AiSdk.Options) => ReturnType<typeof AiSdk.layer>

/** `url` is the stand-in's, without a version. */
export const surfaces: ReadonlyArray<readonly [name: string, make: Make]> = [
  ["openai responses", (url, options) => AiSdk.layer("openai/gpt-5", { apiKey, baseUrl: `${url}/v1`, ...options })],
  [
    "openai chat",
    (url, options) => AiSdk.layer(createOpenAI({ apiKey: key, baseURL: `${url}/v1` }).chat("gpt-5"), options)
  ],
  [
    "openai responses, specification v3",
    (url, options) =>
      AiSdk.layer(createOpenAIOfSpecificationV3({ apiKey: key, baseURL: `${url}/v1` }).responses("gpt-5"), options)
  ],
  [
    "openai chat, specification v3",
    (url, options) =>
      AiSdk.layer(createOpenAIOfSpecificationV3({ apiKey: key, baseURL: `${url}/v1` }).chat("gpt-5"), options)
  ],
  [
    "anthropic",
    (url, options) => AiSdk.layer("anthropic/claude-sonnet-4-5", { apiKey, baseUrl: `${url}/v1`, ...options })
  ],
  [
    "google",
    (url, options) => AiSdk.layer("google/gemini-2.5-flash", { apiKey, baseUrl: `${url}/v1beta`, ...options })
  ],
  [
    "openai-compatible",
    (url, options) => AiSdk.layer("openai-compatible/llama-3.3", { apiKey, baseUrl: `${url}/v1`, ...options })
  ]
]
