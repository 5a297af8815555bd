import { Breaker, Fallback, Limiter, ModelAgent, PriceTable, RetryBudget } from "@aria/models"
import { Agent, Budget } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { LanguageModel, Tool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { guarded, ok, script, traffic } from "./fallbackScript.ts"
import { call } from "./modelAgentScript.ts"
import { broken, finish, lost, tooMany, usage } from "./provider.ts"

describe("guarded models", () => {
  it.effect("an open circuit: the next model is asked at once, and the first one when it is closed again", () =>
    Effect.gen(function* () {
      const first = script(broken, ok)
      const second = script(ok)
      // No clock is moved: whoever waits, waits for ever.
      yield* Effect.gen(function* () {
        for (const name of ["b/m", "b/m", "b/m"]) {
          const { content } = yield* LanguageModel.generateText({ prompt: "hi" })
          expect(Option.getOrThrow(Fallback.answered(content)).model).toBe(name)
        }
        expect(first.times.length).toBe(1)
        yield* TestClock.adjust("30 seconds")
        const { content } = yield* LanguageModel.generateText({ prompt: "hi" })
        expect(Option.getOrThrow(Fallback.answered(content)).model).toBe("a/m")
      }).pipe(Effect.provide(Fallback.layer([guarded("a", first), guarded("b", second)])))
    }).pipe(Effect.provide(traffic()))
  )

  it.effect("429 with a long retry-after: the next model at once, for the next call too, in spite of the lane", () =>
    Effect.gen(function* () {
      const first = script(tooMany(600_000), ok)
      const second = script(ok)
      yield* Effect.gen(function* () {
        yield* LanguageModel.generateText({ prompt: "hi" })
        yield* LanguageModel.generateText({ prompt: "hi" })
        expect([first.times.length, second.times.length]).toEqual([1, 2])
        yield* TestClock.adjust("10 minutes")
        yield* LanguageModel.generateText({ prompt: "hi" })
        expect([first.times.length, second.times.length]).toEqual([2, 2])
      }).pipe(
        Effect.provide(
          // Retries that would not wait for that long leave at once.
          Fallback.layer([guarded("a", first, { retry: { times: 3 } }), guarded("b", second)])
        )
      )
    }).pipe(Effect.provide(traffic()))
  )

  it.effect("each has its own price and lane, and what they used adds up", () =>
    Effect.gen(function* () {
      const prices = yield* PriceTable.make({
        "a/m": { input: 1_000, output: 1_000 },
        "b/m": { input: 100, output: 100 }
      })
      const models = Fallback.layer([
        guarded("unpriced", script(ok)),
        guarded("a", script(lost), { prices }),
        guarded("b", script(ok), { prices })
      ])
      const limiter = yield* Limiter.Limiter
      const [region] = yield* Effect.andThen(LanguageModel.generateText({ prompt: "hi" }), Budget.capture).pipe(
        Effect.provide(models),
        Budget.limit({ usd: 10 })
      )
      // Lost: as reserved, 150 tokens at 1,000 dollars a million. Answered: 15 at 100.
      expect(region!.usage).toMatchObject({ calls: 2, tokens: 165, usd: 0.1515 })
      expect(region!.held).toMatchObject({ calls: 0, tokens: 0 })
      expect(
        (yield* limiter.lanes).flatMap(({ name, requests, scope }) => (scope === "provider" ? [[name, requests]] : []))
      ).toEqual([
        ["a", 1],
        ["b", 1]
      ])
    }).pipe(Effect.provide(traffic(5)))
  )

  it.effect("what a budget refuses ends its region: a cheaper model is not asked", () =>
    Effect.gen(function* () {
      const [first, second] = [script(ok), script(ok)]
      const exit = yield* LanguageModel.generateText({ prompt: "hi" }).pipe(
        Effect.provide(Fallback.layer([guarded("a", first), guarded("b", second, { maxOutputTokens: 1 })])),
        Budget.limit({ tokens: 120 }),
        Effect.flip
      )
      expect(exit._tag).toBe("BudgetExceededError")
      expect([first.times.length, second.times.length]).toEqual([0, 0])
    }).pipe(Effect.provide(traffic()))
  )

  it.effect("one limiter that each layer brings along is one limiter", () =>
    Effect.gen(function* () {
      const limits = Layer.mergeAll(
        Limiter.layer({ global: { requestsPerMinute: 1 } }),
        RetryBudget.layer(),
        Breaker.layerMemory()
      )
      const [first, second] = [script(lost, ok), script(ok)]
      const models = Fallback.layer([
        guarded("a", first).pipe(Layer.provide(limits)),
        guarded("b", second).pipe(Layer.provide(limits))
      ])
      const fiber = yield* Effect.forkChild(LanguageModel.generateText({ prompt: "hi" }).pipe(Effect.provide(models)))
      yield* TestClock.adjust("59 seconds")
      expect([first.times.length, second.times.length]).toEqual([1, 0])
      yield* TestClock.adjust("2 seconds")
      expect(second.times.length).toBe(1)
      expect(fiber.pollUnsafe()?._tag).toBe("Success")
    })
  )

  it.effect("an agent goes on with its turn: no turn and no tool is done again", () =>
    Effect.gen(function* () {
      let lookups = 0
      const Look = Tool.make("look", { parameters: Schema.Struct({}), success: Schema.String })
      const kit = Toolkit.make(Look)
      class Briefer extends Agent.make("Briefer", {
        description: "Briefs",
        payload: {},
        success: { sentence: Schema.String },
        error: ModelAgent.Failure
      }) {
        static readonly layer = this.toLayer(ModelAgent.make(this, { instructions: "Brief", toolkit: kit }))
      }
      const first = script([call("look", {}), finish(usage(10, 5))], lost)
      const second = script([call("answer", { sentence: "Acme is well." }), finish(usage(20, 5))])
      const models = Fallback.layer([guarded("a", first), guarded("b", second)])
      const [answer, usages] = yield* Effect.all([
        Briefer.run({}),
        Effect.map(Budget.capture, ([region]) => region!.usage)
      ]).pipe(
        Effect.provide(
          Briefer.layer.pipe(
            Layer.provide([kit.toLayer({ look: () => Effect.sync(() => (lookups++, "news")) }), models])
          )
        ),
        Budget.limit({ tokens: 10_000 })
      )
      expect(answer).toEqual({ sentence: "Acme is well." })
      expect([lookups, first.times.length, second.times.length]).toEqual([1, 2, 1])
      expect(usages).toMatchObject({ calls: 3, tokens: 15 + 150 + 25 })
    }).pipe(Effect.provide(traffic(5)))
  )
})
