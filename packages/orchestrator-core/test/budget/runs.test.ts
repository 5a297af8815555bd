import * as Agent from "@aria/orchestrator-core/Agent"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Run from "@aria/orchestrator-core/Run"
import * as Task from "@aria/orchestrator-core/Task"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { log, settled, timed } from "./reserving.ts"

const Payload = Schema.Struct({
  name: Schema.String,
  calls: Schema.Natural,
  millis: Schema.optionalKey(Schema.Natural),
  tokens: Schema.optionalKey(Schema.Natural)
})
/** Calls a provider `calls` times, one after another, `millis` each; the log has what was admitted and what was ended. */
class Caller extends Agent.make("Caller", { description: "Makes calls", payload: Payload, success: Schema.String }) {
  static readonly layer = this.toLayer(({ calls, millis = 10, name, tokens = 0 }) =>
    Effect.gen(function* () {
      for (let n = 1; n <= calls; n++) {
        yield* Budget.reserve({ calls: 1, tokens }, () => {
          log.push(`${name}${n}`)
          return Effect.sleep(millis)
        })
      }
      return name
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => log.push(`${name} ended`))))
  )
}
const layers = (options: Orchestrator.Options = {}) => Layer.merge(Caller.layer, Orchestrator.layerWith(options))
const task = (name: string, calls: number, options: { readonly millis?: number; readonly tokens?: number } = {}) =>
  Task.make(name, Caller, { payload: { name, calls, ...options } })

describe("Budgets in runs", () => {
  it.effect("a refusal by a region around the run ends the task that asked; the others go on, and the run is kept", () =>
    Effect.gen(function* () {
      const plan = Plan.make("p", [task("a", 3), task("idle", 0), task("b", 1, { millis: 100 })])
      const result = yield* timed(Orchestrator.run(plan).pipe(Budget.limit({ calls: 3 }, { name: "around" })))
      expect(result.results.map(({ _tag }) => _tag)).toEqual(["failed", "succeeded", "succeeded"])
      const [a] = result.results
      assert(a?._tag === "failed")
      expect(a.origin).toBe("engine")
      assert(a.error instanceof Budget.BudgetExceededError)
      expect(a.error.message).toBe('The budget of the region "around" is 3 calls: 3 used and 0 held, 1 more were asked for; raise the limit, or spend less before')
      expect(a.usage.calls).toBe(2)
      expect(result.usage.calls).toBe(3)
      expect(log).toEqual(["a1", "b1", "a2", "a ended"])
    }).pipe(Effect.provide(layers()))
  )

  it.effect("a run in the background goes on when the region or the task that started it has ended, and within its limits", () =>
    Effect.gen(function* () {
      const plan = Plan.make("p", [task("a", 3)])
      const inRegion = yield* timed(
        Effect.flatMap(Orchestrator.start(plan).pipe(Budget.limit({ calls: 2 }, { name: "around" })), (handle) => handle.await)
      )
      expect(inRegion.results).toMatchObject([{ _tag: "failed", error: { owner: "region", scope: "around", used: 2 } }])
      class Starter extends Agent.make("Starter", { description: "Starts a run", payload: {}, success: Schema.String }) {}
      let started: Orchestrator.RunHandle<any> | undefined
      const starter = Starter.toLayer(() =>
        Effect.gen(function* () {
          started = yield* Orchestrator.start(plan)
          return started.runId
        })
      )
      yield* timed(Orchestrator.run(Plan.make("starting", [Task.make("start", Starter, { payload: {} })])).pipe(Effect.provide(starter)))
      expect(yield* timed(started!.await)).toMatchObject({ allSucceeded: true, usage: { calls: 3 } })
    }).pipe(Effect.provide(layers()))
  )

  it.effect("a region inside a handler ends itself and not its task; one further out ends the task", () =>
    Effect.gen(function* () {
      class Careful extends Agent.make("Careful", { description: "Falls back", payload: { calls: Schema.Natural }, success: Schema.String }) {
        static readonly layer = this.toLayer(({ calls }) =>
          settled({ calls }, { calls }).pipe(
            Effect.as("dear"),
            Budget.limit({ calls: 2 }),
            Effect.catchTags({
              InvalidLimitError: Effect.die,
              BudgetExceededError: ({ requested }) => Effect.succeed(`cheap instead of ${requested}`)
            })
          )
        )
      }
      const of = (id: string, calls: number) => Task.make(id, Careful, { payload: { calls } })
      const result = yield* Orchestrator.run(Plan.make("p", [of("dear", 2), of("cheap", 3)])).pipe(Effect.provide(Careful.layer))
      expect(yield* result.outputs).toEqual({ dear: "dear", cheap: "cheap instead of 3" })
      const outer = yield* Orchestrator.run(Plan.make("p", [of("dear", 2)])).pipe(Effect.provide(Careful.layer), Budget.limit({ calls: 1 }))
      expect(outer.results[0]?._tag).toBe("failed")
    }).pipe(Effect.provide(layers()))
  )

  it.effect("a policy narrows a budget and falls back with catchTag; both attempts are counted", () =>
    Effect.gen(function* () {
      const thrifty = Task.make("thrifty", Caller, {
        payload: { name: "t", calls: 3 },
        policy: (call) =>
          call.pipe(
            Budget.limit({ calls: 2 }, { name: "policy" }),
            Effect.catchTag("InvalidLimitError", Effect.die),
            Effect.catchTag("BudgetExceededError", ({ scope }) => Effect.succeed(`fallback for ${scope}`))
          )
      })
      const uncaught = Task.make("uncaught", Caller, {
        payload: { name: "u", calls: 2 },
        policy: (call) => call.pipe(Budget.limit({ calls: 1 }), Effect.catchTag("InvalidLimitError", Effect.die))
      })
      const result = yield* timed(Orchestrator.run(Plan.make("p", [thrifty, uncaught])))
      const first = result.outcome(thrifty)
      assert(first._tag === "succeeded")
      expect(first.output).toBe("fallback for policy")
      expect(first.usage.calls).toBe(2)
      const second = result.outcome(uncaught)
      assert(second._tag === "failed")
      expect(second.origin).toBe("engine")
      expect(second.usage.calls).toBe(1)
      expect(result.usage.calls).toBe(3)
    }).pipe(Effect.provide(layers()))
  )

  it.effect("limits of the orchestrator hold over its runs, of a user over the user's, of a run in each", () =>
    Effect.gen(function* () {
      const spend = (userId: string, calls: number) =>
        Effect.map(Orchestrator.run(Plan.make("p", [task(userId, calls)])).pipe(Run.configure({ userId, id: `run of ${userId}` })), (result) => {
          const [outcome] = result.results
          return outcome?._tag === "failed" && outcome.error instanceof Budget.BudgetExceededError ? outcome.error.message : outcome?._tag
        })
      const all = Effect.gen(function* () {
        expect(yield* spend("ada", 4)).toBe('The budget of the run "run of ada" is 3 calls: 3 used and 0 held, 1 more were asked for; raise the limit, or spend less before')
        expect(yield* spend("ada", 2)).toBe('The budget of the user "ada" is 4 calls: 4 used and 0 held, 1 more were asked for; raise the limit, or spend less before')
        expect(yield* spend("bob", 2)).toBe("succeeded")
        expect(yield* spend("eve", 1)).toBe("The budget of the orchestrator is 6 calls: 6 used and 0 held, 1 more were asked for; raise the limit, or spend less before")
      })
      yield* timed(all)
    }).pipe(Effect.provide(layers({ limits: { calls: 6 }, userLimits: { calls: 4 }, runLimits: { calls: 3 } })))
  )

  it.effect("a nested run counts in the run around it; its own limit is the run's", () =>
    Effect.gen(function* () {
      const inner = Plan.make("inner", [task("deep", 5)])
      const result = yield* timed(Orchestrator.run(Plan.make("outer", [Task.plan("nested", inner), task("flat", 1)])))
      expect(result.usage.calls).toBe(3)
      const nested = result.results[0]
      expect(nested?._tag).toBe("failed")
      expect(nested?.usage.calls).toBe(2)
    }).pipe(Effect.provide(layers({ runLimits: { calls: 3 } })))
  )

  it.effect("who waits for room gives the permit back", () =>
    Effect.gen(function* () {
      const inside = Effect.gen(function* () {
        const outside = Budget.reserve({ tokens: 60 }, (reservation) =>
          Effect.andThen(Effect.sleep(50), reservation.settle({ outputTokens: 10 }))
        )
        yield* Effect.forkChild(outside, { startImmediately: true })
        return yield* Orchestrator.run(Plan.make("p", [task("a", 1, { tokens: 60 }), task("b", 0)]))
      })
      const result = yield* timed(inside.pipe(Budget.limit({ tokens: 100 })))
      expect(result.allSucceeded).toBe(true)
      expect(result.results.map(({ endedAt }) => endedAt - result.startedAt)).toEqual([60, 0])
    }).pipe(Effect.provide(layers({ concurrency: 1 })))
  )
})
