/** What the meter and the limiter add to a model call, in a process of its own: `node --expose-gc models.ts '{"kind":"guarded","size":10000}'`. */
import { Breaker, Guarded, Limiter, Metered, RetryBudget } from "@aria/models"
import { Budget } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import { LanguageModel, type Response } from "effect/ai"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const parts: Array<Response.PartEncoded> = [
  { type: "text", text: "A plant opens in Leipzig." },
  {
    type: "finish",
    reason: "stop",
    response: undefined,
    usage: {
      inputTokens: { total: 40, uncached: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: 8, text: undefined, reasoning: undefined }
    }
  }
]
const functions: Metered.Functions = {
  provider: "openai",
  model: "gpt-5-mini",
  generateText: () => Effect.succeed([...parts]),
  streamText: () => Stream.empty
}

/** Every scope has all three limits, so that everything there is to do is done. */
const rates: Limiter.Rates = {
  concurrency: 1_000_000,
  requestsPerMinute: 1_000_000_000,
  tokensPerMinute: 1_000_000_000_000
}
const traffic = Layer.mergeAll(
  Limiter.layer({ global: rates, provider: { "*": rates }, user: { "*": rates }, agent: { "*": rates } }),
  RetryBudget.layer(),
  Breaker.layerMemory()
)

const prompt = "What changed at Acme Corp this week? ".repeat(20)

const modelOf = (kind: string) =>
  Effect.flatMap(
    kind === "bare"
      ? Effect.succeed(functions)
      : kind === "metered"
        ? Metered.provider({ maxOutputTokens: 400 }, functions)
        : Guarded.provider({ maxOutputTokens: 400 }, functions),
    LanguageModel.make
  )

/** Micro-seconds per call: one after the other, or `agents` of them side by side. */
const program = (kind: string, size: number, agents: number) =>
  Effect.gen(function* () {
    const model = yield* modelOf(kind)
    const call = model.generateText({ prompt }).pipe(Limiter.within({ agent: "Scout" }))
    const calls = (count: number) =>
      Effect.forEach(Array.from({ length: count }), () => call, { discard: true, concurrency: agents })
    yield* calls(Math.min(size, 2_000))
    const started = performance.now()
    yield* calls(size)
    return ((performance.now() - started) * 1_000) / size
  }).pipe(Budget.limit({ tokens: 1e12, usd: 1e6, calls: 1e9 }), Budget.limit({ tokens: 1e12 }))

/** As many callers as `agents` through a lane of one at a time: what each admission costs. */
const queue = (agents: number) =>
  Effect.gen(function* () {
    const limiter = yield* Limiter.make({ provider: { acme: { concurrency: 1 } } })
    const one = limiter.withPermit({ provider: "acme", tokens: 10 }, (permit) =>
      Effect.andThen(Effect.yieldNow, permit.settle(5))
    )
    const round = Effect.forEach(Array.from({ length: agents }), () => one, { discard: true, concurrency: "unbounded" })
    const rounds = Math.max(1, Math.round(20_000 / agents))
    for (let index = 0; index < rounds; index++) yield* round
    const started = performance.now()
    for (let index = 0; index < rounds; index++) yield* round
    return ((performance.now() - started) * 1_000) / (agents * rounds)
  })

const {
  agents = 1,
  kind,
  size
} = JSON.parse(process.argv[2] ?? "{}") as { kind: string; size: number; agents?: number }
const measured: Effect.Effect<number, unknown> =
  kind === "queue" ? Effect.scoped(queue(agents)) : Effect.provide(program(kind, size, agents), traffic)
console.log(JSON.stringify({ microsPerCall: await Effect.runPromise(measured) }))
