/** The model of a run: named on the command line, metered, limited and guarded, and watched by who shows what it costs. */
import { AiSdk } from "@aria/adapter-ai-sdk"
import { Breaker, Guarded, Limiter, PriceTable, RetryBudget } from "@aria/models"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { LanguageModel, Model } from "effect/ai"
import * as CallWatch from "./CallWatch.ts"
import type * as ModelChoice from "./ModelChoice.ts"
import * as Prices from "./Prices.ts"
import * as Spending from "./Spending.ts"

/** There is no such model to be had: bad usage, so nothing was started. */
export class NoModelError extends Schema.TaggedError<NoModelError>()("NoModelError", { model: Schema.String, problem: Schema.String }) {
  override get message(): string {
    return `--model ${this.model} cannot be used: ${this.problem}`
  }
}

type Failure = Effect.Error<ReturnType<typeof AiSdk.provider>>

/** In the words of the command line. */
const problemOf = (error: Failure): string => {
  switch (error._tag) {
    case "MissingApiKeyError":
      return `it needs a key. Set ${error.variables.join(" or ")} in the environment.`
    case "InvalidSettingError":
      return error.setting === "baseUrl" ? `--base-url is ${error.received}; what is needed is ${error.allowed}.` : error.message
    case "UnknownProviderError":
      return `there is no provider ${JSON.stringify(error.provider)}; there are ${error.known.join(", ")}. Servers that speak OpenAI's protocol: --model openai-compatible/${error.model} --base-url URL.`
    default:
      return error.message
  }
}

/** The model with one limiter, one budget of retries and one breaker for the whole run, and the book that is kept of it. */
export const make = Effect.fn("Model.make")(function* (choice: ModelChoice.Choice, concurrency: number) {
  const { baseUrl, maxOutputTokens, maxTokens, maxUsd, name, requestsPerMinute } = choice
  const prices = yield* Prices.read(choice.prices, name)
  const provider = yield* Effect.mapError(
    AiSdk.provider(name, baseUrl === undefined ? {} : { baseUrl }),
    (error) => new NoModelError({ model: name, problem: problemOf(error) })
  )
  const price = PriceTable.find(prices, provider.provider, provider.model)
  const listed = price === PriceTable.find(PriceTable.published, provider.provider, provider.model) ? PriceTable.publishedAt : undefined
  if (price === undefined && maxUsd !== undefined) {
    return yield* new Prices.NoPriceError({ model: name, ...(choice.prices === undefined ? {} : { file: choice.prices }) })
  }
  const notes = Spending.make({ model: name, price, listed, limits: { tokens: maxTokens, usd: maxUsd } })
  const watch = CallWatch.make(notes)
  const guards = Layer.mergeAll(
    Limiter.layer({
      global: { concurrency },
      provider: { [provider.provider]: requestsPerMinute === undefined ? {} : { requestsPerMinute } },
      // somebody sits in front of it
      maxCooldown: "1 minute"
    }),
    RetryBudget.layer({ burst: 5 }),
    Breaker.layerMemory()
  )
  const layer = Layer.effectContext(
    Effect.gen(function* () {
      const guarded = yield* Guarded.provider({ maxOutputTokens, prices }, watch.inside(provider))
      const model = yield* LanguageModel.make(watch.around(guarded))
      return Context.make(LanguageModel.LanguageModel, model).pipe(
        Context.add(Model.ProviderName, provider.provider),
        Context.add(Model.ModelName, provider.model)
      )
    })
  ).pipe(Layer.provide(guards))
  return { layer, spending: notes.spending }
})
