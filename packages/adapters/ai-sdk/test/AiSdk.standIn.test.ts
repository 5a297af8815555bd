import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { AiError, Chat, LanguageModel, Tool, Toolkit } from "effect/ai"
import { standIn } from "./standIn.ts"
import { surfaces } from "./surfaces.ts"

const Weather = Tool.make("Weather", {
  description: "The weather of a city",
  parameters: Schema.Struct({ city: Schema.String, unit: Schema.optionalKey(Schema.Literals(["C", "F"])) }),
  success: Schema.Struct({ degrees: Schema.Finite })
})
const Weathers = Toolkit.make(Weather)

/** Answers by the length of the city's name, and notes what it was asked. */
const handlers = (asked: Array<unknown>) =>
  Weathers.toLayer({
    Weather: (params) =>
      Effect.sync(() => {
        asked.push(params)
        return { degrees: params.city.length }
      })
  })

/** As each protocol has it. */
const usage = {
  prompt_tokens: 12,
  completion_tokens: 5,
  total_tokens: 17,
  input_tokens: 12,
  output_tokens: 5,
  promptTokenCount: 12,
  candidatesTokenCount: 5,
  totalTokenCount: 17
}

const Person = Schema.Struct({
  name: Schema.String,
  age: Schema.Int,
  nick: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "test/Person" })

describe.each(surfaces)("%s", (name, make) => {
  it.live("text, with usage, reason and model", () =>
    Effect.gen(function* () {
      const mock = yield* standIn((mock) => mock.onMessage("hello", { content: "Hi there!", usage }))
      const response = yield* LanguageModel.generateText({ prompt: "hello" }).pipe(Effect.provide(make(mock.url)))
      expect(response.text).toBe("Hi there!")
      expect(response.finishReason).toBe("stop")
      expect([response.usage.inputTokens.total, response.usage.outputTokens.total]).toEqual([12, 5])
      const about = response.content.find(({ type }) => type === "response-metadata")
      expect(about).toBeDefined()
    })
  )

  it.live("a stream has the same text, its deltas, and ends with the usage", () =>
    Effect.gen(function* () {
      const text = "one two three four five six seven eight nine ten"
      const mock = yield* standIn((mock) => mock.onMessage("count", { content: text, usage }, { chunkSize: 5 }))
      const parts = yield* LanguageModel.streamText({ prompt: "count" }).pipe(
        Stream.runCollect,
        Effect.provide(make(mock.url))
      )
      const deltas = parts.flatMap((part) => (part.type === "text-delta" ? [part.delta] : []))
      expect(deltas.join("")).toBe(text)
      expect(deltas.length).toBeGreaterThan(1)
      const last = parts.at(-1)
      expect(last).toMatchObject({ type: "finish", reason: "stop" })
      expect(last?.type === "finish" && [last.usage.inputTokens.total, last.usage.outputTokens.total]).toEqual([12, 5])
    })
  )

  it.live("an object of a schema, with a field that may be left out", () =>
    Effect.gen(function* () {
      const mock = yield* standIn((mock) =>
        mock
          .onMessage("Ada", { content: JSON.stringify({ name: "Ada", age: 36, nick: null }) })
          .onMessage("Alan", { content: JSON.stringify({ name: "Alan", age: 41, nick: "Prof" }) })
      )
      const Model = make(mock.url)
      const ada = yield* LanguageModel.generateObject({ prompt: "Ada", schema: Person }).pipe(Effect.provide(Model))
      const alan = yield* LanguageModel.generateObject({ prompt: "Alan", schema: Person }).pipe(Effect.provide(Model))
      expect(ada.value).toEqual({ name: "Ada", age: 36 })
      expect(alan.value).toEqual({ name: "Alan", age: 41, nick: "Prof" })
    })
  )

  it.live("parallel tool calls, and what the tools said on the next turn", () =>
    Effect.gen(function* () {
      const asked: Array<unknown> = []
      const mock = yield* standIn((mock) =>
        mock
          .on(
            { userMessage: "weather", hasToolResult: false },
            {
              toolCalls: [
                { id: "call_1", name: "Weather", arguments: JSON.stringify({ city: "Rome", unit: null }) },
                { id: "call_2", name: "Weather", arguments: JSON.stringify({ city: "Oslo!", unit: "C" }) }
              ]
            }
          )
          .on({ userMessage: "weather", hasToolResult: true }, { content: "4 and 5" })
      )
      const chat = yield* Chat.empty
      const [first, second] = yield* Effect.gen(function* () {
        const first = yield* chat.generateText({ prompt: "weather", toolkit: Weathers })
        return [first, yield* chat.generateText({ prompt: [], toolkit: Weathers })] as const
      }).pipe(Effect.provide([make(mock.url), handlers(asked)]))
      expect(first.finishReason).toBe("tool-calls")
      expect(asked).toEqual(expect.arrayContaining([{ city: "Rome" }, { city: "Oslo!", unit: "C" }]))
      expect(asked.length).toBe(2)
      expect(first.toolResults.map(({ result }) => result)).toEqual(
        expect.arrayContaining([{ degrees: 4 }, { degrees: 5 }])
      )
      expect(second.text).toBe("4 and 5")
      expect(JSON.stringify(mock.getLastRequest()?.body)).toMatch(/degrees\\+":4.*degrees\\+":5/)
    })
  )

  it.live("a stream with tool calls: their inputs bit by bit, then their results", () =>
    Effect.gen(function* () {
      const asked: Array<unknown> = []
      const mock = yield* standIn((mock) =>
        mock.onMessage(
          "weather",
          {
            toolCalls: [{ id: "call_1", name: "Weather", arguments: JSON.stringify({ city: "Reykjavik", unit: null }) }]
          },
          { chunkSize: 4 }
        )
      )
      const parts = yield* LanguageModel.streamText({ prompt: "weather", toolkit: Weathers }).pipe(
        Stream.runCollect,
        Effect.provide([make(mock.url), handlers(asked)])
      )
      const inputs = parts.flatMap((part) => (part.type === "tool-params-delta" ? [part.delta] : []))
      expect(JSON.parse(inputs.join(""))).toEqual({ city: "Reykjavik", unit: null })
      if (name !== "google") expect(inputs.length).toBeGreaterThan(1)
      expect(parts.find(({ type }) => type === "tool-result")).toMatchObject({
        result: { degrees: 9 },
        isFailure: false
      })
      expect(asked).toEqual([{ city: "Reykjavik" }])
    })
  )

  it.live("a tool that does not exist, in one piece and streamed", () =>
    Effect.gen(function* () {
      const mock = yield* standIn((mock) =>
        mock.onMessage("go", {
          toolCalls: [
            { name: "Submarine", arguments: "{}" },
            { name: "Weather", arguments: `{"city":"Rome"}` }
          ]
        })
      )
      const asked: Array<unknown> = []
      const Layers = Layer.merge(make(mock.url), handlers(asked))
      const error = yield* LanguageModel.generateText({ prompt: "go", toolkit: Weathers }).pipe(
        Effect.provide(Layers),
        Effect.flip
      )
      expect(AiError.isAiError(error) && error.reason).toMatchObject({
        _tag: "ToolNotFoundError",
        toolName: "Submarine"
      })
      const streamed = yield* LanguageModel.streamText({ prompt: "go", toolkit: Weathers }).pipe(
        Stream.runDrain,
        Effect.provide(Layers),
        Effect.flip
      )
      expect(AiError.isAiError(streamed) && streamed.reason).toMatchObject({
        _tag: "ToolNotFoundError",
        availableTools: ["Weather"]
      })
      // an answer that cannot be used runs no tool
      expect(asked).toEqual([])
    })
  )
})
