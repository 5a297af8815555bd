import * as CallWatch from "@aria/demo/CallWatch"
import { Breaker, Guarded, Limiter, Metered, Refusal, RetryBudget } from "@aria/models"
import { Budget } from "@aria/orchestrator-core"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { AiError, LanguageModel } from "effect/ai"
import { expect, it } from "vitest"

const error = (reason: AiError.AiErrorReason) => AiError.make({ module: "Test", method: "generateText", reason })
const wrongKey = error(new AiError.AuthenticationError({ kind: "InvalidKey" }))
const broken = error(new AiError.InternalProviderError({ description: "it broke" }))
const answer = [{ type: "text" as const, text: "Hello" }]

/** A model whose calls do what they are told in turn, within guards and without. */
const model = Effect.fnUntraced(function* (...calls: ReadonlyArray<Effect.Effect<typeof answer, AiError.AiError>>) {
  const failures: Array<string> = []
  let made = 0
  const watch = CallWatch.make({ calling: Effect.void, failed: (message) => Effect.sync(() => void failures.push(message)) })
  const functions: Metered.Functions = {
    provider: "test",
    generateText: () => Effect.suspend((): Effect.Effect<typeof answer, AiError.AiError> => calls[made++] ?? Effect.die("one call too many")),
    streamText: () => Stream.empty,
    // as those of providers, which know nothing of circuits
    spent: () => ({ _tag: "unknown" })
  }
  const guarded = yield* Guarded.provider({ retry: { times: 0 }, maxOutputTokens: 10 }, watch.inside(functions))
  const { generateText } = yield* LanguageModel.make(watch.around(guarded))
  return { ask: generateText({ prompt: "Hi" }), failures, made: () => made }
})

const guards = Layer.mergeAll(Limiter.layer({ global: { concurrency: 2 } }), RetryBudget.layer(), Breaker.layerMemory({ failures: 1 }))
const run = <A, E>(effect: Effect.Effect<A, E, Layer.Success<typeof guards>>) => Effect.runPromise(Effect.provide(effect, guards))

it("sends nothing more after an error that every call would have, and lets nobody wait for it", () =>
  run(
    Effect.gen(function* () {
      const [first, second] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const { ask, failures, made } = yield* model(
        Effect.andThen(Deferred.await(first), Effect.fail(wrongKey)),
        Effect.as(Deferred.await(second), answer)
      )
      // two are sent, and the third waits for its turn
      const calls = yield* Effect.forEach([1, 2, 3], () => Effect.forkChild(Effect.result(ask)))
      while (made() < 2) yield* Effect.yieldNow
      yield* Deferred.succeed(first, undefined)
      const [one, two, three] = calls
      expect((yield* Fiber.join(one!))._tag).toBe("Failure")
      expect((yield* Fiber.join(three!))._tag).toBe("Failure")
      expect((yield* Effect.result(ask))._tag).toBe("Failure")
      // what was sent already is paid for: its answer counts
      yield* Deferred.succeed(second, undefined)
      expect(yield* Fiber.join(two!)).toMatchObject({ _tag: "Success", success: { text: "Hello" } })
      expect(made()).toBe(2)
      expect(new Set(failures).size).toBe(1)
      expect(failures).toHaveLength(3)
    })
  ))

it("goes on after an error of one call; behind an open circuit it says what was wrong, and counts nothing", () =>
  run(
    Effect.gen(function* () {
      const { ask, failures, made } = yield* model(Effect.fail(broken))
      const spent: Array<number> = []
      const left = Effect.map(Budget.remaining, ({ tokens }) => void spent.push(tokens))
      const twice = Effect.andThen(Effect.andThen(Effect.flip(ask), left), Effect.flip(ask)).pipe(Effect.tap(left))
      const refused = yield* Budget.limit({ tokens: 100_000 })(twice)
      expect(refused._tag === "AiError" && Refusal.of(refused)?._tag).toBe("CircuitOpenError")
      expect(made()).toBe(1)
      expect(failures).toEqual([expect.stringContaining("it broke"), expect.stringContaining("it broke")])
      expect(spent[1]).toBe(spent[0])
    })
  ))

it("a request whose turn comes in the same instant is not sent, and costs nothing", () =>
  run(
    Effect.gen(function* () {
      let made = 0
      const watch = CallWatch.make({ calling: Effect.void, failed: () => Effect.void })
      const inside = watch.inside({
        generateText: () => Effect.suspend(() => (made++ === 0 ? Effect.fail(wrongKey) : Effect.succeed(answer))),
        streamText: () => Stream.empty,
        spent: () => ({ _tag: "unknown" })
      })
      const model = yield* LanguageModel.make(yield* Metered.provider({}, inside))
      const ask = Effect.flip(model.generateText({ prompt: "Hi" }))
      const used = Effect.map(Budget.capture, ([region]) => ({ usage: region!.usage, held: region!.held }))
      expect(yield* ask).toMatchObject({ reason: { _tag: "AuthenticationError" } })
      const before = yield* used
      expect(before.usage.calls).toBe(1)
      yield* ask
      expect(made).toBe(1)
      expect(yield* used).toEqual(before)
    }).pipe(Budget.limit({ tokens: 100_000 }), Effect.provide(Limiter.layer()))
  ))
