import { Agent, Budget, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"

/** What the README says of code that cannot be stopped, and of a limit around a whole run. */
class Stubborn extends Agent.make("Stubborn", { description: "Goes on", payload: {}, success: Schema.Void }) {}
class Spender extends Agent.make("Spender", { description: "Spends", payload: { tokens: Schema.Natural }, success: Schema.Natural }) {
  static readonly layer = this.toLayer(({ tokens }) =>
    Budget.reserve({ tokens }, (reservation) => Effect.as(reservation.settle({ inputTokens: tokens }), tokens))
  )
}

describe("after a cancellation", () => {
  it.effect("a fiber that was detached may live, but nothing it reserves is admitted", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const go = yield* Deferred.make<void>()
      const stubborn = Stubborn.toLayer(() =>
        Effect.andThen(
          Effect.forkDetach(
            Effect.gen(function*() {
              yield* Deferred.await(go)
              log.push("lives")
              yield* Budget.reserve({ tokens: 1 }, () => Effect.sync(() => log.push("called")))
              log.push("went on")
            })
          ),
          Effect.never
        )
      )
      yield* Effect.gen(function*() {
        const handle = yield* Orchestrator.start(Plan.make("p", [Task.make("t", Stubborn, { payload: {} })]))
        yield* TestClock.adjust(1)
        const result = yield* handle.cancel
        expect(result.results[0]).toMatchObject({ _tag: "cancelled" })
        yield* Deferred.succeed(go, undefined)
        yield* TestClock.adjust(1)
        expect(log).toEqual(["lives"])
        expect((yield* Budget.remaining).tokens).toBe(100)
      }).pipe(Effect.provide(stubborn), Budget.limit({ tokens: 100 }))
    }).pipe(Effect.provide(Orchestrator.layer)))

  it.effect("uninterruptible code is waited for, and makes no call any more", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const stubborn = Stubborn.toLayer(() =>
        Effect.uninterruptible(
          Effect.gen(function*() {
            yield* Effect.sleep(50)
            log.push("slept")
            yield* Budget.reserve({ tokens: 1 }, () => Effect.sync(() => log.push("called")))
            log.push("went on")
          })
        )
      )
      const handle = yield* Orchestrator.start(Plan.make("p", [Task.make("t", Stubborn, { payload: {} })])).pipe(Effect.provide(stubborn))
      yield* TestClock.adjust(1)
      const cancelling = yield* Effect.forkChild(handle.cancel)
      yield* TestClock.adjust(40)
      expect(cancelling.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust(10)
      yield* Fiber.join(cancelling)
      expect(log).toEqual(["slept"])
    }).pipe(Effect.provide(Orchestrator.layer)))
})

describe("a limit around a run", () => {
  it.effect("ends the task that asked for too much, and the run keeps what others did", () =>
    Effect.gen(function*() {
      const modest = Task.make("modest", Spender, { payload: { tokens: 60 } })
      const greedy = Task.make("greedy", Spender, { dependsOn: [modest], payload: { tokens: 60 } })
      const after = Task.make("after", Spender, { dependsOn: [modest, Task.optional(greedy)], payload: { tokens: 40 } })
      const result = yield* Orchestrator.run(Plan.make("p", [after])).pipe(Budget.limit({ tokens: 100 }, { name: "all" }))
      expect(result.outcome(modest)).toMatchObject({ _tag: "succeeded", output: 60 })
      expect(result.outcome(greedy)).toMatchObject({ _tag: "failed", origin: "engine", error: { _tag: "BudgetExceededError", owner: "region", scope: "all" } })
      expect(result.outcome(after)).toMatchObject({ _tag: "succeeded", output: 40 })
    }).pipe(Effect.provide([Spender.layer, Orchestrator.layer])))

  it.effect("inside a task ends the region, and the handler goes on", () =>
    Effect.gen(function*() {
      const cautious = Stubborn.toLayer(() =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(Effect.orDie(Spender.run({ tokens: 60 })).pipe(Budget.limit({ tokens: 50 }, { name: "inside" })))
          expect(error).toMatchObject({ _tag: "BudgetExceededError", scope: "inside" })
        }).pipe(Effect.orDie)
      )
      const result = yield* Orchestrator.run(Plan.make("p", [Task.make("t", Stubborn, { payload: {} })])).pipe(Effect.provide(cautious))
      expect(result.allSucceeded).toBe(true)
    }).pipe(Effect.provide([Spender.layer, Orchestrator.layer])))
})
