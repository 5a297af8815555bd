import { Breaker, Fallback, Limiter, RetryBudget } from "@aria/models"
import { Budget } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { AiError, LanguageModel, type Response } from "effect/ai"
import { TestClock } from "effect/testing"
import { guarded, object, ok, script, traffic, ways } from "./fallbackScript.ts"
import { broken, provider, textStream, tooMany, usage } from "./provider.ts"

describe("a call that waits for a guarded model", () => {
  for (const [name, way] of Object.entries(ways)) {
    /** The first model asks for time when it is asked first; the clock is not moved by anybody but the test. */
    const asks = (retryAfterMillis: number | undefined, sendTime: number) => {
      const times: Array<number> = []
      const turn = Effect.flatMap(Clock.currentTimeMillis, (at) => {
        const index = times.push(at)
        return Effect.delay(
          index === 1 ? Effect.fail(tooMany(retryAfterMillis)) : Effect.succeed(object),
          index * sendTime
        )
      })
      const functions = provider({
        generateText: Effect.map(turn, (parts) => [...parts]),
        streamText: Stream.unwrap(
          Effect.map(turn, () => Stream.fromIterable(textStream(`{"name":"Acme"}`, usage(10, 5))))
        )
      })
      return { times, functions }
    }
    const told = Effect.flatMap(LanguageModel.LanguageModel, way).pipe(
      Effect.map((parts) => Option.getOrThrow(Fallback.answered(parts)))
    )
    const call = Effect.map(told, ({ model }) => model)

    it.effect(`${name}: a call that waits in the lane of a model that asks for time is made by the next one`, () =>
      Effect.gen(function* () {
        const first = asks(600_000, 1_000)
        const models = Fallback.layer([guarded("a", first), guarded("b", script(object))])
        yield* Effect.gen(function* () {
          const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.forkChild(call, { startImmediately: true }))
          yield* TestClock.adjust("1 second")
          expect(yield* Effect.forEach(fibers, (fiber) => Effect.sync(() => fiber.pollUnsafe()))).toMatchObject(
            Array.from({ length: 3 }, () => ({ _tag: "Success", value: "b/m" }))
          )
          expect(first.times.length).toBe(1)
          const [region] = yield* Budget.capture
          // One was refused by its provider, three were answered.
          expect(region!.usage).toMatchObject({ calls: 4, tokens: 3 * 15 })
          expect(region!.held).toMatchObject({ calls: 0, tokens: 0 })
        }).pipe(Effect.provide(models), Budget.limit({ tokens: 10_000 }))
      }).pipe(
        Effect.provide([
          Limiter.layer({ provider: { a: { concurrency: 1 } } }),
          RetryBudget.layer(),
          Breaker.layerMemory()
        ])
      )
    )

    it.effect(`${name}: it is not waited to try again while another could answer`, () =>
      Effect.gen(function* () {
        for (const retryAfterMillis of [30_000, undefined]) {
          const first = asks(retryAfterMillis, 0)
          const models = Fallback.layer([guarded("a", first, { retry: { times: 3 } }), guarded("b", script(object))])
          // No clock is moved.
          const answer = yield* Effect.provide(
            told,
            Layer.provide(models, [Limiter.layer(), RetryBudget.layer(), Breaker.layerMemory()])
          )
          const failed = [{ model: "a/m", reason: "RateLimitError" }]
          expect(answer).toEqual({ model: "b/m", failed, resting: [] })
          expect(first.times.length).toBe(1)
        }
      })
    )

    it.effect(`${name}: what was sent is waited for, and where nobody else is there, so is a turn`, () =>
      Effect.gen(function* () {
        const first = asks(60_000, 1_000)
        const second = script(tooMany(600_000))
        yield* Effect.gen(function* () {
          const throttled = yield* Effect.forkChild(call, { startImmediately: true })
          const sent = yield* Effect.forkChild(call, { startImmediately: true })
          yield* TestClock.adjust("1 second")
          expect(throttled.pollUnsafe()?._tag).toBe("Failure")
          expect(sent.pollUnsafe()).toBe(undefined)
          yield* TestClock.adjust("1 second")
          expect(sent.pollUnsafe()).toMatchObject({ _tag: "Success", value: "a/m" })
          // Only `b` is left alone now, so `a` is asked, and waited for in its lane.
          const waits = yield* Effect.forkChild(call, { startImmediately: true })
          yield* TestClock.adjust("50 seconds")
          expect(waits.pollUnsafe()).toBe(undefined)
          yield* TestClock.adjust("20 seconds")
          expect(waits.pollUnsafe()).toMatchObject({ _tag: "Success", value: "a/m" })
          expect([first.times.length, second.times.length]).toEqual([3, 1])
        }).pipe(Effect.provide(Fallback.layer([guarded("a", first), guarded("b", second)])))
      }).pipe(Effect.provide(traffic()))
    )

    it.effect(`${name}: interrupted while it waits, it gives back what it held before it ends`, () =>
      Effect.gen(function* () {
        const hanging = provider({ generateText: Effect.never, streamText: Stream.never })
        const models = Fallback.layer([guarded("a", { functions: hanging }), guarded("b", script(object))])
        yield* Effect.gen(function* () {
          const open = yield* Effect.forkChild(call, { startImmediately: true })
          const waits = yield* Effect.forkChild(call, { startImmediately: true })
          yield* TestClock.adjust(1)
          const calls = Effect.map(Budget.capture, ([region]) => [region!.held.calls, region!.usage.calls])
          expect(yield* calls).toEqual([2, 0])
          yield* Fiber.interrupt(waits)
          expect(yield* calls).toEqual([1, 0])
          yield* Fiber.interrupt(open)
          expect(yield* calls).toEqual([0, 1])
        }).pipe(Effect.provide(models), Budget.limit({ tokens: 10_000 }))
      }).pipe(
        Effect.provide([
          Limiter.layer({ provider: { a: { concurrency: 1 } } }),
          RetryBudget.layer(),
          Breaker.layerMemory()
        ])
      )
    )
  }

  it.effect("a call that waits is not taken away where the others have asked for time, too", () =>
    Effect.gen(function* () {
      let asked = 0
      const turns = [Effect.fail(broken), Effect.delay(Effect.fail(tooMany(60_000)), "1 second")] as const
      const first = {
        functions: provider({
          generateText: Effect.suspend((): Effect.Effect<Array<Response.PartEncoded>, AiError.AiError> =>
            Effect.delay(turns[asked++] ?? Effect.delay(Effect.succeed([...ok]), "3 seconds"), "1 second")
          )
        })
      }
      const second = script(tooMany(600_000))
      yield* Effect.gen(function* () {
        const call = Effect.map(LanguageModel.generateText({ prompt: "hi" }), ({ content }) =>
          Fallback.answered(content)
        )
        const fibers = yield* Effect.forEach([1, 2, 3, 4], () => Effect.forkChild(call, { startImmediately: true }))
        yield* TestClock.adjust("2 seconds")
        // The first has found that `b` asks for time, the second that `a` does; the third was sent, the fourth waits.
        expect([asked, second.times.length]).toEqual([3, 1])
        yield* TestClock.adjust("80 seconds")
        expect(fibers[3]!.pollUnsafe()).toMatchObject({
          _tag: "Success",
          value: Option.some({ model: "a/m", failed: [], resting: [] })
        })
        yield* Effect.forEach(fibers, Fiber.interrupt)
      }).pipe(Effect.provide(Fallback.layer([guarded("a", first), guarded("b", second)])))
    }).pipe(
      Effect.provide([
        Limiter.layer({ provider: { a: { concurrency: 2 } } }),
        RetryBudget.layer(),
        Breaker.layerMemory()
      ])
    )
  )
})
