import { Breaker, Guarded, Limiter, Metered, RetryBudget, type TokenCount } from "@aria/models"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { LanguageModel, type Response, Tool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { usage } from "./provider.ts"

export const counter: TokenCount.TokenCount = { request: () => Effect.succeed(100), texts: () => Effect.succeed(100) }
export const options = { counter, maxOutputTokens: 50 } as const
export const traffic = Layer.mergeAll(Limiter.layer(), RetryBudget.layer(), Breaker.layerMemory({ failures: 3 }))
/** A model behind the meter alone. */
export const metered = (functions: Metered.Functions, more: Metered.Options = {}) =>
  Effect.flatMap(Metered.provider({ ...options, ...more }, functions), LanguageModel.make)
/** One behind all guards, which tries again so often. */
export const guarded = (functions: Metered.Functions, times = 3) =>
  Effect.flatMap(Guarded.provider({ ...options, retry: { times, base: "1 second" } }, functions), LanguageModel.make)

export const ask = (model: LanguageModel.LanguageModel) => Effect.asVoid(model.generateText({ prompt: "hi" }))
export const read = (model: LanguageModel.LanguageModel) => Stream.runDrain(model.streamText({ prompt: "hi" }))
const kinds = { generateText: ask, streamText: read } as const
/** The two ways to ask, by the name of the method. */
export const both = Object.entries(kinds) as ReadonlyArray<readonly [keyof typeof kinds, typeof ask]>

/** What a provider says of its answer. */
export const metadata: Response.ResponseMetadataPartEncoded = {
  type: "response-metadata",
  id: "r1",
  modelId: "one-2026",
  timestamp: undefined
}
export const reported = usage(80, 40, { cacheRead: 30, cacheWrite: 20, reasoning: 15 })

/** Runs it to its end, however long it waits. */
export const patiently = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    for (let minutes = 0; minutes < 30 && fiber.pollUnsafe() === undefined; minutes++) yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })

/** A toolkit of one tool. */
const Look = Tool.make("look", { parameters: Schema.Struct({ at: Schema.String }), success: Schema.String })
export const Tools = Toolkit.make(Look)
