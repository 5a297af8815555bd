import { Agent, Orchestrator, Plan, Run, Task } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { Book, inLife, Say, SayError, Stage } from "./book.ts"

class Handle {
  readonly number = 1
}

class Opaque extends Agent.make("Opaque", { description: "Takes what has no JSON", payload: { handle: Schema.instanceOf(Handle) }, success: Schema.String }) {}

class Calls extends Agent.make("Calls", { description: "Calls with what has no JSON", payload: {}, success: Schema.String }) {}

const setup = () => {
  const stage = new Stage()
  const book = new Book()
  const called: Array<string> = []
  const opaque = Opaque.toLayer(() => Effect.sync(() => (called.push("opaque"), "opaque")))
  const calls = Calls.toLayer(() => Effect.catchTag(Opaque.run({ handle: new Handle() }), "InvalidPayloadError", (error) => Effect.succeed(`refused: ${error.message}`)))
  return { stage, book, called, layer: calls.pipe(Layer.provideMerge(opaque), Layer.provideMerge(stage.layer), Layer.provideMerge(Orchestrator.layer)) }
}

it.effect("a payload that has no JSON is refused before the handler is called, and only where it would be stored", () => {
  const { book, called, layer } = setup()
  return Effect.gen(function* () {
    const plan = Plan.make("opaque", [Task.make("a", Opaque, { payload: { handle: new Handle() } })])
    const result = yield* Orchestrator.run(plan).pipe(inLife(book))
    expect(result.results).toMatchObject([{ _tag: "failed", origin: "engine", attempts: 0, error: { _tag: "InvalidPayloadError", agent: "Opaque", issues: [{ path: ["handle"] }] } }])
    expect([called, book.units.size]).toEqual([[], 0])
    expect((yield* Orchestrator.run(plan)).allSucceeded).toBe(true)
    expect(called).toEqual(["opaque"])
  }).pipe(Effect.provide(layer))
})

it.effect("so is the payload of a call inside a handler, which hears of it", () => {
  const { book, called, layer } = setup()
  return Effect.gen(function* () {
    const result = yield* Orchestrator.run(Plan.make("calls", [Task.make("a", Calls, { payload: {} })])).pipe(inLife(book))
    expect((yield* result.outputs).a).toMatch(/^refused: .*Opaque.*handle/s)
    expect(called).toEqual([])
  }).pipe(Effect.provide(layer))
})

const large = "é".repeat(524_288)

it.effect("an outcome over 1 MiB is a typed failure of its task, and of no other", () => {
  const { book, layer, stage } = setup()
  return Effect.gen(function* () {
    stage.does = (text) => Effect.succeed(text === "large" ? large : text === "fits" ? "x".repeat(1_047_000) : text)
    const plan = Plan.make("large", [
      Task.make("large", Say, { payload: { text: "large" } }),
      Task.make("fits", Say, { payload: { text: "fits" } }),
      Task.make("small", Say, { payload: { text: "small" } })
    ])
    for (const life of [1, 2]) {
      const { results } = yield* Orchestrator.run(plan).pipe(inLife(book))
      expect(results.map(({ _tag }) => _tag)).toEqual(["failed", "succeeded", "succeeded"])
      expect([life, results[0]]).toMatchObject([life, { origin: "engine", error: { _tag: "OutputTooLargeError", subject: 'What the task "large" came to', allowed: 1_048_576 } }])
      // Two bytes each, and what is around it.
      expect(results[0]).toMatchObject({ error: { bytes: expect.toSatisfy((bytes: number) => bytes > 1_048_576 && bytes < 1_049_576) } })
    }
    expect(stage.called).toHaveLength(3)
    for (const { value } of book.units.values()) expect(Buffer.byteLength(value)).toBeLessThanOrEqual(1_048_576)
  }).pipe(Effect.provide(layer))
})

it.effect("a failure over 1 MiB is one too", () => {
  const { book, layer, stage } = setup()
  return Effect.gen(function* () {
    stage.does = () => Effect.fail(new SayError({ text: large }))
    const { results } = yield* Orchestrator.run(Plan.make("p", [Task.make("a", Say, { payload: { text: "a" } })])).pipe(inLife(book))
    expect(results).toMatchObject([{ _tag: "failed", origin: "engine", error: { _tag: "OutputTooLargeError" } }])
  }).pipe(Effect.provide(layer))
})

it.effect("a step over 1 MiB fails its task, which says which one it was", () => {
  const { book, layer, stage } = setup()
  return Effect.gen(function* () {
    stage.does = () => Run.step("load", { success: Schema.String }, Effect.succeed(large))
    const { results } = yield* Orchestrator.run(Plan.make("p", [Task.make("a", Say, { payload: { text: "a" } })])).pipe(inLife(book))
    expect(results).toMatchObject([{ _tag: "failed", origin: "engine", error: { _tag: "OutputTooLargeError", subject: 'The result of the step "load"' } }])
    expect([...book.units.keys()]).toEqual(["a"])
  }).pipe(Effect.provide(layer))
})

it.effect("a result that does not fit its schema is a defect of its agent, in every life the same", () => {
  const { book, layer, stage } = setup()
  return Effect.gen(function* () {
    stage.does = () => Effect.succeed(7 as never)
    const plan = Plan.make("p", [Task.make("a", Say, { payload: { text: "a" } })])
    const first = yield* Orchestrator.run(plan).pipe(inLife(book))
    expect(first.results).toMatchObject([{ _tag: "failed", origin: "engine", error: { _tag: "DefectError", subject: 'The result of the agent "Say", which does not fit its schema,' } }])
    const second = yield* Orchestrator.run(plan).pipe(inLife(book))
    expect(second.results).toEqual(first.results)
    expect(stage.called).toEqual(["a"])
  }).pipe(Effect.provide(layer))
})
