import { Agent, Orchestrator, Plan, Task, type TaskOutcome } from "@aria/orchestrator-core"
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { Approval, Feeds, Operator, Scout, Scribe } from "./agents.ts"
import { MorningBrief } from "./morningBrief.ts"

/** An agent whose handler runs a plan of itself: its layer is inferred while its definition is. */
class Boss extends Agent.make("Boss", { description: "Asks itself", payload: { depth: Schema.Finite }, success: Schema.Finite }) {
  static readonly layer = this.toLayer(({ depth }) =>
    Effect.gen(function*() {
      if (depth === 0) return 0
      const result = yield* Orchestrator.run(Plan.make("inner", [Task.make("child", Boss, { payload: { depth: depth - 1 } })]))
      const { child } = yield* Effect.orDie(result.outputs)
      return child + 1
    })
  )
}

/** The same by a direct call: what remains is nothing. */
class Echo extends Agent.make("Echo", { description: "Calls itself", payload: { depth: Schema.Finite }, success: Schema.Finite }) {
  static readonly layer = this.toLayer(({ depth }) =>
    depth === 0 ? Effect.succeed(0) : Effect.map(Effect.orDie(Echo.run({ depth: depth - 1 })), (n) => n + 1)
  )
}

class Brief extends Schema.Class<Brief>("Brief")({ text: Schema.String }) {
  get size() {
    return this.text.length
  }
}

class Editor extends Agent.make("Editor", {
  description: "Takes and gives instances of a class",
  payload: Brief,
  success: Brief,
  error: Schema.Union([Schema.String, Schema.Finite])
}) {
  static readonly layer = this.toLayer((brief) => brief.size > 0 ? Effect.succeed(brief) : Effect.fail(1))
}

class Nest extends Agent.make("Nest", {
  description: "Has a nested payload",
  payload: { deep: Schema.Struct({ n: Schema.Finite }) },
  success: Schema.Void
}) {
  static readonly layer = this.toLayer(() => Effect.void)
}

class Free extends Agent.make("Free", { description: "Takes anything", payload: Schema.Unknown, success: Schema.Unknown }) {
  static readonly layer = this.toLayer((payload) => Effect.succeed(payload))
}

class Dep extends Context.Service<Dep, { readonly n: number }>()("test/Dep") {}

class Both extends Agent.make("Both", {
  description: "Needs one service when its layer is built and when it is called",
  payload: {},
  success: Schema.Finite,
  dependencies: [Dep]
}) {
  static readonly layer = this.toLayer(Effect.map(Dep, (built) => () => Effect.map(Dep, ({ n }) => 10 * built.n + n)))
}

const scout = Task.make("scout", Scout, { payload: { entities: ["a"] } })
const everything = Layer.mergeAll(
  Layer.mergeAll(Scout.layer, Operator.layer, Scribe.layer).pipe(Layer.provide(Feeds.layer)),
  Boss.layer,
  Echo.layer,
  Editor.layer,
  Nest.layer,
  Free.layer,
  Approval.granted
).pipe(Layer.provideMerge(Orchestrator.layer))

const output = <A, E, R>(task: Task.Task<string, A, E, R>) =>
  Effect.map(Orchestrator.run(Plan.make("p", [task])), (result) => result.outcome(task))

describe("recursion", () => {
  it.effect("a layer does not require its own handler", () =>
    Effect.gen(function*() {
      expectTypeOf(Boss.layer).toEqualTypeOf<Layer.Layer<Agent.Handler<"Boss">, never, Orchestrator.Orchestrator>>()
      expectTypeOf(Echo.layer).toEqualTypeOf<Layer.Layer<Agent.Handler<"Echo">>>()
      expect(yield* Boss.run({ depth: 5 })).toBe(5)
      expect(yield* Echo.run({ depth: 5 })).toBe(5)
      expect(yield* output(Task.make("boss", Boss, { payload: { depth: 3 } }))).toMatchObject({ _tag: "succeeded", output: 3 })
    }).pipe(Effect.provide(everything)))

  it.effect("a layer excludes a declared dependency from the handler, not from how it was built", () =>
    Effect.gen(function*() {
      expectTypeOf(Both.layer).toEqualTypeOf<Layer.Layer<Agent.Handler<"Both">, never, Dep>>()
      expectTypeOf<Agent.Services<typeof Both>>().toEqualTypeOf<Agent.Handler<"Both"> | Dep>()
      expect(yield* Both.run({})).toBe(12)
    }).pipe(Effect.provide(Both.layer.pipe(Layer.provide(Layer.succeed(Dep, { n: 1 })))), Effect.provideService(Dep, { n: 2 })))
})

describe("dependencies", () => {
  it.effect("may be written after the payload that uses them", () =>
    Effect.gen(function*() {
      const task = Task.make("t", Scribe, { payload: ({ scout }) => ({ signals: scout.signals, events: [] }), dependsOn: [scout] })
      expect(yield* output(task)).toMatchObject({ output: "a ships" })
    }).pipe(Effect.provide(everything)))

  it.effect("may be a list of unknown length; goals may not", () =>
    Effect.gen(function*() {
      const many: ReadonlyArray<typeof scout> = [scout]
      const task = Task.make("t", Scribe, { dependsOn: many, payload: (o) => ({ signals: o.scout.signals, events: [] }) })
      expect(yield* output(task)).toMatchObject({ output: "a ships" })
      // @ts-expect-error it might be empty
      Plan.make("list", many)
    }).pipe(Effect.provide(everything)))

  it.effect("may have ids that are made", () =>
    Effect.gen(function*() {
      const scouts = ["x", "y"].map((name) => Task.make(`scout-${name}`, Scout, { payload: { entities: [name] } }))
      const task = Task.make("t", Scribe, { dependsOn: scouts, payload: (o) => ({ signals: [...o["scout-x"]?.signals ?? [], ...o["scout-y"]?.signals ?? []], events: [] }) })
      expect(yield* output(task)).toMatchObject({ output: "x ships; y ships" })
      // @ts-expect-error no id of that form
      Task.make("t", Scribe, { dependsOn: scouts, payload: (o) => ({ signals: o["other-x"]?.signals ?? [], events: [] }) })
    }).pipe(Effect.provide(everything)))

  it("may be written in place", () => {
    const inline = Plan.make("inline", [Task.make("x", Scribe, { dependsOn: [Task.make("y", Scout, { payload: { entities: ["a"] } })], payload: { signals: [], events: [] } })])
    expectTypeOf(inline).toEqualTypeOf<Plan.Plan<"inline", { readonly x: string }, never, Agent.Handler<"Scout"> | Agent.Handler<"Scribe">>>()
  })
})

describe("payloads", () => {
  it.effect("a class takes its fields or an instance", () =>
    Effect.gen(function*() {
      const edited = Task.make("edited", Editor, { payload: { text: "x" } })
      expectTypeOf(edited).toEqualTypeOf<Task.Task<"edited", Brief, string | number, Agent.Handler<"Editor">>>()
      const instance = Task.make("t", Editor, { dependsOn: [edited], payload: ({ edited }) => edited })
      const fields = Task.make("t", Editor, { dependsOn: [edited], payload: ({ edited }) => ({ text: edited.text }) })
      for (const task of [instance, fields]) {
        const outcome = yield* output(task)
        expect(outcome._tag === "succeeded" && outcome.output).toBeInstanceOf(Brief)
      }
      expect(yield* output(Task.make("empty", Editor, { payload: { text: "" } }))).toMatchObject({ _tag: "failed", error: 1 })
    }).pipe(Effect.provide(everything)))

  it.effect("a nested field too many is caught in a value; in a function it compiles and is refused with its path", () =>
    Effect.gen(function*() {
      // @ts-expect-error in a value
      Task.make("t", Nest, { payload: { deep: { n: 1, extra: 2 } } })
      // TypeScript's own check ends at what a function returns, ours at the first level.
      const task = Task.make("t", Nest, { payload: () => ({ deep: { n: 1, extra: 2 } }) })
      expect(yield* output(task)).toMatchObject({ error: { _tag: "InvalidPayloadError", issues: [{ path: ["deep", "extra"] }] } })
    }).pipe(Effect.provide(everything)))

  it("a field too many in one branch of two is caught", () => {
    // @ts-expect-error tome
    Task.make("t", Scribe, { dependsOn: [scout], payload: ({ scout }) => scout.signals.length > 1 ? { signals: [], events: [] } : { signals: [], events: [], tome: "x" } })
  })

  it.effect("may be unknown", () =>
    Effect.gen(function*() {
      const task = Task.make("u", Free, { dependsOn: [scout], payload: ({ scout }) => scout.signals })
      expect(yield* output(task)).toMatchObject({ output: ["a ships"] })
    }).pipe(Effect.provide(everything)))

  it.effect("of an agent that is not known yet", () =>
    Effect.gen(function*() {
      const wrap = <A extends Agent.Any>(agent: A, payload: Agent.PayloadInput<A>) => Task.make("wrapped", agent, { payload })
      const wrapped = wrap(Scout, { entities: ["a"] })
      expectTypeOf<Task.Success<typeof wrapped>>().toEqualTypeOf<{ readonly signals: ReadonlyArray<string> }>()
      // @ts-expect-error it is entities
      wrap(Scout, { entity: ["a"] })
      expect(yield* output(wrapped)).toMatchObject({ output: { signals: ["a ships"] } })
    }).pipe(Effect.provide(everything)))
})

describe("results", () => {
  it.effect("a plan with input tells outcomes by the id of a goal", () =>
    Effect.gen(function*() {
      const result = yield* Orchestrator.run(MorningBrief, { companies: ["a"] })
      const outcome = result.outcome("brief")
      expectTypeOf(outcome).toEqualTypeOf<TaskOutcome.TaskOutcome<string>>()
      expect(outcome).toMatchObject({ _tag: "succeeded", output: "a ships; 2026-11-23" })
      // @ts-expect-error a task that is no goal
      const unknown = () => result.outcome("signals")
      expect(unknown).toBeTypeOf("function")
    }).pipe(Effect.provide(everything)))
})

it("misspelt options do not compile", () => {
  // @ts-expect-error timeout
  Task.make("a", Scout, { payload: { entities: ["a"] }, timeOut: "1 second" })
  // @ts-expect-error dependsOn
  Task.make("b", Scribe, { dependOn: [scout], payload: () => ({ signals: [], events: [] }) })
  // @ts-expect-error concurrency
  Orchestrator.layerWith({ concurency: 4 })
})
