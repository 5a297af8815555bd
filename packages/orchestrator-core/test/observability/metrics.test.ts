import { Agent, Budget, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { layer, Lead, Planner, Worker } from "./agents.ts"
import { measured, metric } from "./captured.ts"

const good = Task.make("good", Worker, { payload: { text: "", tokens: 5 } })
const bad = Task.make("bad", Worker, { payload: { text: "", tokens: 2, end: "fail" } })
const after = Task.make("after", Worker, { dependsOn: [bad], payload: { text: "" } })
const slow = Task.make("slow", Worker, { payload: { text: "", end: "hang" }, timeout: 10 })

describe("metrics", () => {
  it.effect("runs by plan and result", () =>
    measured(Effect.gen(function*() {
      yield* Orchestrator.run(Plan.make("fine", [good]))
      yield* Orchestrator.run(Plan.make("fine", [good]))
      yield* Orchestrator.run(Plan.make("poor", [good, bad]))
      expect(yield* metric("aria.runs")).toEqual({ "plan=fine result=succeeded": 2, "plan=poor result=incomplete": 1 })
    })).pipe(Effect.provide(layer)))

  it.effect("tasks by agent and outcome", () =>
    measured(Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Orchestrator.run(Plan.make("p", [good, after, slow, Task.make("lead", Lead, { payload: { text: "" } })])))
      yield* TestClock.adjust(10)
      yield* Fiber.join(fiber)
      const cancelled = yield* Effect.forkChild(Orchestrator.run(Plan.make("q", [slow])))
      yield* TestClock.adjust(1)
      yield* Fiber.interrupt(cancelled)
      expect(yield* metric("aria.tasks")).toEqual({
        "agent=Worker outcome=succeeded": 1,
        "agent=Worker outcome=failed": 1,
        "agent=Worker outcome=skipped": 1,
        "agent=Worker outcome=timedOut": 1,
        "agent=Worker outcome=cancelled": 1,
        "agent=Lead outcome=succeeded": 1
      })
    })).pipe(Effect.provide(layer)))

  it.effect("a fan-out counts its items and not itself", () =>
    measured(Effect.gen(function*() {
      const many = Task.forEach("many", Worker, { items: () => ["x", "y", "z"].map((text) => ({ text, tokens: 1 })), key: ({ text }) => text })
      yield* Orchestrator.run(Plan.make("p", [many]))
      expect(yield* metric("aria.tasks")).toEqual({ "agent=Worker outcome=succeeded": 3 })
      expect(yield* metric("aria.tokens")).toEqual({ "agent=Worker type=input": 3, "agent=Worker type=output": 6 })
    })).pipe(Effect.provide(layer)))

  it.effect("tokens and calls by agent, failed attempts and children included", () =>
    measured(Effect.gen(function*() {
      const retried = Task.make("bad", Worker, { payload: { text: "", tokens: 2, end: "fail" }, policy: (call) => Effect.retry(call, { times: 1 }) })
      yield* Orchestrator.run(Plan.make("p", [good, retried, Task.make("lead", Lead, { payload: { text: "" } })]))
      expect(yield* metric("aria.tokens")).toEqual({
        "agent=Worker type=input": 5 + 2 + 2,
        "agent=Worker type=output": 2 * (5 + 2 + 2),
        "agent=Lead type=input": 3,
        "agent=Lead type=output": 6
      })
      expect(yield* metric("aria.calls")).toEqual({ "agent=Worker": 3, "agent=Lead": 3 })
    })).pipe(Effect.provide(layer)))

  it.effect("the wait of each task for its permit", () =>
    measured(Effect.gen(function*() {
      const tasks = [1, 2, 3].map((n) => Task.make(`t${n}`, Worker, { payload: { text: "", millis: 20 } }))
      const [first, ...rest] = tasks
      const fiber = yield* Effect.forkChild(Orchestrator.run(Plan.make("p", [first!, ...rest])))
      yield* TestClock.adjust(60)
      yield* Fiber.join(fiber)
      expect(yield* metric("aria.permit.wait")).toEqual({ "": 3 })
    })).pipe(Effect.provide(Worker.layer.pipe(Layer.provideMerge(Orchestrator.layerWith({ concurrency: 1 }))))))

  it.effect("tokens are counted once, where a task starts a run", () =>
    measured(Effect.gen(function*() {
      yield* Orchestrator.run(Plan.make("p", [Task.make("planner", Planner, { payload: { text: "" } })]))
      const { "agent=Planner type=input": outer = 0, "agent=Worker type=input": inner = 0 } = yield* metric("aria.tokens")
      expect(outer + inner).toBe(3)
    })).pipe(Effect.provide(layer)))
})

class Holder extends Agent.make("Holder", { description: "Holds a reservation", payload: { tokens: Schema.Natural }, success: Schema.Void }) {}

describe("held tokens", () => {
  it.effect("are shown while a reservation is open and gone after it, however it ends", () =>
    measured(Effect.gen(function*() {
      const held = Effect.map(metric("aria.budget.held"), (states) => Object.values(states).reduce((a, b) => a + b, 0))
      for (const end of [Effect.void, Effect.die("boom"), Effect.interrupt]) {
        const opened = yield* Deferred.make<void>()
        const go = yield* Deferred.make<void>()
        const holder = Holder.toLayer(({ tokens }) =>
          Budget.reserve({ tokens }, () => Effect.andThen(Deferred.succeed(opened, undefined), Effect.andThen(Deferred.await(go), end)))
        )
        const run = Orchestrator.run(Plan.make("p", [Task.make("holder", Holder, { payload: { tokens: 40 } })]))
        const fiber = yield* Effect.forkChild(run.pipe(Effect.provide(holder)))
        yield* Deferred.await(opened)
        expect(yield* held).toBeGreaterThan(0)
        yield* Deferred.succeed(go, undefined)
        yield* Fiber.join(fiber)
        expect(yield* held).toBe(0)
      }
    })).pipe(Effect.provide(Orchestrator.layer)))
})
