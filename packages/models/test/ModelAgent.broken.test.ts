import { ModelAgent } from "@aria/models"
import { Agent } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { LanguageModel, type Response, Tool, Toolkit } from "effect/ai"
import { call, defects, model, says, turn } from "./modelAgentScript.ts"
import { finish, usage } from "./provider.ts"

class Adviser extends Agent.make("Adviser", {
  description: "Says what to do",
  payload: { question: Schema.String },
  success: Schema.String,
  error: ModelAgent.Failure
}) {}

const Note = Tool.make("note", { parameters: Schema.Struct({ text: Schema.String }), success: Schema.Unknown })
const kit = Toolkit.make(Note)

describe("a stream that ends before the model said that it is complete", () => {
  const advise = (parts: ReadonlyArray<Response.StreamPartEncoded>) => {
    const noted: Array<string> = []
    const layer = Adviser.toLayer(
      ModelAgent.make(Adviser, { instructions: "Be brief.", progress: "content", toolkit: kit, maxTurns: 1 })
    ).pipe(
      Layer.provide([
        kit.toLayer({ note: ({ text }) => Effect.sync(() => noted.push(text)) }),
        Layer.effect(
          LanguageModel.LanguageModel,
          LanguageModel.make({ generateText: () => Effect.die("not streamed"), streamText: () => Stream.fromIterable(parts) })
        )
      ])
    )
    return { noted, run: Effect.provide(Adviser.run({ question: "Sell?" }), layer) }
  }
  const half: ReadonlyArray<Response.StreamPartEncoded> = [
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "Sell nothing" }
  ]

  it.effect("is no answer, though its text would be one", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(advise(half).run)
      expect(error).toMatchObject({ _tag: "ModelCallError", reason: "InternalProviderError", isRetryable: true })
      expect(error.message).toContain("its stream ended before the model said that it was complete")
      const whole = advise([...half, { type: "text-end", id: "1" }, finish(usage(1, 1))])
      expect(yield* whole.run).toBe("Sell nothing")
    })
  )

  it.effect("runs none of its calls", () =>
    Effect.gen(function* () {
      const wanted = { type: "tool-call", id: "1", name: "note", params: { text: "sold" } } as const
      const { noted, run } = advise([wanted])
      expect((yield* Effect.flip(run))._tag).toBe("ModelCallError")
      expect(noted).toEqual([])
      const whole = advise([wanted, finish(usage(1, 1))])
      yield* Effect.exit(whole.run)
      expect(whole.noted).toEqual(["sold"])
    })
  )
})

describe("a result of a tool that is no JSON", () => {
  const circular: { self?: unknown } = {}
  circular.self = circular

  it.effect.each([10n, circular, [{ count: 3n }]])("is a mistake in the tool, which is named", (result) =>
    Effect.gen(function* () {
      const layer = Adviser.toLayer(ModelAgent.make(Adviser, { instructions: "Be brief.", toolkit: kit })).pipe(
        Layer.provide([
          kit.toLayer({ note: () => Effect.succeed(result) }),
          model([turn(call("note", { text: "now" })), turn(says("done"))]).layer
        ])
      )
      const exit = yield* Effect.exit(Effect.provide(Adviser.run({ question: "Sell?" }), layer))
      expect(String(defects(exit)[0])).toMatch(
        /The result of the tool "note" cannot be written as JSON: .+\. Give it a success schema/s
      )
    })
  )
})
