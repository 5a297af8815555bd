/** Models by name: who is meant, where the key comes from, and what is said when something is missing. */
import { AiSdk, AiSdkEmbedding, CallSettings } from "@aria/adapter-ai-sdk"
import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { AiError, LanguageModel } from "effect/ai"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import * as answers from "./answers.ts"
import { scripted } from "./scripted.ts"
import { json, serve } from "./servers.ts"

const environment = (env: Record<string, string>) =>
  Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))

const refusal = (model: string, options?: AiSdk.Options, env: Record<string, string> = {}) =>
  AiSdk.provider(model, options).pipe(environment(env), Effect.flip)

const keys: ReadonlyArray<readonly [string, Record<string, string>, string, string]> = [
  ["openai/gpt-5", { OPENAI_API_KEY: "from-openai", OPENAI_BASE_URL: "URL/v1" }, "authorization", "Bearer from-openai"],
  [
    "anthropic/claude-sonnet-4-5",
    { ANTHROPIC_API_KEY: "from-anthropic", ANTHROPIC_BASE_URL: "URL/v1" },
    "x-api-key",
    "from-anthropic"
  ],
  [
    "google/gemini-2.5-flash",
    { GEMINI_API_KEY: "from-gemini", GOOGLE_GEMINI_BASE_URL: "URL/v1beta" },
    "x-goog-api-key",
    "from-gemini"
  ],
  [
    "google/gemini-2.5-flash",
    {
      GOOGLE_GENERATIVE_AI_API_KEY: "from-google",
      GEMINI_API_KEY: "from-gemini",
      GOOGLE_GEMINI_BASE_URL: "URL/v1beta"
    },
    "x-goog-api-key",
    "from-google"
  ],
  [
    "openai-compatible/acme/llama:8b",
    { OPENAI_COMPATIBLE_API_KEY: "from-local", OPENAI_COMPATIBLE_BASE_URL: "URL/v1" },
    "authorization",
    "Bearer from-local"
  ]
]

describe("names", () => {
  it.live.each(keys)("%s takes its key and address from the environment: %s", ([model, variables, header, value]) =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) => json(response, answers.textFor(url, "hi")))
      const env = Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, value.replace("URL", server.url)])
      )
      const { text } = yield* LanguageModel.generateText({ prompt: "go" }).pipe(
        Effect.provide(AiSdk.layer(model)),
        environment(env)
      )
      expect(text).toBe("hi")
      expect(server.requests[0]?.headers[header]).toBe(value)
      // only the first slash counts
      if (model.startsWith("openai-compatible")) expect(server.requests[0]?.body.model).toBe("acme/llama:8b")
    })
  )

  it.live("what is passed goes before the environment; a server without keys needs none", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) => json(response, answers.textFor(url, "hi")))
      const baseUrl = `${server.url}/v1`
      const ask = (model: string, options: AiSdk.Options) =>
        LanguageModel.generateText({ prompt: "go" }).pipe(Effect.provide(AiSdk.layer(model, options)))
      yield* Effect.gen(function* () {
        yield* ask("openai/gpt-5", { baseUrl, apiKey: Redacted.make("passed") })
        yield* ask("openai-compatible/llama", { baseUrl })
      }).pipe(environment({ OPENAI_API_KEY: "from-env", OPENAI_BASE_URL: "http://127.0.0.1:9/v1" }))
      expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer passed", undefined])
    })
  )

  it.effect.each(["gpt-5", "/gpt-5", "openai/", "", "openai/ gpt-5", "openai/  "])("%j is no name", (name) =>
    Effect.gen(function* () {
      const error = yield* refusal(name)
      expect(error).toMatchObject({ _tag: "InvalidModelNameError", received: name })
      expect(error.message).toContain(`such as "openai/gpt-5"`)
    })
  )

  it.effect.each(["mistral/large", "OpenAI/gpt-5", "constructor/x", "__proto__/x"])("%s: no such provider", (name) =>
    Effect.gen(function* () {
      const error = yield* refusal(name)
      expect(error._tag).toBe("UnknownProviderError")
      expect(error.message).toContain("Names are openai, anthropic, google, openai-compatible.")
      expect(error.message).toContain("pass the model itself instead")
    })
  )

  it.effect("no key: each provider names its variables; an empty one is none", () =>
    Effect.gen(function* () {
      const env = { OPENAI_API_KEY: "", ANTHROPIC_API_KEY: "  " }
      const errors = yield* Effect.forEach(["openai/a", "anthropic/b", "google/c"], (name) => refusal(name, {}, env))
      expect(errors.map(({ message }) => message)).toEqual([
        "Provider openai: no key. Set OPENAI_API_KEY, or pass apiKey.",
        "Provider anthropic: no key. Set ANTHROPIC_API_KEY, or pass apiKey.",
        "Provider google: no key. Set GOOGLE_GENERATIVE_AI_API_KEY or GEMINI_API_KEY, or pass apiKey."
      ])
    })
  )

  it.effect("addresses: none where one is needed, and those that nobody can call", () =>
    Effect.gen(function* () {
      const apiKey = Redacted.make("k-1234")
      const none = yield* refusal("openai-compatible/llama")
      expect(none).toMatchObject({ _tag: "InvalidSettingError", setting: "baseUrl" })
      expect(none.message).toContain("http://127.0.0.1:11434/v1")
      for (const baseUrl of ["localhost", "ftp://x/v1", "", "http://ada:hunter22@127.0.0.1/v1"]) {
        const error = yield* refusal("openai/gpt-5", { apiKey, baseUrl })
        expect(error).toMatchObject({ _tag: "InvalidSettingError", setting: "baseUrl" })
        expect(error.message).not.toContain("hunter22")
      }
    })
  )
})

const wrong: ReadonlyArray<readonly [AiSdk.Options, string]> = [
  [{ temperature: Number.NaN }, "temperature"],
  [{ temperature: -0.1 }, "temperature"],
  [{ maxOutputTokens: 0 }, "maxOutputTokens"],
  [{ maxOutputTokens: 1.5 }, "maxOutputTokens"],
  [{ maxOutputTokens: Number.POSITIVE_INFINITY }, "maxOutputTokens"],
  [{ topP: 1.01 }, "topP"],
  [{ topK: 0 }, "topK"],
  [{ presencePenalty: Number.NaN }, "presencePenalty"],
  [{ frequencyPenalty: Number.NEGATIVE_INFINITY }, "frequencyPenalty"],
  [{ seed: 0.5 }, "seed"],
  [{ stopSequences: [""] }, "stopSequences"],
  [{ reasoning: "very" as "high" }, "reasoning"]
]

describe("settings", () => {
  it.effect.each(wrong)(
    "%j is refused: with the layer, and in a region before anything is sent",
    ([options, setting]) =>
      Effect.gen(function* () {
        const model = scripted()
        const error = yield* Effect.flip(AiSdk.provider(model, options))
        expect(error).toMatchObject({ _tag: "InvalidSettingError", setting })
        const refused = yield* LanguageModel.generateText({ prompt: "go" }).pipe(
          CallSettings.within(options),
          Effect.provide(AiSdk.layer(model)),
          Effect.flip
        )
        expect(AiError.isAiError(refused) && refused.reason).toMatchObject({
          _tag: "InvalidRequestError",
          parameter: setting
        })
        expect(model.calls.length).toBe(0)
      })
  )

  it.effect("at their ends", () =>
    Effect.gen(function* () {
      const model = scripted()
      const options: AiSdk.Options = {
        temperature: 0,
        maxOutputTokens: 1,
        topP: 0,
        topK: 1,
        seed: -1,
        presencePenalty: -2,
        frequencyPenalty: 2,
        stopSequences: ["END"],
        reasoning: "xhigh"
      }
      yield* LanguageModel.generateText({ prompt: "go" }).pipe(Effect.provide(AiSdk.layer(model, options)))
      expect(model.calls[0]).toMatchObject(options)
    })
  )

  it.effect("models of other specifications, and keys for models that are made already", () =>
    Effect.gen(function* () {
      const old = { ...scripted(), specificationVersion: "v2" as "v4" }
      const error = yield* Effect.flip(AiSdk.provider(old))
      expect(error.message).toContain(
        "Model scripted.test/s-1: it is of AI SDK specification v2; v3 and v4 can be used."
      )
      const third = { ...scripted(), specificationVersion: "v3" as "v4" }
      expect(yield* Effect.flip(AiSdk.provider(third, { reasoning: "high" }))).toMatchObject({ setting: "reasoning" })
      const keyed = yield* Effect.flip(AiSdk.provider(scripted(), { apiKey: Redacted.make("secret-key-1") }))
      expect(keyed).toMatchObject({ _tag: "InvalidSettingError", setting: "apiKey" })
      expect(keyed.message).not.toContain("secret-key-1")
      expect(yield* Effect.flip(AiSdk.provider(scripted(), { baseUrl: "http://x" }))).toMatchObject({
        setting: "baseUrl"
      })
    })
  )
})

describe("packages of providers", () => {
  /** A process of its own, in which the package is not there, or breaks. */
  const without = (mode: string) =>
    Effect.promise(async () => {
      const folder = import.meta.dirname
      const { stdout } = await promisify(execFile)(process.execPath, [`${folder}/withoutPackages.ts`, mode], {
        cwd: folder
      })
      return JSON.parse(stdout) as ReadonlyArray<{ readonly _tag: string; readonly message: string }>
    })

  it.live("one that is not installed: what to run", () =>
    Effect.gen(function* () {
      const errors = yield* without("missing")
      expect(errors.map(({ message }) => message)).toEqual([
        "Provider openai: its package @ai-sdk/openai is not installed. Run: npm install @ai-sdk/openai",
        "Provider anthropic: its package @ai-sdk/anthropic is not installed. Run: npm install @ai-sdk/anthropic",
        "Provider google: its package @ai-sdk/google is not installed. Run: npm install @ai-sdk/google",
        "Provider openai-compatible: its package @ai-sdk/openai-compatible is not installed. Run: npm install @ai-sdk/openai-compatible"
      ])
    })
  )

  it.live("one that cannot be loaded: what its loader says", () =>
    Effect.gen(function* () {
      for (const { _tag, message } of yield* without("broken")) {
        expect(_tag).toBe("ProviderPackageError")
        expect(message).toMatch(/cannot be loaded: .*half an installation/)
      }
    })
  )

  it.live("one that lacks a package which it needs itself: which one", () =>
    Effect.gen(function* () {
      for (const { message } of yield* without("lacking")) {
        expect(message).toMatch(/cannot be loaded: .*Cannot find package 'zod'/)
        expect(message).not.toContain("is not installed")
      }
    })
  )
})

it.effect("a provider without embeddings", () =>
  Effect.gen(function* () {
    const error = yield* AiSdkEmbedding.provider("anthropic/claude", { apiKey: Redacted.make("k-1234") }).pipe(
      Effect.flip
    )
    expect(error).toMatchObject({ _tag: "UnsupportedModelError" })
    expect(error.message).toContain("openai, google and openai-compatible have")
  })
)
