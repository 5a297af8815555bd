import { Breaker, Guarded, Limiter, Metered, Refusal, Retry, RetryBudget, type TokenCount } from "@aria/models"
import { Budget, Orchestrator, Agent, Plan, Progress, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as ExecutionPlan from "effect/ExecutionPlan"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type AiError, LanguageModel, type Response } from "effect/ai"
import { TestClock } from "effect/testing"
import { broken, lost, provider, text, textStream, tooMany, unsendable, usage } from "./provider.ts"

const counter: TokenCount.TokenCount = { request: () => Effect.succeed(100), texts: () => Effect.succeed(100) }
const options = { counter, maxOutputTokens: 50 } as const
const traffic = Layer.mergeAll(Limiter.layer(), RetryBudget.layer(), Breaker.layerMemory())

/** Answers in turn, the last one for ever; keeps when it was called. */
const script = (answers: ReadonlyArray<AiError.AiError | "ok">) => {
  const times: Array<number> = []
  const next = Effect.map(Clock.currentTimeMillis, (at) => {
    times.push(at)
    return answers[Math.min(times.length, answers.length) - 1]!
  })
  const answer = <A>(value: A): Effect.Effect<A, AiError.AiError> =>
    Effect.flatMap(next, (one) => (one === "ok" ? Effect.succeed(value) : Effect.fail(one)))
  return {
    times,
    functions: provider({
      generateText: answer(text("hi", usage(10, 5))),
      streamText: Stream.unwrap(answer(Stream.fromIterable(textStream("hi", usage(10, 5)))))
    })
  }
}

/** Runs it to its end, however long it waits. */
const patiently = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    for (let minutes = 0; minutes < 300 && fiber.pollUnsafe() === undefined; minutes++)
      yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })

const ask = (model: LanguageModel.LanguageModel) => model.generateText({ prompt: "hi" })
const guarded = (functions: Metered.Functions, retry: Guarded.Options["retry"] = {}) =>
  Effect.flatMap(Guarded.provider({ ...options, retry }, functions), LanguageModel.make)

describe("retry", () => {
  it.effect("what can help is made again, each attempt reserved and counted by itself, later each time", () =>
    Effect.gen(function* () {
      for (const call of [
        ask,
        (model: LanguageModel.LanguageModel) => Stream.runCollect(model.streamText({ prompt: "hi" }))
      ]) {
        const { functions, times } = script([lost, broken, "ok"])
        const model = yield* guarded(functions)
        const spent = yield* Effect.andThen(
          patiently<unknown, unknown, never>(call(model)),
          Effect.map(Budget.capture, ([region]) => region!)
        ).pipe(Budget.limit({ tokens: 1_000 }))
        expect(spent.usage).toMatchObject({ tokens: 150 + 150 + 15, calls: 3 })
        expect(spent.held.tokens).toBe(0)
        const [first, second, third] = times
        expect(second! - first!).toBeGreaterThanOrEqual(500)
        expect(second! - first!).toBeLessThanOrEqual(1_000)
        expect(third! - second!).toBeGreaterThanOrEqual(1_000)
        expect(third! - second!).toBeLessThanOrEqual(2_000)
      }
    }).pipe(Effect.provide(traffic))
  )

  it.effect("what cannot help is not, nor what has begun, nor more often than was allowed", () =>
    Effect.gen(function* () {
      const once = script([unsendable, "ok"])
      yield* Effect.flip(patiently(ask(yield* guarded(once.functions))))
      expect(once.times.length).toBe(1)
      const often = script([lost])
      yield* Effect.flip(patiently(ask(yield* guarded(often.functions, { times: 2 }))))
      expect(often.times.length).toBe(3)
      let runs = 0
      const begun = provider({
        streamText: Stream.suspend(() => {
          runs++
          return Stream.concat(Stream.fromIterable(textStream("hi")), Stream.fail(lost))
        })
      })
      yield* Effect.flip(patiently(Stream.runDrain((yield* guarded(begun)).streamText({ prompt: "hi" }))))
      expect(runs).toBe(1)
    }).pipe(Effect.provide(traffic))
  )

  it.effect("retry-after is heeded; where it asks for too long the call fails with it", () =>
    Effect.gen(function* () {
      const soon = script([tooMany(20_000), "ok"])
      yield* patiently(ask(yield* guarded(soon.functions)))
      expect(soon.times[1]! - soon.times[0]!).toBeGreaterThanOrEqual(20_000)
      expect(soon.times[1]! - soon.times[0]!).toBeLessThanOrEqual(20_100)
      const late = script([tooMany(120_000), "ok"])
      const error = yield* Effect.flip(patiently(ask(yield* guarded(late.functions))))
      expect(error.reason._tag).toBe("RateLimitError")
      expect(late.times.length).toBe(1)
    }).pipe(Effect.provide(traffic))
  )

  it.effect("calls that failed together do not come back together, whether they were told when or not", () =>
    Effect.gen(function* () {
      for (const [error, least, most] of [
        [lost, 500, 1_000],
        [tooMany(20_000), 20_050, 20_100]
      ] as const) {
        const { functions, times } = script([...Array.from({ length: 40 }, () => error), "ok"])
        const model = yield* Effect.flatMap(Retry.provider({}, functions), LanguageModel.make)
        yield* patiently(
          Effect.forEach(Array.from({ length: 40 }), () => ask(model), { concurrency: "unbounded", discard: true })
        )
        const again = times.slice(40).map((at) => at - times[0]!)
        expect(again.length).toBe(40)
        expect(Math.min(...again)).toBeGreaterThanOrEqual(least)
        expect(Math.max(...again)).toBeLessThanOrEqual(most)
        expect(new Set(again).size).toBeGreaterThan(10)
      }
    }).pipe(Effect.provide(RetryBudget.layer({ burst: 1_000 })))
  )

  it.effect("settings that nothing can be run with", () =>
    Effect.gen(function* () {
      for (const retry of [{ times: -1 }, { times: NaN }, { base: 0 }, { maxDelay: Infinity }]) {
        const error = yield* Effect.flip(Retry.provider(retry, provider({})))
        expect(error.message).toContain(`Retry.provider: ${Object.keys(retry)[0]}`)
      }
    }).pipe(Effect.provide(traffic))
  )
})

describe("the retry budget", () => {
  class Caller extends Agent.make("Caller", {
    description: "Calls",
    payload: { index: Schema.Int },
    success: Schema.Void
  }) {}

  const storm = (budget: RetryBudget.Options, agents: number) =>
    Effect.gen(function* () {
      const { functions, times } = script([lost])
      const model = yield* Effect.flatMap(Retry.provider({ times: 5 }, functions), LanguageModel.make).pipe(
        Effect.provide(RetryBudget.layer(budget))
      )
      const one = Plan.make("one", [
        Task.forEach("calls", Caller, {
          items: () => Array.from({ length: agents }, (_, index) => ({ index })),
          key: ({ index }) => String(index)
        })
      ])
      const run = Effect.provide(Orchestrator.run(one), [
        Caller.toLayer(() => Effect.ignore(ask(model))),
        Orchestrator.layerWith({ concurrency: 200 })
      ])
      yield* patiently(run)
      const first = times.length
      yield* patiently(run)
      return [first - agents, times.length - first - agents]
    })

  it.effect("200 agents against a dead provider: retries stay within the budget, and the next run has its own", () =>
    Effect.gen(function* () {
      expect(yield* storm({ ratio: 0, burst: 10 }, 200)).toEqual([10, 10])
      const [retries] = yield* storm({ ratio: 0.1, burst: 4 }, 200)
      expect(retries).toBeLessThanOrEqual(4 + 20)
      expect(yield* storm({ ratio: 1, burst: 200, perRun: 30 }, 200)).toEqual([30, 30])
    })
  )

  it.effect("outside of a run it never runs dry for good", () =>
    Effect.gen(function* () {
      const budget = yield* RetryBudget.RetryBudget
      for (let index = 0; index < 500; index++) {
        for (let calls = 0; calls < 4; calls++) yield* budget.called
        expect(yield* budget.take("acme")).toBe(true)
      }
      let left = 0
      while (yield* budget.take("acme")) left++
      expect(left).toBeLessThanOrEqual(5)
    }).pipe(Effect.provide(RetryBudget.layer({ ratio: 0.25, burst: 5, perRun: 1 })))
  )

  it.effect("settings that nothing can be run with", () =>
    Effect.gen(function* () {
      for (const settings of [
        { ratio: -0.1 },
        { ratio: NaN },
        { ratio: 2 },
        { burst: 0 },
        { burst: 1.5 },
        { perRun: Infinity }
      ]) {
        expect((yield* Effect.flip(RetryBudget.make(settings))).message).toContain(
          `RetryBudget: ${Object.keys(settings)[0]}`
        )
      }
    })
  )
})

describe("the breaker", () => {
  it.effect("opens after failures in a row, sends nothing while open, and closes when one call works", () =>
    Effect.gen(function* () {
      const { functions, times } = script([broken, broken, broken, "ok"])
      const model = yield* guarded(functions, { times: 0 })
      for (let index = 0; index < 3; index++) yield* Effect.flip(ask(model))
      yield* Effect.gen(function* () {
        const error = yield* Effect.flip(ask(model))
        expect(Refusal.of(error)).toMatchObject({
          _tag: "CircuitOpenError",
          provider: "acme",
          retryAfterMillis: 10_000
        })
        expect(error.message).toContain("Fallback.layer")
        const cut = yield* Effect.flip(Stream.runDrain(model.streamText({ prompt: "hi" })))
        expect(Refusal.of(cut)?._tag).toBe("CircuitOpenError")
        expect(yield* Effect.map(Budget.capture, ([region]) => region!.usage.calls + region!.held.calls)).toBe(0)
      }).pipe(Budget.limit({ tokens: 1_000 }))
      expect(times.length).toBe(3)
      yield* TestClock.adjust("10 seconds")
      yield* ask(model)
      yield* ask(model)
      expect(times.length).toBe(5)
    }).pipe(
      Effect.provide([
        Limiter.layer(),
        RetryBudget.layer(),
        Breaker.layerMemory({ failures: 3, openDuration: "10 seconds" })
      ])
    )
  )

  it.effect("while it is open a call fails at once and takes no retry", () =>
    Effect.gen(function* () {
      const { functions, times } = script([broken])
      const model = yield* guarded(functions, { times: 0 })
      yield* Effect.flip(ask(model))
      const patient = yield* guarded(functions, { times: 3 })
      // No clock is moved: a retry would wait for ever.
      const error = yield* Effect.flip(ask(patient))
      expect(Refusal.of(error)?._tag).toBe("CircuitOpenError")
      const budget = yield* RetryBudget.RetryBudget
      expect(yield* budget.take("acme")).toBe(true)
      expect(times.length).toBe(1)
    }).pipe(Effect.provide([Limiter.layer(), RetryBudget.layer({ burst: 1 }), Breaker.layerMemory({ failures: 1 })]))
  )

  it.effect("a call that an open circuit refused costs nothing, whatever the provider says of its own errors", () =>
    Effect.gen(function* () {
      const { functions } = script([broken])
      const model = yield* guarded({ ...functions, spent: () => ({ _tag: "unknown" }) }, { times: 0 })
      yield* Effect.gen(function* () {
        yield* Effect.flip(ask(model))
        const usage = Effect.map(Budget.capture, ([region]) => region!.usage.tokens + region!.held.tokens)
        const before = yield* usage
        expect(before).toBeGreaterThan(0)
        expect(Refusal.of(yield* Effect.flip(ask(model)))?._tag).toBe("CircuitOpenError")
        expect(yield* usage).toBe(before)
      }).pipe(Budget.limit({ tokens: 100_000 }))
    }).pipe(Effect.provide([Limiter.layer(), RetryBudget.layer(), Breaker.layerMemory({ failures: 1 })]))
  )

  it.effect("429, errors of the request and interruptions say nothing of the provider's health", () =>
    Effect.gen(function* () {
      const { functions, times } = script([tooMany(1), unsendable, tooMany(1), unsendable, "ok"])
      const model = yield* guarded(functions, { times: 0 })
      for (let index = 0; index < 4; index++) {
        yield* Effect.flip(ask(model))
        yield* TestClock.adjust("10 millis")
      }
      const hanging = yield* guarded(provider({ generateText: Effect.never }), { times: 0 })
      for (let index = 0; index < 4; index++) {
        yield* Fiber.interrupt(yield* Effect.forkChild(ask(hanging), { startImmediately: true }))
      }
      yield* ask(model)
      expect(times.length).toBe(5)
    }).pipe(Effect.provide([Limiter.layer(), RetryBudget.layer(), Breaker.layerMemory({ failures: 2 })]))
  )
})

describe("fallback", () => {
  it.effect("another model answers where the first fails, has no price, or is not called any more", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const layerOf = (
        name: string,
        answer: Effect.Effect<Array<Response.PartEncoded>, AiError.AiError>,
        prices: Metered.Options["prices"]
      ) =>
        Guarded.layer(
          { ...options, provider: name, prices, retry: { times: 0 } },
          provider({ generateText: Effect.suspend(() => (asked.push(name), answer)) })
        )
      const price = { input: 1, output: 1 }
      const models = ExecutionPlan.make(
        { provide: layerOf("unpriced", Effect.succeed(text("no")), {}), attempts: 1 },
        { provide: layerOf("down", Effect.fail(broken), { "down/one": price }), attempts: 1 },
        { provide: layerOf("up", Effect.succeed(text("yes", usage(1, 1))), { "up/one": price }), attempts: 1 }
      )
      const call = LanguageModel.generateText({ prompt: "hi" }).pipe(Effect.withExecutionPlan(models))
      const both = yield* Effect.all([call, call, call]).pipe(Budget.limit({ usd: 1 }))
      expect(both.map((response) => response.text)).toEqual(["yes", "yes", "yes"])
      expect(asked).toEqual(["down", "up", "down", "up", "up"])
    }).pipe(Effect.provide([Limiter.layer(), RetryBudget.layer(), Breaker.layerMemory({ failures: 2 })]))
  )

  it.effect("who waits for the next attempt says so and holds no permit", () =>
    Effect.gen(function* () {
      class Caller extends Agent.make("Caller", { description: "Calls", payload: {}, success: Schema.Void }) {}
      const { functions } = script([lost, "ok"])
      const model = yield* guarded(functions)
      const events: Array<string> = []
      const both = Plan.make("both", [
        Task.make("first", Caller, { payload: {} }),
        Task.make("second", Caller, { payload: {} })
      ])
      const run = Orchestrator.run(both).pipe(
        Progress.listen((event) => void ("taskId" in event && events.push(`${event._tag} ${event.taskId}`))),
        Effect.provide([
          Caller.toLayer(() => Effect.asVoid(Effect.orDie(ask(model)))),
          Orchestrator.layerWith({ concurrency: 1 })
        ])
      )
      expect((yield* patiently(run)).successCount).toBe(2)
      expect(events.indexOf("waiting first")).toBeGreaterThan(-1)
      expect(events.indexOf("complete second")).toBeLessThan(events.indexOf("complete first"))
    }).pipe(Effect.provide(traffic))
  )
})
