import { ModelAgent } from "@aria/models"
import { Agent } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Tool } from "effect/ai"
import { call, ends, model, results, says, turn, type Turn } from "./modelAgentScript.ts"
import { answer, asked, given, research } from "./researcher.ts"

describe("the answer", () => {
  it.effect("that does not fit is put right by the model, which is told what does not fit", () =>
    Effect.gen(function* () {
      const { requests, run } = research([turn(call("answer", { answer: 5, sources: ["a", 7] })), turn(answer)])
      expect(yield* run).toStrictEqual(given)
      const [told] = results(requests[1])
      expect(told).toMatchObject({ name: "answer", isFailure: true })
      expect(JSON.stringify(told!.result)).toContain("answer: Expected string; sources.1: Expected string")
    })
  )

  it.effect("that never fits ends in an error, which repeats no text of the answer", () =>
    Effect.gen(function* () {
      const wrong = turn(call("answer", { answer: { secret: "xyzzy" } }))
      for (const [maxRepairs, calls] of [
        [0, 1],
        [undefined, 2],
        [3, 4]
      ] as const) {
        const { requests, run } = research(Array(10).fill(wrong), { maxRepairs })
        const error = yield* Effect.flip(run)
        expect(error).toStrictEqual(
          new ModelAgent.InvalidAnswerError({
            agent: "Researcher",
            repairs: calls - 1,
            problems: ["answer: Expected string", "sources: Missing key"]
          })
        )
        expect(error.message).not.toContain("xyzzy")
        expect(requests).toHaveLength(calls)
      }
    })
  )

  it.effect("is not asked for again in the last turn", () =>
    Effect.gen(function* () {
      const { run } = research([turn(call("answer", {}))], { maxTurns: 1 })
      expect(yield* Effect.flip(run)).toBeInstanceOf(ModelAgent.InvalidAnswerError)
    })
  )

  it.effect("as text is taken where it is the JSON that was asked for, and put right where not", () =>
    Effect.gen(function* () {
      const json = JSON.stringify(given)
      expect(yield* research([turn(says(json))]).run).toStrictEqual(given)
      expect(yield* research([turn(says("```json\n" + json + "\n```"))]).run).toStrictEqual(given)
      const { messages, run } = research([turn(says("It is Acme.")), turn(answer)])
      expect(yield* run).toStrictEqual(given)
      expect(messages(1).slice(2)).toMatchObject([
        { role: "assistant", content: [{ text: "It is Acme." }] },
        { role: "user", content: [{ text: expect.stringContaining(`call the tool "answer"`) }] }
      ])
    })
  )

  it.effect("beside other calls is not taken: it was given before their results", () =>
    Effect.gen(function* () {
      const early = call("answer", { answer: "early", sources: [] }, "2")
      const { requests, run } = research([turn(call("search", { query: "x" }, "1"), early), turn(answer)], {
        maxRepairs: 0
      })
      expect(yield* run).toStrictEqual(given)
      expect(asked).toStrictEqual(["x"])
      expect(results(requests[1])).toMatchObject([
        { id: "1", isFailure: false },
        { id: "2", isFailure: true, result: { error: expect.stringContaining("Not taken") } }
      ])
    })
  )

  it.effect("given twice at once, nothing at all, and one that was cut off are put right", () =>
    Effect.gen(function* () {
      const twice = research([turn(answer, call("answer", { answer: "B", sources: [] }, "2")), turn(answer)])
      expect(yield* twice.run).toStrictEqual(given)
      expect(results(twice.requests[1])).toHaveLength(2)
      expect(yield* research([turn(), turn(answer)]).run).toStrictEqual(given)
      const cut = research([ends("length", call("search", { query: "half" }, "1"), answer), turn(answer)])
      expect(yield* cut.run).toStrictEqual(given)
      expect(asked).toStrictEqual([])
      expect(results(cut.requests[1]).map(({ isFailure }) => isFailure)).toStrictEqual([true, true])
      const words = research([ends("length", says("It is a long")), turn(answer)])
      expect(yield* words.run).toStrictEqual(given)
      expect(words.messages(1).at(-1)).toMatchObject({
        role: "user",
        content: [{ text: expect.stringContaining("cut off") }]
      })
    })
  )

  const one = <S extends Agent.Portable>(success: S, turns: ReadonlyArray<Turn>) => {
    class One extends Agent.make("One", { description: "", payload: {}, success, error: ModelAgent.Failure }) {}
    const scripted = model(turns)
    const run = Effect.flatMap(ModelAgent.make(One, { instructions: "x" }), (handle) => handle({}))
    return { ...scripted, run: Effect.provide(run, scripted.layer) }
  }

  it.effect("is the text itself where a text is asked for, and no empty one", () =>
    Effect.gen(function* () {
      const plain = one(Schema.String, [turn(says("It is "), says("Acme."))])
      expect(yield* plain.run).toBe("It is Acme.")
      expect(plain.requests[0]!.tools).toStrictEqual([])
      expect(yield* one(Schema.String, [turn(says(" ")), turn(says("Acme"))]).run).toBe("Acme")
      const short = Schema.String.check(Schema.isMaxLength(4))
      expect(yield* one(short, [turn(says("Acme Corp")), turn(says("Acme"))]).run).toBe("Acme")
    })
  )

  it.effect("of any other kind is wrapped in an object, which is what providers take", () =>
    Effect.gen(function* () {
      const kinds: ReadonlyArray<readonly [Agent.Portable, unknown, unknown]> = [
        [Schema.Array(Schema.Int), [1, 2], [1, 2]],
        [Schema.Literals(["yes", "no"]), "yes", "yes"],
        [Schema.Union([Schema.Struct({ a: Schema.Int }), Schema.Null]), null, null],
        [Schema.Finite, 1.5, 1.5],
        [Schema.DateTimeUtcFromString, "2026-11-23T00:00:00.000Z", undefined]
      ]
      for (const [schema, written, read] of kinds) {
        const { requests, run } = one(schema, [turn(call("answer", { answer: written }))])
        const value = yield* run
        if (read !== undefined) expect(value).toStrictEqual(read)
        expect(requests[0]!.toolChoice).toBe("required")
        expect(Tool.getJsonSchema(requests[0]!.tools[0]!).type).toBe("object")
      }
      expect(yield* one(Schema.Array(Schema.Int), [turn(says("[3]"))]).run).toStrictEqual([3])
      expect(yield* one(Schema.Array(Schema.Int), [turn(says(`{"answer":[3]}`))]).run).toStrictEqual([3])
    })
  )
})
