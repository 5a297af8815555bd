import { Breaker, Fallback, Guarded, Limiter, type Metered, RetryBudget } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type AiError, LanguageModel } from "effect/ai"
import { TestClock } from "effect/testing"
import { provider, text, textStream, tooMany, usage } from "./provider.ts"

/** The first model answers its calls as it is told, one after the other and the last for ever; another stands by for it. */
const models = (...answers: ReadonlyArray<Effect.Effect<void, AiError.AiError>>) => {
  let asked = 0
  const next = Effect.suspend(() => answers[Math.min(++asked, answers.length) - 1]!)
  const first = provider({
    generateText: Effect.as(next, text("hi", usage(10, 5))),
    streamText: Stream.unwrap(Effect.as(next, Stream.fromIterable(textStream("hi", usage(10, 5)))))
  })
  const guarded = (name: string, functions: Metered.Functions) =>
    Guarded.layer({ provider: name, model: "m", retry: { times: 0 } }, functions)
  return {
    asked: () => asked,
    layer: Fallback.layer([guarded("a", first), guarded("b", provider({}))]).pipe(
      Layer.provide([Limiter.layer(), RetryBudget.layer(), Breaker.layerMemory()])
    )
  }
}

const ways = {
  generateText: Effect.map(LanguageModel.generateText({ prompt: "hi" }), ({ content }) => Fallback.answered(content)),
  streamText: Effect.map(Stream.runCollect(LanguageModel.streamText({ prompt: "hi" })), (parts) =>
    Fallback.answered(parts)
  )
}
const who = (told: Option.Option<Fallback.Answered>) => Option.map(told, ({ model }) => model)

describe.each(Object.entries(ways))("a model that rests: %s", (_, told) => {
  const call = Effect.map(told, who)

  it.effect("is not called back by an answer to what was sent before it asked for time", () => {
    const { asked, layer } = models(Effect.sleep("5 seconds"), Effect.fail(tooMany(600_000)), Effect.void)
    return Effect.gen(function* () {
      const early = yield* Effect.forkChild(call, { startImmediately: true })
      expect(yield* call).toEqual(Option.some("b/m"))
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(early)).toEqual(Option.some("a/m"))
      // Its lane is closed for ten minutes: whoever asked it now would wait there.
      const late = yield* Effect.forkChild(call, { startImmediately: true })
      yield* TestClock.adjust(1)
      expect(late.pollUnsafe()).toMatchObject({ _tag: "Success", value: Option.some("b/m") })
      yield* TestClock.adjust("10 minutes")
      expect(yield* call).toEqual(Option.some("a/m"))
      expect(asked()).toBe(3)
    }).pipe(Effect.provide(layer))
  })

  it.effect("rests as long as its lane where it asked for no time at all, or until a date that is over", () => {
    const { asked, layer } = models(Effect.fail(tooMany(0)))
    return Effect.gen(function* () {
      for (const seconds of [1, 2, 4, 8]) {
        const before = asked()
        expect(yield* call).toEqual(Option.some("b/m"))
        expect(asked()).toBe(before + 1)
        yield* TestClock.adjust((seconds - 1) * 1_000 + 999)
        const waits = yield* Effect.forkChild(call, { startImmediately: true })
        yield* Effect.yieldNow
        expect(waits.pollUnsafe()).toMatchObject({ _tag: "Success", value: Option.some("b/m") })
        expect(asked()).toBe(before + 1)
        yield* TestClock.adjust(1)
      }
    }).pipe(Effect.provide(layer))
  })
})
