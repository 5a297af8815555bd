import { assert, it } from "@effect/vitest"
import { Agent, Orchestrator, Plan, Run, Task } from "@aria/orchestrator-core"
import { Effect, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"

class Helper extends Agent.make("Helper", { description: "Sleeps", payload: { millis: Schema.Int }, success: Schema.Void }) {
  static readonly layer = this.toLayer(({ millis }) => Effect.sleep(millis))
}
class Patient extends Agent.make("Patient", { description: "Gives a child up, then works", payload: {}, success: Schema.Void }) {}
class Busy extends Agent.make("Busy", { description: "Holds its permit", payload: {}, success: Schema.Void }) {
  static readonly layer = this.toLayer(() => Effect.sleep(100))
}

it.effect("what waits for its permit when the run is stopped does not go on to work, and is cancelled", () =>
  Effect.gen(function* () {
    let ran = false
    const patient = Patient.toLayer(() =>
      Helper.run({ millis: 1_000 }).pipe(
        Effect.orDie,
        Effect.timeoutOption(3),
        Effect.andThen(
          Effect.sync(() => {
            ran = true
          })
        )
      )
    )
    const plan = Plan.make("p", [Task.make("patient", Patient, { payload: {} }), Task.make("busy", Busy, { payload: {} })])
    yield* Effect.gen(function* () {
      const handle = yield* Orchestrator.start(plan)
      yield* TestClock.adjust(10)
      const result = yield* handle.cancel
      assert.deepStrictEqual(result.results.map(({ _tag }) => _tag), ["cancelled", "cancelled"])
      assert.isFalse(ran)
    }).pipe(Effect.provide(Layer.mergeAll(patient.pipe(Layer.provide(Helper.layer)), Helper.layer, Busy.layer, Orchestrator.layerWith({ concurrency: 1 }))))
  })
)

it.effect("timeouts and caps of nested regions hold together: the tighter one wins, wherever it stands", () =>
  Effect.gen(function* () {
    const plan = Plan.make("p", [Task.make("a", Busy, { payload: {} }), Task.make("b", Busy, { payload: {} })])
    const ended = (inner: Run.Options, outer: Run.Options) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(Orchestrator.run(plan).pipe(Run.configure(inner), Run.configure(outer)))
        yield* TestClock.adjust("1 hour")
        const result = yield* Fiber.join(fiber)
        return [result.executionTimeMs, ...result.results.map(({ _tag }) => _tag)]
      })
    const cut = [40, "timedOut", "timedOut"]
    assert.deepStrictEqual(yield* ended({ timeout: "1 minute" }, { timeout: 40 }), cut)
    assert.deepStrictEqual(yield* ended({ timeout: 40 }, { timeout: "1 minute" }), cut)
    assert.deepStrictEqual(yield* ended({ concurrency: 9 }, { concurrency: 1 }), [200, "succeeded", "succeeded"])
  }).pipe(Effect.provide(Layer.mergeAll(Busy.layer, Orchestrator.layer)))
)
