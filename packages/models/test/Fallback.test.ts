import {
  Breaker,
  Fallback,
  Guarded,
  Limiter,
  Metered,
  ModelAgent,
  PriceTable,
  Refusal,
  RetryBudget
} from "@aria/models"
import { Agent, Budget, Orchestrator, Plan, Progress, Task } from "@aria/orchestrator-core"
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { AiError, LanguageModel, type Response, Tool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { call, says } from "./modelAgentScript.ts"
import { broken, failure, finish, lost, provider, textStream, tooMany, usage } from "./provider.ts"

type Parts = ReadonlyArray<Response.PartEncoded>
type Turn = AiError.AiError | Parts
const ok: Parts = [says("hi"), finish(usage(10, 5))]
const refused = failure(new AiError.ContentPolicyError({ description: "no" }))

/** Does one thing after the other, the last one for ever; keeps when it was asked. */
const script = (...turns: ReadonlyArray<Turn>) => {
  const times: Array<number> = []
  const next = Effect.flatMap(Clock.currentTimeMillis, (at) => {
    times.push(at)
    const turn = turns[Math.min(times.length, turns.length) - 1]!
    return AiError.isAiError(turn) ? Effect.fail(turn) : Effect.succeed(turn)
  })
  const functions = provider({
    generateText: Effect.map(next, (parts) => [...parts]),
    streamText: Stream.unwrap(
      Effect.map(next, (parts) =>
        Stream.fromIterable(
          parts.flatMap((part): ReadonlyArray<Response.StreamPartEncoded> =>
            part.type === "text" ? textStream(part.text) : [part as Response.StreamPartEncoded]
          )
        )
      )
    )
  })
  return { times, functions }
}

type Scripted = ReturnType<typeof script>
const named = (name: string, { functions }: { readonly functions: Metered.Functions }) =>
  Effect.map(LanguageModel.make(functions), (model) => ({ name, model }))
const both = (first: Scripted, second: Scripted, options?: Fallback.Options) =>
  Effect.flatMap(Effect.all([named("a/1", first), named("b/2", second)]), (models) => Fallback.make(models, options))
const ask = (model: LanguageModel.LanguageModel) => model.generateText({ prompt: "hi" })
const Named = Schema.Struct({ name: Schema.String })

/** The three ways to ask, and the parts that come. */
type Way = (
  model: LanguageModel.LanguageModel
) => Effect.Effect<ReadonlyArray<{ readonly type: string; readonly metadata: unknown }>, AiError.AiError>
const ways: Readonly<Record<string, Way>> = {
  generateText: (model: LanguageModel.LanguageModel) => Effect.map(ask(model), ({ content }) => content),
  generateObject: (model: LanguageModel.LanguageModel) =>
    Effect.map(model.generateObject({ prompt: "hi", schema: Named }), ({ content }) => content),
  streamText: (model: LanguageModel.LanguageModel) => Stream.runCollect(model.streamText({ prompt: "hi" }))
}
const object: Parts = [says(`{"name":"Acme"}`), finish(usage(10, 5))]

const reasons: ReadonlyArray<readonly [AiError.AiErrorReason, boolean]> = [
  [tooMany().reason, true],
  [new AiError.QuotaExhaustedError({}), true],
  [new AiError.AuthenticationError({ kind: "InvalidKey" }), true],
  [broken.reason, true],
  [new AiError.InvalidResponseError({ description: "html" }), true],
  [new AiError.UnknownError({}), true],
  [lost.reason, true],
  [new AiError.NetworkError({ reason: "InvalidUrlError", method: "POST", url: "x" }), true],
  [new AiError.NetworkError({ reason: "EncodeError", method: "POST", url: "x" }), false],
  [new AiError.InvalidRequestError({ http: { response: { status: 404, headers: {} } } }), true],
  [new AiError.InvalidRequestError({ parameter: "temperature" }), false],
  [new AiError.UnsupportedSchemaError({ description: "unions" }), true],
  [new AiError.InvalidOutputError({ description: "no" }), true],
  [new AiError.StructuredOutputError({ description: "no", responseText: "no" }), true],
  [new AiError.ToolNotFoundError({ toolName: "x", availableTools: [] }), true],
  [new AiError.ToolParameterValidationError({ toolName: "x", description: "no" }), true],
  [refused.reason, false],
  [new AiError.InvalidToolResultError({ toolName: "x", description: "no" }), false],
  [new AiError.ToolResultEncodingError({ toolName: "x", toolResult: 1, description: "no" }), false],
  [new AiError.ToolConfigurationError({ toolName: "x", description: "no" }), false],
  [new AiError.ToolkitRequiredError({ pendingApprovals: [] }), false],
  [new AiError.InvalidUserInputError({ description: "no" }), false],
  [Refusal.toAiError(new Refusal.UnpricedModelError({ provider: "a", model: "1" }), "generateText").reason, true],
  [Refusal.toAiError(new Refusal.CircuitOpenError({ provider: "a" }), "generateText").reason, true],
  [
    Refusal.toAiError(
      new Limiter.TooLargeError({ scope: "provider", name: "a", limit: 1, requested: 2 }),
      "generateText"
    ).reason,
    true
  ]
]

describe("which failures another model is asked after", () => {
  for (const [reason, goesOn] of reasons) {
    it.effect(`${goesOn ? "is" : "is not"}: ${reason._tag}, ${reason.message.slice(0, 60)}`, () =>
      Effect.gen(function* () {
        for (const way of Object.values(ways)) {
          const first = script(failure(reason))
          const second = script(object)
          const answer = yield* Effect.result(way(yield* both(first, second)))
          expect([first.times.length, second.times.length]).toEqual([1, goesOn ? 1 : 0])
          expect(answer._tag).toBe(goesOn ? "Success" : "Failure")
          if (answer._tag === "Failure") expect(answer.failure.reason).toEqual(reason)
        }
      })
    )
  }

  it.effect("every reason that effect has is in the list", () =>
    Effect.sync(() => {
      const listed = new Set(reasons.map(([{ _tag }]) => _tag))
      const all = AiError.AiErrorReason.members.map(({ fields }) => fields._tag.schema.literal)
      expect(all.filter((tag) => !listed.has(tag))).toEqual([])
    })
  )

  it.effect("or as it is told", () =>
    Effect.gen(function* () {
      const second = script(ok)
      const always = yield* both(script(refused), second, { while: () => true })
      expect((yield* ask(always)).text).toBe("hi")
      const never = yield* both(script(lost), second, { while: () => false })
      expect((yield* Effect.flip(ask(never))).reason._tag).toBe("NetworkError")
      expect(second.times.length).toBe(1)
    })
  )
})

describe("who answered", () => {
  const counted = Effect.map(Metric.snapshot, (all) => {
    const found = all.find(({ attributes, id }) => id === "aria.models.fallbacks" && attributes?.["to"] === "b/2")
    return found?.type === "Counter" ? Number(found.state.count) : 0
  })

  for (const [name, way] of Object.entries(ways)) {
    it.effect(`${name}: told by the answer, by a progress update, the span and the metric`, () =>
      Effect.gen(function* () {
        const spans: Array<Tracer.Span> = []
        const tracer = Tracer.make({
          span: (options) => {
            const span = new Tracer.NativeSpan(options)
            spans.push(span)
            return span
          }
        })
        const told: Array<unknown> = []
        const before = yield* counted
        const model = yield* both(script(lost, object), script(object))
        class Asker extends Agent.make("Asker", {
          description: "Asks",
          payload: {},
          success: Schema.Option(Fallback.Answered)
        }) {}
        const plan = Plan.make("one", [Task.make("ask", Asker, { payload: {} })])
        const run = Orchestrator.run(plan).pipe(
          Progress.listen((event) => void (event._tag === "update" && told.push(event.data))),
          Effect.provide([
            Asker.toLayer(() => Effect.map(Effect.orDie(way(model)), Fallback.answered)),
            Orchestrator.layer
          ]),
          Effect.withTracer(tracer)
        )
        const { outputs } = yield* run
        expect((yield* outputs).ask).toEqual(
          Option.some({ model: "b/2", failed: [{ model: "a/1", reason: "NetworkError" }], resting: [] })
        )
        expect(told).toEqual([{ _tag: "fallback", from: "a/1", reason: "NetworkError", to: "b/2" }])
        const [span, ...more] = spans.filter(({ name }) => name === "fallback")
        expect(more).toEqual([])
        expect(Object.fromEntries(span!.attributes)).toEqual({
          "aria.fallback.failed": ["a/1 NetworkError"],
          "aria.fallback.model": "b/2"
        })
        const calls = spans.filter(({ name }) => name.startsWith("LanguageModel."))
        expect(calls.map(({ parent }) => Option.getOrUndefined(parent)?.spanId)).toEqual([span!.spanId, span!.spanId])
        expect((yield* counted) - before).toBe(1)
        // The next call begins with the first model again.
        expect(yield* Effect.map(way(model), Fallback.answered)).toEqual(
          Option.some({ model: "a/1", failed: [], resting: [] })
        )
      })
    )
  }

  it.effect("an answer through no fallback says nothing", () =>
    Effect.gen(function* () {
      const { model } = yield* named("a", script(ok))
      expect(Fallback.answered((yield* ask(model)).content)).toEqual(Option.none())
    })
  )
})

describe("a stream", () => {
  const about = (id: string): Response.StreamPartEncoded => ({
    type: "response-metadata",
    id,
    modelId: id,
    timestamp: undefined
  })
  const streaming = (parts: ReadonlyArray<Response.StreamPartEncoded>, end: Stream.Stream<never, AiError.AiError>) => {
    let runs = 0
    const functions = provider({
      streamText: Stream.suspend(() => {
        runs++
        return Stream.concat(Stream.fromIterable(parts), end)
      })
    })
    return { functions, runs: () => runs }
  }

  it.effect("goes on to the next until its first part has come; who it was is told once", () =>
    Effect.gen(function* () {
      const first = streaming([about("one")], Stream.fail(lost))
      const second = streaming([about("two"), ...textStream("hi", usage(1, 1))], Stream.empty)
      const model = yield* Effect.flatMap(Effect.all([named("a", first), named("b", second)]), (all) =>
        Fallback.make(all)
      )
      const parts = yield* Stream.runCollect(model.streamText({ prompt: "hi" }))
      expect(parts.map((part) => (part.type === "response-metadata" ? part.id : part.type))).toEqual([
        "two",
        "text-start",
        "text-delta",
        "text-end",
        "finish"
      ])
    })
  )

  it.effect("and not after it: what has come is kept, and the error is the model's own", () =>
    Effect.gen(function* () {
      const first = streaming([about("one"), ...textStream("hi")], Stream.fail(lost))
      const second = streaming(textStream("other"), Stream.empty)
      const model = yield* Effect.flatMap(Effect.all([named("a", first), named("b", second)]), (all) =>
        Fallback.make(all)
      )
      const seen: Array<string> = []
      const error = yield* Effect.flip(
        Stream.runForEach(model.streamText({ prompt: "hi" }), (part) => Effect.sync(() => seen.push(part.type)))
      )
      expect(seen).toEqual(["response-metadata", "text-start", "text-delta", "text-end"])
      expect(error).toBe(lost)
      expect([first.runs(), second.runs()]).toEqual([1, 0])
    })
  )

  it.effect("that says nothing but who it is, is an answer", () =>
    Effect.gen(function* () {
      const model = yield* Effect.flatMap(
        Effect.all([named("a", streaming([about("one")], Stream.empty)), named("b", script(ok))]),
        (all) => Fallback.make(all)
      )
      const parts = yield* Stream.runCollect(model.streamText({ prompt: "hi" }))
      expect(parts.map(({ type }) => type)).toEqual(["response-metadata"])
    })
  )

  it.effect("that is left early, or interrupted, asks nobody else", () =>
    Effect.gen(function* () {
      const second = script(ok)
      let wasStopped = false
      const hanging = provider({
        streamText: Stream.ensuring(
          Stream.concat(Stream.fromIterable(textStream("hi")), Stream.never),
          Effect.sync(() => (wasStopped = true))
        )
      })
      const model = yield* Effect.flatMap(Effect.all([named("a", { functions: hanging }), named("b", second)]), (all) =>
        Fallback.make(all)
      )
      yield* Stream.runDrain(Stream.take(model.streamText({ prompt: "hi" }), 1))
      expect([wasStopped, second.times.length]).toEqual([true, 0])
    })
  )
})

describe("tools", () => {
  const Nested = Tool.make("nested", {
    parameters: Schema.Struct({}),
    success: Schema.String,
    failure: AiError.AiError
  })
  const kit = Toolkit.make(Nested)
  const calls: Parts = [call("nested", {}), finish(usage(1, 1))]

  it.effect("once one was begun nobody else is asked, though it failed with the error of a model", () =>
    Effect.gen(function* () {
      let begun = 0
      const handled = yield* kit.pipe(
        Effect.provide(kit.toLayer({ nested: () => Effect.suspend(() => (begun++, Effect.fail(tooMany(60_000)))) }))
      )
      for (const toolkit of [handled, Effect.succeed(handled)]) {
        begun = 0
        const first = script(calls)
        const second = script(ok)
        const model = yield* both(first, second)
        const error = yield* Effect.flip(model.generateText({ prompt: "hi", toolkit }))
        expect(error).toMatchObject({ reason: { _tag: "RateLimitError" } })
        yield* Effect.flip(Stream.runDrain(model.streamText({ prompt: "hi", toolkit })))
        // It is not the model that asked for time: it is the first again.
        expect([begun, first.times.length, second.times.length]).toEqual([2, 2, 0])
      }
    })
  )

  it.effect("a model that calls what does not exist is followed by one that does not", () =>
    Effect.gen(function* () {
      const handled = yield* kit.pipe(Effect.provide(kit.toLayer({ nested: () => Effect.succeed("done") })))
      const model = yield* both(script([call("other", {}), finish(usage(1, 1))]), script(calls))
      const { content } = yield* model.generateText({ prompt: "hi", toolkit: handled })
      expect(content.some((part) => part.type === "tool-result" && part.name === "nested")).toBe(true)
    })
  )

  it.effect("a tool that asks a model gets the whole fallback", () =>
    Effect.gen(function* () {
      const Asks = Tool.make("asks", {
        parameters: Schema.Struct({}),
        success: Schema.String,
        dependencies: [LanguageModel.LanguageModel]
      })
      const asking = Toolkit.make(Asks)
      const handled = yield* asking.pipe(
        Effect.provide(
          asking.toLayer({
            asks: () =>
              Effect.orDie(
                Effect.map(LanguageModel.generateText({ prompt: "hi" }), ({ content }) =>
                  Option.match(Fallback.answered(content), { onNone: () => "none", onSome: (one) => one.model })
                )
              )
          })
        )
      )
      const first = script([call("asks", {}), finish(usage(1, 1))], lost)
      const model = yield* both(first, script(ok))
      const { toolResults } = yield* LanguageModel.generateText({ prompt: "hi", toolkit: handled }).pipe(
        Effect.provideService(LanguageModel.LanguageModel, model)
      )
      expect(toolResults.map(({ result }) => result)).toEqual(["b/2"])
    })
  )
})

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

describe("when all fail", () => {
  it.effect("it is with the last error, and the others are told", () =>
    Effect.gen(function* () {
      for (const way of Object.values(ways)) {
        const model = yield* both(
          script(failure(new AiError.AuthenticationError({ kind: "InvalidKey" }))),
          script(lost)
        )
        const error = yield* Effect.flip(way(model))
        expect(error.reason).toBe(lost.reason)
        expect(error.isRetryable).toBe(true)
        expect(error.message).toContain(
          "Fallback(failed: a/1 with AuthenticationError, then b/2 with NetworkError).test: TransportError"
        )
        expect(Fallback.failures(error).map((one) => [one.model, one.error.reason._tag])).toEqual([
          ["a/1", "AuthenticationError"],
          ["b/2", "NetworkError"]
        ])
      }
    })
  )

  it.effect("also where the last one is not to be worked around, or one was left alone", () =>
    Effect.gen(function* () {
      const model = yield* both(script(tooMany(60_000)), script(refused))
      const error = yield* Effect.flip(ask(model))
      expect(error.message).toContain("failed: a/1 with RateLimitError, then b/2 with ContentPolicyError")
      const next = yield* Effect.flip(ask(model))
      expect(next.message).toContain("failed: b/2 with ContentPolicyError; asked for time and left alone: a/1")
    })
  )

  it.effect("a refusal can still be read from it; one that was first and last is as it was", () =>
    Effect.gen(function* () {
      const open = Refusal.toAiError(new Refusal.CircuitOpenError({ provider: "b" }), "generateText")
      const error = yield* Effect.flip(ask(yield* both(script(lost), script(open))))
      expect(Refusal.of(error)?._tag).toBe("CircuitOpenError")
      const own = yield* Effect.flip(ask(yield* both(script(refused), script(ok))))
      expect(own).toBe(refused)
      expect(Fallback.failures(own)).toEqual([])
    })
  )

  it.effect("a defect of a model is no failure of it", () =>
    Effect.gen(function* () {
      const second = script(ok)
      const dying = provider({ generateText: Effect.die("bug") })
      const model = yield* Effect.flatMap(Effect.all([named("a", { functions: dying }), named("b", second)]), (all) =>
        Fallback.make(all)
      )
      expect((yield* Effect.exit(ask(model)))._tag).toBe("Failure")
      expect(second.times.length).toBe(0)
    })
  )
})

describe("guarded models", () => {
  const counter = { request: () => Effect.succeed(100), texts: () => Effect.succeed(100) }
  const guarded = (
    name: string,
    { functions }: { readonly functions: Metered.Functions },
    more: Partial<Guarded.Options> = {}
  ) =>
    Guarded.layer(
      { provider: name, model: "m", maxOutputTokens: 50, counter, retry: { times: 0 }, ...more },
      { ...functions, provider: name }
    )
  const traffic = (failures = 1) =>
    Layer.mergeAll(
      Limiter.layer({ provider: { "*": { requestsPerMinute: 100 } } }),
      RetryBudget.layer(),
      Breaker.layerMemory({ failures, openDuration: "30 seconds" })
    )

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

it.effect("an agent whose models all fail says of each with what, also where that is stored", () =>
  Effect.gen(function* () {
    class Briefer extends Agent.make("Briefer", {
      description: "Briefs",
      payload: {},
      success: { sentence: Schema.String },
      error: ModelAgent.Failure
    }) {
      static readonly layer = this.toLayer(ModelAgent.make(this, { instructions: "Brief" }))
    }
    const models = yield* both(
      script(failure(new AiError.AuthenticationError({ kind: "InvalidKey" })), tooMany(60_000)),
      script(lost)
    )
    const run = Effect.flip(
      Briefer.run({}).pipe(
        Effect.provide(Layer.provide(Briefer.layer, Layer.succeed(LanguageModel.LanguageModel, models)))
      )
    )
    const stored = Schema.toCodecJson(ModelAgent.ModelCallError)
    const after = (error: unknown) =>
      Effect.flatMap(
        Schema.encodeUnknownEffect(stored)(error),
        (json) => Schema.decodeUnknownEffect(stored)(JSON.parse(JSON.stringify(json)))
      )
    const first = yield* Effect.flatMap(run, after)
    expect(first).toMatchObject({ reason: "NetworkError", isRetryable: true })
    expect(first.failed?.map(({ model, reason }) => [model, reason])).toEqual([
      ["a/1", "AuthenticationError"],
      ["b/2", "NetworkError"]
    ])
    expect(first.message).toMatch(
      /^None of the models of Briefer answered in turn 1\. a\/1 failed \(AuthenticationError\): .+; b\/2 failed \(NetworkError\): .+$/
    )
    // a/1 asks for time, and is left alone the next time.
    yield* run
    const last = yield* Effect.flatMap(run, after)
    expect(last.resting).toEqual(["a/1"])
    expect(last.message).toContain("; not asked, as asked for time: a/1")
  })
)

it("what the layers need and fail with is what the fallback needs and fails with", () => {
  const guarded = Guarded.layer({}, script(ok).functions)
  const metered = Metered.layer({}, script(ok).functions)
  class Strange extends Schema.TaggedError<Strange>()("Strange", {}) {}
  const strange = Layer.effect(LanguageModel.LanguageModel, Effect.fail(new Strange()))
  expectTypeOf(Fallback.layer([guarded, strange, metered])).toEqualTypeOf<
    Layer.Layer<
      LanguageModel.LanguageModel,
      Layer.Error<typeof guarded> | Strange,
      Layer.Services<typeof guarded> | Limiter.Limiter
    >
  >()
  // @ts-expect-error there must be one
  expect(() => Fallback.layer([])).not.toThrow()
  // @ts-expect-error a layer of something else
  expect(() => Fallback.layer([Limiter.layer()])).not.toThrow()
})

it.effect("names are what the layers say, or their place", () =>
  Effect.gen(function* () {
    const bare = Layer.effect(LanguageModel.LanguageModel, LanguageModel.make(script(lost).functions))
    const error = yield* LanguageModel.generateText({ prompt: "hi" }).pipe(
      Effect.provide(Fallback.layer([bare, bare])),
      Effect.flip
    )
    expect(Fallback.failures(error).map(({ model }) => model)).toEqual(["model 1", "model 2"])
  })
)

it.effect("system messages are allowed where all models allow them", () =>
  Effect.gen(function* () {
    const of = (...answers: ReadonlyArray<boolean | undefined>): Effect.Effect<boolean | "unknown"> =>
      Effect.flatMap(
        Effect.forEach(answers, (answer) =>
          Effect.map(
            LanguageModel.make({
              ...script(ok).functions,
              ...(answer === undefined ? {} : { supportsSystemMessagesInHistory: Effect.succeed(answer) })
            }),
            (model) => ({ name: "x", model })
          )
        ),
        ([first, ...others]) =>
          Effect.flatMap(
            Fallback.make([first!, ...others]),
            (model): Effect.Effect<boolean | "unknown"> =>
              model.supportsSystemMessagesInHistory ?? Effect.succeed("unknown")
          )
      )
    expect(yield* Effect.all([of(true, true), of(true, false), of(true, undefined)])).toEqual([true, false, "unknown"])
  })
)
