import { Fallback, Metered, Telemetry } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { LanguageModel, Telemetry as EffectTelemetry } from "effect/ai"
import { ask, both, metadata, metered, patiently, reported, traffic } from "./exchanges.ts"
import { broken, provider, text, textStream, usage } from "./provider.ts"
import { attributes, collector, durations, histogram, measured, named, tokens, tree } from "./traces.ts"

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
