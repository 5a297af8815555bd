import { ModelAgent } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Tool, Toolkit } from "effect/ai"
import { model } from "./modelAgentScript.ts"
import { type More, Researcher } from "./researcher.ts"

describe("options that nothing can be made with", () => {
  it.effect("are refused, each with what is allowed", () =>
    Effect.gen(function* () {
      const refused = (more: More) =>
        Effect.map(
          Effect.flip(Effect.provide(ModelAgent.make(Researcher, { ...more, instructions: "" }), model([]).layer)),
          ({ message }) => message
        )
      for (const maxTurns of [0, -1, 1.5, NaN, Infinity]) {
        expect(yield* refused({ maxTurns })).toBe(
          `ModelAgent.make for Researcher: maxTurns was ${maxTurns}; allowed is a whole number from 1`
        )
      }
      expect(yield* refused({ maxRepairs: -1 })).toContain("maxRepairs was -1; allowed is a whole number from 0")
      expect(yield* refused({ concurrency: 0 })).toContain("concurrency was 0")
      expect(yield* refused({ contextWindow: { maxTokens: 0 } })).toContain("contextWindow.maxTokens was 0")
      // What comes out of a file has no types.
      const written = JSON.parse('{ "toolChoice": { "tool": "headlines" }, "progress": "all", "spans": "" }')
      expect(yield* refused({ toolChoice: written.toolChoice })).toBe(
        'ModelAgent.make for Researcher: toolChoice was {"tool":"headlines"}; allowed is "required" or "auto"'
      )
      expect(yield* refused({ progress: written.progress })).toContain('progress was "all"; allowed is "none" or "activity" or "content"')
      expect(yield* refused({ spans: written.spans })).toContain('spans was ""; allowed is "names" or "content"')
    })
  )

  it.effect("such as tools that would ask nobody, or that have the name of the answer", () =>
    Effect.gen(function* () {
      const refused = (tool: Tool.Any) =>
        Effect.gen(function* () {
          const toolkit = {
            tools: { [tool.name]: tool },
            handle: () => Effect.die("unused")
          } as Toolkit.WithHandler<any>
          return yield* Effect.flip(ModelAgent.make(Researcher, { instructions: "", toolkit: Effect.succeed(toolkit) }))
        }).pipe(Effect.provide(model([]).layer))
      const asking = yield* refused(Tool.make("send", { needsApproval: true }))
      expect(asking.message).toContain(
        `a tool "send" with needsApproval; nobody would be asked: let its handler perform a SideEffect`
      )
      expect((yield* refused(Tool.make("answer"))).message).toContain("give yours another name")
    })
  )
})
