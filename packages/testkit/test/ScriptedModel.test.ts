import * as ScriptedModel from "@aria/testkit/ScriptedModel"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { AiError, LanguageModel, Prompt, Tool, Toolkit } from "effect/ai"

const ask = (prompt: string) => Effect.map(LanguageModel.generateText({ prompt }), ({ text }) => text)

/** The error that a defect is made of. */
const broken = <A, E>(exit: Exit.Exit<A, E>): ScriptedModel.ScriptBrokenError => {
  assert.isTrue(Exit.isFailure(exit))
  const found = Exit.isFailure(exit)
    ? exit.cause.reasons.flatMap((reason) =>
        Cause.isDieReason(reason) && reason.defect instanceof ScriptedModel.ScriptBrokenError ? [reason.defect] : []
      )
    : []
  assert.isAtLeast(found.length, 1)
  return found[0]!
}

const Search = Tool.make("search", { parameters: Schema.Struct({ query: Schema.String }), success: Schema.String })
const Tools = Toolkit.make(Search)

describe("ScriptedModel", () => {
  it.effect("gives the answers of its steps in their order, and tells what it was asked", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* ask("one"), "first")
      assert.strictEqual(yield* ask("two"), "second")
      const script = yield* ScriptedModel.CurrentScript
      const requests = yield* script.requests
      assert.deepStrictEqual(
        requests.map(({ isStream, last, number }) => [number, last, isStream]),
        [
          [1, "one", false],
          [2, "two", false]
        ]
      )
      assert.strictEqual(yield* script.remaining, 0)
    }).pipe(
      Effect.provide(
        ScriptedModel.layer([
          ScriptedModel.text("first", { expect: "one" }),
          ScriptedModel.text("second", { expect: /^two$/ })
        ])
      )
    )
  )

  it.effect("reports usage, the reason for the end, and calls with ids of their own", () =>
    Effect.gen(function* () {
      const answer = yield* LanguageModel.generateText({ prompt: "?", toolkit: Tools, disableToolCallResolution: true })
      assert.strictEqual(answer.finishReason, "tool-calls")
      assert.deepStrictEqual(
        answer.toolCalls.map(({ id, name }) => [id, name]),
        [
          ["call-1", "search"],
          ["mine", "search"]
        ]
      )
      assert.strictEqual(answer.usage.inputTokens.total, 7)
      assert.strictEqual(answer.usage.outputTokens.reasoning, 2)
      const silent = yield* LanguageModel.generateText({ prompt: "?" })
      assert.isUndefined(silent.usage.inputTokens.total)
      assert.strictEqual(silent.finishReason, "length")
    }).pipe(
      Effect.provide(
        ScriptedModel.layer([
          ScriptedModel.calls(
            [
              { tool: "search", params: { query: "a" } },
              { tool: "search", params: { query: "b" }, id: "mine" }
            ],
            { usage: { input: 7, output: 3, reasoning: 2 }, expect: ({ tools }) => tools.join() === "search" }
          ),
          ScriptedModel.text("cut", { usage: "none", finish: "length" })
        ])
      )
    )
  )

  it.effect("streams the same answer in pieces, with the calls that it makes", () =>
    Effect.gen(function* () {
      const parts = yield* Stream.runCollect(
        LanguageModel.streamText({ prompt: "?", toolkit: Tools, disableToolCallResolution: true })
      )
      const deltas = parts.flatMap((part) => (part.type === "text-delta" ? [part.delta] : []))
      assert.isAbove(deltas.length, 2)
      assert.strictEqual(deltas.join(""), " Grüße, 世界 😀 und mehr\n")
      const call = parts.find((part) => part.type === "tool-call")
      assert.deepStrictEqual(call?.params, { query: "q" })
      assert.strictEqual(parts.at(-1)?.type, "finish")
    }).pipe(
      Effect.provide(
        ScriptedModel.layer([
          ScriptedModel.parts([
            { type: "reasoning", text: "let me see" },
            { type: "text", text: " Grüße, 世界 😀 und mehr\n" },
            { type: "tool-call", id: "c", name: "search", params: { query: "q" } }
          ])
        ])
      )
    )
  )

  it.effect("answers with objects, and fails as it is told", () =>
    Effect.gen(function* () {
      const { value } = yield* LanguageModel.generateObject({ prompt: "?", schema: Schema.Struct({ n: Schema.Int }) })
      assert.deepStrictEqual(value, { n: 3 })
      const error = yield* Effect.flip(ask("?"))
      assert.strictEqual(error.reason._tag, "InternalProviderError")
      const heard: Array<string> = []
      const cut = yield* LanguageModel.streamText({ prompt: "?" }).pipe(
        Stream.runForEach((part) => Effect.sync(() => heard.push(part.type))),
        Effect.flip
      )
      assert.strictEqual(cut.reason._tag, "NetworkError")
      // What was cut off has no end.
      assert.deepStrictEqual(heard, ["text-start", "text-delta", "text-delta"])
    }).pipe(
      Effect.provide(
        ScriptedModel.layer([
          ScriptedModel.object({ n: 3 }),
          ScriptedModel.fails(new AiError.InternalProviderError({ description: "down" })),
          ScriptedModel.fails(
            new AiError.NetworkError({ reason: "TransportError", method: "POST", url: "http://127.0.0.1/" }),
            {
              after: "half of"
            }
          )
        ])
      )
    )
  )

  it.effect("takes its time by the clock of the test, and counts who did not wait", () =>
    Effect.gen(function* () {
      const script = yield* ScriptedModel.CurrentScript
      const slow = yield* Effect.forkChild(ask("slow"))
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(slow.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(slow), "late")
      const pieces = yield* Effect.forkChild(Stream.runCollect(LanguageModel.streamText({ prompt: "pieces" })))
      // start, two words, end, finish
      yield* TestClock.adjust("4 seconds")
      assert.isUndefined(pieces.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(pieces)).length, 5)
      assert.strictEqual(yield* script.interrupted, 0)
      const hanging = yield* Effect.forkChild(ask("never"))
      yield* TestClock.adjust("1 day")
      yield* Fiber.interrupt(hanging)
      const stream = yield* Effect.forkChild(Stream.runDrain(LanguageModel.streamText({ prompt: "never" })))
      yield* TestClock.adjust("1 day")
      yield* Fiber.interrupt(stream)
      assert.strictEqual(yield* script.interrupted, 2)
    }).pipe(
      Effect.provide(
        ScriptedModel.layer([
          ScriptedModel.text("late", { delay: "1 minute" }),
          ScriptedModel.text("two words", { pieceDelay: "1 second" }),
          ScriptedModel.hangs(),
          ScriptedModel.hangs()
        ])
      )
    )
  )

  it.effect("breaks on a request too many, also where its failure is handled", () =>
    Effect.gen(function* () {
      const program = Effect.exit(Effect.andThen(ask("one"), ask("two")))
      const error = broken(
        yield* Effect.exit(Effect.provide(program, ScriptedModel.layer([ScriptedModel.text("only")])))
      )
      assert.strictEqual(error.kind, "unexpected")
      assert.strictEqual(error.message, `Request 2 is one too many: the script has 1 step. Its last message is "two"`)
    })
  )

  it.effect("breaks on a request that does not go with its step", () =>
    Effect.gen(function* () {
      const run = (expect: ScriptedModel.Expectation) =>
        Effect.map(
          Effect.exit(Effect.provide(ask("two"), ScriptedModel.layer([ScriptedModel.text("a", { expect })]))),
          broken
        )
      assert.strictEqual(
        (yield* run("one")).message,
        `Request 1 does not go with step 1 of the script: its last message should have "one", and is "two"`
      )
      assert.include((yield* run(/^on/)).message, "/^on/")
      assert.include((yield* run(() => "the tools are missing")).message, "the tools are missing")
      assert.include((yield* run(() => assert.fail("as an assertion says"))).message, "as an assertion says")
      assert.strictEqual((yield* run(() => false)).kind, "mismatch")
    })
  )

  it.effect("breaks at the end on a step that was not used, unless that is allowed or the test has failed", () =>
    Effect.gen(function* () {
      const steps = [ScriptedModel.text("a"), ScriptedModel.text("b")]
      const unused = broken(yield* Effect.exit(Effect.provide(ask("one"), ScriptedModel.layer(steps))))
      assert.strictEqual(unused.kind, "unused")
      assert.include(unused.message, "The script has 2 steps, and 1 of them was never used: there was 1 request")
      assert.strictEqual(yield* Effect.provide(ask("one"), ScriptedModel.layer(steps, { allowUnused: true })), "a")
      const failed = yield* Effect.exit(
        Effect.provide(Effect.andThen(ask("one"), Effect.fail("the test")), ScriptedModel.layer(steps))
      )
      assert.deepStrictEqual(failed, Exit.fail("the test"))
    })
  )

  it.effect("in any order gives each request the first unused step that it meets", () =>
    Effect.gen(function* () {
      const names = ["a", "b", "c", "d"]
      const steps = names.toReversed().map((name) => ScriptedModel.text(name.toUpperCase(), { expect: name }))
      const program = Effect.forEach(names, ask, { concurrency: "unbounded" })
      const layer = ScriptedModel.layer(steps, { order: "any" })
      assert.deepStrictEqual(yield* Effect.provide(program, layer), ["A", "B", "C", "D"])
      assert.strictEqual(broken(yield* Effect.exit(Effect.provide(ask("x"), layer))).kind, "mismatch")
    })
  )

  it.effect("sees the results of tools in the last message", () =>
    LanguageModel.generateText({
      prompt: Prompt.make([
        { role: "user", content: "?" },
        {
          role: "tool",
          content: [
            {
              type: "tool-result",
              id: "1",
              name: "search",
              isFailure: false,
              result: { found: 1 },
              providerExecuted: false
            }
          ]
        }
      ])
    }).pipe(Effect.provide(ScriptedModel.layer([ScriptedModel.text("ok", { expect: `{"found":1}` })])))
  )
})
