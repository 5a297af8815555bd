import { AiSdkEmbedding, Spent } from "@aria/adapter-ai-sdk"
import type { EmbeddingModelV4, EmbeddingModelV4CallOptions, EmbeddingModelV4Result } from "@ai-sdk/provider"
import { createOpenAI as createOpenAIOfSpecificationV3 } from "ai-sdk-openai-spec-v3"
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { AiError, EmbeddingModel } from "effect/ai"
import { eventually, json, type Received, serve } from "./servers.ts"
import { standIn } from "./standIn.ts"
import { key } from "./surfaces.ts"

const apiKey = Redacted.make(key)

/** A vector that tells which text it is of. */
const vector = (text: string) => [text.length, 0.5]

/** As OpenAI's and Google's servers answer. */
const answer = ({ body, url }: Received) => {
  if (url.includes("batchEmbedContents")) {
    return {
      embeddings: body.requests.map(({ content }: { content: { parts: [{ text: string }] } }) => ({
        values: vector(content.parts[0].text)
      }))
    }
  }
  if (url.includes("embedContent")) return { embedding: { values: vector(body.content.parts[0].text) } }
  return {
    object: "list",
    model: body.model,
    data: body.input.map((text: string, index: number) => ({ object: "embedding", index, embedding: vector(text) })),
    usage: { prompt_tokens: body.input.length * 2, total_tokens: body.input.length * 2 }
  }
}

type Make = (url: string, options?: AiSdkEmbedding.Options) => ReturnType<typeof AiSdkEmbedding.layer>

const surfaces: ReadonlyArray<readonly [string, Make, boolean]> = [
  [
    "openai",
    (url, options) =>
      AiSdkEmbedding.layer("openai/text-embedding-3-small", { apiKey, baseUrl: `${url}/v1`, ...options }),
    true
  ],
  [
    "google",
    (url, options) =>
      AiSdkEmbedding.layer("google/gemini-embedding-001", { apiKey, baseUrl: `${url}/v1beta`, ...options }),
    false
  ],
  [
    "openai-compatible",
    (url, options) => AiSdkEmbedding.layer("openai-compatible/nomic", { baseUrl: `${url}/v1`, ...options }),
    true
  ],
  [
    "openai, specification v3",
    (url, options) =>
      AiSdkEmbedding.layer(
        createOpenAIOfSpecificationV3({ apiKey: key, baseURL: `${url}/v1` }).embedding("text-embedding-3-small"),
        options
      ),
    true
  ]
]

describe.each(surfaces)("%s", (_, make, counts) => {
  it.live("one, many, and those asked for at the same time", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, request) => json(response, answer(request)))
      yield* Effect.gen(function* () {
        const model = yield* EmbeddingModel.EmbeddingModel
        expect((yield* model.embed("abc")).vector).toEqual([3, 0.5])
        const many = yield* model.embedMany(["a", "bb", "ccc"])
        expect(many.embeddings.map(({ vector }) => vector[0])).toEqual([1, 2, 3])
        expect(many.usage.inputTokens).toBe(counts ? 6 : undefined)
        const before = server.requests.length
        const both = yield* Effect.all([model.embed("aaaa"), model.embed("bbbbb")], { concurrency: "unbounded" })
        expect(both.map(({ vector }) => vector[0])).toEqual([4, 5])
        expect(server.requests.length - before).toBe(1)
        expect((yield* model.embedMany([])).embeddings).toEqual([])
      }).pipe(Effect.provide(make(server.url)))
    })
  )

  it.live("errors, and interruption", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, _, index) =>
        index === 0
          ? json(response, { error: { message: "Slowly.", type: "x", code: 429, status: "x" } }, 429, {
              "retry-after": "2"
            })
          : undefined
      )
      yield* Effect.gen(function* () {
        const model = yield* EmbeddingModel.EmbeddingModel
        const error = yield* Effect.flip(model.embedMany(["a"]))
        expect([error.reason._tag, error.isRetryable, error.retryAfter && Duration.toMillis(error.retryAfter)]).toEqual(
          ["RateLimitError", true, 2_000]
        )
        expect(error.message).toMatch(/^AiSdk\(.+\)\.embedMany: /)
        expect(Spent.of(error)).toEqual({ _tag: "refused" })
        const fiber = yield* Effect.forkChild(model.embedMany(["a"]), { startImmediately: true })
        yield* eventually("the request is there", () => server.open() === 1)
        yield* Fiber.interrupt(fiber)
        yield* eventually("the connection is closed", () => server.open() === 0)
      }).pipe(Effect.provide(make(server.url)))
    })
  )
})

it.live("the stand-in's embeddings", () =>
  Effect.gen(function* () {
    const mock = yield* standIn((mock) => mock.onEmbedding("hello", { embedding: [0.1, 0.2, 0.3] }))
    const model = AiSdkEmbedding.layer("openai/text-embedding-3-small", { apiKey, baseUrl: `${mock.url}/v1` })
    const { vector } = yield* EmbeddingModel.EmbeddingModel.use((model) => model.embed("hello")).pipe(
      Effect.provide(model)
    )
    expect(vector.length).toBe(3)
  })
)

const scripted = (
  maxEmbeddingsPerCall: number | undefined,
  result: (options: EmbeddingModelV4CallOptions) => Partial<EmbeddingModelV4Result>
) => {
  const calls: Array<EmbeddingModelV4CallOptions> = []
  const model: EmbeddingModelV4 = {
    specificationVersion: "v4",
    provider: "scripted.embedding",
    modelId: "e-1",
    maxEmbeddingsPerCall,
    supportsParallelCalls: true,
    doEmbed: async (options) => {
      calls.push(options)
      return {
        embeddings: options.values.map(vector),
        usage: { tokens: options.values.length },
        warnings: [],
        ...result(options)
      }
    }
  }
  return { model, calls }
}

describe("laws", () => {
  it.effect("any number of texts, any batch: each text once, in order, at most a batch in one request", () =>
    Effect.gen(function* () {
      for (let count = 0; count <= 12; count++) {
        for (const batch of [undefined, 1, 2, 3, 5, 12, 13, Number.POSITIVE_INFINITY]) {
          const { calls, model } = scripted(batch, () => ({}))
          const texts = Array.from({ length: count }, (_, index) => "x".repeat(index + 1))
          const { embeddings, usage } = yield* EmbeddingModel.EmbeddingModel.use((model) =>
            model.embedMany(texts)
          ).pipe(Effect.provide(AiSdkEmbedding.layer(model)))
          expect(embeddings.map(({ vector }) => vector[0])).toEqual(texts.map(({ length }) => length))
          expect(calls.flatMap(({ values }) => values)).toEqual(texts)
          expect(calls.every(({ values }) => values.length <= (batch ?? Number.POSITIVE_INFINITY))).toBe(true)
          expect(calls.length).toBe(Math.ceil(count / Math.min(batch ?? Math.max(count, 1), Math.max(count, 1))))
          expect(usage.inputTokens).toBe(count === 0 ? undefined : count)
        }
      }
    })
  )

  it.effect("usage is unknown as soon as a part of it is", () =>
    Effect.gen(function* () {
      for (const tokens of [undefined, Number.NaN, -1, Number.POSITIVE_INFINITY]) {
        const { model } = scripted(1, ({ values }) =>
          values[0] === "bb" ? { usage: { tokens: tokens as number } } : {}
        )
        const { usage } = yield* EmbeddingModel.EmbeddingModel.use((model) => model.embedMany(["a", "bb"])).pipe(
          Effect.provide(AiSdkEmbedding.layer(model))
        )
        expect(usage.inputTokens).toBeUndefined()
      }
    })
  )

  it.effect("wrong answers are errors, not numbers", () =>
    Effect.gen(function* () {
      const wrong = [[[1, Number.NaN]], [[]], [], [[1], [2]], [["1"]]]
      for (const embeddings of wrong) {
        const { model } = scripted(undefined, () => ({ embeddings: embeddings as Array<Array<number>> }))
        const error = yield* EmbeddingModel.EmbeddingModel.use((model) => model.embedMany(["a"])).pipe(
          Effect.provide(AiSdkEmbedding.layer(model)),
          Effect.flip
        )
        expect(error).toMatchObject({ reason: { _tag: "InvalidOutputError" } })
        expect(AiError.isAiError(error) && Spent.of(error)).toMatchObject({
          _tag: "reported",
          usage: { inputTokens: { total: 1 } }
        })
      }
    })
  )
})

it.live("dimensions, headers and options of the provider", () =>
  Effect.gen(function* () {
    const server = yield* serve((response, request) => json(response, answer(request)))
    yield* EmbeddingModel.EmbeddingModel.use((model) => model.embed("a")).pipe(
      Effect.provide(
        AiSdkEmbedding.layer("openai/text-embedding-3-small", {
          apiKey,
          baseUrl: `${server.url}/v1`,
          dimensions: 256,
          headers: { "x-one": Redacted.make("1") },
          providerOptions: { openai: { user: "ada" } }
        })
      )
    )
    expect(server.requests[0]).toMatchObject({ body: { dimensions: 256, user: "ada" }, headers: { "x-one": "1" } })
    for (const dimensions of [0, -1, 1.5, Number.NaN]) {
      const error = yield* Effect.flip(AiSdkEmbedding.provider(scripted(1, () => ({})).model, { dimensions }))
      expect(error).toMatchObject({
        _tag: "InvalidSettingError",
        setting: "dimensions",
        allowed: "a whole number from 1 on"
      })
    }
    const third = createOpenAIOfSpecificationV3({ apiKey: key }).embedding("text-embedding-3-small")
    expect(yield* Effect.flip(AiSdkEmbedding.provider(third, { dimensions: 256 }))).toMatchObject({
      setting: "dimensions"
    })
    const old = { ...scripted(1, () => ({})).model, specificationVersion: "v2" as "v4" }
    expect(yield* Effect.flip(AiSdkEmbedding.provider(old))).toMatchObject({ _tag: "UnsupportedModelError" })
  })
)
