import { Guarded, ModelAgent } from "@aria/models"
import { Agent, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { AiError, type Response } from "effect/ai"
import { options, patiently, Tools, traffic } from "./exchanges.ts"
import { call } from "./modelAgentScript.ts"
import { finish, lost, provider, text, textStream, usage } from "./provider.ts"
import { attributes, collector, durations, measured, named, tokens, tree } from "./traces.ts"

describe("a model agent in a run", () => {
  class Reader extends Agent.make("Reader", {
    description: "Reads",
    payload: {},
    success: Schema.String,
    error: ModelAgent.Failure
  }) {}
  class Chief extends Agent.make("Chief", { description: "Asks the reader", payload: {}, success: Schema.String }) {
    static readonly layer = this.toLayer(() => Effect.orDie(Reader.run({})))
  }

  it.effect("has one chat span for each exchange, retries included, under the agent that asks", () =>
    measured(
      Effect.gen(function* () {
        for (const progress of ["activity", "content"] as const) {
          const { spans, traced } = collector()
          let turn = 0
          const next = <A>(made: (parts: ReadonlyArray<Response.PartEncoded>) => A): Effect.Effect<A, AiError.AiError> =>
            Effect.suspend(() => {
              turn++
              if (turn === 2) return Effect.fail(lost)
              return Effect.succeed(made(turn === 1 ? [call("look", { at: "x" }, "c1"), finish(usage(10, 5))] : text("done", usage(10, 5))))
            })
          const functions = provider({
            generateText: next((parts) => [...parts]),
            streamText: Stream.unwrap(
              next((parts) =>
                Stream.fromIterable(
                  parts.flatMap((part): ReadonlyArray<Response.StreamPartEncoded> =>
                    part.type === "text" ? textStream(part.text) : [part as Response.StreamPartEncoded]
                  )
                )
              )
            )
          })
          const reader = Reader.toLayer(ModelAgent.make(Reader, { instructions: "", toolkit: Tools, progress })).pipe(
            Layer.provide([
              Guarded.layer({ ...options, retry: { base: "1 second" } }, functions),
              Tools.toLayer({ look: () => Effect.succeed("found") })
            ])
          )
          const plan = Plan.make("p", [Task.make("t", Chief, { payload: {} })])
          const result = yield* patiently(traced(Orchestrator.run(plan))).pipe(
            Effect.provide(Chief.layer.pipe(Layer.provide(reader)))
          )
          expect(yield* result.outputs).toStrictEqual({ t: "done" })
          const method = progress === "content" ? "streamText" : "generateText"
          expect(tree(spans)).toStrictEqual([
            "invoke_workflow p",
            "  invoke_agent Chief",
            "    invoke_agent Reader",
            `      LanguageModel.${method}`,
            "        chat one",
            "      execute_tool look",
            `      LanguageModel.${method}`,
            "        chat one",
            "        chat one"
          ])
          for (const span of [...named(spans, "chat"), ...named(spans, "execute_tool")]) {
            expect(attributes(span)["gen_ai.agent.name"]).toBe("Reader")
          }
        }
        expect(yield* durations).toStrictEqual({ none: 4, NetworkError: 2 })
        expect(yield* tokens).toStrictEqual({ input: 40, output: 20 })
      }).pipe(Effect.provide(Layer.merge(traffic, Orchestrator.layer)))
    )
  )
})
