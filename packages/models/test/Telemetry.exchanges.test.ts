import { Breaker, Fallback, Guarded, Limiter, Metered, ModelAgent, RetryBudget, Telemetry, type TokenCount } from "@aria/models"
import { Agent, Budget, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { AiError, EmbeddingModel, LanguageModel, type Response, Telemetry as EffectTelemetry, Tool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { call } from "./modelAgentScript.ts"
import { broken, failure, finish, lost, provider, text, textStream, tooMany, usage } from "./provider.ts"
import { attributes, collector, durations, histogram, measured, named, tokens, tree } from "./traces.ts"

const counter: TokenCount.TokenCount = { request: () => Effect.succeed(100), texts: () => Effect.succeed(100) }
const options = { counter, maxOutputTokens: 50 } as const
const traffic = Layer.mergeAll(Limiter.layer(), RetryBudget.layer(), Breaker.layerMemory({ failures: 3 }))
const metered = (functions: Metered.Functions, more: Metered.Options = {}) =>
  Effect.flatMap(Metered.provider({ ...options, ...more }, functions), LanguageModel.make)
const guarded = (functions: Metered.Functions, times = 3) =>
  Effect.flatMap(Guarded.provider({ ...options, retry: { times, base: "1 second" } }, functions), LanguageModel.make)

const ask = (model: LanguageModel.LanguageModel) => Effect.asVoid(model.generateText({ prompt: "hi" }))
const read = (model: LanguageModel.LanguageModel) => Stream.runDrain(model.streamText({ prompt: "hi" }))
const kinds = { generateText: ask, streamText: read } as const
const both = Object.entries(kinds) as ReadonlyArray<readonly [keyof typeof kinds, typeof ask]>

const metadata: Response.ResponseMetadataPartEncoded = {
  type: "response-metadata",
  id: "r1",
  modelId: "one-2026",
  timestamp: undefined
}
const reported = usage(80, 40, { cacheRead: 30, cacheWrite: 20, reasoning: 15 })

/** Runs it to its end, however long it waits. */
const patiently = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    for (let minutes = 0; minutes < 30 && fiber.pollUnsafe() === undefined; minutes++) yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })

describe("an exchange of a metered model", () => {
  it.effect("has one chat span beneath effect's own, with all that is known of it", () =>
    measured(
      Effect.gen(function* () {
        const functions = provider({
          generateText: Effect.succeed([metadata, ...text("hi", reported)]),
          streamText: Stream.fromIterable([metadata, ...textStream("hi", reported)])
        })
        for (const [kind, run] of both) {
          const { spans, traced } = collector()
          yield* traced(Effect.flatMap(metered(functions, { model: "large" }), run)).pipe(
            Limiter.within({ agent: "Scout" })
          )
          expect(tree(spans)).toStrictEqual([`LanguageModel.${kind}`, "  chat large"])
          const [around, chat] = spans
          expect(chat!.kind).toBe("client")
          expect(chat!.status).toMatchObject({ _tag: "Ended", exit: Exit.void })
          expect(attributes(chat!)).toStrictEqual({
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "acme",
            "gen_ai.agent.name": "Scout",
            "gen_ai.request.model": "large",
            "gen_ai.request.max_tokens": 50,
            "gen_ai.output.type": "text",
            ...(kind === "streamText"
              ? { "gen_ai.request.stream": true, "gen_ai.response.time_to_first_chunk": 0 }
              : {}),
            "gen_ai.response.id": "r1",
            "gen_ai.response.model": "one-2026",
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.usage.input_tokens": 80,
            "gen_ai.usage.output_tokens": 40,
            "gen_ai.usage.cache_read.input_tokens": 30,
            "gen_ai.usage.cache_creation.input_tokens": 20,
            "gen_ai.usage.reasoning.output_tokens": 15
          })
          // The usage is nowhere else: whoever adds up spans counts it once.
          expect(Object.keys(attributes(around!)).filter((key) => key.includes("usage"))).toStrictEqual([])
        }
      }).pipe(Effect.provide(traffic))
    )
  )

  it.effect("gives its span to the provider, for what only that one knows, and is where the provider's own spans hang", () =>
    Effect.gen(function* () {
      const functions: Metered.Functions = {
        provider: "google",
        model: "one",
        generateText: ({ span }) => {
          EffectTelemetry.addGenAIAnnotations(span, { request: { temperature: 0.5 }, usage: { inputTokens: 10 } })
          return Effect.withSpan(Effect.succeed(text("hi", usage(10, 5))), "http")
        },
        streamText: ({ span }) =>
          Stream.suspend(() => {
            EffectTelemetry.addGenAIAnnotations(span, { request: { temperature: 0.5 } })
            return Stream.withSpan(Stream.fromIterable(textStream("hi", usage(10, 5))), "http")
          })
      }
      for (const [kind, run] of both) {
        const { spans, traced } = collector()
        yield* traced(Effect.flatMap(guarded(functions), run))
        expect(tree(spans)).toStrictEqual([`LanguageModel.${kind}`, "  chat one", "    http"])
        expect(attributes(spans[1]!)).toMatchObject({
          "gen_ai.request.temperature": 0.5,
          "gen_ai.usage.input_tokens": 10,
          // As OpenTelemetry calls it.
          "gen_ai.provider.name": "gcp.gemini"
        })
        expect(attributes(spans[0]!)).not.toHaveProperty("gen_ai.request.temperature")
      }
    }).pipe(Effect.provide(traffic))
  )

  it.effect("is told by two histograms, with the buckets and names of the conventions", () =>
    measured(
      Effect.gen(function* () {
        const slow = provider({
          generateText: Effect.delay(Effect.succeed([metadata, ...text("hi", reported)]), "1500 millis")
        })
        yield* patiently(Effect.flatMap(metered(slow), ask))
        const of = {
          "gen_ai.operation.name": "chat",
          "gen_ai.provider.name": "acme",
          "gen_ai.request.model": "one",
          "gen_ai.response.model": "one-2026"
        }
        expect(yield* histogram("gen_ai.client.operation.duration")).toStrictEqual([
          {
            attributes: of,
            count: 1,
            sum: 1.5,
            boundaries: [
              0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92
            ]
          }
        ])
        const boundaries = expect.arrayContaining([1, 4, 64, 67108864]) as unknown as ReadonlyArray<number>
        const usages = yield* histogram("gen_ai.client.token.usage")
        expect(usages).toHaveLength(2)
        expect(usages).toContainEqual({ attributes: { ...of, "gen_ai.token.type": "input" }, count: 1, sum: 80, boundaries })
        expect(usages).toContainEqual({ attributes: { ...of, "gen_ai.token.type": "output" }, count: 1, sum: 40, boundaries })
      }).pipe(Effect.provide(traffic))
    )
  )

  it.effect("takes as long as the provider took, without the wait for its turn; a stream's first piece has its own time", () =>
    measured(
      Effect.gen(function* () {
        const { spans, traced } = collector()
        const [start, ...rest] = textStream("hi", usage(10, 5))
        const functions = provider({
          streamText: Stream.fromIterable([metadata]).pipe(
            Stream.concat(Stream.fromEffect(Effect.delay(Effect.succeed(start!), "2 seconds"))),
            Stream.concat(Stream.unwrap(Effect.delay(Effect.succeed(Stream.fromIterable(rest)), "3 seconds")))
          )
        })
        const model = yield* metered(functions)
        yield* patiently(traced(Effect.all([read(model), read(model)], { concurrency: "unbounded" })))
        expect(yield* histogram("gen_ai.client.operation.duration")).toMatchObject([{ count: 2, sum: 10 }])
        expect(named(spans, "chat").map((span) => attributes(span)["gen_ai.response.time_to_first_chunk"])).toStrictEqual([2, 2])
        const millis = named(spans, "chat").map(({ startTime, status }) =>
          status._tag === "Ended" ? Number(status.endTime - startTime) / 1e6 : undefined
        )
        expect(millis).toStrictEqual([5_000, 5_000])
      }).pipe(Effect.provide(Limiter.layer({ provider: { acme: { concurrency: 1 } } })))
    )
  )

  it.effect("is one of each attempt, with what it failed with", () =>
    measured(
      Effect.gen(function* () {
        for (const [kind, run] of both) {
          let calls = 0
          const next = <A>(value: A) => Effect.suspend(() => [Effect.fail(tooMany()), Effect.fail(lost), Effect.succeed(value)][calls++]!)
          const { spans, traced } = collector()
          const functions = provider({
            generateText: next(text("hi", usage(10, 5))),
            streamText: Stream.unwrap(next(Stream.fromIterable(textStream("hi", usage(10, 5)))))
          })
          yield* patiently(traced(Effect.flatMap(guarded(functions), run)))
          expect(tree(spans)).toStrictEqual([`LanguageModel.${kind}`, "  chat one", "  chat one", "  chat one"])
          expect(named(spans, "chat").map((span) => attributes(span)["error.type"])).toStrictEqual([
            "RateLimitError",
            "NetworkError",
            undefined
          ])
        }
        expect(yield* durations).toStrictEqual({ RateLimitError: 2, NetworkError: 2, none: 2 })
        expect(yield* tokens).toStrictEqual({ input: 20, output: 10 })
      }).pipe(Effect.provide(traffic))
    )
  )

  it.effect("that is interrupted, or left by its reader, is told once, as cancelled", () =>
    measured(
      Effect.gen(function* () {
        const { spans, traced } = collector()
        const begun = textStream("hi").slice(0, 2)
        const functions = provider({
          generateText: Effect.never,
          streamText: Stream.concat(Stream.fromIterable(begun), Stream.never)
        })
        const model = yield* guarded(functions)
        for (const [, run] of both) {
          const fiber = yield* Effect.forkChild(traced(run(model)), { startImmediately: true })
          yield* TestClock.adjust("2 seconds")
          yield* Fiber.interrupt(fiber)
        }
        yield* traced(Stream.runDrain(Stream.take(model.streamText({ prompt: "hi" }), 1)))
        const chats = named(spans, "chat")
        expect(chats.map((span) => attributes(span)["error.type"])).toStrictEqual(["cancelled", "cancelled", "cancelled"])
        for (const { status } of spans) expect(status._tag).toBe("Ended")
        expect(yield* durations).toStrictEqual({ cancelled: 3 })
        // What nobody has reported is not told as if somebody had.
        expect(yield* tokens).toStrictEqual({})
        for (const span of chats) expect(attributes(span)).not.toHaveProperty("gen_ai.usage.input_tokens")
      }).pipe(Effect.provide(traffic))
    )
  )

  it.effect("that never began has none: refused by its budget, or larger than its lane", () =>
    measured(
      Effect.gen(function* () {
        const { spans, traced } = collector()
        const functions = provider({})
        const model = yield* metered(functions, { provider: "narrow" })
        yield* Effect.exit(traced(ask(model)).pipe(Budget.limit({ tokens: 10 })))
        yield* Effect.exit(traced(read(model)))
        yield* Effect.exit(traced(ask(Telemetry.model(model))).pipe(Budget.limit({ usd: 1 })))
        expect(spans.map(({ name }) => name)).toStrictEqual([
          "LanguageModel.generateText",
          "LanguageModel.streamText",
          "LanguageModel.generateText"
        ])
        expect(yield* durations).toStrictEqual({})
        expect(functions.requests).toStrictEqual([])
      }).pipe(Effect.provide(Limiter.layer({ provider: { narrow: { tokensPerMinute: 10 } } })))
    )
  )

  it.effect("that finds its circuit open says so", () =>
    measured(
      Effect.gen(function* () {
        const { spans, traced } = collector()
        const model = yield* guarded(provider({ generateText: Effect.fail(broken) }), 0)
        for (let n = 0; n < 4; n++) yield* Effect.exit(traced(ask(model)))
        expect(named(spans, "chat").map((span) => attributes(span)["error.type"])).toStrictEqual([
          "InternalProviderError",
          "InternalProviderError",
          "InternalProviderError",
          "CircuitOpenError"
        ])
      }).pipe(Effect.provide(traffic))
    )
  )

  it.effect("of which the usage is known although it failed tells it; a usage that is no count is not told", () =>
    measured(
      Effect.gen(function* () {
        const useless = failure(new AiError.InvalidOutputError({ description: "no use" }))
        const failing: Metered.Functions = {
          ...provider({ generateText: Effect.fail(useless) }),
          spent: () => ({ _tag: "reported", usage: usage(70, 7) })
        }
        const { spans, traced } = collector()
        yield* Effect.exit(traced(Effect.flatMap(metered(failing), ask)))
        expect(attributes(named(spans, "chat")[0]!)).toMatchObject({
          "error.type": "InvalidOutputError",
          "gen_ai.usage.input_tokens": 70,
          "gen_ai.usage.output_tokens": 7
        })
        expect(yield* tokens).toStrictEqual({ input: 70, output: 7 })
        const odd = collector()
        const partly = provider({ generateText: Effect.succeed(text("hi", usage(-1, undefined, { cacheRead: 3 }))) })
        yield* odd.traced(Effect.flatMap(metered(partly), ask))
        expect(Object.keys(attributes(named(odd.spans, "chat")[0]!)).filter((key) => key.includes("usage"))).toStrictEqual([
          "gen_ai.usage.cache_read.input_tokens"
        ])
        expect(yield* tokens).toStrictEqual({ input: 70, output: 7 })
      }).pipe(Effect.provide(traffic))
    )
  )

  it.effect("that ends with a defect says that it did, and not with what", () =>
    Effect.gen(function* () {
      const { spans, traced } = collector()
      yield* Effect.exit(traced(Effect.flatMap(metered(provider({ generateText: Effect.die("oops") })), ask)))
      expect(attributes(named(spans, "chat")[0]!)["error.type"]).toBe("defect")
    }).pipe(Effect.provide(traffic))
  )

  it.effect("of embeddings has an embeddings span", () =>
    measured(
      Effect.gen(function* () {
        const { spans, traced } = collector()
        let calls = 0
        const functions = yield* Metered.embedding(
          { provider: "acme", model: "vectors", counter },
          {
            embedMany: ({ inputs }) =>
              calls++ > 0 ? Effect.fail(broken) : Effect.succeed({ results: inputs.map(() => [1]), usage: { inputTokens: 7 } })
          }
        )
        const model = yield* EmbeddingModel.make(functions)
        yield* traced(model.embedMany(["a", "b"]))
        yield* Effect.exit(traced(model.embedMany(["c"])))
        const [first, second] = named(spans, "embeddings")
        expect(first!.name).toBe("embeddings vectors")
        expect(attributes(first!)).toStrictEqual({
          "gen_ai.operation.name": "embeddings",
          "gen_ai.provider.name": "acme",
          "gen_ai.request.model": "vectors",
          "gen_ai.usage.input_tokens": 7
        })
        expect(attributes(second!)["error.type"]).toBe("InternalProviderError")
        expect(yield* tokens).toStrictEqual({ input: 7 })
        expect(yield* durations).toStrictEqual({ none: 1, InternalProviderError: 1 })
      }).pipe(Effect.provide(traffic))
    )
  )
})

describe("a model made by hand", () => {
  const bare = (functions: Metered.Functions, names?: Parameters<typeof Telemetry.model>[1]) =>
    Effect.map(LanguageModel.make(functions), (model) => Telemetry.model(model, names))

  it.effect("is seen in the same way, call by call", () =>
    measured(
      Effect.gen(function* () {
        for (const [kind, run] of both) {
          const { spans, traced } = collector()
          const functions = provider({
            generateText: Effect.delay(Effect.succeed([metadata, ...text("hi", reported)]), "2 seconds"),
            streamText: Stream.unwrap(
              Effect.delay(Effect.succeed(Stream.fromIterable([metadata, ...textStream("hi", reported)])), "2 seconds")
            )
          })
          const model = yield* bare(functions, { provider: "acme", model: "one" })
          yield* patiently(traced(run(model)))
          expect(tree(spans)).toStrictEqual([`LanguageModel.${kind}`, "  chat one"])
          const [around, chat] = spans
          expect(chat).toMatchObject({ kind: "client", startTime: around!.startTime, status: { _tag: "Ended" } })
          expect(attributes(chat!)).toMatchObject({
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "acme",
            "gen_ai.output.type": "text",
            "gen_ai.response.id": "r1",
            "gen_ai.usage.input_tokens": 80,
            "gen_ai.usage.output_tokens": 40,
            "gen_ai.usage.reasoning.output_tokens": 15
          })
          expect([...around!.attributes.keys()]).toStrictEqual(["effect.ai.tool_choice", "effect.ai.concurrency"])
        }
        expect(yield* durations).toStrictEqual({ none: 2 })
        expect((yield* histogram("gen_ai.client.operation.duration"))[0]!.sum).toBe(4)
        expect(yield* tokens).toStrictEqual({ input: 160, output: 80 })
      })
    )
  )

  it.effect("has what its provider wrote on effect's span on that of the exchange", () =>
    Effect.gen(function* () {
      const functions: Metered.Functions = {
        ...provider({}),
        generateText: ({ span }) => {
          EffectTelemetry.addGenAIAnnotations(span, {
            provider: { name: "cohere" },
            request: { model: "command", seed: 1 }
          })
          span.attribute("other", true)
          return Effect.succeed(text("hi", usage(10, 5)))
        }
      }
      const { spans, traced } = collector()
      yield* traced(Effect.flatMap(bare(functions), ask))
      expect(tree(spans)).toStrictEqual(["LanguageModel.generateText", "  chat command"])
      expect(attributes(spans[1]!)).toMatchObject({ "gen_ai.provider.name": "cohere", "gen_ai.request.seed": 1 })
      expect(attributes(spans[0]!)).toHaveProperty("other", true)
      expect(attributes(spans[0]!)).not.toHaveProperty("gen_ai.request.seed")
    })
  )

  it.effect("is told once, whatever is put around what", () =>
    measured(
      Effect.gen(function* () {
        const functions = provider({})
        const once = Telemetry.model(yield* LanguageModel.make(functions))
        const twice = Telemetry.model(once)
        expect(twice).toBe(once)
        const overMeter = Telemetry.model(yield* metered(functions))
        const overFallback = Telemetry.model(
          yield* Fallback.make([
            { name: "a", model: yield* LanguageModel.make(provider({ generateText: Effect.fail(broken), streamText: Stream.fail(broken) })) },
            { name: "b", model: overMeter }
          ])
        )
        for (const [, run] of both) {
          for (const [model, chats] of [[twice, ["chat"]], [overMeter, ["chat one"]], [overFallback, ["chat", "chat one"]]] as const) {
            const { spans, traced } = collector()
            yield* traced(run(model))
            expect(named(spans, "chat").map(({ name }) => name)).toStrictEqual(chats)
          }
        }
        expect(yield* durations).toStrictEqual({ none: 6, InternalProviderError: 2 })
        expect(yield* tokens).toStrictEqual({ input: 60, output: 30 })
      }).pipe(Effect.provide(traffic))
    )
  )

  it.effect("is in the metrics although nobody traces", () =>
    measured(
      Effect.gen(function* () {
        const model = yield* bare(provider({}))
        yield* Effect.withTracerEnabled(ask(model), false)
        yield* Effect.withTracerEnabled(Effect.flatMap(metered(provider({})), ask), false)
        expect(yield* durations).toStrictEqual({ none: 2 })
      }).pipe(Effect.provide(traffic))
    )
  )
})

const Look = Tool.make("look", { parameters: Schema.Struct({ at: Schema.String }), success: Schema.String })
const Tools = Toolkit.make(Look)

describe("tools that effect runs for a model", () => {
  const wants: Array<Response.PartEncoded> = [call("look", { at: "x" }, "c1"), call("look", { at: "y" }, "c2"), finish(usage(10, 5))]

  it.effect("have a span each, and are no part of the exchange that wanted them", () =>
    measured(
      Effect.gen(function* () {
        const inner = Telemetry.model(yield* LanguageModel.make(provider({})))
        const handlers = Tools.toLayer({
          look: ({ at }) =>
            at === "x"
              ? Effect.as(Effect.delay(Effect.withSpan(Effect.void, "inside"), "9 seconds"), "")
              : Effect.as(Effect.orDie(ask(inner)), "")
        })
        for (const [kind, run] of [
          ["generateText", (model: LanguageModel.LanguageModel) => Effect.asVoid(model.generateText({ prompt: "hi", toolkit: Tools }))],
          ["streamText", (model: LanguageModel.LanguageModel) => Stream.runDrain(model.streamText({ prompt: "hi", toolkit: Tools }))]
        ] as const) {
          const functions = provider({
            generateText: Effect.delay(Effect.succeed(wants), "1 second"),
            streamText: Stream.fromIterable(wants as ReadonlyArray<Response.StreamPartEncoded>)
          })
          for (const model of [
            Telemetry.model(yield* LanguageModel.make(functions), { model: "one" }),
            Telemetry.model(yield* metered(functions))
          ]) {
            const { spans, traced } = collector()
            yield* patiently(Effect.provide(traced(Effect.withSpan(run(model), "mine")), handlers))
            expect([...tree(spans)].sort()).toStrictEqual(
              [
                "mine",
                `  LanguageModel.${kind}`,
                "    chat one",
                "    execute_tool look",
                "    execute_tool look",
                "      inside",
                "      LanguageModel.generateText",
                "        chat"
              ].sort()
            )
            expect(attributes(named(spans, "execute_tool")[0]!)).toStrictEqual({
              "gen_ai.operation.name": "execute_tool",
              "gen_ai.tool.name": "look",
              "gen_ai.tool.call.id": "c1",
              "gen_ai.tool.type": "function"
            })
            for (const span of spans) {
              expect(span.status._tag).toBe("Ended")
              expect([...span.attributes.keys()]).not.toContain("parameters")
              expect([...span.attributes.keys()]).not.toContain("tool")
            }
            if (kind === "generateText") {
              const [chat] = named(spans, "chat one")
              expect(chat!.status._tag === "Ended" && Number(chat!.status.endTime - chat!.startTime) / 1e9).toBe(1)
            }
          }
        }
      }).pipe(Effect.provide(traffic))
    )
  )

  it.effect("have one span each, whatever is put around what", () =>
    Effect.gen(function* () {
      const functions = provider({
        generateText: Effect.succeed(wants),
        streamText: Stream.fromIterable(wants as ReadonlyArray<Response.StreamPartEncoded>)
      })
      const inner = Telemetry.model(yield* metered(functions))
      const model = Telemetry.model(yield* Fallback.make([{ name: "a", model: inner }]))
      for (const run of [
        Effect.asVoid(model.generateText({ prompt: "hi", toolkit: Tools })),
        Stream.runDrain(model.streamText({ prompt: "hi", toolkit: Tools }))
      ]) {
        const { spans, traced } = collector()
        yield* Effect.provide(traced(run), Tools.toLayer({ look: () => Effect.succeed("") }))
        expect(named(spans, "execute_tool")).toHaveLength(2)
      }
    }).pipe(Effect.provide(traffic))
  )

  it.effect("end their spans with what they failed with; the exchange did not fail", () =>
    measured(
      Effect.gen(function* () {
        const Fails = Tool.make("fails", { success: Schema.String, failure: Schema.Struct({ _tag: Schema.Literal("Gone") }) })
        const Returns = Tool.make("returns", { success: Schema.String, failure: Schema.String, failureMode: "return" })
        const Failing = Toolkit.make(Fails, Returns)
        const handlers = Failing.toLayer({ fails: () => Effect.fail({ _tag: "Gone" as const }), returns: () => Effect.fail("no") })
        for (const [name, type] of [["fails", "Gone"], ["returns", "tool_failure"]] as const) {
          const { spans, traced } = collector()
          const model = Telemetry.model(
            yield* LanguageModel.make(provider({ generateText: Effect.succeed([call(name, {}), finish(usage(10, 5))]) }))
          )
          yield* Effect.exit(traced(model.generateText({ prompt: "hi", toolkit: Failing }))).pipe(Effect.provide(handlers))
          expect(attributes(named(spans, "execute_tool")[0]!)["error.type"]).toBe(type)
          expect(attributes(named(spans, "chat")[0]!)).not.toHaveProperty("error.type")
        }
        expect(yield* durations).toStrictEqual({ none: 2 })
      })
    )
  )

  it.effect("that are interrupted end their spans", () =>
    Effect.gen(function* () {
      for (const run of [
        (model: LanguageModel.LanguageModel) => Effect.asVoid(model.generateText({ prompt: "hi", toolkit: Tools })),
        (model: LanguageModel.LanguageModel) => Stream.runDrain(model.streamText({ prompt: "hi", toolkit: Tools }))
      ]) {
        const { spans, traced } = collector()
        const functions = provider({
          generateText: Effect.succeed(wants),
          streamText: Stream.fromIterable(wants as ReadonlyArray<Response.StreamPartEncoded>)
        })
        const model = Telemetry.model(yield* LanguageModel.make(functions))
        const handlers = Tools.toLayer({ look: () => Effect.never })
        const fiber = yield* Effect.forkChild(Effect.provide(traced(run(model)), handlers), { startImmediately: true })
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
        const looks = named(spans, "execute_tool")
        expect(looks.map((span) => attributes(span)["error.type"])).toStrictEqual(["cancelled", "cancelled"])
        for (const { status } of spans) expect(status._tag).toBe("Ended")
      }
    })
  )
})

describe("a model agent in a run", () => {
  class Reader extends Agent.make("Reader", {
    description: "Reads",
    payload: {},
    success: Schema.String,
    error: ModelAgent.Failure
  }) {}
  class Chief extends Agent.make("Chief", { description: "Asks the reader", payload: {}, success: Schema.String }) {
    static readonly layer = this.toLayer(() => Effect.orDie(Reader.run({})))
  }

  it.effect("has one chat span for each exchange, retries included, under the agent that asks", () =>
    measured(
      Effect.gen(function* () {
        for (const progress of ["activity", "content"] as const) {
          const { spans, traced } = collector()
          let turn = 0
          const next = <A>(made: (parts: ReadonlyArray<Response.PartEncoded>) => A): Effect.Effect<A, AiError.AiError> =>
            Effect.suspend(() => {
              turn++
              if (turn === 2) return Effect.fail(lost)
              return Effect.succeed(made(turn === 1 ? [call("look", { at: "x" }, "c1"), finish(usage(10, 5))] : text("done", usage(10, 5))))
            })
          const functions = provider({
            generateText: next((parts) => [...parts]),
            streamText: Stream.unwrap(
              next((parts) =>
                Stream.fromIterable(
                  parts.flatMap((part): ReadonlyArray<Response.StreamPartEncoded> =>
                    part.type === "text" ? textStream(part.text) : [part as Response.StreamPartEncoded]
                  )
                )
              )
            )
          })
          const reader = Reader.toLayer(ModelAgent.make(Reader, { instructions: "", toolkit: Tools, progress })).pipe(
            Layer.provide([
              Guarded.layer({ ...options, retry: { base: "1 second" } }, functions),
              Tools.toLayer({ look: () => Effect.succeed("found") })
            ])
          )
          const plan = Plan.make("p", [Task.make("t", Chief, { payload: {} })])
          const result = yield* patiently(traced(Orchestrator.run(plan))).pipe(
            Effect.provide(Chief.layer.pipe(Layer.provide(reader)))
          )
          expect(yield* result.outputs).toStrictEqual({ t: "done" })
          const method = progress === "content" ? "streamText" : "generateText"
          expect(tree(spans)).toStrictEqual([
            "invoke_workflow p",
            "  invoke_agent Chief",
            "    invoke_agent Reader",
            `      LanguageModel.${method}`,
            "        chat one",
            "      execute_tool look",
            `      LanguageModel.${method}`,
            "        chat one",
            "        chat one"
          ])
          for (const span of [...named(spans, "chat"), ...named(spans, "execute_tool")]) {
            expect(attributes(span)["gen_ai.agent.name"]).toBe("Reader")
          }
        }
        expect(yield* durations).toStrictEqual({ none: 4, NetworkError: 2 })
        expect(yield* tokens).toStrictEqual({ input: 40, output: 20 })
      }).pipe(Effect.provide(Layer.merge(traffic, Orchestrator.layer)))
    )
  )
})
