import { Fallback } from "@aria/models"
import { Agent, Orchestrator, Plan, Progress, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import { ask, both, named, object, ok, script, ways } from "./fallbackScript.ts"
import { lost } from "./provider.ts"

describe("who answered", () => {
  const counted = Effect.map(Metric.snapshot, (all) => {
    const found = all.find(({ attributes, id }) => id === "aria.models.fallbacks" && attributes?.["to"] === "b/2")
    return found?.type === "Counter" ? Number(found.state.count) : 0
  })

  for (const [name, way] of Object.entries(ways)) {
    it.effect(`${name}: told by the answer, by a progress update, the span and the metric`, () =>
      Effect.gen(function* () {
        const spans: Array<Tracer.Span> = []
        const tracer = Tracer.make({
          span: (options) => {
            const span = new Tracer.NativeSpan(options)
            spans.push(span)
            return span
          }
        })
        const told: Array<unknown> = []
        const before = yield* counted
        const model = yield* both(script(lost, object), script(object))
        class Asker extends Agent.make("Asker", {
          description: "Asks",
          payload: {},
          success: Schema.Option(Fallback.Answered)
        }) {}
        const plan = Plan.make("one", [Task.make("ask", Asker, { payload: {} })])
        const run = Orchestrator.run(plan).pipe(
          Progress.listen((event) => void (event._tag === "update" && told.push(event.data))),
          Effect.provide([
            Asker.toLayer(() => Effect.map(Effect.orDie(way(model)), Fallback.answered)),
            Orchestrator.layer
          ]),
          Effect.withTracer(tracer)
        )
        const { outputs } = yield* run
        expect((yield* outputs).ask).toEqual(
          Option.some({ model: "b/2", failed: [{ model: "a/1", reason: "NetworkError" }], resting: [] })
        )
        expect(told).toEqual([{ _tag: "fallback", from: "a/1", reason: "NetworkError", to: "b/2" }])
        const [span, ...more] = spans.filter(({ name }) => name === "fallback")
        expect(more).toEqual([])
        expect(Object.fromEntries(span!.attributes)).toEqual({
          "aria.fallback.failed": ["a/1 NetworkError"],
          "aria.fallback.model": "b/2"
        })
        const calls = spans.filter(({ name }) => name.startsWith("LanguageModel."))
        expect(calls.map(({ parent }) => Option.getOrUndefined(parent)?.spanId)).toEqual([span!.spanId, span!.spanId])
        expect((yield* counted) - before).toBe(1)
        // The next call begins with the first model again.
        expect(yield* Effect.map(way(model), Fallback.answered)).toEqual(
          Option.some({ model: "a/1", failed: [], resting: [] })
        )
      })
    )
  }

  it.effect("an answer through no fallback says nothing", () =>
    Effect.gen(function* () {
      const { model } = yield* named("a", script(ok))
      expect(Fallback.answered((yield* ask(model)).content)).toEqual(Option.none())
    })
  )
})
