import { Fallback, ModelAgent, Refusal } from "@aria/models"
import { Agent } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { AiError, LanguageModel } from "effect/ai"
import { ask, both, named, ok, refused, script, ways } from "./fallbackScript.ts"
import { failure, lost, provider, tooMany } from "./provider.ts"

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
