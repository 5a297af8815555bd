import { Fallback, Refusal } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { TestClock } from "effect/testing"
import { ask, both, ok, script } from "./fallbackScript.ts"
import { tooMany } from "./provider.ts"

describe("a model that asks for time", () => {
  it.effect("is left out until then", () =>
    Effect.gen(function* () {
      const first = script(tooMany(3_000_000), ok)
      const second = script(ok)
      const model = yield* both(first, second)
      yield* ask(model)
      const left = yield* ask(model)
      expect(Fallback.answered(left.content)).toEqual(Option.some({ model: "b/2", failed: [], resting: ["a/1"] }))
      yield* TestClock.adjust("49 minutes")
      yield* ask(model)
      expect([first.times.length, second.times.length]).toEqual([1, 3])
      yield* TestClock.adjust("1 minute")
      yield* ask(model)
      expect([first.times.length, second.times.length]).toEqual([2, 3])
    })
  )

  it.effect("so is one whose circuit is open, without waiting in its lane to find out", () =>
    Effect.gen(function* () {
      const open = new Refusal.CircuitOpenError({ provider: "a", retryAfterMillis: 30_000 })
      const first = script(Refusal.toAiError(open, "generateText"), ok)
      const model = yield* both(first, script(ok))
      yield* ask(model)
      yield* TestClock.adjust("29 seconds")
      yield* ask(model)
      expect(first.times.length).toBe(1)
      yield* TestClock.adjust("1 second")
      yield* ask(model)
      expect(first.times.length).toBe(2)
    })
  )

  it.effect("at most for an hour", () =>
    Effect.gen(function* () {
      const first = script(tooMany(Duration.toMillis("10 days")), ok)
      const model = yield* both(first, script(ok))
      yield* ask(model)
      yield* TestClock.adjust("1 hour")
      yield* ask(model)
      expect(first.times.length).toBe(2)
    })
  )

  it.effect("without a word of how long: 1 second, twice as long each time, until it answers", () =>
    Effect.gen(function* () {
      const first = script(...Array.from({ length: 9 }, () => tooMany()), ok, tooMany())
      const model = yield* both(first, script(ok))
      for (let second = 0; second < 260; second++) {
        // Calls that fail together count once.
        yield* Effect.all([ask(model), ask(model)], { concurrency: 2 })
        yield* TestClock.adjust("1 second")
      }
      const starts = [...new Set(first.times)]
      const gaps = starts.slice(1).map((time, index) => (time - starts[index]!) / 1_000)
      expect(gaps.slice(0, 4)).toEqual([1, 2, 4, 8])
      expect(Math.max(...gaps)).toBeLessThanOrEqual(64)
    })
  )

  it.effect("where all do, the one that is back first is asked", () =>
    Effect.gen(function* () {
      const first = script(tooMany(50_000))
      const second = script(tooMany(20_000), ok)
      const model = yield* both(first, second)
      expect((yield* Effect.flip(ask(model))).reason._tag).toBe("RateLimitError")
      const { content } = yield* ask(model)
      expect(Fallback.answered(content)).toEqual(Option.some({ model: "b/2", failed: [], resting: ["a/1"] }))
      expect(first.times.length).toBe(1)
    })
  )
})
