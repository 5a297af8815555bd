import { Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Layer } from "effect"
import { Book, inLife, Say, Stage } from "./book.ts"

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
