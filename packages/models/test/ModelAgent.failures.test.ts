import { ModelAgent } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { AiError } from "effect/ai"
import { call, ends, fails, model, says, turn } from "./modelAgentScript.ts"
import { answer, Failure, research, Researcher, Tools } from "./researcher.ts"

describe("the model", () => {
  it.effect("that fails ends the agent with what is known of it", () =>
    Effect.gen(function* () {
      const reason = new AiError.RateLimitError({ retryAfter: Duration.seconds(3) })
      const { run } = research([turn(call("search", { query: "x" })), fails(reason)])
      const error = yield* Effect.flip(run)
      expect(error).toMatchObject({
        _tag: "ModelCallError",
        turn: 2,
        reason: "RateLimitError",
        isRetryable: true,
        retryAfterMillis: 3_000
      })
      expect(error.message).toContain("The model of Researcher failed in turn 2 (RateLimitError): ")
      // Headers and bodies of a provider are not for results of runs.
      expect(Object.keys(Schema.encodeUnknownSync(Failure)(error))).toStrictEqual([
        "_tag",
        "agent",
        "turn",
        "reason",
        "detail",
        "isRetryable",
        "retryAfterMillis"
      ])
    })
  )

  it.effect("whose provider withheld or broke off its answer, too", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(research([ends("content-filter", says("I"))]).run)).toMatchObject({
        reason: "ContentPolicyError",
        isRetryable: false
      })
      expect(yield* Effect.flip(research([ends("error", answer)]).run)).toMatchObject({
        reason: "InternalProviderError",
        isRetryable: true
      })
    })
  )

  it.effect("and the tools stop where the agent is interrupted", () =>
    Effect.gen(function* () {
      const stopped: Array<string> = []
      const started = yield* Deferred.make<void>()
      const hang = (name: string) =>
        Effect.andThen(Deferred.succeed(started, undefined), Effect.never).pipe(
          Effect.onInterrupt(() => Effect.sync(() => stopped.push(name)))
        )
      const scripted = model([Effect.onInterrupt(Effect.never, () => Effect.sync(() => stopped.push("model")))])
      const thinking = yield* Effect.forkChild(
        Effect.provide(
          Effect.flatMap(ModelAgent.make(Researcher, { instructions: "" }), (handle) => handle({ question: "?" })),
          scripted.layer
        )
      )
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      expect(scripted.requests).toHaveLength(1)
      yield* Fiber.interrupt(thinking)
      expect(stopped).toStrictEqual(["model"])

      const working = model([turn(call("search", { query: "x" }, "1"), call("fetch", { url: "x" }, "2")), turn(answer)])
      const handlers = Tools.toLayer({ search: () => hang("search"), fetch: () => hang("fetch") })
      const run = Effect.flatMap(ModelAgent.make(Researcher, { instructions: "", toolkit: Tools }), (handle) =>
        handle({ question: "?" })
      )
      const fiber = yield* Effect.forkChild(Effect.provide(run, Layer.merge(handlers, working.layer)))
      yield* Deferred.await(started)
      yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      expect(stopped.toSorted()).toStrictEqual(["fetch", "model", "search"])
      expect(working.requests).toHaveLength(1)
    })
  )
})
