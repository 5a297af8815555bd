/** The pieces of a model, and who it is. */
import { AiSdk, CallSettings } from "@aria/adapter-ai-sdk"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { LanguageModel, Model, Prompt } from "effect/ai"
import { scripted } from "./scripted.ts"

it.effect("a schema as words, for servers that only know JSON", () =>
  Effect.gen(function* () {
    const model = scripted({ content: [{ type: "text", text: `{"ok":true}` }] })
    const schema = Schema.Struct({ ok: Schema.Boolean }).annotate({ identifier: "acme/Is it (ok)?" })
    const ask = LanguageModel.generateObject({ prompt: "go", schema })
    yield* ask.pipe(Effect.provide(AiSdk.layer(model, { jsonSchema: "prompt" })))
    yield* ask.pipe(Effect.provide(AiSdk.layer(model)))
    expect(model.calls[0]?.responseFormat).toEqual({ type: "json" })
    expect(model.calls[0]?.prompt[0]).toMatchObject({
      role: "system",
      content: expect.stringContaining(`"ok":{"type":"boolean"`)
    })
    expect(model.calls[1]?.responseFormat).toMatchObject({
      type: "json",
      name: "acme_Is_it_ok_",
      schema: { type: "object" }
    })
    expect(model.calls[1]?.prompt[0]).toMatchObject({ role: "user" })
  })
)

it.effect("the pieces: one function for one request, with something around it", () =>
  Effect.gen(function* () {
    const model = scripted()
    const provider = yield* AiSdk.provider(model, {
      maxOutputTokens: 50,
      providerOptions: { scripted: { a: 1, b: 1 } }
    })
    expect([provider.provider, provider.model]).toEqual(["scripted", "s-1"])
    const seen: Array<unknown> = []
    const around: AiSdk.Provider = {
      ...provider,
      generateText: (options) =>
        Effect.gen(function* () {
          seen.push((yield* provider.settings).maxOutputTokens)
          const parts = yield* provider.generateText(options)
          const finish = parts.find((part) => part.type === "finish")
          seen.push(finish?.usage.outputTokens.total)
          return parts
        })
    }
    const service = yield* LanguageModel.make(around)
    const ask = service.generateText({ prompt: "go" })
    yield* ask
    yield* ask.pipe(
      CallSettings.within({ maxOutputTokens: 20, providerOptions: { scripted: { b: 2 }, other: { c: 3 } } })
    )
    expect(seen).toEqual([50, 5, 20, 5])
    expect(model.calls.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([50, 20])
    expect(model.calls[1]?.providerOptions).toEqual({ scripted: { a: 1, b: 2 }, other: { c: 3 } })
  })
)

it.effect("a limit for one request: the lower one counts, and a wrong one is refused", () =>
  Effect.gen(function* () {
    const model = scripted()
    const span = yield* Effect.makeSpan("call")
    const options = {
      prompt: Prompt.make("go"),
      tools: [],
      toolChoice: "none",
      responseFormat: { type: "text" },
      span
    } as const
    const request = { ...options, previousResponseId: undefined, incrementalPrompt: undefined }
    const bounded = yield* AiSdk.provider(model, { maxOutputTokens: 50 })
    const unbounded = yield* AiSdk.provider(model)
    yield* bounded.generateText({ ...request, maxOutputTokens: 20 })
    yield* bounded.generateText({ ...request, maxOutputTokens: 80 })
    yield* Stream.runDrain(bounded.streamText({ ...request, maxOutputTokens: 30 }))
    yield* unbounded.generateText({ ...request, maxOutputTokens: 80 })
    yield* unbounded.generateText(request)
    expect(model.calls.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([20, 50, 30, 80, undefined])
    for (const maxOutputTokens of [0, Number.NaN, 1.5]) {
      const error = yield* Effect.flip(bounded.generateText({ ...request, maxOutputTokens }))
      expect(error.reason).toMatchObject({ _tag: "InvalidRequestError", parameter: "maxOutputTokens" })
      expect(bounded.spent(error)).toEqual({ _tag: "notSent" })
    }
    expect(model.calls.length).toBe(5)
  })
)

it.effect("who answers, as services", () =>
  Effect.gen(function* () {
    expect([yield* Model.ProviderName, yield* Model.ModelName]).toEqual(["scripted", "s-1"])
  }).pipe(Effect.provide(AiSdk.layer(scripted())))
)

it.effect("a span has the model, the reason and the tokens, and no text", () =>
  Effect.gen(function* () {
    const span = yield* Effect.makeSpan("call")
    const provider = yield* AiSdk.provider(scripted({ response: { id: "r1", modelId: "s-1-2026" } }), {
      temperature: 0.5
    })
    const service = yield* LanguageModel.make({
      ...provider,
      generateText: (options) => provider.generateText({ ...options, span })
    })
    yield* service.generateText({ prompt: "the secret plan" })
    const attributes = Object.fromEntries(span.attributes)
    expect(attributes).toMatchObject({
      "gen_ai.provider.name": "scripted",
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "s-1",
      "gen_ai.request.temperature": 0.5,
      "gen_ai.response.model": "s-1-2026",
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.usage.input_tokens": 10,
      "gen_ai.usage.output_tokens": 5
    })
    expect(JSON.stringify(attributes)).not.toContain("secret")
  })
)

it.effect("regions nest: what the inner one leaves out is the outer one's", () =>
  Effect.gen(function* () {
    const model = scripted()
    yield* LanguageModel.generateText({ prompt: "go" }).pipe(
      CallSettings.within({ topK: 3, temperature: undefined }),
      CallSettings.within({ topK: 2, temperature: 0.2 }),
      Effect.provide(AiSdk.layer(model, { topK: 1, temperature: 0.1, seed: 1 }))
    )
    expect(model.calls[0]).toMatchObject({ topK: 3, temperature: 0.2, seed: 1 })
  })
)

it.effect("a schema is written once", () =>
  Effect.gen(function* () {
    const { codecTransformer } = yield* AiSdk.provider(scripted())
    const schema = Schema.Struct({ a: Schema.optionalKey(Schema.String) })
    expect(codecTransformer(schema)).toBe(codecTransformer(schema))
    expect(codecTransformer(schema)).not.toBe(codecTransformer(Schema.Struct({ a: Schema.String })))
  })
)
