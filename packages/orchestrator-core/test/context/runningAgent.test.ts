import { Agent, Orchestrator, Plan, Run, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Schema } from "effect"

/** Who is at work, as `Run.Current` says: the agents from the outermost down, joined, where `agent` is the last of them. */
const here = Effect.map(Run.Current, (info) =>
  Option.match(info, {
    onNone: () => "nobody",
    onSome: ({ agent, agents }) => (agents.at(-1) === agent ? agents.join(" > ") : `${agents.join(" > ")} but ${agent}`)
  })
)

class Leaf extends Agent.make("Leaf", { description: "Says who it is", payload: {}, success: Schema.String }) {
  static readonly layer = this.toLayer(() => here)
}

class Middle extends Agent.make("Middle", { description: "Calls Leaf twice at once", payload: {}, success: Schema.Array(Schema.String) }) {
  static readonly layer = this.toLayer(() =>
    Effect.orDie(Effect.all([here, Leaf.run({}), Leaf.run({}), here], { concurrency: "unbounded" }))
  )
}

class Top extends Agent.make("Top", {
  description: "Calls Middle, and itself once",
  payload: { again: Schema.Boolean },
  success: Schema.Array(Schema.String)
}) {
  static readonly layer = this.toLayer(({ again }): Effect.Effect<ReadonlyArray<string>, never, Agent.Handler<"Middle"> | Agent.Handler<"Top">> =>
    Effect.gen(function*() {
      const before = yield* here
      if (!again) return [before]
      return [before, ...(yield* Middle.run({})), ...(yield* Top.run({ again: false })), yield* here]
    }).pipe(Effect.orDie)
  )
}

class Planner extends Agent.make("Planner", { description: "Runs a plan", payload: {}, success: Schema.Array(Schema.String) }) {
  static readonly layer = this.toLayer(() =>
    Effect.gen(function*() {
      const result = yield* Orchestrator.run(Plan.make("inside", [Task.make("leaf", Leaf, { payload: {} })]))
      return [(yield* result.outputs).leaf, yield* here]
    }).pipe(Effect.orDie)
  )
}

class Counter extends Agent.make("Counter", { description: "Says who counts", payload: { n: Schema.Int }, success: Schema.Array(Schema.String) }) {
  static readonly layer = this.toLayer(() => Effect.orDie(Effect.all([here, Leaf.run({})])))
}

class Flaky extends Agent.make("Flaky", { description: "Fails once", payload: {}, success: Schema.String, error: Schema.String }) {
  static readonly layer = this.toLayer(() =>
    Effect.flatMap(Run.Current, (info) => (Option.getOrThrow(info).attempt === 1 ? Effect.fail("once") : here))
  )
}

const environment = Layer.mergeAll(Top.layer, Planner.layer, Counter.layer, Flaky.layer).pipe(
  Layer.provideMerge(Middle.layer),
  Layer.provideMerge(Layer.merge(Leaf.layer, Orchestrator.layer))
)

describe("Run.Current says whose handler this is", () => {
  it.effect("outside of a run: nobody's, in a call of a call too", () =>
    Effect.gen(function*() {
      expect(yield* Middle.run({})).toEqual(["nobody", "nobody", "nobody", "nobody"])
    }).pipe(Effect.provide(environment)))

  it.effect("in a task the task's, in each call of another agent that one's, and afterwards the caller's again", () =>
    Effect.gen(function*() {
      const result = yield* Orchestrator.run(Plan.make("p", [Task.make("top", Top, { payload: { again: true } })]))
      expect((yield* result.outputs).top).toEqual([
        "Top",
        "Top > Middle",
        "Top > Middle > Leaf",
        "Top > Middle > Leaf",
        "Top > Middle",
        "Top > Top",
        "Top"
      ])
    }).pipe(Effect.provide(environment)))

  it.effect("in a nested plan the nested task's; the plan itself is no agent", () =>
    Effect.gen(function*() {
      const inner = Plan.make("inner", [Task.make("leaf", Leaf, { payload: {} })])
      const middle = Plan.make("middle", [Task.plan("deeper", inner), Task.make("own", Leaf, { payload: {} })])
      const result = yield* Orchestrator.run(Plan.make("outer", [Task.plan("nested", middle)]))
      expect((yield* result.outputs).nested).toEqual({ deeper: { leaf: "Leaf" }, own: "Leaf" })
    }).pipe(Effect.provide(environment)))

  it.effect("in a plan that a handler runs the task's, beneath the handler's", () =>
    Effect.gen(function*() {
      const result = yield* Orchestrator.run(Plan.make("p", [Task.make("planner", Planner, { payload: {} })]))
      expect((yield* result.outputs).planner).toEqual(["Planner > Leaf", "Planner"])
    }).pipe(Effect.provide(environment)))

  it.effect("in each item, iteration and attempt, and in the policy around them", () =>
    Effect.gen(function*() {
      const around: Array<string> = []
      const items = Task.forEach("items", Counter, { items: () => [{ n: 1 }, { n: 2 }], key: ({ n }) => String(n) })
      const rounds = Task.iterate("rounds", Counter, { initial: { n: 1 }, next: () => Option.some({ n: 2 }), maxIterations: 2 })
      const flaky = Task.make("flaky", Flaky, {
        payload: {},
        policy: (call) => Effect.andThen(Effect.map(here, (who) => around.push(who)), Effect.retry(call, { times: 1 }))
      })
      const result = yield* Orchestrator.run(Plan.make("p", [items, rounds, flaky]))
      const outputs = yield* result.outputs
      expect(outputs.items).toEqual([["Counter", "Counter > Leaf"], ["Counter", "Counter > Leaf"]])
      expect(outputs.rounds).toEqual(["Counter", "Counter > Leaf"])
      expect(outputs.flaky).toBe("Flaky")
      expect(around).toEqual(["Flaky"])
    }).pipe(Effect.provide(environment)))
})
