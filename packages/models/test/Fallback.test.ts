import { Fallback, Guarded, Limiter, Metered } from "@aria/models"
import { expect, expectTypeOf, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { LanguageModel } from "effect/ai"
import { ok, script } from "./fallbackScript.ts"

it("what the layers need and fail with is what the fallback needs and fails with", () => {
  const guarded = Guarded.layer({}, script(ok).functions)
  const metered = Metered.layer({}, script(ok).functions)
  class Strange extends Schema.TaggedError<Strange>()("Strange", {}) {}
  const strange = Layer.effect(LanguageModel.LanguageModel, Effect.fail(new Strange()))
  expectTypeOf(Fallback.layer([guarded, strange, metered])).toEqualTypeOf<
    Layer.Layer<
      LanguageModel.LanguageModel,
      Layer.Error<typeof guarded> | Strange,
      Layer.Services<typeof guarded> | Limiter.Limiter
    >
  >()
  // @ts-expect-error there must be one
  expect(() => Fallback.layer([])).not.toThrow()
  // @ts-expect-error a layer of something else
  expect(() => Fallback.layer([Limiter.layer()])).not.toThrow()
})

it.effect("system messages are allowed where all models allow them", () =>
  Effect.gen(function* () {
    const of = (...answers: ReadonlyArray<boolean | undefined>): Effect.Effect<boolean | "unknown"> =>
      Effect.flatMap(
        Effect.forEach(answers, (answer) =>
          Effect.map(
            LanguageModel.make({
              ...script(ok).functions,
              ...(answer === undefined ? {} : { supportsSystemMessagesInHistory: Effect.succeed(answer) })
            }),
            (model) => ({ name: "x", model })
          )
        ),
        ([first, ...others]) =>
          Effect.flatMap(
            Fallback.make([first!, ...others]),
            (model): Effect.Effect<boolean | "unknown"> =>
              model.supportsSystemMessagesInHistory ?? Effect.succeed("unknown")
          )
      )
    expect(yield* Effect.all([of(true, true), of(true, false), of(true, undefined)])).toEqual([true, false, "unknown"])
  })
)
