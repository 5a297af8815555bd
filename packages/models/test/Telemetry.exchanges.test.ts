import { Limiter, Metered, Telemetry } from "@aria/models"
import { Budget } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { AiError, EmbeddingModel, Telemetry as EffectTelemetry } from "effect/ai"
import { TestClock } from "effect/testing"
import { ask, both, counter, guarded, metadata, metered, patiently, read, reported, traffic } from "./exchanges.ts"
import { broken, failure, lost, provider, text, textStream, tooMany, usage } from "./provider.ts"
import { attributes, collector, durations, histogram, measured, named, tokens, tree } from "./traces.ts"

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
