/** Tools: how they are offered, and how their inputs come back. */
import { AiSdk } from "@aria/adapter-ai-sdk"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { AiError, LanguageModel, Prompt, Tool, Toolkit } from "effect/ai"
import { scripted } from "./scripted.ts"

const Echo = Tool.make("Echo", { parameters: Schema.Struct({ text: Schema.String }), success: Schema.String })
const Echoes = Toolkit.make(Echo)
const EchoLive = Echoes.toLayer({ Echo: ({ text }) => Effect.succeed(text) })

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

  it.effect("that are nothing, for a tool that takes nothing", () =>
    Effect.gen(function* () {
      const Ping = Tool.make("Ping", { success: Schema.String })
      const Pings = Toolkit.make(Ping)
      for (const input of ["", " ", "{}"]) {
        const { toolResults } = yield* LanguageModel.generateText({ prompt: "go", toolkit: Pings }).pipe(
          Effect.provide([
            AiSdk.layer(scripted({ content: [{ type: "tool-call", toolCallId: "c1", toolName: "Ping", input }] })),
            Pings.toLayer({ Ping: () => Effect.succeed("pong") })
          ])
        )
        expect(toolResults.map(({ result }) => result)).toEqual(["pong"])
      }
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

it.effect("results of tools, as the AI SDK has them", () =>
  Effect.gen(function* () {
    const results: ReadonlyArray<readonly [given: object, output: object]> = [
      [
        { isFailure: false, result: "done" },
        { type: "text", value: "done" }
      ],
      [
        { isFailure: false, result: { a: 1 } },
        { type: "json", value: { a: 1 } }
      ],
      [
        { isFailure: false, result: undefined },
        { type: "json", value: null }
      ],
      [
        { isFailure: true, result: "broken" },
        { type: "error-text", value: "broken" }
      ],
      [
        { isFailure: true, result: { _tag: "Broken" } },
        { type: "error-json", value: { _tag: "Broken" } }
      ],
      [
        { isFailure: true, result: { type: "execution-denied", reason: "no" } },
        { type: "execution-denied", reason: "no" }
      ],
      [{ isFailure: true, result: { type: "execution-denied" } }, { type: "execution-denied" }],
      [
        { isFailure: false, result: 1, modelOutput: [Prompt.textPart({ text: "one" })] },
        { type: "content", value: [{ type: "text", text: "one" }] }
      ]
    ]
    const model = scripted()
    const content = results.map(([given], index) =>
      Prompt.toolResultPart({ id: `c${index}`, name: "Echo", providerExecuted: false, ...given } as never)
    )
    const prompt = Prompt.fromMessages([Prompt.toolMessage({ content })])
    yield* LanguageModel.generateText({ prompt }).pipe(Effect.provide(AiSdk.layer(model)))
    expect(model.calls[0]?.prompt[0]).toEqual({
      role: "tool",
      content: results.map(([, output], index) => ({
        type: "tool-result",
        toolCallId: `c${index}`,
        toolName: "Echo",
        output
      }))
    })
  })
)

it.effect("what was asked and answered between user and program is not sent", () =>
  Effect.gen(function* () {
    const model = scripted()
    const prompt = Prompt.make([
      { role: "user", content: "go" },
      { role: "assistant", content: [{ type: "tool-approval-request", approvalId: "a1", toolCallId: "c0" }] },
      { role: "tool", content: [{ type: "tool-approval-response", approvalId: "a1", approved: false }] }
    ])
    const provider = yield* AiSdk.provider(model)
    const span = yield* Effect.makeSpan("call")
    const options = { prompt, tools: [], toolChoice: "none", responseFormat: { type: "text" }, span } as const
    yield* provider.generateText({ ...options, previousResponseId: undefined, incrementalPrompt: undefined })
    expect(model.calls[0]?.prompt.map(({ role }) => role)).toEqual(["user"])
  })
)
