import { type Agent, Budget, Orchestrator, type Plan, type RunResult } from "@aria/orchestrator-core"
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Approval, type CalendarError, Feeds, Operator, Scout, Scribe, SourceUnavailableError } from "./agents.ts"
import { MorningBrief } from "./morningBrief.ts"

const program = Effect.gen(function*() {
  const result = yield* Orchestrator.run(MorningBrief, { companies: ["Acme Corp", "Beta Inc"] })
  yield* Effect.log(`${result.successCount} of ${result.results.length} tasks, ${result.usage.tokens} tokens`)
  const { brief } = yield* result.outputs                             // typed; fails with the goal's own error or TaskNotSucceededError
  return { brief, result }
}).pipe(Budget.limit({ tokens: 200_000, usd: 2.5 }))

type Handlers = Agent.Handler<"Scout"> | Agent.Handler<"Operator"> | Agent.Handler<"Scribe">

const agents = Layer.mergeAll(Scout.layer, Operator.layer, Scribe.layer, Orchestrator.layer)

describe("the call site of the design", () => {
  it("has the types that it promises", () => {
    expectTypeOf(MorningBrief).toEqualTypeOf<
      Plan.Plan<"morning-brief", { readonly brief: string }, never, Handlers | Approval, {
        readonly companies: readonly [string, ...Array<string>]
      }>
    >()
    expectTypeOf(program).toEqualTypeOf<
      Effect.Effect<
        { brief: string; result: RunResult.RunResult<{ readonly brief: string }> },
        RunResult.TaskNotSucceededError | Plan.InvalidPlanError | Budget.BudgetExceededError | Budget.InvalidLimitError,
        Handlers | Approval | Orchestrator.Orchestrator
      >
    >()
    expectTypeOf(Scout.layer).toEqualTypeOf<Layer.Layer<Agent.Handler<"Scout">, never, Feeds>>()
    expectTypeOf(Operator.layer).toEqualTypeOf<Layer.Layer<Agent.Handler<"Operator">>>()
    expectTypeOf(Operator.run).returns.toEqualTypeOf<
      Effect.Effect<
        { readonly events: ReadonlyArray<string> },
        CalendarError | Agent.InvalidPayloadError,
        Agent.Handler<"Operator"> | Approval
      >
    >()
  })

  it.effect("runs", () =>
    Effect.gen(function*() {
      const { brief, result } = yield* program
      expect(brief).toBe("Acme Corp ships; Beta Inc ships; 2026-11-23")
      expect(result.allSucceeded).toBe(true)
      expect(result.results.map(({ taskId }) => taskId)).toEqual(["signals", "signals/Acme Corp", "signals/Beta Inc", "meetings", "brief"])
    }).pipe(Effect.provide(agents), Effect.provide([Feeds.layer, Approval.granted])))

  it.effect("goes on without the meetings, after two more attempts", () =>
    Effect.gen(function*() {
      const { brief, result } = yield* program
      expect(brief).toBe("Acme Corp ships; Beta Inc ships")
      expect(result.results[3]).toMatchObject({ _tag: "failed", taskId: "meetings", attempts: 3, error: { _tag: "CalendarError" } })
    }).pipe(
      Effect.provide(agents),
      Effect.provide([Feeds.layer, Layer.succeed(Approval, { ask: () => Effect.succeed(false) })])
    ))

  it.effect("has no brief where a feed is down, and says why", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(program)
      expect(error).toMatchObject({ _tag: "TaskNotSucceededError", taskId: "brief", outcome: "skipped" })
      expect(error.message).toContain("signals")
    }).pipe(
      Effect.provide(agents),
      Effect.provide([
        Layer.succeed(Feeds, { read: (source) => Effect.fail(new SourceUnavailableError({ source })) }),
        Approval.granted
      ])
    ))

  it.effect("an agent runs without an orchestrator", () =>
    Effect.gen(function*() {
      expect(yield* Scout.run({ entities: ["Acme Corp"] })).toEqual({ signals: ["Acme Corp ships"] })
    }).pipe(Effect.provide(Scout.layer.pipe(Layer.provide(Feeds.layer)))))
})
