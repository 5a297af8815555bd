import { Breaker, Fallback, Guarded, Limiter, PriceTable, RetryBudget } from "@aria/models"
import { Budget } from "@aria/orchestrator-core"
import { Effect, Layer, Option, Stream } from "effect"
import { AiError, LanguageModel } from "effect/ai"

// Two models. In a program of yours these functions come from @aria/adapter-ai-sdk: AiSdk.provider("openai/gpt-5-mini").
const broken: Guarded.Functions = {
  generateText: () =>
    AiError.make({
      module: "demo",
      method: "generateText",
      reason: new AiError.InternalProviderError({ description: "down" })
    }),
  streamText: () => Stream.empty
}
const works: Guarded.Functions = {
  generateText: () =>
    Effect.succeed([
      { type: "text", text: "Acme opens a plant in Leipzig." },
      {
        type: "finish",
        reason: "stop",
        response: undefined,
        usage: {
          inputTokens: { total: 42, uncached: 42, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 9, text: 9, reasoning: 0 }
        }
      }
    ]),
  streamText: () => Stream.empty
}

const program = Effect.gen(function* () {
  const prices = yield* PriceTable.make({
    "acme/large": { input: 3, output: 15 },
    "other/small": { input: 0.4, output: 1.6 }
  })
  // The second model answers where the first one fails.
  const models = Fallback.layer([
    Guarded.layer(
      { provider: "acme", model: "large", maxOutputTokens: 400, prices, retry: { base: "10 millis" } },
      broken
    ),
    Guarded.layer({ provider: "other", model: "small", maxOutputTokens: 400, prices }, works)
  ])
  const { content, text } = yield* LanguageModel.generateText({ prompt: "What changed at Acme this week?" }).pipe(
    Effect.provide(models)
  )
  console.log(text)
  console.log(Option.getOrUndefined(Fallback.answered(content)))
  for (const { limits, usage } of yield* Budget.capture) {
    console.log(`${usage.calls} calls, ${usage.tokens} tokens, ${usage.usd} of ${limits.usd} dollars`)
  }
}).pipe(Budget.limit({ usd: 0.5, tokens: 100_000 }))

// Shared by everything in the program: what is shared is what limits.
const traffic = Layer.mergeAll(
  Limiter.layer({
    global: { concurrency: 20 },
    provider: { "*": { requestsPerMinute: 60, tokensPerMinute: 200_000 } },
    user: { "*": { requestsPerMinute: 30 } }
  }),
  RetryBudget.layer({ ratio: 0.2, perRun: 20 }),
  Breaker.layerMemory({ failures: 5, openDuration: "30 seconds" })
)

await Effect.runPromise(Effect.provide(program, traffic))
