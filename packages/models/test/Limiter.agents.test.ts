import { Limiter, Metered, ModelAgent, type TokenCount } from "@aria/models"
import { Agent, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { LanguageModel } from "effect/ai"
import { TestClock } from "effect/testing"
import { provider, text, usage } from "./provider.ts"

const counter: TokenCount.TokenCount = { request: () => Effect.succeed(10), texts: () => Effect.succeed(10) }
/** A model that takes a second for each answer. */
const Model = Metered.layer(
  { counter, maxOutputTokens: 5 },
  provider({ generateText: Effect.delay(Effect.succeed(text("hi", usage(10, 5))), "1 second") })
)
const ask = Effect.flatMap(LanguageModel.LanguageModel, (model) => Effect.orDie(Effect.asVoid(model.generateText({ prompt: "hi" }))))

class Leaf extends Agent.make("Leaf", { description: "Asks a model", payload: {}, success: Schema.Void }) {
  static readonly layer = this.toLayer(() => ask)
}
class Middle extends Agent.make("Middle", { description: "Asks it and two leaves", payload: {}, success: Schema.Void }) {
  static readonly layer = this.toLayer(() =>
    Effect.asVoid(Effect.orDie(Effect.all([ask, Leaf.run({}), Leaf.run({})], { concurrency: "unbounded" })))
  )
}
/** Calls itself once, and then Middle: the deepest tree. */
class Top extends Agent.make("Top", { description: "Asks itself", payload: { again: Schema.Boolean }, success: Schema.Void }) {
  static readonly layer = this.toLayer(
    ({ again }): Effect.Effect<void, never, Agent.Handler<"Top"> | Agent.Handler<"Middle">> =>
      again ? Effect.orDie(Top.run({ again: false })) : Effect.orDie(Middle.run({}))
  )
}
class Planner extends Agent.make("Planner", { description: "Runs a plan", payload: {}, success: Schema.Void }) {
  static readonly layer = this.toLayer(() =>
    Effect.asVoid(Effect.orDie(Orchestrator.run(Plan.make("inside", [Task.make("leaf", Leaf, { payload: {} })]))))
  )
}
class Thinker extends Agent.make("Thinker", {
  description: "A model agent",
  payload: {},
  success: Schema.String,
  error: ModelAgent.Failure
}) {
  static readonly layer = this.toLayer(ModelAgent.make(this, { instructions: "" }))
}

const everyAgent = (rates: Limiter.Rates) => Limiter.layer({ agent: { "*": rates } })
const environment = (limiter: Layer.Layer<Limiter.Limiter, unknown>) =>
  Layer.mergeAll(Top.layer, Planner.layer, Thinker.layer).pipe(
    Layer.provideMerge(Middle.layer),
    Layer.provideMerge(Leaf.layer),
    Layer.provideMerge(Layer.merge(Model, Orchestrator.layer)),
    Layer.provideMerge(limiter)
  )

const requests = Effect.flatMap(Limiter.Limiter, ({ lanes }) =>
  Effect.map(lanes, (all) =>
    Object.fromEntries(all.filter(({ scope }) => scope === "agent").map(({ name, requests }) => [name, requests]))
  )
)

/** Runs it to its end, and says how many seconds that took. */
const timed = <E, R>(effect: Effect.Effect<unknown, E, R>) =>
  Effect.gen(function* () {
    const from = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.forkChild(Effect.andThen(effect, Clock.currentTimeMillis))
    for (let seconds = 0; seconds < 1_000 && fiber.pollUnsafe() === undefined; seconds++) yield* TestClock.adjust("1 second")
    return ((yield* Fiber.join(fiber)) - from) / 1_000
  })

describe("in a run, a call counts without anybody saying so", () => {
  it.effect("for the agent that makes it and for all that called that one, for each of them once", () =>
    Effect.gen(function* () {
      yield* timed(Orchestrator.run(Plan.make("p", [Task.make("top", Top, { payload: { again: true } })])))
      expect(yield* requests).toEqual({ Top: 3, Middle: 3, Leaf: 2 })
    }).pipe(Effect.provide(environment(everyAgent({ requestsPerMinute: 99 }))))
  )

  it.effect("for the agents of nested runs, and not for their plans", () =>
    Effect.gen(function* () {
      const nested = Plan.make("nested", [Task.make("planner", Planner, { payload: {} })])
      yield* timed(Orchestrator.run(Plan.make("p", [Task.plan("inner", nested)])))
      expect(yield* requests).toEqual({ Planner: 1, Leaf: 1 })
    }).pipe(Effect.provide(environment(everyAgent({ requestsPerMinute: 99 }))))
  )

  it.effect("for a model agent once, although it says its name itself", () =>
    Effect.gen(function* () {
      yield* timed(
        Orchestrator.run(Plan.make("p", [Task.make("t", Thinker, { payload: {} })])).pipe(Limiter.within({ agent: "Thinker" }))
      )
      expect(yield* requests).toEqual({ Thinker: 1 })
      // Outside of runs nobody else says it.
      yield* timed(Thinker.run({}))
      expect(yield* requests).toEqual({ Thinker: 2 })
    }).pipe(Effect.provide(environment(everyAgent({ requestsPerMinute: 99 }))))
  )

  it.effect("so that who asks others gets no more, and nobody waits for itself", () =>
    Effect.gen(function* () {
      const three = Plan.make("p", [Task.make("top", Top, { payload: { again: true } })])
      // One call at a time of Top: what its children ask is its own.
      expect(yield* timed(Orchestrator.run(three))).toBe(3)
      const leaves = Plan.make("q", [Task.make("one", Leaf, { payload: {} }), Task.make("two", Leaf, { payload: {} })])
      // Leaves of nobody are not held up by that.
      expect(yield* timed(Orchestrator.run(leaves))).toBe(1)
    }).pipe(Effect.provide(environment(Limiter.layer({ agent: { Top: { concurrency: 1 } } }))))
  )

  it.effect("outside of runs only for whom the regions name", () =>
    Effect.gen(function* () {
      yield* timed(Middle.run({}))
      expect(yield* requests).toEqual({})
      yield* timed(Middle.run({}).pipe(Limiter.within({ agent: "Middle" })))
      expect(yield* requests).toEqual({ Middle: 3 })
    }).pipe(Effect.provide(environment(everyAgent({ requestsPerMinute: 99 }))))
  )
})
