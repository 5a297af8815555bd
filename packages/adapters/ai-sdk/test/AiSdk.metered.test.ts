/** The functions of `AiSdk.provider` inside of what meters, limits and guards them in `@aria/models`. */
import { AiSdk, AiSdkEmbedding, CallSettings, Spent } from "@aria/adapter-ai-sdk"
import { Fallback, Guarded, Limiter, Metered, PriceTable, type Spent as ModelsSpent } from "@aria/models"
import { Budget } from "@aria/orchestrator-core"
import { assert, describe, expect, expectTypeOf, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { AiError, Chat, EmbeddingModel, LanguageModel, Tool, Toolkit } from "effect/ai"
import * as answers from "./answers.ts"
import { body } from "./calls.ts"
import { apiKey, at, guarded, type Protocol, protocols, provider, traffic } from "./metered.ts"
import { eventually, events, json, serve } from "./servers.ts"
import { scripted } from "./scripted.ts"
import { standIn } from "./standIn.ts"

/** Answers in one piece or streamed, as it is asked. */
const server = serve((response, { body: request, url }) =>
  request.stream === true || url.includes("streamGenerateContent")
    ? events(response, answers.streamFor(url, ["one ", "two "]))
    : json(response, answers.textFor(url, "one two "))
)

const calls = {
  generateText: Effect.asVoid(LanguageModel.generateText({ prompt: "hello" })),
  streamText: Stream.runDrain(LanguageModel.streamText({ prompt: "hello" }))
} as const

/** What a call has cost, however it ended. */
const costOf = <A, E, R>(call: Effect.Effect<A, E, R>, limits: Budget.Limits = { tokens: 100_000 }) =>
  Effect.flatMap(Effect.result(call), (result) =>
    Effect.map(Budget.capture, ([region]) => ({ result, usage: region!.usage, held: region!.held }))
  ).pipe(Budget.limit(limits))

const nothing = { tokens: 0, calls: 0 }

it("the pieces are what the meter takes", () => {
  expectTypeOf<AiSdk.Provider>().toExtend<Guarded.Functions>()
  expectTypeOf<AiSdk.Provider>().toExtend<Parameters<typeof Metered.layer>[1]>()
  expectTypeOf<AiSdkEmbedding.Provider>().toExtend<Parameters<typeof Metered.embedding>[1]>()
  expectTypeOf<Spent.Spent>().toExtend<ModelsSpent.Spent>()
  expectTypeOf<ModelsSpent.Spent>().toExtend<Spent.Spent>()
})

it.effect("providers have the names by which OpenTelemetry knows them, the same with the meter and without", () =>
  Effect.gen(function* () {
    const known = ["azure", "bedrock", "amazon-bedrock", "google", "mistral", "moonshotai", "vertex", "xai"]
    const told: Record<string, string> = {}
    for (const provider of [...known, "openai", "anthropic", "constructor", "toString"]) {
      const span = yield* Effect.makeSpan("call")
      const functions = yield* AiSdk.provider({ ...scripted(), provider: `${provider}.chat` })
      const alone = yield* LanguageModel.make({
        ...functions,
        generateText: (options) => functions.generateText({ ...options, span })
      })
      yield* alone.generateText({ prompt: "hi" })
      let metered: unknown
      yield* Effect.provide(
        LanguageModel.generateText({ prompt: "hi" }),
        Metered.layer(
          {},
          {
            ...functions,
            generateText: (options) =>
              Effect.suspend(() => {
                metered = options.span.attributes.get("gen_ai.provider.name")
                return functions.generateText(options)
              })
          }
        )
      )
      told[provider] = String(span.attributes.get("gen_ai.provider.name"))
      expect(metered).toBe(told[provider])
    }
    expect(told).toMatchObject({ google: "gcp.gemini", xai: "x_ai", openai: "openai", constructor: "constructor" })
    for (const provider of known) expect(told[provider]).not.toBe(provider)
  }).pipe(Effect.provide(Limiter.layer({})))
)

it.effect("an object that does not fit is told of in the same words with the meter and without", () =>
  Effect.gen(function* () {
    const schema = Schema.Struct({ name: Schema.NonEmptyString, age: Schema.Natural })
    const ask = Effect.flip(LanguageModel.generateObject({ prompt: "who?", schema }))
    const told: Array<string> = []
    for (const text of ["", "no object", "{}", `{"name":""}`, `{"name":"Ada","age":-1}`, `{"name":"Ada","age":"36"}`]) {
      const model = scripted({ content: [{ type: "text", text }] })
      const alone = yield* Effect.provide(ask, AiSdk.layer(model))
      const metered = yield* Effect.provide(ask, Metered.layer({}, yield* AiSdk.provider(model)))
      assert(AiError.isAiError(alone) && AiError.isAiError(metered))
      expect({ ...metered.reason, message: metered.message }).toEqual({ ...alone.reason, message: alone.message })
      if (alone.reason._tag === "StructuredOutputError") told.push(alone.message)
    }
    expect(told.length).toBeGreaterThan(3)
    for (const message of told) expect(message).toContain("Describe its fields with annotations")
  }).pipe(Effect.provide(Limiter.layer({})))
)

describe.each(protocols)("%s", (_, protocol) => {
  for (const [name, call] of Object.entries(calls)) {
    it.live(`${name}: what the provider reports is what is used, and the limit of the answer is in the request`, () =>
      Effect.gen(function* () {
        const { requests, url } = yield* server
        const { held, result, usage } = yield* costOf(Effect.provide(call, guarded(protocol, url)))
        expect(result._tag).toBe("Success")
        expect(usage).toMatchObject({ calls: 1, ...protocol.usage })
        expect(held).toMatchObject(nothing)
        yield* Effect.provide(call, guarded(protocol, url, {}, { maxOutputTokens: 300 }))
        yield* Effect.provide(CallSettings.within({ maxOutputTokens: 200 })(call), guarded(protocol, url))
        yield* Effect.provide(CallSettings.within({ maxOutputTokens: 900 })(call), guarded(protocol, url))
        expect(requests.map((request) => at(request.body, protocol.limit))).toEqual([400, 300, 200, 400])
      }).pipe(Effect.provide(traffic))
    )

    it.live(`${name}: interrupted, it counts as reserved, and the server sees the end of its connection`, () =>
      Effect.gen(function* () {
        const silent = yield* serve(() => {})
        yield* Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(Effect.provide(call, guarded(protocol, silent.url)), {
            startImmediately: true
          })
          yield* eventually("the request is there", () => silent.open() === 1)
          const [open] = yield* Budget.capture
          expect(open!.held.calls).toBe(1)
          yield* Fiber.interrupt(fiber)
          yield* eventually("the connection is closed", () => silent.open() === 0)
          const [ended] = yield* Budget.capture
          expect(ended!.held).toMatchObject(nothing)
          expect(ended!.usage).toMatchObject({ calls: 1, tokens: open!.held.tokens, outputTokens: 400 })
        }).pipe(Budget.limit({ tokens: 100_000 }))
      }).pipe(Effect.provide(traffic))
    )

    it.live(`${name}: 429 costs a call and no tokens, and holds up all who use the provider`, () =>
      Effect.gen(function* () {
        const busy = yield* serve((response, { url }) =>
          json(response, body(url, "Slowly."), 429, { "retry-after": "3000" })
        )
        const model = guarded(protocol, busy.url)
        const { result, usage } = yield* costOf(Effect.provide(call, model))
        expect(result).toMatchObject({ failure: { reason: { _tag: "RateLimitError" } } })
        expect(usage).toMatchObject({ calls: 1, tokens: 0 })
        const limiter = yield* Limiter.Limiter
        const lane = Effect.map(limiter.lanes, (lanes) => lanes.find(({ name }) => name === protocol.provider)!)
        expect((yield* lane).coolingMillis).toBeGreaterThan(1_000_000)
        const next = yield* Effect.forkChild(Effect.provide(call, model), { startImmediately: true })
        while ((yield* lane).waiting === 0) yield* Effect.yieldNow
        yield* Fiber.interrupt(next)
        expect(busy.requests.length).toBe(1)
      }).pipe(Effect.provide(traffic))
    )

    it.live(`${name}: what was not sent costs nothing; an answer that is lost, all that was reserved`, () =>
      Effect.gen(function* () {
        const gone = yield* Effect.scoped(serve(() => {}))
        expect(yield* costOf(Effect.provide(call, guarded(protocol, gone.url)))).toMatchObject({
          result: { failure: { reason: { _tag: "NetworkError" } } },
          usage: nothing,
          held: nothing
        })
        const { url } = yield* serve((response) => response.destroy())
        expect(yield* costOf(Effect.provide(call, guarded(protocol, url)))).toMatchObject({
          result: { failure: { reason: { _tag: "NetworkError" } } },
          usage: { calls: 1, outputTokens: 400 },
          held: nothing
        })
      }).pipe(Effect.provide(traffic))
    )
  }

  it.live("a call of a tool that does not exist: it cannot be used, and costs what was reported", () =>
    Effect.gen(function* () {
      const reported = {
        prompt_tokens: 12,
        completion_tokens: 5,
        total_tokens: 17,
        input_tokens: 12,
        output_tokens: 5,
        promptTokenCount: 12,
        candidatesTokenCount: 5,
        totalTokenCount: 17
      }
      const mock = yield* standIn((mock) =>
        mock.onMessage("go", { toolCalls: [{ name: "Submarine", arguments: "{}" }], usage: reported })
      )
      const Dive = Tool.make("Dive", { success: Schema.Void })
      const kit = Toolkit.make(Dive)
      const options = { prompt: "go", toolkit: kit } as const
      const Layers = Layer.merge(guarded(protocol, mock.url), kit.toLayer({ Dive: () => Effect.void }))
      for (const call of [
        Effect.asVoid(LanguageModel.generateText(options)),
        Stream.runDrain(LanguageModel.streamText(options))
      ]) {
        const { result, usage } = yield* costOf(Effect.provide(call, Layers))
        expect(result).toMatchObject({ failure: { reason: { _tag: "ToolNotFoundError", toolName: "Submarine" } } })
        expect(usage).toMatchObject({ calls: 1, inputTokens: 12, outputTokens: 5 })
      }
    }).pipe(Effect.provide(traffic))
  )
})

it.live("the price is found by the names that the model says", () =>
  Effect.gen(function* () {
    const [, protocol] = protocols[0]!
    const { url } = yield* server
    const prices = yield* PriceTable.make({ "openai/gpt-5": { input: 10, output: 100, cachedInput: 1 } })
    const { usage } = yield* costOf(Effect.provide(calls.generateText, guarded(protocol, url, { prices })), { usd: 1 })
    // 60 at 10, 40 cached at 1, 30 at 100 dollars a million
    expect(usage.microUsd).toBe(600 + 40 + 3_000)
    const unpriced = yield* costOf(Effect.provide(calls.generateText, guarded(protocol, url, { prices: {} })), {
      usd: 1
    })
    expect(unpriced.result).toMatchObject({
      failure: { message: expect.stringContaining(`"openai/gpt-5" has no price`) }
    })
  }).pipe(Effect.provide(traffic))
)

it.live("Metered.layer is the same without retries and breaker", () =>
  Effect.gen(function* () {
    for (const [, protocol] of protocols) {
      const { requests, url } = yield* server
      const model = Layer.unwrap(
        Effect.map(provider(protocol, url), (functions) => Metered.layer({ maxOutputTokens: 123 }, functions))
      )
      const { usage } = yield* costOf(Effect.provide(calls.generateText, model))
      expect(usage).toMatchObject({ calls: 1, ...protocol.usage })
      expect(at(requests[0]?.body, protocol.limit)).toBe(123)
    }
  }).pipe(Effect.provide(traffic))
)

describe("embeddings", () => {
  const embeddings = serve((response, { body }) => {
    const inputs: ReadonlyArray<string> = Array.isArray(body.input) ? body.input : [body.input]
    json(response, {
      object: "list",
      model: "m",
      data: inputs.map((_, index) => ({ object: "embedding", index, embedding: [index, 1] })),
      usage: { prompt_tokens: 7, total_tokens: 7 }
    })
  })
  const model = (url: string) =>
    Effect.gen(function* () {
      const pieces = yield* AiSdkEmbedding.provider("openai/text-embedding-3-small", { apiKey, baseUrl: `${url}/v1` })
      const metered = yield* Metered.embedding({}, pieces)
      return yield* AiSdkEmbedding.fromProvider({ ...pieces, ...metered })
    })

  it.live("what the provider reports is what is used; a list that takes three requests is three calls", () =>
    Effect.gen(function* () {
      const { requests, url } = yield* embeddings
      const service = yield* model(url)
      const one = yield* costOf(service.embed("hello"))
      expect(one).toMatchObject({ usage: { calls: 1, inputTokens: 7, outputTokens: 0 }, held: nothing })
      const many = yield* costOf(service.embedMany(Array.from({ length: 5_000 }, (_, index) => `text ${index}`)))
      expect(many).toMatchObject({ result: { _tag: "Success" }, usage: { calls: 3, inputTokens: 21 } })
      expect(requests.length).toBe(4)
    }).pipe(Effect.provide(traffic))
  )

  it.live("429, and what was not sent", () =>
    Effect.gen(function* () {
      const gone = yield* Effect.scoped(serve(() => {}))
      expect(yield* costOf((yield* model(gone.url)).embed("hello"))).toMatchObject({ usage: nothing, held: nothing })
      const busy = yield* serve((response, { url }) =>
        json(response, body(url, "Slowly."), 429, { "retry-after": "3000" })
      )
      expect(yield* costOf((yield* model(busy.url)).embed("hello"))).toMatchObject({
        result: { failure: { reason: { _tag: "RateLimitError" } } },
        usage: { calls: 1, tokens: 0 }
      })
      const { lanes } = yield* Limiter.Limiter
      expect((yield* lanes).find(({ name }) => name === "openai")?.coolingMillis).toBeGreaterThan(1_000_000)
    }).pipe(Effect.provide(traffic))
  )

  it.effect("effect's own service takes it as well", () =>
    Effect.gen(function* () {
      const pieces = yield* AiSdkEmbedding.provider("openai/text-embedding-3-small", { apiKey })
      const service = yield* Effect.flatMap(Metered.embedding({}, pieces), EmbeddingModel.make)
      expectTypeOf(service).toEqualTypeOf<EmbeddingModel.EmbeddingModel>()
    }).pipe(Effect.provide(traffic))
  )
})

describe("one provider in place of another", () => {
  const [, openai] = protocols[0]!
  const [, anthropic] = protocols[1]!
  const pair = (first: Protocol, firstUrl: string, second: Protocol, secondUrl: string) =>
    Fallback.layer([guarded(first, firstUrl), guarded(second, secondUrl)])

  it.live("an object: each is told its schema in its own way, and each answer is read in the same", () =>
    Effect.gen(function* () {
      const down = yield* serve((response) => json(response, { error: { message: "down" } }, 500))
      const object = yield* serve((response, { url }) => json(response, answers.textFor(url, `{"name":"Ada"}`)))
      const nulls = yield* serve((response, { url }) =>
        json(response, answers.textFor(url, `{"name":"Ada","nick":null}`))
      )
      const Person = Schema.Struct({ name: Schema.String, nick: Schema.optionalKey(Schema.String) })
      const ask = LanguageModel.generateObject({ prompt: "go", schema: Person })
      for (const [first, second, url] of [
        [openai, anthropic, object.url],
        [anthropic, openai, nulls.url]
      ] as const) {
        const { content, value } = yield* ask.pipe(Effect.provide(pair(first, down.url, second, url)))
        expect(value).toEqual({ name: "Ada" })
        expect(Option.map(Fallback.answered(content), ({ failed, model }) => [model, failed])).toEqual(
          Option.some([second.name, [{ model: first.name, reason: "InternalProviderError" }]])
        )
      }
    }).pipe(Effect.provide(traffic))
  )

  it.live("in the middle of a conversation: thoughts and calls of the one are no hindrance for the other", () =>
    Effect.gen(function* () {
      const Weather = Tool.make("Weather", {
        parameters: Schema.Struct({ city: Schema.String }),
        success: Schema.Struct({ degrees: Schema.Finite })
      })
      const kit = Toolkit.make(Weather)
      const turns = [
        {
          of: openai,
          answer: answers.responses([
            answers.responsesReasoning("rs_1", "Which city?"),
            answers.responsesCall("call_1", "Weather", { city: "Rome" })
          ]),
          next: anthropic
        },
        {
          of: anthropic,
          answer: answers.message(
            [
              { type: "thinking", thinking: "Which city?", signature: "signed" },
              { type: "tool_use", id: "toolu_1", name: "Weather", input: { city: "Rome" } }
            ],
            "tool_use"
          ),
          next: openai
        }
      ]
      for (const { answer, next, of } of turns) {
        const first = yield* serve((response, _, index) =>
          index === 0 ? json(response, answer) : json(response, { error: { message: "down" } }, 500)
        )
        const second = yield* serve((response, { url }) => json(response, answers.textFor(url, "4 degrees")))
        const chat = yield* Chat.empty
        const reply = yield* Effect.gen(function* () {
          yield* chat.generateText({ prompt: "weather", toolkit: kit })
          return yield* chat.generateText({ prompt: [], toolkit: kit })
        }).pipe(
          Effect.provide([
            pair(of, first.url, next, second.url),
            kit.toLayer({ Weather: () => Effect.succeed({ degrees: 4 }) })
          ])
        )
        expect(reply.text).toBe("4 degrees")
        const sent = JSON.stringify(second.requests[0]?.body)
        expect(sent).toContain("degrees")
        // A reference to what is stored at the other, or its signature, would be refused.
        expect(sent).not.toMatch(/item_reference|rs_1|signed/)
        expect([first.requests.length, second.requests.length]).toEqual([2, 1])
      }
    }).pipe(Effect.provide(traffic))
  )

  it.live(
    "a model that a server does not know, a wrong address, and a wrong key are cured; a wrong setting is not",
    () =>
      Effect.gen(function* () {
        const works = yield* server
        for (const [status, headers] of [
          [404, {}],
          [401, {}],
          [400, {}],
          [302, { location: "http://127.0.0.1/elsewhere" }]
        ] as const) {
          const bad = yield* serve((response, { url }) => json(response, body(url, "No."), status, headers))
          const { content } = yield* LanguageModel.generateText({ prompt: "hello" }).pipe(
            Effect.provide(pair(openai, bad.url, anthropic, works.url))
          )
          expect(Option.getOrThrow(Fallback.answered(content)).model).toBe(anthropic.name)
        }
        const before = works.requests.length
        const error = yield* LanguageModel.generateText({ prompt: "hello" }).pipe(
          CallSettings.within({ temperature: Number.NaN }),
          Effect.provide(pair(openai, works.url, anthropic, works.url)),
          Effect.flip
        )
        expect(AiError.isAiError(error) && error.reason).toMatchObject({
          _tag: "InvalidRequestError",
          parameter: "temperature"
        })
        expect(works.requests.length).toBe(before)
      }).pipe(Effect.provide(traffic))
  )
})
