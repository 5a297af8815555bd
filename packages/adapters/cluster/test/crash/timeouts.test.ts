/** Timeouts of tasks while the engine stores: only what runs is ended. */
import { Agent, Journal, Orchestrator, Plan, type Progress, Task, Usage } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"

class Quick extends Agent.make("Quick", { description: "Is quick.", payload: { name: Schema.String }, success: Schema.String }) {
  static readonly layer = this.toLayer(({ name }) => Effect.delay(Effect.succeed(name), 10))
}

const plan = Plan.make("slowly", [Task.make("task", Quick, { payload: { name: "done" }, timeout: "100 millis" })])

const storing = (unit: Journal.Journal["unit"]): Journal.Journal => ({
  origin: "run",
  unit,
  known: () => undefined,
  isReached: () => false,
  waits: () => () => {},
  spent: () => Usage.zero,
  reserve: () => ({ acquire: Effect.void, settle: () => {}, release: () => {} }),
  charge: () => Effect.void
})

it.live("a task that has ended keeps its outcome, however long it takes to store that", () => {
  const stored: Array<string> = []
  const journal = storing((_, effect) => Effect.tap(Effect.tap(effect, (text) => Effect.sync(() => stored.push(text))), Effect.sleep(400)))
  return Effect.gen(function* () {
    const result = yield* Orchestrator.run(plan).pipe(Effect.provideService(Journal.Current, journal))
    expect(result.results.map(({ _tag }) => _tag)).toEqual(["succeeded"])
    expect(stored.map((text) => JSON.parse(text)._tag)).toEqual(["succeeded"])
  }).pipe(Effect.provide([Orchestrator.layer, Quick.layer]))
})

it.live("a task that an engine does not start any more comes to nothing: it does not time out", () => {
  const told: Array<Progress.Event["_tag"]> = []
  return Effect.gen(function* () {
    const handle = yield* Orchestrator.start(plan).pipe(Effect.provideService(Journal.Current, storing(() => Effect.interruptible(Effect.never))))
    yield* Effect.forkScoped(Stream.runForEach(handle.events, ({ _tag }) => Effect.sync(() => told.push(_tag))))
    yield* Effect.sleep(300)
    expect(told).toEqual(["RunStarted", "starting"])
    yield* handle.cancel
  }).pipe(Effect.scoped, Effect.provide([Orchestrator.layer, Quick.layer]))
})
