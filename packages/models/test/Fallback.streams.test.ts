import { Fallback } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { AiError, type Response } from "effect/ai"
import { named, ok, script } from "./fallbackScript.ts"
import { lost, provider, textStream, usage } from "./provider.ts"

describe("a stream", () => {
  const about = (id: string): Response.StreamPartEncoded => ({
    type: "response-metadata",
    id,
    modelId: id,
    timestamp: undefined
  })
  const streaming = (parts: ReadonlyArray<Response.StreamPartEncoded>, end: Stream.Stream<never, AiError.AiError>) => {
    let runs = 0
    const functions = provider({
      streamText: Stream.suspend(() => {
        runs++
        return Stream.concat(Stream.fromIterable(parts), end)
      })
    })
    return { functions, runs: () => runs }
  }

  it.effect("goes on to the next until its first part has come; who it was is told once", () =>
    Effect.gen(function* () {
      const first = streaming([about("one")], Stream.fail(lost))
      const second = streaming([about("two"), ...textStream("hi", usage(1, 1))], Stream.empty)
      const model = yield* Effect.flatMap(Effect.all([named("a", first), named("b", second)]), (all) =>
        Fallback.make(all)
      )
      const parts = yield* Stream.runCollect(model.streamText({ prompt: "hi" }))
      expect(parts.map((part) => (part.type === "response-metadata" ? part.id : part.type))).toEqual([
        "two",
        "text-start",
        "text-delta",
        "text-end",
        "finish"
      ])
    })
  )

  it.effect("and not after it: what has come is kept, and the error is the model's own", () =>
    Effect.gen(function* () {
      const first = streaming([about("one"), ...textStream("hi")], Stream.fail(lost))
      const second = streaming(textStream("other"), Stream.empty)
      const model = yield* Effect.flatMap(Effect.all([named("a", first), named("b", second)]), (all) =>
        Fallback.make(all)
      )
      const seen: Array<string> = []
      const error = yield* Effect.flip(
        Stream.runForEach(model.streamText({ prompt: "hi" }), (part) => Effect.sync(() => seen.push(part.type)))
      )
      expect(seen).toEqual(["response-metadata", "text-start", "text-delta", "text-end"])
      expect(error).toBe(lost)
      expect([first.runs(), second.runs()]).toEqual([1, 0])
    })
  )

  it.effect("that says nothing but who it is, is an answer", () =>
    Effect.gen(function* () {
      const model = yield* Effect.flatMap(
        Effect.all([named("a", streaming([about("one")], Stream.empty)), named("b", script(ok))]),
        (all) => Fallback.make(all)
      )
      const parts = yield* Stream.runCollect(model.streamText({ prompt: "hi" }))
      expect(parts.map(({ type }) => type)).toEqual(["response-metadata"])
    })
  )

  it.effect("that is left early, or interrupted, asks nobody else", () =>
    Effect.gen(function* () {
      const second = script(ok)
      let wasStopped = false
      const hanging = provider({
        streamText: Stream.ensuring(
          Stream.concat(Stream.fromIterable(textStream("hi")), Stream.never),
          Effect.sync(() => (wasStopped = true))
        )
      })
      const model = yield* Effect.flatMap(Effect.all([named("a", { functions: hanging }), named("b", second)]), (all) =>
        Fallback.make(all)
      )
      yield* Stream.runDrain(Stream.take(model.streamText({ prompt: "hi" }), 1))
      expect([wasStopped, second.times.length]).toEqual([true, 0])
    })
  )
})
