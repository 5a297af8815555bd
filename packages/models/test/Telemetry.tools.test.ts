import { Fallback, Telemetry } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { LanguageModel, type Response, Tool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { ask, metered, patiently, Tools, traffic } from "./exchanges.ts"
import { call } from "./modelAgentScript.ts"
import { finish, provider, usage } from "./provider.ts"
import { attributes, collector, durations, measured, named, tree } from "./traces.ts"

describe("tools that effect runs for a model", () => {
  const wants: Array<Response.PartEncoded> = [call("look", { at: "x" }, "c1"), call("look", { at: "y" }, "c2"), finish(usage(10, 5))]

  it.effect("have a span each, and are no part of the exchange that wanted them", () =>
    measured(
      Effect.gen(function* () {
        const inner = Telemetry.model(yield* LanguageModel.make(provider({})))
        const handlers = Tools.toLayer({
          look: ({ at }) =>
            at === "x"
              ? Effect.as(Effect.delay(Effect.withSpan(Effect.void, "inside"), "9 seconds"), "")
              : Effect.as(Effect.orDie(ask(inner)), "")
        })
        for (const [kind, run] of [
          ["generateText", (model: LanguageModel.LanguageModel) => Effect.asVoid(model.generateText({ prompt: "hi", toolkit: Tools }))],
          ["streamText", (model: LanguageModel.LanguageModel) => Stream.runDrain(model.streamText({ prompt: "hi", toolkit: Tools }))]
        ] as const) {
          const functions = provider({
            generateText: Effect.delay(Effect.succeed(wants), "1 second"),
            streamText: Stream.fromIterable(wants as ReadonlyArray<Response.StreamPartEncoded>)
          })
          for (const model of [
            Telemetry.model(yield* LanguageModel.make(functions), { model: "one" }),
            Telemetry.model(yield* metered(functions))
          ]) {
            const { spans, traced } = collector()
            yield* patiently(Effect.provide(traced(Effect.withSpan(run(model), "mine")), handlers))
            expect([...tree(spans)].sort()).toStrictEqual(
              [
                "mine",
                `  LanguageModel.${kind}`,
                "    chat one",
                "    execute_tool look",
                "    execute_tool look",
                "      inside",
                "      LanguageModel.generateText",
                "        chat"
              ].sort()
            )
            expect(attributes(named(spans, "execute_tool")[0]!)).toStrictEqual({
              "gen_ai.operation.name": "execute_tool",
              "gen_ai.tool.name": "look",
              "gen_ai.tool.call.id": "c1",
              "gen_ai.tool.type": "function"
            })
            for (const span of spans) {
              expect(span.status._tag).toBe("Ended")
              expect([...span.attributes.keys()]).not.toContain("parameters")
              expect([...span.attributes.keys()]).not.toContain("tool")
            }
            if (kind === "generateText") {
              const [chat] = named(spans, "chat one")
              expect(chat!.status._tag === "Ended" && Number(chat!.status.endTime - chat!.startTime) / 1e9).toBe(1)
            }
          }
        }
      }).pipe(Effect.provide(traffic))
    )
  )

  it.effect("have one span each, whatever is put around what", () =>
    Effect.gen(function* () {
      const functions = provider({
        generateText: Effect.succeed(wants),
        streamText: Stream.fromIterable(wants as ReadonlyArray<Response.StreamPartEncoded>)
      })
      const inner = Telemetry.model(yield* metered(functions))
      const model = Telemetry.model(yield* Fallback.make([{ name: "a", model: inner }]))
      for (const run of [
        Effect.asVoid(model.generateText({ prompt: "hi", toolkit: Tools })),
        Stream.runDrain(model.streamText({ prompt: "hi", toolkit: Tools }))
      ]) {
        const { spans, traced } = collector()
        yield* Effect.provide(traced(run), Tools.toLayer({ look: () => Effect.succeed("") }))
        expect(named(spans, "execute_tool")).toHaveLength(2)
      }
    }).pipe(Effect.provide(traffic))
  )

  it.effect("end their spans with what they failed with; the exchange did not fail", () =>
    measured(
      Effect.gen(function* () {
        const Fails = Tool.make("fails", { success: Schema.String, failure: Schema.Struct({ _tag: Schema.Literal("Gone") }) })
        const Returns = Tool.make("returns", { success: Schema.String, failure: Schema.String, failureMode: "return" })
        const Failing = Toolkit.make(Fails, Returns)
        const handlers = Failing.toLayer({ fails: () => Effect.fail({ _tag: "Gone" as const }), returns: () => Effect.fail("no") })
        for (const [name, type] of [["fails", "Gone"], ["returns", "tool_failure"]] as const) {
          const { spans, traced } = collector()
          const model = Telemetry.model(
            yield* LanguageModel.make(provider({ generateText: Effect.succeed([call(name, {}), finish(usage(10, 5))]) }))
          )
          yield* Effect.exit(traced(model.generateText({ prompt: "hi", toolkit: Failing }))).pipe(Effect.provide(handlers))
          expect(attributes(named(spans, "execute_tool")[0]!)["error.type"]).toBe(type)
          expect(attributes(named(spans, "chat")[0]!)).not.toHaveProperty("error.type")
        }
        expect(yield* durations).toStrictEqual({ none: 2 })
      })
    )
  )

  it.effect("that are interrupted end their spans", () =>
    Effect.gen(function* () {
      for (const run of [
        (model: LanguageModel.LanguageModel) => Effect.asVoid(model.generateText({ prompt: "hi", toolkit: Tools })),
        (model: LanguageModel.LanguageModel) => Stream.runDrain(model.streamText({ prompt: "hi", toolkit: Tools }))
      ]) {
        const { spans, traced } = collector()
        const functions = provider({
          generateText: Effect.succeed(wants),
          streamText: Stream.fromIterable(wants as ReadonlyArray<Response.StreamPartEncoded>)
        })
        const model = Telemetry.model(yield* LanguageModel.make(functions))
        const handlers = Tools.toLayer({ look: () => Effect.never })
        const fiber = yield* Effect.forkChild(Effect.provide(traced(run(model)), handlers), { startImmediately: true })
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
        const looks = named(spans, "execute_tool")
        expect(looks.map((span) => attributes(span)["error.type"])).toStrictEqual(["cancelled", "cancelled"])
        for (const { status } of spans) expect(status._tag).toBe("Ended")
      }
    })
  )
})
