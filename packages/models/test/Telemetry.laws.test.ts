import { Breaker, Fallback, Guarded, Limiter, Metered, RetryBudget, Telemetry, type TokenCount } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { AiError, LanguageModel, type Response, Tool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { call } from "./modelAgentScript.ts"
import { broken, failure, finish, lost, text, textStream, tooMany, usage } from "./provider.ts"
import { random } from "./random.ts"
import { attributes, collector, durations, measured, named, textOf, tokens } from "./traces.ts"

const counter: TokenCount.TokenCount = { request: () => Effect.succeed(100), texts: () => Effect.succeed(100) }
const options = { counter, maxOutputTokens: 50, retry: { times: 2, base: "1 second" } } as const
const wrong = failure(new AiError.InvalidRequestError({ description: "no" }))
const Look = Tool.make("look", { success: Schema.String })
const Tools = Toolkit.make(Look)

/** What providers were asked and said, as they know it themselves. */
interface Books {
  calls: number
  input: number
  output: number
  readonly errors: Record<string, number>
}

/** Functions of a provider that does as chance has it, and keeps books. */
const chancy = ({ int, pick }: ReturnType<typeof random>, books: Books): Metered.Functions => {
  const next = (): Effect.Effect<Array<Response.PartEncoded>, AiError.AiError> => {
    books.calls++
    const delay = int(0, 3)
    const ends = pick(["reported", "reported", "silent", "wants", "lost", "broken", "tooMany", "wrong", "hangs"] as const)
    const after = <A, E>(self: Effect.Effect<A, E>) => (delay === 0 ? self : Effect.delay(self, `${delay} seconds`))
    const note = (type: string) => {
      books.errors[type] = (books.errors[type] ?? 0) + 1
    }
    const told = () => {
      const [input, output] = [int(1, 100), int(1, 50)]
      books.input += input
      books.output += output
      return usage(input, output)
    }
    const made = Effect.suspend((): Effect.Effect<Array<Response.PartEncoded>, AiError.AiError> => {
      switch (ends) {
        case "reported":
          note("none")
          return Effect.succeed(text("hi", told()))
        case "silent":
          note("none")
          return Effect.succeed(text("hi"))
        case "wants":
          note("none")
          return Effect.succeed([call("look", {}), finish(told())])
        case "hangs":
          return Effect.never
        default: {
          const error = { lost, broken, tooMany: tooMany(), wrong }[ends]
          note(error.reason._tag)
          return Effect.fail(error)
        }
      }
    })
    return Effect.onInterrupt(after(made), () => Effect.sync(() => note("cancelled")))
  }
  return {
    provider: "acme",
    model: "one",
    generateText: () => Effect.suspend(next),
    streamText: () =>
      Stream.unwrap(
        Effect.map(Effect.suspend(next), (parts) =>
          Stream.fromIterable(
            parts.flatMap((part): ReadonlyArray<Response.StreamPartEncoded> =>
              part.type === "text" ? textStream(part.text) : [part as Response.StreamPartEncoded]
            )
          )
        )
      )
  }
}

/** However a model is made: out of the same functions, with more or less around them. */
const ways = {
  bare: (functions: Metered.Functions) => Effect.map(LanguageModel.make(functions), (model) => Telemetry.model(model)),
  metered: (functions: Metered.Functions) => Effect.flatMap(Metered.provider(options, functions), LanguageModel.make),
  guarded: (functions: Metered.Functions) => Effect.flatMap(Guarded.provider(options, functions), LanguageModel.make),
  both: (functions: Metered.Functions) =>
    Effect.map(Effect.flatMap(Guarded.provider(options, functions), LanguageModel.make), (model) => Telemetry.model(model)),
  fallback: (functions: Metered.Functions) =>
    Effect.gen(function* () {
      const one = yield* Effect.flatMap(Guarded.provider(options, functions), LanguageModel.make)
      const two = yield* LanguageModel.make(functions)
      return yield* Fallback.make([
        { name: "one", model: one },
        { name: "two", model: two }
      ])
    })
}

const checkSeed = (seed: number) =>
  measured(
    Effect.gen(function* () {
      const chance = random(seed)
      const books: Books = { calls: 0, input: 0, output: 0, errors: {} }
      const functions = chancy(chance, books)
      const way = chance.pick(Object.keys(ways) as ReadonlyArray<keyof typeof ways>)
      const model = yield* ways[way](functions)
      const innerWay = chance.pick(["bare", "metered"] as const)
      const inner = yield* ways[innerWay](functions)
      const { spans, traced } = collector()
      const nested = chance.maybe(0.3)
      const handlers = Tools.toLayer({
        look: () => (nested ? Effect.as(Effect.ignore(inner.generateText({ prompt: "inner", toolkit: Tools, disableToolCallResolution: true })), "") : Effect.succeed(""))
      })
      const once = Effect.suspend(() =>
        Effect.exit(
          chance.maybe()
            ? Effect.asVoid(model.generateText({ prompt: "hi", toolkit: Tools }))
            : Stream.runDrain(model.streamText({ prompt: "hi", toolkit: Tools }))
        )
      )
      const all = Effect.forEach(Array.from({ length: chance.int(1, 4) }), () => once, { concurrency: chance.int(1, 3) })
      const fiber = yield* Effect.forkChild(Effect.provide(traced(all), handlers), { startImmediately: true })
      const patience = chance.pick([2, 5, 30, 600])
      for (let seconds = 0; seconds < patience && fiber.pollUnsafe() === undefined; seconds++) yield* TestClock.adjust("1 second")
      // Of a call that is not metered the answer is known when the call ends, and not if that is cut off among its tools.
      const isMetered = ["metered", "guarded", "both"].includes(way) && (!nested || innerWay === "metered")
      const isExact = isMetered || fiber.pollUnsafe() !== undefined
      yield* Fiber.interrupt(fiber)

      const where = `seed ${seed}, ${way}`
      const chats = named(spans, "chat")
      expect(chats.length, where).toBe(books.calls)
      for (const { name, status } of spans) expect([name, status._tag], where).toEqual([name, "Ended"])
      const types: Record<string, number> = {}
      for (const chat of chats) {
        const type = String(attributes(chat)["error.type"] ?? "none")
        types[type] = (types[type] ?? 0) + 1
      }
      expect(yield* durations, where).toEqual(types)
      if (isExact) expect(types, where).toEqual(books.errors)
      const sum = (key: string) => chats.reduce((total, chat) => total + Number(attributes(chat)[key] ?? 0), 0)
      const { input = 0, output = 0 } = yield* tokens
      expect([sum("gen_ai.usage.input_tokens"), sum("gen_ai.usage.output_tokens")], where).toEqual([input, output])
      if (isExact) expect([input, output], where).toEqual([books.input, books.output])
      else expect(input <= books.input && output <= books.output, where).toBe(true)
      for (const span of spans) {
        // Nothing of it is said twice: usage is on chat spans alone.
        if (!chats.includes(span)) expect(textOf(span), where).not.toContain("gen_ai.usage")
      }
    })
  ).pipe(
    Effect.provide(Layer.mergeAll(Limiter.layer({ provider: { acme: { concurrency: 2 } } }), RetryBudget.layer({ burst: 50 }), Breaker.layerMemory({ failures: 1_000 }))),
    Effect.scoped
  )

describe("law: one exchange, one chat span, one duration, and its tokens once", () => {
  it.effect("whatever is put around what, however it ends", () =>
    Effect.gen(function* () {
      for (let seed = 1; seed <= 1_000; seed++) yield* checkSeed(seed)
    }),
    60_000
  )
})
