import { ModelAgent } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Tool } from "effect/ai"
import { TestClock } from "effect/testing"
import { call, ends, model, results, says, turn } from "./modelAgentScript.ts"
import { answer, asked, given, research, Researcher } from "./researcher.ts"

describe("the loop", () => {
  it.effect("tells the model its work, the payload and its tools, and gives what it answers", () =>
    Effect.gen(function* () {
      const { messages, requests, run } = research([turn(answer)])
      expect(yield* run).toStrictEqual(given)
      expect(messages(0)).toMatchObject([
        { role: "system", content: "Find it." },
        { role: "user", content: [{ type: "text", text: `{"question":"Who?"}` }] }
      ])
      expect(requests[0]!.tools.map(({ name }) => name)).toStrictEqual(["search", "fetch", "answer"])
      expect(requests[0]!.toolChoice).toBe("required")
      expect(Tool.getJsonSchema(requests[0]!.tools[2]!)).toMatchObject({
        type: "object",
        required: ["answer", "sources"]
      })
    })
  )

  it.effect("takes instructions and a prompt made of the payload", () =>
    Effect.gen(function* () {
      const scripted = model([turn(answer)])
      const handler = yield* Effect.provide(
        ModelAgent.make(Researcher, {
          instructions: ({ question }) => `Answer "${question}".`,
          prompt: ({ question }) => [{ role: "user", content: question }],
          toolChoice: "auto"
        }),
        scripted.layer
      )
      expect(yield* handler({ question: "Where?" })).toStrictEqual(given)
      expect(scripted.messages(0)).toMatchObject([
        { role: "system", content: `Answer "Where?".` },
        { role: "user", content: [{ text: "Where?" }] }
      ])
      expect(scripted.requests[0]!.toolChoice).toBe("auto")
    })
  )

  it.effect("runs the calls of a turn at once, and gives their results in the order of the calls", () =>
    Effect.gen(function* () {
      const { requests, run } = research([
        turn(
          says("Looking."),
          call("search", { query: "slow", delay: 2_000 }, "1"),
          call("search", { query: "fast", delay: 1_000 }, "2"),
          call("fetch", { url: "now" }, "3")
        ),
        turn(answer)
      ])
      const fiber = yield* Effect.forkChild(run)
      yield* TestClock.adjust("2 seconds")
      expect(yield* Fiber.join(fiber)).toStrictEqual(given)
      expect(requests[1]!.prompt.content.map(({ role }) => role)).toStrictEqual(["system", "user", "assistant", "tool"])
      expect(results(requests[1])).toStrictEqual([
        { id: "1", name: "search", isFailure: false, result: ["about slow"] },
        { id: "2", name: "search", isFailure: false, result: ["about fast"] },
        { id: "3", name: "fetch", isFailure: false, result: "page of now" }
      ])
    })
  )

  it.effect("runs as many at once as it may", () =>
    Effect.gen(function* () {
      const calls = [1, 2, 3].map((n) => call("search", { query: String(n), delay: 1_000 }, String(n)))
      const { run } = research([turn(...calls), turn(answer)], { concurrency: 1 })
      const fiber = yield* Effect.forkChild(run)
      yield* TestClock.adjust("1500 millis")
      expect(asked).toStrictEqual(["1", "2"])
      yield* TestClock.adjust("1500 millis")
      expect(yield* Fiber.join(fiber)).toStrictEqual(given)
    })
  )

  it.effect("ends after maxTurns", () =>
    Effect.gen(function* () {
      const looking = turn(call("search", { query: "x" }))
      const { requests, run } = research([looking, looking, turn(answer)], { maxTurns: 2 })
      const error = yield* Effect.flip(run)
      expect(error).toBeInstanceOf(ModelAgent.MaxTurnsExceededError)
      expect(error.message).toBe(
        "Researcher had no answer after 2 turns, which is its maxTurns: raise it, or say in the instructions when the work is done"
      )
      expect(requests).toHaveLength(2)
      expect(yield* research([looking, looking, turn(answer)], { maxTurns: 3 }).run).toStrictEqual(given)
      expect(yield* Effect.map(Effect.flip(research(Array(10).fill(looking)).run), ({ _tag }) => _tag)).toBe(
        "MaxTurnsExceededError"
      )
    })
  )

  it.effect("goes on where the model paused, and leaves alone what the provider ran itself", () =>
    Effect.gen(function* () {
      const { requests, run } = research([
        ends("pause", says("One moment.")),
        turn({ ...call("search", { query: "there" }), providerExecuted: true } as never, answer)
      ])
      expect(yield* run).toStrictEqual(given)
      expect(asked).toStrictEqual([])
      expect(requests[1]!.prompt.content.at(-1)?.role).toBe("assistant")
    })
  )
})
