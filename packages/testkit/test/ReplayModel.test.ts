import * as ReplayModel from "@aria/testkit/ReplayModel"
import * as ScriptedModel from "@aria/testkit/ScriptedModel"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { AiError, LanguageModel, Tool, Toolkit } from "effect/ai"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const place = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "aria-replay-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const forbidden = Effect.die(new Error("The real model must not be made when replaying"))
const replaying = (file: string) => ReplayModel.layer({ file, functions: forbidden, record: false })
const recording = (file: string, steps: ReadonlyArray<ScriptedModel.Step>) =>
  ReplayModel.layer({
    file,
    record: true,
    functions: Effect.map(ScriptedModel.make(steps), ({ functions }) => functions)
  })

const ask = (prompt: string) => Effect.map(LanguageModel.generateText({ prompt }), ({ text }) => text)

const changed = <A, E>(exit: Exit.Exit<A, E>): ReplayModel.RequestChangedError => {
  const found = Exit.isFailure(exit)
    ? exit.cause.reasons.flatMap((reason) =>
        Cause.isDieReason(reason) && reason.defect instanceof ReplayModel.RequestChangedError ? [reason.defect] : []
      )
    : []
  assert.strictEqual(found.length, 1)
  return found[0]!
}

const toolkitOf = (description: string) =>
  Toolkit.make(
    Tool.make("search", { description, parameters: Schema.Struct({ query: Schema.String }), success: Schema.String })
  )

/** One of each kind of request, with all that came of them. */
const conversation = Effect.gen(function* () {
  const text = yield* LanguageModel.generateText({ prompt: "How are you?" })
  const object = yield* LanguageModel.generateObject({ prompt: "Count", schema: Schema.Struct({ n: Schema.Int }) })
  const calls = yield* LanguageModel.generateText({
    prompt: "Search",
    toolkit: toolkitOf("Searches"),
    disableToolCallResolution: true
  })
  const pieces = yield* Stream.runCollect(LanguageModel.streamText({ prompt: "How are you?" }))
  return [text.content, text.usage, object.value, calls.toolCalls, pieces]
})
const steps = [
  ScriptedModel.text("Well.", { usage: { input: 3, output: 2, cached: 1 } }),
  ScriptedModel.object({ n: 7 }),
  ScriptedModel.calls([{ tool: "search", params: { query: "acme" } }]),
  ScriptedModel.text("Very well, in pieces.")
]

describe("ReplayModel", () => {
  it.effect("gives what was recorded, without the real model: texts, objects, calls, streams, usage", () =>
    Effect.gen(function* () {
      const file = join(yield* place, "deep", "recording.json")
      const first = yield* Effect.provide(conversation, recording(file, steps))
      const again = yield* Effect.provide(conversation, replaying(file))
      // A field that is there as `undefined` is not in JSON.
      assert.strictEqual(JSON.stringify(again), JSON.stringify(first))
      const text = readFileSync(file, "utf8")
      // Once more is the same file, so that only what changed shows in a review.
      yield* Effect.provide(conversation, recording(file, steps))
      assert.strictEqual(readFileSync(file, "utf8"), text)
    })
  )

  it.effect("names what differs where a prompt, a tool, a schema or the form has changed", () =>
    Effect.gen(function* () {
      const file = join(yield* place, "recording.json")
      yield* Effect.provide(conversation, recording(file, steps))
      const run = <A, E>(effect: Effect.Effect<A, E, LanguageModel.LanguageModel>) =>
        Effect.map(Effect.exit(Effect.provide(effect, replaying(file))), changed)
      const prompt = yield* run(ask("How old are you?"))
      assert.deepStrictEqual(prompt.differences, [`messages[0].content was "How are you?" and is "How old are you?"`])
      assert.include(prompt.message, "ARIA_RECORD=true")
      const schema = yield* run(
        LanguageModel.generateObject({ prompt: "Count", schema: Schema.Struct({ n: Schema.String }) })
      )
      assert.include(schema.differences.join(), "format.schema.properties.n.type")
      const tool = yield* run(
        LanguageModel.generateText({ prompt: "Search", toolkit: toolkitOf("Finds"), disableToolCallResolution: true })
      )
      assert.deepStrictEqual(tool.differences, [`tools[0].description was "Searches" and is "Finds"`])
      const search = { prompt: "Search", toolkit: toolkitOf("Searches"), disableToolCallResolution: true } as const
      const form = yield* run(Stream.runDrain(LanguageModel.streamText(search)))
      assert.deepStrictEqual(form.differences, [`method was "generateText" and is "streamText"`])
      const choice = yield* run(LanguageModel.generateText({ ...search, toolChoice: "required" }))
      assert.deepStrictEqual(choice.differences, [`toolChoice was "auto" and is "required"`])
    })
  )

  it.effect("tells of a long text the place where it differs, and not the whole", () =>
    Effect.gen(function* () {
      const file = join(yield* place, "recording.json")
      const long = (end: string) => `${"word ".repeat(2_000)}${end}${" more".repeat(2_000)}`
      yield* Effect.provide(ask(long("old")), recording(file, [ScriptedModel.text("a")]))
      const error = changed(yield* Effect.exit(Effect.provide(ask(long("new")), replaying(file))))
      assert.isBelow(error.message.length, 600)
      assert.include(error.message, "word old more")
      assert.include(error.message, "word new more")
    })
  )

  it.effect("names five differences at most, from a request that was not made yet", () =>
    Effect.gen(function* () {
      const file = join(yield* place, "recording.json")
      const talk = (words: ReadonlyArray<string>) =>
        Effect.map(
          LanguageModel.generateText({ prompt: words.map((content) => ({ role: "user", content })) }),
          ({ text }) => text
        )
      const words = ["a", "b", "c", "d", "e", "f", "g"]
      const steps = [ScriptedModel.text("1"), ScriptedModel.text("2")]
      yield* Effect.provide(Effect.andThen(talk(words), talk(["one"])), recording(file, steps))
      // The second request is nearer to the first one, which is used up.
      const near = Effect.andThen(talk(words), talk([...words.slice(1), "h"]))
      const error = changed(yield* Effect.exit(Effect.provide(near, replaying(file))))
      assert.strictEqual(error.request, 2)
      assert.strictEqual(error.differences.length, 6)
      assert.strictEqual(error.differences[0], `messages[0].content was "one" and is "b"`)
      assert.strictEqual(error.differences[5], "and 2 more")
    })
  )

  it.effect("gives the answers of equal requests in their order, and none beyond", () =>
    Effect.gen(function* () {
      const file = join(yield* place, "recording.json")
      const twice = Effect.all([ask("?"), ask("?")])
      yield* Effect.provide(twice, recording(file, [ScriptedModel.text("a"), ScriptedModel.text("b")]))
      assert.deepStrictEqual(yield* Effect.provide(twice, replaying(file)), ["a", "b"])
      const error = changed(yield* Effect.exit(Effect.provide(Effect.andThen(twice, ask("?")), replaying(file))))
      assert.strictEqual(error.request, 3)
      assert.deepStrictEqual(error.differences, ["it was made more often than it was recorded"])
    })
  )

  it.effect("writes calls made at once in the order of their requests", () =>
    Effect.gen(function* () {
      const file = join(yield* place, "recording.json")
      const many = Effect.forEach(["c", "a", "b"], ask, { concurrency: "unbounded" })
      const slow = ["c", "a", "b"].map((name, index) =>
        ScriptedModel.text(name.toUpperCase(), { expect: name, delay: `${3 - index} millis` })
      )
      yield* Effect.gen(function* () {
        const running = yield* Effect.forkChild(many)
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(running)
      }).pipe(Effect.provide(recording(file, slow)))
      const asked = (JSON.parse(readFileSync(file, "utf8")) as { entries: Array<{ request: any }> }).entries.map(
        ({ request }) => request.messages[0].content
      )
      assert.deepStrictEqual(asked, ["c", "a", "b"])
      assert.deepStrictEqual(yield* Effect.provide(many, replaying(file)), ["C", "A", "B"])
    })
  )

  it.effect("does not record what failed or was interrupted", () =>
    Effect.gen(function* () {
      const file = join(yield* place, "recording.json")
      const real = [
        ScriptedModel.fails(new AiError.InternalProviderError({ description: "down" })),
        ScriptedModel.hangs(),
        ScriptedModel.fails(new AiError.InternalProviderError({ description: "cut" }), { after: "half" }),
        ScriptedModel.text("whole")
      ]
      yield* Effect.gen(function* () {
        yield* Effect.flip(ask("1"))
        const hanging = yield* Effect.forkChild(ask("2"))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(hanging)
        yield* Effect.flip(Stream.runDrain(LanguageModel.streamText({ prompt: "3" })))
        yield* ask("4")
      }).pipe(Effect.provide(recording(file, real)))
      assert.strictEqual((JSON.parse(readFileSync(file, "utf8")) as { entries: Array<unknown> }).entries.length, 1)
      assert.strictEqual(yield* Effect.provide(ask("4"), replaying(file)), "whole")
    })
  )

  it.effect("says what to do where there is no recording, or none that can be read", () =>
    Effect.gen(function* () {
      const path = yield* place
      const missing = yield* Effect.flip(Effect.provide(ask("?"), replaying(join(path, "none.json"))))
      assert.strictEqual(missing._tag, "RecordingError")
      assert.include(missing.message, "ARIA_RECORD=true")
      const file = join(path, "bad.json")
      for (const text of ["", "{", "[]", `{"version":2,"entries":[]}`]) {
        writeFileSync(file, text)
        const bad = yield* Effect.flip(Effect.provide(ask("?"), replaying(file)))
        assert.include(bad.message, "no recording of version 1")
      }
    })
  )

  it.effect("is told by ARIA_RECORD to record", () =>
    Effect.gen(function* () {
      const file = join(yield* place, "recording.json")
      const layer = ReplayModel.layer({
        file,
        functions: Effect.map(ScriptedModel.make([ScriptedModel.text("new")]), ({ functions }) => functions)
      })
      const withEnv = (value: string) => ConfigProvider.layer(ConfigProvider.fromUnknown({ ARIA_RECORD: value }))
      const recorded = yield* ask("?").pipe(Effect.provide(Layer.provide(layer, withEnv("true"))))
      assert.strictEqual(recorded, "new")
      assert.strictEqual(yield* ask("?").pipe(Effect.provide(Layer.provide(layer, withEnv("false")))), "new")
    })
  )
})
