import { Breaker, Fallback, Guarded, Limiter, Metered, RetryBudget } from "@aria/models"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { AiError, LanguageModel, type Response } from "effect/ai"
import { type Parts, says } from "./modelAgentScript.ts"
import { failure, finish, provider, textStream, usage } from "./provider.ts"

type Turn = AiError.AiError | Parts
/** What a model answers. */
export const ok: Parts = [says("hi"), finish(usage(10, 5))]
/** What no other model is asked after. */
export const refused = failure(new AiError.ContentPolicyError({ description: "no" }))

/** Does one thing after the other, the last one for ever; keeps when it was asked. */
export const script = (...turns: ReadonlyArray<Turn>) => {
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
export const named = (name: string, { functions }: { readonly functions: Metered.Functions }) =>
  Effect.map(LanguageModel.make(functions), (model) => ({ name, model }))
/** A fallback from `a/1` to `b/2`. */
export const both = (first: Scripted, second: Scripted, options?: Fallback.Options) =>
  Effect.flatMap(Effect.all([named("a/1", first), named("b/2", second)]), (models) => Fallback.make(models, options))
export const ask = (model: LanguageModel.LanguageModel) => model.generateText({ prompt: "hi" })
const Named = Schema.Struct({ name: Schema.String })

/** The three ways to ask, and the parts that come. */
type Way = (
  model: LanguageModel.LanguageModel
) => Effect.Effect<ReadonlyArray<{ readonly type: string; readonly metadata: unknown }>, AiError.AiError>
export const ways: Readonly<Record<string, Way>> = {
  generateText: (model: LanguageModel.LanguageModel) => Effect.map(ask(model), ({ content }) => content),
  generateObject: (model: LanguageModel.LanguageModel) =>
    Effect.map(model.generateObject({ prompt: "hi", schema: Named }), ({ content }) => content),
  streamText: (model: LanguageModel.LanguageModel) => Stream.runCollect(model.streamText({ prompt: "hi" }))
}
/** An answer for all three of them. */
export const object: Parts = [says(`{"name":"Acme"}`), finish(usage(10, 5))]

const counter = { request: () => Effect.succeed(100), texts: () => Effect.succeed(100) }
/** A scripted model `m` of a provider, with all that is around a real one. */
export const guarded = (
  name: string,
  { functions }: { readonly functions: Metered.Functions },
  more: Partial<Guarded.Options> = {}
) =>
  Guarded.layer(
    { provider: name, model: "m", maxOutputTokens: 50, counter, retry: { times: 0 }, ...more },
    { ...functions, provider: name }
  )
/** What guarded models go through; a circuit opens after so many failures. */
export const traffic = (failures = 1) =>
  Layer.mergeAll(
    Limiter.layer({ provider: { "*": { requestsPerMinute: 100 } } }),
    RetryBudget.layer(),
    Breaker.layerMemory({ failures, openDuration: "30 seconds" })
  )
