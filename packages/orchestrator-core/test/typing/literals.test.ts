import { Agent, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"

const Kind = Schema.Literals(["a", "b"])

/** Literals, a mutable list, a nested record, an optional key: what inference widens where it is not held. */
class Lit extends Agent.make("Lit", {
  description: "Takes literals",
  payload: {
    kind: Kind,
    list: Schema.mutable(Schema.Array(Schema.String)),
    deep: Schema.Struct({ kind: Kind }),
    opt: Schema.optionalKey(Schema.Boolean)
  },
  success: Schema.Struct({ n: Schema.Finite })
}) {
  static readonly layer = this.toLayer(({ list }) => Effect.succeed({ n: list.length }))
}

const one = Task.make("one", Lit, { payload: { kind: "a", list: ["x"], deep: { kind: "b" } } })
const sub = Plan.make("sub", { version: "1", input: Schema.Struct({ kind: Kind }) }, ({ kind }) => [
  Task.make("x", Lit, { payload: { kind, list: [], deep: { kind } } })
])

/** Each is written as one would: no `as const`, no type arguments. */
const shapes = {
  value: one,
  "function of what came before": Task.make("two", Lit, { dependsOn: [one], payload: ({ one }) => ({ kind: "a", list: [String(one.n)], deep: { kind: "b" } }) }),
  "two branches with different fields": Task.make("three", Lit, {
    dependsOn: [one],
    payload: ({ one }) => one.n > 1 ? { kind: "a", list: ["x"], deep: { kind: "b" } } : { kind: "b", list: ["x"], deep: { kind: "a" }, opt: true }
  }),
  "function with a body": Task.make("block", Lit, {
    dependsOn: [one],
    payload: ({ one }) => {
      const list = [String(one.n)]
      return { kind: "a", list, deep: { kind: "b" } }
    }
  }),
  items: Task.forEach("items", Lit, { items: () => [{ kind: "a", list: ["x"], deep: { kind: "b" } }], key: (p) => p.kind }),
  "mapped items": Task.forEach("mapped", Lit, { items: () => ["x"].map((x) => ({ kind: "a", list: [x], deep: { kind: "b" } })), key: (p) => p.kind }),
  iteration: Task.iterate("it", Lit, {
    initial: { kind: "a", list: ["x"], deep: { kind: "b" } },
    next: () => Option.some({ kind: "a", list: ["x"], deep: { kind: "b" } }),
    maxIterations: 2
  }),
  "iteration from what came before": Task.iterate("it2", Lit, {
    dependsOn: [one],
    initial: () => ({ kind: "a", list: ["x"], deep: { kind: "b" } }),
    next: () => Option.some({ kind: "a", list: ["x"], deep: { kind: "b" } }),
    maxIterations: 2
  }),
  "input of a plan": Task.plan("p", sub, { input: { kind: "a" } }),
  "input of a plan from what came before": Task.plan("p", sub, { dependsOn: [one], input: () => ({ kind: "a" }) })
}

it.effect.each(Object.entries(shapes))("literals are kept: %s", ([, task]) =>
  Effect.gen(function*() {
    const result = yield* Orchestrator.run(Plan.make("literals", [task]))
    expect(result.allSucceeded).toBe(true)
  }).pipe(Effect.provide([Lit.layer, Orchestrator.layer])))

it("another literal does not compile, wherever it stands", () => {
  // @ts-expect-error a value
  Task.make("a", Lit, { payload: { kind: "c", list: [], deep: { kind: "b" } } })
  // @ts-expect-error nested in a value
  Task.make("b", Lit, { payload: { kind: "a", list: [], deep: { kind: "c" } } })
  // @ts-expect-error in a function
  Task.make("c", Lit, { payload: () => ({ kind: "c", list: [], deep: { kind: "b" } }) })
  // @ts-expect-error nested in a function
  Task.make("d", Lit, { payload: () => ({ kind: "a", list: [], deep: { kind: "c" } }) })
  // @ts-expect-error in items
  Task.forEach("e", Lit, { items: () => ["x"].map((x) => ({ kind: "c", list: [x], deep: { kind: "b" } })), key: (p) => p.kind })
  // @ts-expect-error in the input of a plan
  Task.plan("f", sub, { input: { kind: "c" } })
})
