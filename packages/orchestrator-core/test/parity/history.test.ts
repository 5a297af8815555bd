import { Agent, AgentOrchestrator, Budget, Progress, Run } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Option, Schema } from "effect"
import { TestClock } from "effect/testing"
import { fixed, holds, ids, listening, Recorder, Scribe, within, work, Worker } from "./subject.ts"

// What went wrong before, and what no test showed.

const everyEnd = () => [
  work({ id: "succeeds", millis: 5, tokens: 1 }),
  work({ id: "fails", end: "fail" }),
  work({ id: "throws", end: "throw" }),
  work({ id: "cancelled", end: "interrupt" }),
  work({ id: "times out", millis: 1_000 }, { timeout: 10 }),
  work({ id: 7 } as any),
  ...ids("last")
]

for (const mode of ["executeParallel", "executeSequential"] as const) {
  fixed(`${mode}: every task ends in one terminal event, and no agent is called twice`, ({ make }) =>
    Effect.gen(function*() {
      const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 2 })
      const { onProgress, updates } = listening()
      const exit = yield* Effect.exit(within(2_000, orchestrator[mode](everyEnd(), { onProgress, continueOnFailure: true })))
      expect(Exit.isSuccess(exit), "all results are lost").toBe(true)
      const result = yield* exit
      const terminal = updates.filter(({ event }) => event !== undefined && Progress.isTerminal(event))
      expect(terminal.map(({ taskIndex }) => taskIndex).sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
      expect(result.outcomes.map(({ _tag }) => _tag)).toEqual(["succeeded", "failed", "failed", "cancelled", "timedOut", "failed", "succeeded"])
      expect((yield* Recorder).started.toSorted()).toEqual(["cancelled", "fails", "last", "succeeds", "throws", "times out"])
      expect([result.successCount, result.failedCount, result.skippedCount]).toEqual([2, 5, 0])
      expect(yield* orchestrator.activeAgentCount).toBe(0)
    })
  )
}

fixed("no goal hangs: one limit over the whole list, and what was done is kept", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const minute = 60_000
    const list = orchestrator.executeSequential([work({ id: "a", millis: 5 * minute, tokens: 3 }), work({ id: "b", millis: 24 * minute }), ...ids("c")])
    const result = yield* within(15 * minute, Run.configure({ timeout: "15 minutes" })(list))
    expect(result.outcomes.map(({ _tag }) => _tag)).toEqual(["succeeded", "timedOut", "skipped"])
    expect([result.totalTokens, result.totalExecutionTimeMs]).toEqual([3, 15 * minute])
    expect((yield* Recorder).live).toBe(0)
  })
)

fixed("a payload function that throws is the failure of its task, told like any other", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    const broken = AgentOrchestrator.task(Worker, (): { id: string } => {
      throw new Error("no plan")
    })
    const result = yield* orchestrator.executeParallel([...ids("a"), broken, ...ids("c")], { onProgress })
    expect(result.results.map(({ success }) => success)).toEqual([true, false, true])
    expect(updates.filter(({ taskIndex }) => taskIndex === 1).map(({ message, status }) => [status, message])).toEqual([
      ["failed", expect.stringContaining("Error: no plan")]
    ])
  })
)

fixed("agents that never ran are not complete, and their tokens are not made up", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxTokens: 10 })
    yield* orchestrator.spawnAndExecute(Worker, { id: "spends all", tokens: 10 })
    const { onProgress, updates } = listening()
    const result = yield* orchestrator.executeParallel(ids("a", "b"), { onProgress })
    expect((yield* Recorder).started).toEqual(["spends all"])
    expect([result.allSucceeded, result.successCount, result.failedCount, result.totalTokens]).toEqual([false, 0, 2, 0])
    expect(updates.map(({ status }) => status)).not.toContain("complete")
    expect(yield* orchestrator.getAgentStatus(result.outcomes[0]!.agentId)).toEqual(Option.some("failed"))
  })
)

holds("nothing but its start, its running and its end is told of a quiet task", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    yield* orchestrator.executeParallel(ids("a", "b", "c"), { onProgress })
    expect(updates).toHaveLength(9)
  })
)

class Lead extends Agent.make("Lead", { description: "Asks workers", payload: { workers: Schema.Natural }, success: Schema.Natural }) {
  static readonly layer = this.toLayer(({ workers }) =>
    Effect.forEach(Array.from({ length: workers }), (_, i) => Effect.ignore(Worker.run({ id: `child ${i}`, tokens: 10, millis: 10 }))).pipe(
      Effect.as(workers)
    )
  )
}

holds("agents inside agents: one cap, one budget and one progress", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 1, maxTokens: 100 })
    const { onProgress, updates } = listening()
    const result = yield* within(
      30,
      orchestrator.executeParallel([AgentOrchestrator.task(Lead, { workers: 3 })], { onProgress }).pipe(Effect.provide(Lead.layer.pipe(Layer.provide(Worker.layer))))
    )
    expect(result.results[0]).toMatchObject({ success: true, data: 3, tokensUsed: 30 })
    expect((yield* Recorder).peak).toBe(1)
    expect(yield* orchestrator.remainingTokenBudget).toBe(70)
    expect(new Set(updates.map(({ agentName }) => agentName))).toEqual(new Set(["Lead"]))
  })
)

class Office extends Agent.make("Office", { description: "Has an orchestrator of its own", payload: {}, success: Schema.Natural }) {
  static readonly layer = this.toLayer(() =>
    Effect.scoped(
      Effect.gen(function*() {
        const inner = yield* Effect.orDie(AgentOrchestrator.make({ userId: "office" }))
        return (yield* inner.executeParallel([work({ id: "inner", tokens: 5, millis: 10 })])).successCount
      })
    )
  )
}

holds("an orchestrator inside an agent waits without a permit, and spends from both budgets", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 1, maxTokens: 100 })
    const { onProgress, updates } = listening()
    const running = orchestrator.executeParallel([AgentOrchestrator.task(Office, {}), work({ id: "outer", millis: 10 })], { onProgress })
    const fiber = yield* Effect.forkChild(Effect.provide(running, Office.layer.pipe(Layer.provide(Worker.layer))), { startImmediately: true })
    yield* TestClock.adjust(5)
    expect([...(yield* orchestrator.activeAgents).values()].map(({ agentName }) => agentName)).toEqual(["Office", "Worker"])
    const result = yield* within(15, Fiber.join(fiber))
    expect(result.context.steps.map(({ taskId }) => taskId)).toEqual(["Office-1", "Worker-2"])
    expect([result.successCount, result.totalTokens, result.totalExecutionTimeMs]).toEqual([2, 5, 10])
    expect(yield* orchestrator.remainingTokenBudget).toBe(95)
    expect(updates.some(({ event }) => event.runId !== result.runId)).toBe(false)
  })
)

holds("a sequence stops at a step that was cancelled, too", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const result = yield* orchestrator.executeSequential([work({ id: "a", end: "interrupt" }), ...ids("b")])
    expect(result.outcomes.map(({ _tag }) => _tag)).toEqual(["cancelled", "skipped"])
    expect((yield* Recorder).started).toEqual(["a"])
    expect((yield* orchestrator.executeParallel([work({ id: "c", end: "interrupt" })])).allSucceeded).toBe(false)
  })
)

class Whose extends Agent.make("Whose", { description: "Tells whose work it is", payload: {}, success: Schema.String }) {
  static readonly layer = this.toLayer(() => Effect.map(Run.Current, (info) => Option.getOrThrow(info).userId))
}

holds("agents know whose work they do", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    expect((yield* Effect.provide(orchestrator.spawnAndExecute(Whose, {}), Whose.layer)).data).toBe("ada")
  })
)

holds("a region around a list limits it as well", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const tasks = ["a", "b"].map((id) => work({ id, tokens: 100, reserve: true }))
    const result = yield* orchestrator.executeSequential(tasks, { continueOnFailure: true }).pipe(Budget.limit({ tokens: 150 }, { name: "morning" }))
    expect(result.outcomes.map(({ _tag }) => _tag)).toEqual(["succeeded", "failed"])
    expect(result.outcomes[1]).toMatchObject({ error: { _tag: "BudgetExceededError", owner: "region", scope: "morning" } })
    expect(yield* orchestrator.remainingTokenBudget).toBe(99_900)
  })
)

holds("an agent may have any name, and any payload", ({ make }) =>
  Effect.gen(function*() {
    class Odd extends Agent.make("constructor", { description: "Has an odd name", payload: {}, success: Schema.Void }) {
      static readonly layer = this.toLayer(() => Effect.void)
    }
    const orchestrator = yield* make({ userId: "ada" })
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    const result = yield* orchestrator
      .executeSequential([
        AgentOrchestrator.task(Scribe, { context: cyclic }),
        AgentOrchestrator.task(Odd, (context) => {
          expect(context.outcome(Odd)).toEqual(Option.none())
          return {}
        }),
        AgentOrchestrator.task(Odd, {})
      ])
      .pipe(Effect.provide(Odd.layer))
    expect(result.allSucceeded).toBe(true)
    expect(result.context.outcome(Odd)).toMatchObject({ value: { taskId: "constructor-3" } })
    expect(Object.keys(result.context.latest)).toEqual(["Scribe", "constructor"])
  })
)

holds("a chain of 2,000 steps and a list of 5,000 end", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const many = (n: number) => Array.from({ length: n }, (_, i) => work({ id: String(i) }))
    expect((yield* orchestrator.executeSequential(many(2_000))).successCount).toBe(2_000)
    expect((yield* orchestrator.executeParallel(many(5_000))).successCount).toBe(5_000)
  })
)

it("a timeout that is none is refused where the task is written", () => {
  expect(() => work({ id: "a" }, { timeout: 0 })).toThrow('Task "Worker": timeout was 0')
})
