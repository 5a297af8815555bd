/** What goes to the provider and back over several turns, as the server sees it. */
import { AiSdk, CallSettings } from "@aria/adapter-ai-sdk"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Chat, LanguageModel, Prompt, Tool, Toolkit } from "effect/ai"
import * as answers from "./answers.ts"
import { events, json, serve } from "./servers.ts"
import { key, surfaces } from "./surfaces.ts"

const apiKey = Redacted.make(key)
const Add = Tool.make("Add", {
  parameters: Schema.Struct({ a: Schema.Int, b: Schema.Int }),
  success: Schema.Struct({ sum: Schema.Int })
})
const Calculator = Toolkit.make(Add)
const CalculatorLive = Calculator.toLayer({ Add: ({ a, b }) => Effect.succeed({ sum: a + b }) })

/** Asks, lets the tool run, and hands its result back; streamed or not. */
const twoTurns = (model: ReturnType<typeof AiSdk.layer>, streamed: boolean) =>
  Effect.gen(function* () {
    const chat = yield* Chat.empty
    if (streamed) {
      yield* Stream.runDrain(chat.streamText({ prompt: "1 + 2?", toolkit: Calculator }))
      yield* Stream.runDrain(chat.streamText({ prompt: [], toolkit: Calculator }))
    } else {
      yield* chat.generateText({ prompt: "1 + 2?", toolkit: Calculator })
      yield* chat.generateText({ prompt: [], toolkit: Calculator })
    }
  }).pipe(Effect.provide(Layer.merge(model, CalculatorLive)))

describe("reasoning goes back as the provider needs it", () => {
  it.live("Anthropic: the thinking with its signature, before the tool's result", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, _, index) =>
        json(
          response,
          index === 0
            ? answers.message(
                [
                  { type: "thinking", thinking: "Add them.", signature: "c2lnbmVk" },
                  { type: "redacted_thinking", data: "aGlkZGVu" },
                  { type: "tool_use", id: "toolu_1", name: "Add", input: { a: 1, b: 2 } }
                ],
                "tool_use"
              )
            : answers.message([{ type: "text", text: "3" }])
        )
      )
      yield* twoTurns(AiSdk.layer("anthropic/claude-sonnet-4-5", { apiKey, baseUrl: `${server.url}/v1` }), false)
      const [, assistant, tool] = server.requests[1]?.body.messages ?? []
      expect(assistant.content).toEqual([
        { type: "thinking", thinking: "Add them.", signature: "c2lnbmVk" },
        { type: "redacted_thinking", data: "aGlkZGVu" },
        { type: "tool_use", id: "toolu_1", name: "Add", input: { a: 1, b: 2 } }
      ])
      expect(tool.content).toEqual([{ type: "tool_result", tool_use_id: "toolu_1", content: `{"sum":3}` }])
    })
  )

  it.live("Anthropic, streamed: the signature comes after the text", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, _, index) =>
        events(
          response,
          index === 0
            ? [
                { type: "message_start", message: { ...answers.message([]), stop_reason: null } },
                {
                  type: "content_block_start",
                  index: 0,
                  content_block: { type: "thinking", thinking: "", signature: "" }
                },
                { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Add " } },
                { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "them." } },
                { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "c2lnbmVk" } },
                { type: "content_block_stop", index: 0 },
                {
                  type: "content_block_start",
                  index: 1,
                  content_block: { type: "tool_use", id: "toolu_1", name: "Add", input: {} }
                },
                { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: `{"a":1,` } },
                { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: `"b":2}` } },
                { type: "content_block_stop", index: 1 },
                {
                  type: "message_delta",
                  delta: { stop_reason: "tool_use", stop_sequence: null },
                  usage: { output_tokens: 25 }
                },
                { type: "message_stop" }
              ]
            : answers.messageStream(["3"])
        )
      )
      yield* twoTurns(AiSdk.layer("anthropic/claude-sonnet-4-5", { apiKey, baseUrl: `${server.url}/v1` }), true)
      expect(server.requests[1]?.body.messages[1].content).toEqual([
        { type: "thinking", thinking: "Add them.", signature: "c2lnbmVk" },
        { type: "tool_use", id: "toolu_1", name: "Add", input: { a: 1, b: 2 } }
      ])
    })
  )

  it.live("OpenAI: references to its items", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, _, index) =>
        json(
          response,
          index === 0
            ? answers.responses([
                answers.responsesReasoning("rs_1", "Add them."),
                answers.responsesCall("call_1", "Add", { a: 1, b: 2 })
              ])
            : answers.responses([answers.responsesText("3")])
        )
      )
      yield* twoTurns(AiSdk.layer("openai/gpt-5", { apiKey, baseUrl: `${server.url}/v1` }), false)
      expect(server.requests[1]?.body.input.slice(1)).toEqual([
        { type: "item_reference", id: "rs_1" },
        { type: "function_call", call_id: "call_1", name: "Add", arguments: `{"a":1,"b":2}` },
        { type: "function_call_output", call_id: "call_1", output: `{"sum":3}` }
      ])
    })
  )

  it.live("OpenAI without storage: the encrypted reasoning itself", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, _, index) =>
        json(
          response,
          index === 0
            ? answers.responses([
                { ...answers.responsesReasoning("rs_1", "Add them."), encrypted_content: "ZW5jcnlwdGVk" },
                answers.responsesCall("call_1", "Add", { a: 1, b: 2 })
              ])
            : answers.responses([answers.responsesText("3")])
        )
      )
      const providerOptions = { openai: { store: false, include: ["reasoning.encrypted_content"] } }
      yield* twoTurns(AiSdk.layer("openai/gpt-5", { apiKey, baseUrl: `${server.url}/v1`, providerOptions }), false)
      expect(server.requests[0]?.body).toMatchObject({ store: false, include: ["reasoning.encrypted_content"] })
      expect(server.requests[1]?.body.input[1]).toMatchObject({ type: "reasoning", encrypted_content: "ZW5jcnlwdGVk" })
    })
  )

  it.live("Google: the signature of a thought on the call that came with it", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, _, index) =>
        json(
          response,
          index === 0
            ? answers.candidates([
                { text: "Add them.", thought: true },
                { functionCall: { name: "Add", args: { a: 1, b: 2 } }, thoughtSignature: "c2lnbmVk" }
              ])
            : answers.candidates([{ text: "3" }])
        )
      )
      yield* twoTurns(AiSdk.layer("google/gemini-2.5-flash", { apiKey, baseUrl: `${server.url}/v1beta` }), false)
      const parts: ReadonlyArray<object> = server.requests[1]?.body.contents.flatMap(
        (content: { parts: [] }) => content.parts
      )
      expect(parts).toContainEqual(
        expect.objectContaining({ thoughtSignature: "c2lnbmVk", functionCall: expect.anything() })
      )
    })
  )

  it.live("another provider takes the conversation over, without what is not its own", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) =>
        json(
          response,
          url.endsWith("/messages")
            ? answers.message([
                { type: "thinking", thinking: "Hm.", signature: "c2lnbmVk" },
                { type: "text", text: "hello" }
              ])
            : answers.textFor(url, "hi")
        )
      )
      const chat = yield* Chat.empty
      yield* chat
        .generateText({ prompt: "one" })
        .pipe(Effect.provide(AiSdk.layer("anthropic/claude-sonnet-4-5", { apiKey, baseUrl: `${server.url}/v1` })))
      const { text } = yield* chat
        .generateText({ prompt: "two" })
        .pipe(Effect.provide(AiSdk.layer("openai/gpt-5", { apiKey, baseUrl: `${server.url}/v1` })))
      expect(text).toBe("hi")
      expect(JSON.stringify(server.requests[1]?.body)).not.toContain("c2lnbmVk")
      expect(JSON.stringify(server.requests[1]?.body)).toContain("hello")
    })
  )
})

describe.each(surfaces)("%s, as its server sees it", (name, make) => {
  it.live("files and pictures by address", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) => json(response, answers.textFor(url, "A dot.")))
      const pixel = Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10])
      const base64 = Buffer.from(pixel).toString("base64")
      const file = (data: string | Uint8Array | URL) => ({ type: "file" as const, mediaType: "image/png", data })
      for (const data of [
        pixel,
        base64,
        `data:image/png;base64,${base64}`,
        new URL(`data:image/png;base64,${base64}`)
      ]) {
        const prompt = Prompt.make([{ role: "user", content: [{ type: "text", text: "look" }, file(data)] }])
        const { text } = yield* LanguageModel.generateText({ prompt }).pipe(Effect.provide(make(server.url)))
        expect(text).toBe("A dot.")
      }
      const bodies = server.requests.map(({ body }) => JSON.stringify(body))
      for (const body of bodies) expect(body).toContain(base64)
      // all four are the same file
      expect(new Set(bodies).size).toBe(1)

      const address = "https://example.com/dot.png"
      for (const data of [new URL(address), address]) {
        const prompt = Prompt.make([{ role: "user", content: [{ type: "text", text: "look" }, file(data)] }])
        yield* LanguageModel.generateText({ prompt }).pipe(Effect.provide(make(server.url)))
        expect(JSON.stringify(server.requests.at(-1)?.body)).toContain(address)
      }
      expect(server.requests.at(-1)?.body).toEqual(server.requests.at(-2)?.body)
    })
  )

  it.live("settings of the layer, and of a region before them; the innermost region first", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) => json(response, answers.textFor(url, "hi")))
      const ask = LanguageModel.generateText({ prompt: "hello" })
      yield* Effect.gen(function* () {
        yield* ask
        yield* ask.pipe(CallSettings.within({ maxOutputTokens: 200 }))
        yield* ask.pipe(
          CallSettings.within({ maxOutputTokens: 300, headers: { "x-two": "2" } }),
          CallSettings.within({ maxOutputTokens: 200, headers: { "x-two": "0" } })
        )
      }).pipe(Effect.provide(make(server.url, { maxOutputTokens: 100, headers: { "x-one": "1" } })))
      const limits = server.requests.map(
        ({ body }) =>
          body.max_output_tokens ??
          body.max_tokens ??
          body.max_completion_tokens ??
          body.generationConfig?.maxOutputTokens
      )
      expect(limits).toEqual([100, 200, 300])
      expect(server.requests.map(({ headers }) => headers["x-one"])).toEqual(["1", "1", "1"])
      expect(server.requests.map(({ headers }) => headers["x-two"])).toEqual([undefined, undefined, "2"])
    })
  )

  it.live("what a server says of its limits, and nothing else of its headers", () =>
    Effect.gen(function* () {
      const headers = {
        "x-ratelimit-remaining-tokens": "99",
        "x-request-id": "req_1",
        "set-cookie": "a=b",
        "x-other": "1"
      }
      const server = yield* serve((response, { body, url }) => {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
        if (body.stream === true || url.includes("stream")) events(response, answers.streamFor(url, ["hi"]))
        else json(response, answers.textFor(url, "hi"))
      })
      const told = { "x-ratelimit-remaining-tokens": "99", "x-request-id": "req_1" }
      const whole = yield* LanguageModel.generateText({ prompt: "go" }).pipe(Effect.provide(make(server.url)))
      const bits = yield* LanguageModel.streamText({ prompt: "go" }).pipe(
        Stream.runCollect,
        Effect.provide(make(server.url))
      )
      for (const finish of [whole.content.at(-1), bits.at(-1)]) {
        const { "content-type": type, ...rest } = (finish?.type === "finish" && finish.response?.headers) || {}
        expect(type).toMatch(/json|event-stream/)
        expect(rest).toEqual(told)
      }
    })
  )

  it.live("the schema of an object, in the request's own field or in words", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) =>
        json(response, answers.textFor(url, `{"full":"Ada","nick":null}`))
      )
      const schema = Schema.Struct({ full: Schema.String, nick: Schema.optionalKey(Schema.String) })
      const ask = LanguageModel.generateObject({ prompt: "who?", schema })
      const native = yield* ask.pipe(Effect.provide(make(server.url)))
      const words = yield* ask.pipe(Effect.provide(make(server.url, { jsonSchema: "prompt" })))
      expect([native.value, words.value]).toEqual([{ full: "Ada" }, { full: "Ada" }])
      const [first, second] = server.requests.map(({ body }) => JSON.stringify(body))
      expect(first).toContain(`"nick":{`)
      expect(first).not.toContain("fits this JSON schema")
      expect(second).toContain("fits this JSON schema")
      expect(second).not.toContain(`"nick":{`)
    })
  )

  it.live("a tool that failed, one that was denied, and one whose answer is a picture", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) => json(response, answers.textFor(url, "I see.")))
      const call = (id: string) => ({ type: "tool-call" as const, id, name: "Add", params: { a: 1, b: 2 } })
      const result = { type: "tool-result" as const, name: "Add" }
      const prompt = Prompt.make([
        { role: "user", content: "go" },
        { role: "assistant", content: [call("c1"), call("c2"), call("c3")] },
        {
          role: "tool",
          content: [
            { ...result, id: "c1", isFailure: true, result: { _tag: "Broken" } },
            { ...result, id: "c2", isFailure: true, result: { type: "execution-denied", reason: "not today" } },
            {
              ...result,
              id: "c3",
              isFailure: false,
              result: { never: "shown" },
              modelOutput: [
                { type: "text", text: "a picture" },
                { type: "file", mediaType: "image/png", data: "iVBORw0KGgo=" }
              ]
            }
          ]
        }
      ])
      yield* LanguageModel.generateText({ prompt }).pipe(Effect.provide(make(server.url)))
      const sent = JSON.stringify(server.requests[0]?.body)
      for (const text of ["Broken", "not today", "a picture", "iVBORw0KGgo="]) {
        // OpenAI's chat has no place for pictures in what a tool says
        if (text === "iVBORw0KGgo=" && name.includes("compatible")) continue
        expect(sent).toContain(text)
      }
      expect(sent).not.toContain("never")
    })
  )
})

it.live("usage: cached and reasoning tokens told apart", () =>
  Effect.gen(function* () {
    const server = yield* serve((response, { url }) => json(response, answers.textFor(url, "hi")))
    const usages = yield* Effect.forEach(surfaces, ([, make]) =>
      LanguageModel.generateText({ prompt: "hello" }).pipe(
        Effect.map(({ usage: { inputTokens: i, outputTokens: o } }) => [
          i.total,
          i.uncached,
          i.cacheRead,
          i.cacheWrite,
          o.total,
          o.reasoning
        ]),
        Effect.provide(make(server.url))
      )
    )
    const chat = [80, 64, 16, undefined, 20, 8]
    const openai = [100, 60, 40, undefined, 30, 20]
    expect(usages).toEqual([
      openai,
      chat,
      openai,
      chat,
      [100, 60, 30, 10, 25, undefined],
      [50, 30, 20, undefined, 17, 7],
      chat
    ])
  })
)
