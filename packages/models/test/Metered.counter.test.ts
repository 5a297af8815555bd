import { Limiter, Metered, TokenCount } from "@aria/models"
import { Budget } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { EmbeddingModel, LanguageModel, Tokenizer } from "effect/ai"
import { provider } from "./provider.ts"

const gives = (tokens: number): TokenCount.TokenCount => ({
  request: () => Effect.succeed(tokens),
  texts: () => Effect.succeed(tokens)
})
const tokenizer = Tokenizer.make({ tokenize: () => Effect.succeed([1, 2, 3]) })

const counters: ReadonlyArray<readonly [name: string, received: string, counter: TokenCount.TokenCount]> = [
  ["no number", "NaN", gives(NaN)],
  ["less than nothing", "-5", gives(-5)],
  ["no end", "Infinity", gives(Infinity)],
  ["more than can be counted", "1e+300", gives(1e300)],
  ["a factor that is no number", "NaN", TokenCount.fromTokenizer(tokenizer, { factor: NaN })],
  ["an overhead that takes away", "-9", TokenCount.upperBound({ perRequest: -1_000_000 })]
]

it.effect.each(counters)("a counter that gives %s: the call is not made, and says what to check", ([, received, counter]) =>
  Effect.gen(function* () {
    const asked = provider({})
    const model = yield* Effect.flatMap(Metered.provider({ counter }, asked), LanguageModel.make)
    const { embedMany } = yield* Metered.embedding({ counter }, { embedMany: () => Effect.die("it was sent") })
    const embedding = yield* EmbeddingModel.make({ embedMany })
    const each = [Effect.asVoid(model.generateText({ prompt: "hi" })), Effect.asVoid(embedding.embed("hi"))]
    for (const call of each) {
      // With a budget around it, and without one: nobody else would see it then.
      for (const one of [call, Budget.limit({ tokens: 1_000 })(call)]) {
        const error = yield* Effect.flip(one)
        expect(error._tag === "AiError" ? error.reason : error).toMatchObject({
          _tag: "InvalidRequestError",
          parameter: "counter"
        })
        expect(error.message).toContain(`Received ${received}`)
        expect(error.message).toContain("Check the counter of this model")
      }
    }
    expect(asked.requests).toEqual([])
  }).pipe(Effect.provide(Limiter.layer()))
)
