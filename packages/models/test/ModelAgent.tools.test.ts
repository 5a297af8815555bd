import { ModelAgent } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { AiError } from "effect/ai"
import { call, defects, fails, model, results, turn } from "./modelAgentScript.ts"
import { answer, asked, given, NotFound, research, Researcher, Tools } from "./researcher.ts"

describe("tools that fail", () => {
  it.effect("a failure that is returned is told to the model, with its sentence", () =>
    Effect.gen(function* () {
      const { requests, run } = research([turn(call("search", { query: "?" })), turn(answer)])
      expect(yield* run).toStrictEqual(given)
      expect(results(requests[1])).toStrictEqual([
        {
          id: "search-id",
          name: "search",
          isFailure: true,
          result: { _tag: "NotFound", query: "?", message: "Nothing is known of ?" }
        }
      ])
    })
  )

  it.effect("one that is an error ends the agent as it is, and stops its siblings", () =>
    Effect.gen(function* () {
      const { requests, run } = research([
        turn(call("search", { query: "long", delay: 1_000_000 }), call("fetch", { url: "?" })),
        turn(answer)
      ])
      expect(yield* Effect.flip(run)).toStrictEqual(new NotFound({ query: "?" }))
      expect(requests).toHaveLength(1)
    })
  )

  it.effect("parameters that do not fit are told, whatever the tool does with its failures, and nothing is run", () =>
    Effect.gen(function* () {
      const { requests, run } = research([
        turn(call("search", { query: 5 }, "1"), call("fetch", {}, "2"), call("search", "no object", "3")),
        turn(answer)
      ])
      expect(yield* run).toStrictEqual(given)
      expect(asked).toStrictEqual([])
      const told = results(requests[1])
      expect(told.map(({ isFailure }) => isFailure)).toStrictEqual([true, true, true])
      for (const { result } of told)
        expect(JSON.stringify(result)).toContain("The parameters do not fit, the tool was not run")
      expect(JSON.stringify(told[0]!.result)).toContain("query")
    })
  )

  it.effect("a tool that does not exist is told of once", () =>
    Effect.gen(function* () {
      const { requests, run } = research([
        turn(call("find", {}, "1"), call("search", { query: "x" }, "2")),
        turn(answer)
      ])
      expect(yield* run).toStrictEqual(given)
      expect(results(requests[1])).toMatchObject([
        {
          id: "1",
          isFailure: true,
          result: { error: `There is no tool "find". Your tools are: search, fetch, answer.` }
        },
        { id: "2", isFailure: false }
      ])
      const again = research([
        turn(call("find", {})),
        turn(call("search", { query: "x" }), call("toString", {})),
        turn(answer)
      ])
      const error = yield* Effect.flip(again.run)
      expect(error).toStrictEqual(
        new ModelAgent.UnknownToolError({ agent: "Researcher", tool: "toString", available: ["search", "fetch"] })
      )
      // Nothing of that turn was run.
      expect(asked).toStrictEqual([])
    })
  )

  it.effect("also where the provider itself hands such calls back", () =>
    Effect.gen(function* () {
      const unknown = fails(new AiError.ToolNotFoundError({ toolName: "find", availableTools: [] }))
      const { messages, run } = research([unknown, turn(answer)])
      expect(yield* run).toStrictEqual(given)
      expect(messages(1).at(-1)).toMatchObject({
        role: "user",
        content: [{ text: expect.stringContaining(`no tool "find"`) }]
      })
      expect(yield* Effect.flip(research([unknown, unknown]).run)).toBeInstanceOf(ModelAgent.UnknownToolError)
    })
  )

  it.effect("a bug in a tool is a defect", () =>
    Effect.gen(function* () {
      const bug = new Error("bug")
      const scripted = model([turn(call("fetch", { url: "x" }))])
      const broken = Tools.toLayer({ search: () => Effect.succeed([]), fetch: () => Effect.die(bug) })
      const handler = ModelAgent.make(Researcher, { instructions: "", toolkit: Tools })
      const run = Effect.flatMap(handler, (handle) => handle({ question: "?" }))
      expect(defects(yield* Effect.exit(Effect.provide(run, Layer.merge(broken, scripted.layer))))).toStrictEqual([bug])
    })
  )
})
