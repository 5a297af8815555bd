import { Fallback } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { AiError, LanguageModel, Tool, Toolkit } from "effect/ai"
import { both, ok, script } from "./fallbackScript.ts"
import { call, type Parts } from "./modelAgentScript.ts"
import { finish, lost, tooMany, usage } from "./provider.ts"

describe("tools", () => {
  const Nested = Tool.make("nested", {
    parameters: Schema.Struct({}),
    success: Schema.String,
    failure: AiError.AiError
  })
  const kit = Toolkit.make(Nested)
  const calls: Parts = [call("nested", {}), finish(usage(1, 1))]

  it.effect("once one was begun nobody else is asked, though it failed with the error of a model", () =>
    Effect.gen(function* () {
      let begun = 0
      const handled = yield* kit.pipe(
        Effect.provide(kit.toLayer({ nested: () => Effect.suspend(() => (begun++, Effect.fail(tooMany(60_000)))) }))
      )
      for (const toolkit of [handled, Effect.succeed(handled)]) {
        begun = 0
        const first = script(calls)
        const second = script(ok)
        const model = yield* both(first, second)
        const error = yield* Effect.flip(model.generateText({ prompt: "hi", toolkit }))
        expect(error).toMatchObject({ reason: { _tag: "RateLimitError" } })
        yield* Effect.flip(Stream.runDrain(model.streamText({ prompt: "hi", toolkit })))
        // It is not the model that asked for time: it is the first again.
        expect([begun, first.times.length, second.times.length]).toEqual([2, 2, 0])
      }
    })
  )

  it.effect("a model that calls what does not exist is followed by one that does not", () =>
    Effect.gen(function* () {
      const handled = yield* kit.pipe(Effect.provide(kit.toLayer({ nested: () => Effect.succeed("done") })))
      const model = yield* both(script([call("other", {}), finish(usage(1, 1))]), script(calls))
      const { content } = yield* model.generateText({ prompt: "hi", toolkit: handled })
      expect(content.some((part) => part.type === "tool-result" && part.name === "nested")).toBe(true)
    })
  )

  it.effect("a tool that asks a model gets the whole fallback", () =>
    Effect.gen(function* () {
      const Asks = Tool.make("asks", {
        parameters: Schema.Struct({}),
        success: Schema.String,
        dependencies: [LanguageModel.LanguageModel]
      })
      const asking = Toolkit.make(Asks)
      const handled = yield* asking.pipe(
        Effect.provide(
          asking.toLayer({
            asks: () =>
              Effect.orDie(
                Effect.map(LanguageModel.generateText({ prompt: "hi" }), ({ content }) =>
                  Option.match(Fallback.answered(content), { onNone: () => "none", onSome: (one) => one.model })
                )
              )
          })
        )
      )
      const first = script([call("asks", {}), finish(usage(1, 1))], lost)
      const model = yield* both(first, script(ok))
      const { toolResults } = yield* LanguageModel.generateText({ prompt: "hi", toolkit: handled }).pipe(
        Effect.provideService(LanguageModel.LanguageModel, model)
      )
      expect(toolResults.map(({ result }) => result)).toEqual(["b/2"])
    })
  )
})
