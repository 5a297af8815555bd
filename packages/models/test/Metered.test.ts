import { Limiter, Metered, PriceTable, Refusal, TokenCount } from "@aria/models"
import { Agent, Budget, Orchestrator, Plan, Progress, Run, Task, type Usage } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { EmbeddingModel, LanguageModel, Tool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { broken, finish, lost, provider, text, textStream, tooMany, unsendable, usage } from "./provider.ts"

const prices = { "acme/one": { input: 2, output: 10, cachedInput: 1, cacheWrite: 4, reasoning: 20 } }
/** 100 tokens are counted for any request, so that sums are plain. */
const counter: TokenCount.TokenCount = { request: () => Effect.succeed(100), texts: () => Effect.succeed(100) }
const options = { prices, counter, maxOutputTokens: 50 } as const
/** 100 * 4 + 50 * 20. */
const worstMicroUsd = 1_400

const serviceOf = (functions: Metered.Functions, more: Metered.Options = {}) =>
  Effect.flatMap(Metered.provider({ ...options, ...more }, functions), LanguageModel.make)

interface Books {
  readonly usage: Usage.Usage
  readonly held: number
}
const books: Effect.Effect<Books> = Effect.map(Budget.capture, ([region]) => ({
  usage: region!.usage,
  held: region!.held.tokens + region!.held.calls + region!.held.usd
}))

/** Makes one call in a region of its own; gives how it ended and what the region's books say then. */
const spend = (
  functions: Metered.Functions,
  call: (model: LanguageModel.LanguageModel) => Effect.Effect<unknown, unknown> = (model) =>
    model.generateText({ prompt: "hi" }),
  more: Metered.Options = {}
) =>
  Effect.gen(function* () {
    const model = yield* serviceOf(functions, more)
    return yield* Effect.gen(function* () {
      const exit = yield* Effect.exit(call(model))
      return { exit, ...(yield* books) }
    }).pipe(Budget.limit({ tokens: 1_000_000, calls: 1_000, usd: 10 }))
  }).pipe(Effect.provide(Limiter.layer()))

const streamed = (model: LanguageModel.LanguageModel) => Stream.runCollect(model.streamText({ prompt: "hi" }))

describe("what a call counts", () => {
  it.effect("what was reported, with cached and reasoning tokens told apart, in money too", () =>
    Effect.gen(function* () {
      const reported = usage(80, 40, { cacheRead: 30, cacheWrite: 20, reasoning: 15 })
      for (const call of [undefined, streamed]) {
        const { held, usage: spent } = yield* spend(
          provider({
            generateText: Effect.succeed(text("hi", reported)),
            streamText: Stream.fromIterable(textStream("hi", reported))
          }),
          call
        )
        expect(held).toBe(0)
        expect({ ...spent }).toEqual({
          inputTokens: 80,
          outputTokens: 40,
          cachedInputTokens: 30,
          reasoningTokens: 15,
          calls: 1,
          // 30 * 2 + 30 * 1 + 20 * 4 + 25 * 10 + 15 * 20
          microUsd: 720
        })
      }
    })
  )

  it.effect("what was reserved, where nothing is reported; what is no count is nothing reported", () =>
    Effect.gen(function* () {
      const worst = { inputTokens: 100, outputTokens: 50, calls: 1, microUsd: worstMicroUsd }
      for (const reported of [
        undefined,
        usage(undefined, undefined),
        usage(NaN, -1),
        usage(1.5, Infinity),
        usage(1e12, 1e300)
      ]) {
        for (const call of [undefined, streamed]) {
          const { held, usage: spent } = yield* spend(
            provider({
              generateText: Effect.succeed(text("hi", reported)),
              streamText: Stream.fromIterable(textStream("hi", reported))
            }),
            call
          )
          expect(held).toBe(0)
          expect(spent).toMatchObject(worst)
        }
      }
      const { usage: half } = yield* spend(provider({ generateText: Effect.succeed(text("hi", usage(7, undefined))) }))
      expect(half).toMatchObject({ inputTokens: 7, outputTokens: 50 })
      // A total without the parts that it should have.
      const { usage: parts } = yield* spend(
        provider({ generateText: Effect.succeed(text("hi", usage(10, 5, { cacheRead: 60, reasoning: 9 }))) })
      )
      expect(parts).toMatchObject({ inputTokens: 60, cachedInputTokens: 60, outputTokens: 9, reasoningTokens: 9 })
    })
  )

  it.effect("by how it failed: not sent is nothing, refused is a call, lost is everything", () =>
    Effect.gen(function* () {
      for (const [error, expected] of [
        [unsendable, { tokens: 0, calls: 0, microUsd: 0 }],
        [tooMany(), { tokens: 0, calls: 1, microUsd: 0 }],
        [lost, { tokens: 150, calls: 1, microUsd: worstMicroUsd }],
        [broken, { tokens: 150, calls: 1, microUsd: worstMicroUsd }]
      ] as const) {
        for (const call of [undefined, streamed]) {
          const {
            exit,
            held,
            usage: spent
          } = yield* spend(provider({ generateText: Effect.fail(error), streamText: Stream.fail(error) }), call)
          expect(Exit.isFailure(exit)).toBe(true)
          expect(held).toBe(0)
          expect(spent).toMatchObject(expected)
        }
      }
    })
  )

  it.effect("a stream that began was worked on, whatever its error says; its usage counts where it came", () =>
    Effect.gen(function* () {
      const begun = Stream.fromIterable(textStream("hi"))
      for (const error of [unsendable, tooMany(), lost]) {
        expect(
          (yield* spend(provider({ streamText: Stream.concat(begun, Stream.fail(error)) }), streamed)).usage.tokens
        ).toBe(150)
      }
      const told = Stream.concat(Stream.fromIterable(textStream("hi", usage(10, 5))), Stream.fail(lost))
      expect((yield* spend(provider({ streamText: told }), streamed)).usage.tokens).toBe(15)
    })
  )

  it.effect("what the functions say of an error goes before", () =>
    Effect.gen(function* () {
      const functions = {
        ...provider({ generateText: Effect.fail(broken) }),
        spent: () => ({ _tag: "reported", usage: usage(3, 4) }) as const
      }
      expect((yield* spend(functions)).usage.tokens).toBe(7)
      expect((yield* spend({ ...functions, spent: () => ({ _tag: "notSent" }) as const })).usage.calls).toBe(0)
    })
  )

  it.effect("interrupted, cut by the reader, or a defect: everything", () =>
    Effect.gen(function* () {
      const endless = provider({
        generateText: Effect.never,
        streamText: Stream.concat(Stream.fromIterable(textStream("hi")), Stream.never)
      })
      const { held, usage: spent } = yield* Effect.gen(function* () {
        const model = yield* serviceOf(endless)
        return yield* Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(model.generateText({ prompt: "hi" }), { startImmediately: true })
          yield* Effect.yieldNow
          expect(yield* books).toMatchObject({ held: 150 + 1 + worstMicroUsd / 1e6 })
          yield* Fiber.interrupt(fiber)
          yield* Stream.runDrain(Stream.take(model.streamText({ prompt: "hi" }), 2))
          return yield* books
        }).pipe(Budget.limit({ tokens: 1_000 }))
      }).pipe(Effect.provide(Limiter.layer()))
      expect(held).toBe(0)
      expect(spent).toMatchObject({ tokens: 300, calls: 2 })
      expect((yield* spend(provider({ generateText: Effect.die("bug") }))).usage.tokens).toBe(150)
    })
  )

  it.effect("a slow reader keeps neither its budget nor its lane", () =>
    Effect.gen(function* () {
      const model = yield* serviceOf(provider({}))
      yield* Effect.gen(function* () {
        // For each part another call is made, which needs the budget and the lane that the stream had.
        const parts = yield* Stream.runCollect(
          Stream.mapEffect(model.streamText({ prompt: "hi" }), () => model.generateText({ prompt: "again" }))
        )
        expect(parts.length).toBe(4)
      }).pipe(Budget.limit({ tokens: 15 * 4 + 150 }))
    }).pipe(Effect.provide(Limiter.layer({ global: { concurrency: 1 } })))
  )

  it.effect("embeddings", () =>
    Effect.gen(function* () {
      const { embedMany } = yield* Metered.embedding(
        { ...options, provider: "acme", model: "one" },
        {
          embedMany: ({ inputs }) =>
            Effect.succeed({
              results: inputs.map(() => [1]),
              usage: { inputTokens: inputs.length > 1 ? undefined : 3 }
            })
        }
      )
      const model = yield* EmbeddingModel.make({ embedMany })
      yield* Effect.gen(function* () {
        yield* model.embedMany(["a"])
        expect((yield* books).usage).toMatchObject({ inputTokens: 3, outputTokens: 0, calls: 1, microUsd: 6 })
        yield* model.embedMany(["a", "b"])
        expect((yield* books).usage).toMatchObject({ inputTokens: 103, outputTokens: 0, calls: 2 })
      }).pipe(Budget.limit({ tokens: 1_000 }))
    }).pipe(Effect.provide(Limiter.layer()))
  )
})

describe("before the call", () => {
  it.effect("the provider gets the limit that was reserved: the least of all that are set", () =>
    Effect.gen(function* () {
      const functions = { ...provider({}), settings: Effect.succeed({ maxOutputTokens: 20 }) }
      const { usage: spent } = yield* spend({
        ...functions,
        generateText: (request) => Effect.as(functions.generateText(request), text(""))
      })
      expect(functions.requests[0]!.maxOutputTokens).toBe(20)
      expect(spent.outputTokens).toBe(20)
    })
  )

  it.effect("as a layer", () =>
    Effect.gen(function* () {
      yield* LanguageModel.generateText({ prompt: "hi" })
      expect((yield* books).usage).toMatchObject({ tokens: 15, calls: 1 })
    }).pipe(
      Budget.limit({ tokens: 150 }),
      Effect.provide(Layer.provide(Metered.layer(options, provider({})), Limiter.layer()))
    )
  )

  it.effect("a call that its budget cannot hold is not made", () =>
    Effect.gen(function* () {
      const functions = provider({})
      const model = yield* serviceOf(functions)
      const call = model.generateText({ prompt: "hi" })
      for (const limits of [{ tokens: 149 }, { usd: 0.001399 }]) {
        const error = yield* Effect.flip(call.pipe(Budget.limit(limits)))
        expect(error._tag).toBe("BudgetExceededError")
      }
      expect(functions.requests.length).toBe(0)
      for (const limits of [{ tokens: 150 }, { usd: 0.0014 }]) yield* call.pipe(Budget.limit(limits))
    }).pipe(Effect.provide(Limiter.layer()))
  )

  it.effect("a model without a price is not called where money is limited, and says what to do; elsewhere it is", () =>
    Effect.gen(function* () {
      const functions = provider({})
      const model = yield* serviceOf(functions, { prices: {} })
      const call = model.generateText({ prompt: "hi" })
      const error = yield* Effect.flip(call.pipe(Budget.limit({ usd: 1 })))
      expect(error._tag === "AiError" && Refusal.of(error)).toEqual(
        new Refusal.UnpricedModelError({ provider: "acme", model: "one" })
      )
      expect(error.message).toContain(`"acme/one" has no price`)
      expect(error.message).toContain("PriceTable.make")
      expect(error._tag === "AiError" && error.isRetryable).toBe(false)
      expect(functions.requests.length).toBe(0)
      yield* call.pipe(Budget.limit({ tokens: 1_000 }))
      yield* call
      const free = yield* serviceOf(functions, { prices: { "acme/one": PriceTable.free } })
      yield* free.generateText({ prompt: "hi" }).pipe(Budget.limit({ usd: 0.000001 }))
    }).pipe(Effect.provide(Limiter.layer()))
  )

  it.effect("a call that its lane can never hold is not made and not counted", () =>
    Effect.gen(function* () {
      const model = yield* serviceOf(provider({}))
      yield* Effect.gen(function* () {
        const error = yield* Effect.flip(model.generateText({ prompt: "hi" }))
        expect(Refusal.of(error)).toBeInstanceOf(Limiter.TooLargeError)
        expect(error.message).toContain("raise tokensPerMinute")
        expect(yield* books).toMatchObject({ held: 0, usage: { calls: 0 } })
      }).pipe(Budget.limit({ tokens: 1_000 }))
    }).pipe(Effect.provide(Limiter.layer({ provider: { acme: { tokensPerMinute: 149 } } })))
  )

  it.effect("interrupted while it waits for its lane: nothing is counted", () =>
    Effect.gen(function* () {
      const model = yield* serviceOf(provider({}))
      yield* Effect.gen(function* () {
        yield* model.generateText({ prompt: "hi" })
        const fiber = yield* Effect.forkChild(model.generateText({ prompt: "hi" }), { startImmediately: true })
        yield* Effect.yieldNow
        expect((yield* books).held).toBeGreaterThan(0)
        yield* Fiber.interrupt(fiber)
        expect(yield* books).toMatchObject({ held: 0, usage: { calls: 1, tokens: 15 } })
      }).pipe(Budget.limit({ tokens: 1_000 }))
      const { lanes } = yield* Limiter.Limiter
      expect((yield* lanes)[0]).toMatchObject({ waiting: 0, inFlight: 0, requests: 1, tokens: 15 })
    }).pipe(Effect.provide(Limiter.layer({ global: { requestsPerMinute: 1, tokensPerMinute: 1_000 } })))
  )

  it.effect("settings that nothing can be run with are refused when the model is made", () =>
    Effect.gen(function* () {
      for (const maxOutputTokens of [0, -1, NaN, Infinity, 1.5]) {
        const error = yield* Effect.flip(Metered.provider({ ...options, maxOutputTokens }, provider({})))
        expect(error.message).toBe(
          `Metered.provider: maxOutputTokens was ${maxOutputTokens}; allowed is a whole number from 1`
        )
      }
      const error = yield* Effect.flip(
        Metered.provider({ ...options, prices: { "acme/one": { input: NaN, output: 1 } } }, provider({}))
      )
      expect(error._tag).toBe("InvalidPriceError")
      expect(error.message).toContain('"acme/one"')
    }).pipe(Effect.provide(Limiter.layer()))
  )
})

describe("around the call", () => {
  class Writer extends Agent.make("Writer", { description: "Writes", payload: {}, success: Schema.String }) {}
  const plan = Plan.make("write", [Task.make("write", Writer, { payload: {} })])

  it.effect("what was used beyond the reservation is told, once, and refuses what follows", () =>
    Effect.gen(function* () {
      const model = yield* serviceOf(provider({ generateText: Effect.succeed(text("hi", usage(100, 1_050))) }))
      const events: Array<Progress.Event> = []
      const result = yield* Orchestrator.run(plan).pipe(
        Progress.listen((event) => void events.push(event)),
        Effect.provide(Writer.toLayer(() => Effect.as(Effect.orDie(model.generateText({ prompt: "hi" })), "")))
      )
      expect(result.usage.tokens).toBe(1_150)
      const updates = events.flatMap((event) => (event._tag === "update" ? [event] : []))
      expect(updates.map(({ message }) => message)).toEqual([
        "acme/one used 1000 tokens and 0.0093 US dollars more than was reserved for the call"
      ])
      expect(updates[0]!.data).toEqual({
        _tag: "overrun",
        provider: "acme",
        model: "one",
        tokens: 1_000,
        microUsd: 9_300
      })
      const call = model.generateText({ prompt: "hi" })
      const error = yield* Effect.flip(Effect.andThen(call, call).pipe(Budget.limit({ tokens: 300 })))
      expect(error).toMatchObject({ _tag: "BudgetExceededError", used: 1_150 })
    }).pipe(Effect.provide([Orchestrator.layer, Limiter.layer()]))
  )

  it.effect("429 holds up all who use the provider, as long as it asked", () =>
    Effect.gen(function* () {
      let answers = 0
      const functions = provider({
        generateText: Effect.suspend(() =>
          answers++ === 0 ? Effect.fail(tooMany(20_000)) : Effect.succeed(text("hi", usage(1, 1)))
        )
      })
      const model = yield* serviceOf(functions)
      const other = yield* serviceOf(functions, { model: "one" })
      yield* Effect.flip(model.generateText({ prompt: "hi" }))
      const fiber = yield* Effect.forkChild(other.generateText({ prompt: "hi" }))
      yield* TestClock.adjust("19 seconds")
      expect(functions.requests.length).toBe(1)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      expect(functions.requests.length).toBe(2)
    }).pipe(Effect.provide(Limiter.layer()))
  )

  it.effect("who waits for a rate says so and holds no permit", () =>
    Effect.gen(function* () {
      const model = yield* serviceOf(provider({}))
      const events: Array<string> = []
      const both = Plan.make("both", [
        Task.make("first", Writer, { payload: {} }),
        Task.make("second", Writer, { payload: {} }),
        Task.make("third", Writer, { payload: {} })
      ])
      const run = Orchestrator.run(both).pipe(
        Progress.listen(
          (event) =>
            void (
              "taskId" in event &&
              events.push(`${event._tag} ${event.taskId}${event._tag === "waiting" ? ` ${event.reason}` : ""}`)
            )
        ),
        Effect.provide(Writer.toLayer(() => Effect.as(Effect.orDie(model.generateText({ prompt: "hi" })), "")))
      )
      const fiber = yield* Effect.forkChild(run)
      yield* TestClock.adjust("5 minutes")
      expect((yield* Fiber.join(fiber)).successCount).toBe(3)
      const waiting = events.filter((event) => event.startsWith("waiting"))
      expect(waiting).toEqual(["waiting second rate: provider acme", "waiting third rate: provider acme"])
      expect(events.indexOf("starting third")).toBeLessThan(events.indexOf("complete second"))
    }).pipe(
      Effect.provide([
        Orchestrator.layerWith({ concurrency: 1 }),
        Limiter.layer({ provider: { acme: { requestsPerMinute: 1 } } })
      ])
    )
  )

  it.effect("lanes of users and agents hold for a whole run, nested runs included", () =>
    Effect.gen(function* () {
      const model = yield* serviceOf(provider({}))
      const ask = Effect.orDie(Effect.as(model.generateText({ prompt: "hi" }), ""))
      const outer = Plan.make("outer", [
        Task.plan("inner", plan),
        Task.make("own", Writer, { payload: {}, policy: (call) => Limiter.within({ agent: "Own" })(call) })
      ])
      const { lanes } = yield* Limiter.Limiter
      yield* Orchestrator.run(outer).pipe(
        Run.configure({ userId: "ada" }),
        Limiter.within({ agent: "Team" }),
        Effect.provide(Writer.toLayer(() => ask))
      )
      const requests = Object.fromEntries((yield* lanes).map((lane) => [`${lane.scope} ${lane.name}`, lane.requests]))
      expect(requests).toEqual({ "global ": 2, "user ada": 2, "provider acme": 2, "agent Writer": 2, "agent Team": 2, "agent Own": 1 })
    }).pipe(
      Effect.provide([
        Orchestrator.layer,
        Limiter.layer({
          global: { requestsPerMinute: 9 },
          user: { "*": { requestsPerMinute: 9 } },
          provider: { "*": { requestsPerMinute: 9 } },
          agent: { "*": { requestsPerMinute: 9 } }
        })
      ])
    )
  )

  it.effect("tools that call models finish with one permit and one lane, streamed, three deep", () =>
    Effect.gen(function* () {
      const Ask = Tool.make("ask", { parameters: Schema.Struct({ depth: Schema.Int }), success: Schema.String })
      const kit = Toolkit.make(Ask)
      const functions: Metered.Functions = {
        provider: "acme",
        model: "one",
        generateText: () => Effect.succeed(text("", usage(1, 1))),
        streamText: () =>
          Stream.fromIterable([
            { type: "tool-call" as const, id: "call", name: "ask", params: { depth: 1 }, providerExecuted: false },
            finish(usage(1, 1))
          ])
      }
      const model = yield* serviceOf(functions)
      const ask = (depth: number): Effect.Effect<string> =>
        depth === 0
          ? Effect.succeed("done")
          : Effect.orDie(
              Effect.as(
                Stream.runDrain(model.streamText({ prompt: "x", toolkit: kit })).pipe(
                  Effect.provide(kit.toLayer({ ask: () => ask(depth - 1) }))
                ),
                "asked"
              )
            )
      const result = yield* Orchestrator.run(plan).pipe(Effect.provide(Writer.toLayer(() => ask(3))))
      expect(result.allSucceeded).toBe(true)
      expect(result.usage.calls).toBe(3)
    }).pipe(Effect.provide([Orchestrator.layerWith({ concurrency: 1 }), Limiter.layer({ global: { concurrency: 1 } })]))
  )
})
