import { Budget, Orchestrator, Plan, type RunResult, Task } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Book, inLife, Say, SayError, Stage } from "./book.ts"

const places = { "in memory": <A, E, R>(self: Effect.Effect<A, E, R>) => self, "where it is stored": <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.suspend(() => inLife(new Book())(self)) }

it.effect.each(Object.entries(places))("a run is stopped by whom the first step of a task wakes, %s", ([, place]) => {
  const stage = new Stage()
  return Effect.gen(function* () {
    const woken = yield* Deferred.make<void>()
    let finalized = 0
    stage.does = () => Effect.onInterrupt(Effect.andThen(Deferred.succeed(woken, undefined), Effect.never), () => Effect.sync(() => finalized++))
    const a = Task.make("a", Say, { payload: { text: "a" } })
    const plan = Plan.make("p", [a, Task.make("b", Say, { payload: { text: "b" } })])
    // It waits before the task begins, and so it goes on in the middle of that task's step.
    const ready = yield* Deferred.make<Orchestrator.RunHandle<any, any>>()
    yield* Effect.forkChild(Effect.andThen(Deferred.await(woken), Effect.flatMap(Deferred.await(ready), ({ cancel }) => cancel)), { startImmediately: true })
    yield* place(Effect.flatMap(Orchestrator.start(plan), (handle) => Deferred.succeed(ready, handle)))
    const result = yield* Effect.flatMap(Deferred.await(ready), (handle) => handle.await)
    expect(result.results.map(({ _tag }) => _tag).filter((tag) => tag === "succeeded" || tag === "failed")).toEqual([])
    expect(finalized).toBe(stage.called.length)
  }).pipe(Effect.provide(Layer.merge(Orchestrator.layer, stage.layer)))
})

it.effect("a stop while an outcome is being stored leaves it: what is stored and what is in the result are one", () => {
  const [stage, book] = [new Stage(), new Book()]
  return Effect.gen(function* () {
    stage.does = (text) => (text === "fails" ? Effect.fail(new SayError({ text })) : Effect.succeed(text))
    const gate = yield* Deferred.make<void>()
    book.gate = gate
    const fails = Task.make("fails", Say, { payload: { text: "fails" } })
    const works = Task.make("works", Say, { payload: { text: "works" } })
    const after = Task.make("after", Say, { dependsOn: [fails, works], payload: { text: "after" } })
    const handle = yield* Orchestrator.start(Plan.make("p", [after])).pipe(inLife(book))
    yield* TestClock.adjust(1)
    expect(stage.called).toEqual(["fails", "works"])
    const cancelling = yield* Effect.forkChild(handle.cancel, { startImmediately: true })
    yield* TestClock.adjust(1)
    yield* Deferred.succeed(gate, undefined)
    const result = yield* Fiber.join(cancelling)
    expect(result.results.map(({ _tag, taskId }) => `${taskId} ${_tag}`)).toEqual(["fails failed", "works succeeded", "after skipped"])
    expect([...book.units.keys()].sort()).toEqual(["fails", "works"])
  }).pipe(Effect.provide(Layer.merge(Orchestrator.layer, stage.layer)))
})

it.effect("what a task spent in an earlier life is in its outcome, also where a stop comes before it is begun again", () => {
  const [stage, book] = [new Stage(), new Book()]
  return Effect.gen(function* () {
    stage.does = (text) => Effect.andThen(Budget.reserve({ tokens: 10 }, ({ settle }) => settle({ inputTokens: 7 })), text === "first" || text === "x" ? Effect.succeed(text) : Effect.never)
    const first = Task.make("first", Say, { payload: { text: "first" } })
    const single = Task.make("single", Say, { dependsOn: [first], payload: { text: "single" } })
    const several = Task.forEach("several", Say, { dependsOn: [first], items: () => [{ text: "x" }, { text: "y" }], key: ({ text }) => text })
    const plan = Plan.make("p", [single, several])
    yield* Orchestrator.start(plan).pipe(inLife(book))
    yield* TestClock.adjust(1)
    expect(stage.called).toEqual(["first", "single", "x", "y"])
    // The next life is stopped at once.
    const { cancel } = yield* Orchestrator.start(plan).pipe(inLife(book))
    const { results, usage } = yield* cancel
    expect(usage.tokens).toBe(28)
    expect(results.filter(({ parent }) => parent !== undefined).map(({ _tag, taskId, usage }) => `${taskId} ${_tag} ${usage.tokens}`)).toEqual([
      "several/x succeeded 7",
      "several/y cancelled 7"
    ])
    expect(results.filter(({ parent }) => parent === undefined).map(({ _tag, taskId, usage }) => `${taskId} ${_tag} ${usage.tokens}`)).toEqual([
      "first succeeded 7",
      "single cancelled 7",
      "several cancelled 14"
    ])
  }).pipe(Effect.provide(Layer.merge(Orchestrator.layer, stage.layer)))
})

it.effect("what a nested plan has stored in an earlier life is in its result, also where a stop comes before it is begun again", () => {
  const [stage, book] = [new Stage(), new Book()]
  return Effect.gen(function* () {
    stage.does = (text) => Effect.andThen(Budget.reserve({ tokens: 10 }, ({ settle }) => settle({ inputTokens: 7 })), text === "hangs" ? Effect.never : Effect.succeed(text))
    const say = <const Id extends string>(id: Id, text: string = id) => Task.make(id, Say, { payload: { text } })
    const inner = Plan.make("inner", { version: "1", input: Schema.Struct({ text: Schema.String }) }, ({ text }) => [
      say("deep", text),
      Task.forEach("several", Say, { items: () => [{ text: "x" }, { text: "hangs" }], key: ({ text }) => text })
    ])
    const middle = Plan.make("middle", { version: "1", input: Schema.Struct({ text: Schema.String }) }, ({ text }) => {
      const before = say("before", `before ${text}`)
      return [Task.plan("inner", inner, { dependsOn: [before], input: ({ before }) => ({ text: before }) }), say("hangs")]
    })
    const first = say("first")
    const never = Task.plan("never", middle, { dependsOn: [say("hangs")], input: { text: "never" } })
    const plan = Plan.make("p", [Task.plan("middle", middle, { dependsOn: [first], input: ({ first }) => ({ text: first }) }), never])
    yield* Orchestrator.start(plan).pipe(inLife(book))
    yield* TestClock.adjust(1)
    const called = [...stage.called]
    const { cancel } = yield* Orchestrator.start(plan).pipe(inLife(book))
    const events: Array<string> = []
    const tell = (result: RunResult.RunResult<any, any>, at: string): void => {
      for (const outcome of result.results) {
        events.push(`${at}${outcome.taskId} ${outcome._tag}`)
        if ("run" in outcome && outcome.run !== undefined) tell(outcome.run, `${at}${outcome.taskId} > `)
      }
    }
    const result = yield* cancel
    tell(result, "")
    expect(stage.called).toEqual(called)
    expect(result.usage.tokens).toBe(7 * called.length)
    expect(events).toEqual([
      "first succeeded",
      "middle cancelled",
      "middle > before succeeded",
      "middle > inner cancelled",
      "middle > inner > deep succeeded",
      "middle > inner > several cancelled",
      "middle > inner > several/x succeeded",
      "middle > inner > several/hangs cancelled",
      "middle > hangs cancelled",
      "hangs cancelled",
      "never skipped"
    ])
  }).pipe(Effect.provide(Layer.merge(Orchestrator.layer, stage.layer)))
})
