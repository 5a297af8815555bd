/** Answers that are odd, hostile, or hold what effect has no place for. */
import { AiSdk, Spent } from "@aria/adapter-ai-sdk"
import type { LanguageModelV4Content, LanguageModelV4StreamPart, LanguageModelV4Usage } from "@ai-sdk/provider"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { AiError, LanguageModel, Prompt, Tool, Toolkit } from "effect/ai"
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

it.effect("a stream without an end, or whose end has no reason, was cut", () =>
  Effect.gen(function* () {
    const begun: ReadonlyArray<LanguageModelV4StreamPart> = [
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", delta: "one" }
    ]
    const ends: ReadonlyArray<ReadonlyArray<LanguageModelV4StreamPart>> = [
      [],
      [{ type: "finish", usage, finishReason: { unified: "interrupted", raw: undefined } }],
      [{ type: "finish", usage, finishReason: { unified: "other", raw: undefined } }]
    ]
    for (const end of ends) {
      const error = yield* Effect.flip(stream([...begun, ...end]))
      expect(AiError.isAiError(error) && [error.reason._tag, error.isRetryable]).toEqual(["NetworkError", true])
    }
    // a reason of the provider's own is an end
    const [last] = (yield* stream([{ type: "finish", usage, finishReason: { unified: "other", raw: "eos" } }])).slice(
      -1
    )
    expect(last).toMatchObject({ type: "finish", reason: "other" })
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

  it.effect("streamed: what comes after it is only read, so that no other tool runs", () =>
    Effect.gen(function* () {
      const parts: ReadonlyArray<LanguageModelV4StreamPart> = [
        { type: "text-start", id: "1" },
        ...calls,
        { type: "text-end", id: "1" },
        { type: "finish", usage, finishReason: stop }
      ]
      const provider = yield* AiSdk.provider(scripted({}, parts))
      const seen: Array<string> = []
      const span = yield* Effect.makeSpan("call")
      const options = {
        prompt: Prompt.make("go"),
        tools: [Echo],
        toolChoice: "auto",
        responseFormat: { type: "text" }
      } as const
      const error = yield* provider
        .streamText({ ...options, span, previousResponseId: undefined, incrementalPrompt: undefined })
        .pipe(
          Stream.runForEach(({ type }) => Effect.sync(() => seen.push(type))),
          Effect.flip
        )
      expect(error.reason._tag).toBe("ToolNotFoundError")
      expect(seen).toEqual(["text-start"])
    })
  )

  it.effect("an error of somebody else is unknown", () =>
    Effect.sync(() => {
      const reason = new AiError.RateLimitError({})
      expect(Spent.of(AiError.make({ module: "x", method: "y", reason }))).toEqual({ _tag: "unknown" })
    })
  )
})
