/** Answers that are odd, hostile, or hold what effect has no place for. */
import { AiSdk, CallSettings, Spent } from "@aria/adapter-ai-sdk"
import type { LanguageModelV4Content, LanguageModelV4StreamPart, LanguageModelV4Usage } from "@ai-sdk/provider"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { AiError, LanguageModel, Model, Prompt, Tool, Toolkit } from "effect/ai"
import { stop, scripted, usage } from "./scripted.ts"

const Echo = Tool.make("Echo", { parameters: Schema.Struct({ text: Schema.String }), success: Schema.String })
const Echoes = Toolkit.make(Echo)
const EchoLive = Echoes.toLayer({ Echo: ({ text }) => Effect.succeed(text) })

const generate = (answer: Parameters<typeof scripted>[0]) =>
  LanguageModel.generateText({ prompt: "go" }).pipe(Effect.provide(AiSdk.layer(scripted(answer))))

const stream = (parts: ReadonlyArray<LanguageModelV4StreamPart>) =>
  LanguageModel.streamText({ prompt: "go" }).pipe(Stream.runCollect, Effect.provide(AiSdk.layer(scripted({}, parts))))

const odd = (inputTotal: unknown, outputTotal: unknown) =>
  ({ inputTokens: { total: inputTotal }, outputTokens: { total: outputTotal } }) as LanguageModelV4Usage

const counts: ReadonlyArray<readonly [unknown, number | undefined]> = [
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  [-1, undefined],
  ["12", undefined],
  [null, undefined],
  [0, 0],
  [1.5, 2],
  [12, 12]
]

describe("usage", () => {
  it.effect.each(counts)("a count of %s is %s", ([given, expected]) =>
    Effect.gen(function* () {
      const whole = yield* generate({ usage: odd(given, given) })
      expect([whole.usage.inputTokens.total, whole.usage.outputTokens.total]).toEqual([expected, expected])
      const parts = yield* stream([{ type: "finish", usage: odd(given, given), finishReason: stop }])
      expect(parts).toMatchObject([{ type: "finish", reason: "stop" }])
      const [last] = parts
      expect(last?.type === "finish" && last.usage.inputTokens.total).toBe(expected)
    })
  )

  it.effect("none at all", () =>
    Effect.gen(function* () {
      const { usage } = yield* generate({ usage: undefined as never })
      expect([usage.inputTokens.total, usage.outputTokens.total]).toEqual([undefined, undefined])
    })
  )
})

it.effect("what effect has no place for is left out, and listed; the rest is there", () =>
  Effect.gen(function* () {
    const content: ReadonlyArray<LanguageModelV4Content> = [
      { type: "custom", kind: "scripted.compaction" },
      { type: "text", text: "one" },
      { type: "reasoning-file", mediaType: "image/png", data: { type: "data", data: "AAAA" } },
      { type: "tool-call", toolCallId: "p1", toolName: "web_search", input: "{}", providerExecuted: true },
      { type: "tool-result", toolCallId: "p1", toolName: "web_search", result: { found: 1 } },
      { type: "source", sourceType: "url", id: "s1", url: "not an address" },
      { type: "source", sourceType: "url", id: "s2", url: "https://example.com/", title: "Example" },
      {
        type: "source",
        sourceType: "document",
        id: "s3",
        mediaType: "application/pdf",
        title: "Paper",
        filename: "p.pdf"
      },
      { type: "file", mediaType: "image/png", data: { type: "url", url: new URL("https://example.com/a.png") } },
      { type: "file", mediaType: "image/png", data: { type: "data", data: Uint8Array.from([1, 2, 3]) } },
      { type: "tool-approval-request", approvalId: "a1", toolCallId: "p1" },
      { type: "text", text: " two" }
    ]
    const leftOut = [
      "custom",
      "reasoning-file",
      "tool-call web_search",
      "tool-result web_search",
      "source without a readable address",
      "file that is an address",
      "tool-approval-request"
    ]
    const whole = yield* generate({ content: [...content], warnings: [{ type: "unsupported", feature: "seed" }] })
    expect(whole.text).toBe("one two")
    expect(whole.content.map(({ type }) => type)).toEqual([
      "response-metadata",
      "text",
      "source",
      "source",
      "file",
      "text",
      "finish"
    ])
    expect(whole.content.at(-1)?.metadata).toMatchObject({
      aiSdk: { leftOut, warnings: [{ type: "unsupported", feature: "seed" }] }
    })

    const parts = yield* stream([
      { type: "stream-start", warnings: [{ type: "other", message: "old model" }] },
      ...content.filter((part) => part.type !== "text" && part.type !== "reasoning"),
      { type: "finish", usage, finishReason: stop }
    ])
    expect(parts.map(({ type }) => type)).toEqual(["source", "source", "file", "finish"])
    expect(parts.at(-1)?.metadata).toMatchObject({
      aiSdk: { leftOut, warnings: [{ type: "other", message: "old model" }] }
    })
  })
)

it.effect("reasons to finish: a pause, other servers' words for tool calls, and what nobody knows", () =>
  Effect.gen(function* () {
    const reasons = yield* Effect.forEach(
      [
        { unified: "stop", raw: "pause_turn" },
        { unified: "other", raw: "FUNCTION_CALL" },
        { unified: "other", raw: "tool_use" },
        { unified: "other", raw: "eos" },
        { unified: "interrupted", raw: undefined },
        { unified: "new-one", raw: undefined }
      ] as const,
      (finishReason) =>
        Effect.map(generate({ finishReason: finishReason as never }), ({ finishReason }) => finishReason)
    )
    expect(reasons).toEqual(["pause", "tool-calls", "tool-calls", "other", "error", "unknown"])
  })
)

it.effect("an object beside the text takes the text's place", () =>
  Effect.gen(function* () {
    const model = scripted({ content: [{ type: "text", text: "Here you are:" }], structuredOutputText: `{"ok":true}` })
    const { value } = yield* LanguageModel.generateObject({
      prompt: "go",
      schema: Schema.Struct({ ok: Schema.Boolean })
    }).pipe(Effect.provide(AiSdk.layer(model)))
    expect(value).toEqual({ ok: true })
  })
)

describe("an answer that cannot be used was paid for, and says so", () => {
  const calls: ReadonlyArray<LanguageModelV4Content & { readonly type: "tool-call" }> = [
    { type: "tool-call", toolCallId: "c1", toolName: "Submarine", input: "{}" },
    { type: "tool-call", toolCallId: "c2", toolName: "Echo", input: `{"text":"x"}` }
  ]
  const reported = { _tag: "reported", usage: { inputTokens: { total: 10 }, outputTokens: { total: 5 } } }

  it.effect("whole", () =>
    Effect.gen(function* () {
      const error = yield* LanguageModel.generateText({ prompt: "go", toolkit: Echoes }).pipe(
        Effect.provide([AiSdk.layer(scripted({ content: [...calls] })), EchoLive]),
        Effect.flip
      )
      expect(AiError.isAiError(error) && Spent.of(error)).toMatchObject(reported)
    })
  )

  it.effect("streamed, and read to its end", () =>
    Effect.gen(function* () {
      const parts: ReadonlyArray<LanguageModelV4StreamPart> = [...calls, { type: "finish", usage, finishReason: stop }]
      const error = yield* LanguageModel.streamText({ prompt: "go", toolkit: Echoes }).pipe(
        Stream.runDrain,
        Effect.provide([AiSdk.layer(scripted({}, parts)), EchoLive]),
        Effect.flip
      )
      expect(AiError.isAiError(error) && error.reason._tag).toBe("ToolNotFoundError")
      expect(AiError.isAiError(error) && Spent.of(error)).toMatchObject(reported)
    })
  )

  it.effect("an error of somebody else is unknown", () =>
    Effect.sync(() => {
      const reason = new AiError.RateLimitError({})
      expect(Spent.of(AiError.make({ module: "x", method: "y", reason }))).toEqual({ _tag: "unknown" })
    })
  )
})

describe("inputs of tools", () => {
  const ask = (input: string) =>
    LanguageModel.generateText({ prompt: "go", toolkit: Echoes }).pipe(
      Effect.provide([
        AiSdk.layer(
          scripted({
            content: [{ type: "tool-call", toolCallId: "c1", toolName: "Echo", input }],
            finishReason: { unified: "tool-calls", raw: "tool_calls" }
          })
        ),
        EchoLive
      ])
    )

  it.effect("that are no JSON, or do not fit, are the tool's to refuse", () =>
    Effect.gen(function* () {
      for (const input of [`{"text":`, `{"text":1}`, "", `{"__proto__":{"text":"x"}}`]) {
        const error = yield* Effect.flip(ask(input))
        expect(AiError.isAiError(error) && error.reason._tag).toBe("ToolParameterValidationError")
      }
      expect((yield* ask(`{"text":"ok"}`)).toolResults[0]?.result).toBe("ok")
    })
  )

  it.effect("dates, tuples and records come back from the form they have for the provider", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const Plan = Tool.make("Plan", {
        parameters: Schema.Struct({
          when: Schema.DateTimeUtcFromString,
          pair: Schema.Tuple([Schema.String, Schema.Int]),
          counts: Schema.Record(Schema.String, Schema.Int),
          note: Schema.optionalKey(Schema.String)
        }),
        success: Schema.Void
      })
      const Plans = Toolkit.make(Plan)
      const model = scripted({
        content: [
          {
            type: "tool-call",
            toolCallId: "c1",
            toolName: "Plan",
            input: JSON.stringify({
              when: "2026-11-23T10:00:00.000Z",
              pair: { 0: "a", 1: 2 },
              counts: [{ 0: "x", 1: 1 }],
              note: null
            })
          }
        ],
        finishReason: { unified: "tool-calls", raw: "tool_calls" }
      })
      yield* LanguageModel.generateText({ prompt: "go", toolkit: Plans }).pipe(
        Effect.provide([
          AiSdk.layer(model),
          Plans.toLayer({
            Plan: ({ counts, note, pair, when }) =>
              Effect.sync(() => {
                seen.push(when.toJSON(), pair, counts, note)
              })
          })
        ])
      )
      expect(seen).toEqual(["2026-11-23T10:00:00.000Z", ["a", 2], { x: 1 }, undefined])
    })
  )
})

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

it.effect("tools, how they may be used, and who makes them", () =>
  Effect.gen(function* () {
    const Search = Tool.providerDefined({
      id: "openai.web_search",
      customName: "Search",
      providerName: "web_search",
      args: Schema.Struct({ searchContextSize: Schema.optionalKey(Schema.String) }),
      success: Schema.Json
    })({ searchContextSize: "low" })
    const Strict = Tool.make("Strict", { parameters: Schema.Struct({ a: Schema.Int }), success: Schema.Void }).annotate(
      Tool.Strict,
      true
    )
    const toolkit = Toolkit.make(Echo, Strict, Search)
    const model = scripted({
      content: [
        { type: "tool-call", toolCallId: "p1", toolName: "Search", input: `{"query":"x"}`, providerExecuted: true },
        { type: "tool-result", toolCallId: "p1", toolName: "Search", result: { found: 2 } },
        { type: "text", text: "two" }
      ]
    })
    const Live = toolkit.toLayer({ Echo: ({ text }) => Effect.succeed(text), Strict: () => Effect.void })
    const answers = yield* Effect.forEach(
      [
        "auto",
        "required",
        "none",
        { tool: "Echo" },
        { oneOf: ["Echo"] },
        { mode: "required", oneOf: ["Echo", "Search"] }
      ] as const,
      (toolChoice) => Effect.exit(LanguageModel.generateText({ prompt: "go", toolkit, toolChoice }))
    ).pipe(Effect.provide([AiSdk.layer(model), Live]))
    expect(model.calls.map(({ toolChoice }) => toolChoice)).toEqual([
      { type: "auto" },
      { type: "required" },
      { type: "none" },
      { type: "tool", toolName: "Echo" },
      { type: "auto" },
      { type: "required" }
    ])
    expect(model.calls.map(({ tools }) => tools?.map(({ name }) => name).join())).toEqual([
      "Echo,Strict,Search",
      "Echo,Strict,Search",
      "Echo,Strict,Search",
      "Echo,Strict,Search",
      "Echo",
      "Echo,Search"
    ])
    expect(model.calls[0]?.tools).toMatchObject([
      { type: "function", name: "Echo" },
      { type: "function", name: "Strict", strict: true },
      { type: "provider", id: "openai.web_search", name: "Search", args: { searchContextSize: "low" } }
    ])
    expect(model.calls[0]?.tools?.[0]).not.toHaveProperty("strict")
    // the first answer has the provider's call and its result
    expect(JSON.stringify(answers[0])).toContain(`"found":2`)
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
