import { Agent, AgentOrchestrator, Budget, Orchestrator, Plan, Progress, Run, Task } from "@aria/orchestrator-core"
import { expect, expectTypeOf, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Fiber, Layer, Option, Schedule, Schema } from "effect"
import { TestClock } from "effect/testing"
import { logged } from "./logs.ts"
import { fixed, fixedTitles, holds, Homeless, ids, listening, Operator, Recorder, Scout, Scribe, within, work, Worker, WorkError } from "./subject.ts"

// Scheduling

fixed("W1: a slow task idles no slot: cap 2 with 300, 50, 50 and 50 ms takes 300 ms", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 2 })
    const tasks = [300, 50, 50, 50].map((millis, i) => work({ id: String(i), millis }))
    expect((yield* within(1_000, orchestrator.executeParallel(tasks))).totalExecutionTimeMs).toBe(300)
  })
)

for (const option of ["maxConcurrentAgents", "maxTokens", "maxApiCalls"] as const) {
  fixed(`W2: ${option} of 0, -1, 1.5, NaN and Infinity is refused and says what is allowed`, ({ make }) =>
    Effect.gen(function*() {
      for (const value of [0, -1, 1.5, NaN, Infinity]) {
        const exit = yield* Effect.exit(make({ userId: "ada", [option]: value }))
        expect(Exit.isFailure(exit)).toBe(true)
        const error = Option.getOrUndefined(Exit.findErrorOption(exit))
        expect(error).toBeInstanceOf(Budget.InvalidLimitError)
        expect(error?.message).toBe(`AgentOrchestrator.make: ${option} was ${value}; allowed is a whole number from 1`)
      }
    })
  )
}

fixed("W2: a blank user id is refused", ({ make }) =>
  Effect.gen(function*() {
    const exit = yield* Effect.exit(make({ userId: " " }))
    expect(Exit.isFailure(exit)).toBe(true)
  })
)

fixed("W3: the cap holds over all calls of one orchestrator", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 2 })
    const slow = (id: string) => work({ id, millis: 10 })
    yield* within(
      100,
      Effect.all(
        [
          orchestrator.executeParallel([slow("a"), slow("b")]),
          orchestrator.executeParallel([slow("c"), slow("d")]),
          orchestrator.spawnAndExecute(Worker, { id: "e", millis: 10 })
        ],
        { concurrency: "unbounded" }
      )
    )
    const recorder = yield* Recorder
    expect([recorder.peak, recorder.ended.length]).toEqual([2, 5])
  })
)

it.effect("W4: parallel where it can be, in order where it must be: a Plan mixes both", () =>
  Effect.gen(function*() {
    const order: Array<string> = []
    const a = Task.make("a", Scout, { payload: { entities: ["Acme"] } })
    const b = Task.make("b", Scout, { payload: { entities: ["Beta"] } })
    const both = Task.make("both", Scribe, { dependsOn: [a, b], payload: (outputs) => ({ context: Object.keys(outputs) }) })
    const result = yield* Orchestrator.run(Plan.make("diamond", [both])).pipe(
      Progress.listen((event) => void ("taskId" in event && (event._tag === "starting" || event._tag === "complete") && order.push(`${event._tag} ${event.taskId}`)))
    )
    expect((yield* result.outputs).both).toEqual({ context: ["a", "b"] })
    expect(order.indexOf("starting both")).toBeGreaterThan(Math.max(order.indexOf("complete a"), order.indexOf("complete b")))
    expect(Math.max(order.indexOf("starting a"), order.indexOf("starting b"))).toBeLessThan(order.indexOf("starting both"))
  }).pipe(Effect.provide(Layer.mergeAll(Scout.layer, Scribe.layer, Orchestrator.layer)))
)

fixed("W4: the mode is used: a result tells its own", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    expect((yield* orchestrator.executeSequential(ids("a"))).mode).toBe("sequential")
  })
)

fixed("W5: what has a higher priority starts first", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 1 })
    const tasks = [work({ id: "first", millis: 5 }), work({ id: "low", millis: 5 }), work({ id: "high", millis: 5 }, { priority: 1 })]
    yield* within(15, orchestrator.executeParallel(tasks))
    expect((yield* Recorder).started).toEqual(["high", "first", "low"])
  })
)

fixed("W6: a task has a timeout", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { outcomes, results } = yield* within(5_000, orchestrator.executeParallel([work({ id: "a", millis: 5_000 }, { timeout: "1 second" }), ...ids("b")]))
    expect(outcomes.map((outcome) => outcome?._tag)).toEqual(["timedOut", "succeeded"])
    expect(results[0]).toMatchObject({ success: false, error: "timed out after 1000 ms", executionTimeMs: 1_000 })
  })
)

fixed("W6: cleanup cancels what runs, and the caller gets what was done", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 2 })
    const { onProgress, updates } = listening()
    const fiber = yield* Effect.forkChild(
      orchestrator.executeParallel([...ids("done"), work({ id: "long", millis: 1_000, tokens: 9 }), work({ id: "longer", millis: 2_000 }), ...ids("late")], { onProgress }),
      { startImmediately: true }
    )
    yield* TestClock.adjust(100)
    yield* orchestrator.cleanup
    const recorder = yield* Recorder
    expect(recorder.live).toBe(0)
    const result = yield* within(10_000, Fiber.join(fiber))
    expect(result.outcomes.map((outcome) => outcome?._tag)).toEqual(["succeeded", "cancelled", "cancelled", "skipped"])
    expect([result.totalTokens, recorder.ended]).toEqual([9, ["done"]])
    expect(updates.at(-1)?.status).toMatch(/cancelled|skipped/)
    expect(yield* orchestrator.activeAgentCount).toBe(0)
  })
)

fixed("W6: a list that is interrupted leaves no agent at work and none running", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    const fiber = yield* Effect.forkChild(orchestrator.executeParallel([work({ id: "a", millis: 1_000 })], { onProgress }), { startImmediately: true })
    yield* TestClock.adjust(10)
    yield* Fiber.interrupt(fiber)
    expect((yield* Recorder).live).toBe(0)
    expect(yield* orchestrator.getAgentStatus(updates[0]!.agentId)).toEqual(Option.some("failed"))
  })
)

holds("W6: closing its scope cancels what runs", ({ make }) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.scoped(
      Effect.gen(function*() {
        const orchestrator = yield* make({ userId: "ada" })
        const fiber = yield* Effect.forkDetach(orchestrator.executeParallel([work({ id: "a", millis: 1_000 })]), { startImmediately: true })
        yield* TestClock.adjust(10)
        return fiber
      })
    )
    expect((yield* Recorder).live).toBe(0)
    expect((yield* within(0, Fiber.join(fiber))).outcomes[0]?._tag).toBe("cancelled")
  })
)

// Resources

fixed("W7: a budget of 50 stops the second task of 100 tokens before it starts, and reports what was spent", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxTokens: 50 })
    const result = yield* orchestrator.executeSequential(
      ["a", "b", "c"].map((id) => work({ id, tokens: 100 })),
      { continueOnFailure: true }
    )
    expect((yield* Recorder).started).toEqual(["a"])
    expect([result.totalTokens, result.successCount, result.failedCount]).toEqual([100, 1, 2])
    expect(result.outcomes[1]).toMatchObject({ error: { _tag: "BudgetExceededError", owner: "orchestrator", scope: "ada", dimension: "tokens", limit: 50, used: 100 } })
    expect(yield* orchestrator.remainingTokenBudget).toBe(0)
  })
)

fixed("W7: agents that reserve never pass the budget, however many run at once", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxTokens: 250 })
    const tasks = Array.from({ length: 5 }, (_, i) => work({ id: String(i), tokens: 100, reserve: true, millis: 10 }))
    const result = yield* within(100, orchestrator.executeParallel(tasks))
    expect([result.totalTokens, result.successCount, result.failedCount]).toEqual([200, 2, 3])
  })
)

fixed("W7: the check counts what is reserved and not yet used", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxTokens: 100 })
    const held = Effect.gen(function*() {
      yield* within(5, Effect.void)
      return [yield* orchestrator.checkTokenBudget(40), yield* orchestrator.checkTokenBudget(41), yield* orchestrator.remainingTokenBudget]
    })
    const answer: Array<unknown> = []
    const asking = Budget.reserve({ tokens: 60 }, (reservation) => Effect.andThen(Effect.map(held, (all) => answer.push(...all)), reservation.release))
    // A policy is part of the task: what it reserves is held by the orchestrator.
    yield* orchestrator.executeParallel([work({ id: "a" }, { policy: (call) => Effect.andThen(Effect.orDie(asking), call) })])
    expect(answer).toEqual([true, false, 40])
    expect(yield* orchestrator.remainingTokenBudget).toBe(100)
  })
)

fixed("W8: a limit of API calls refuses the call that would pass it", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxApiCalls: 2 })
    const result = yield* orchestrator.executeParallel(["a", "b", "c"].map((id) => work({ id, calls: 1, reserve: true })))
    expect(result.outcomes.map((outcome) => outcome?._tag)).toEqual(["succeeded", "succeeded", "failed"])
    expect(result.outcomes[2]).toMatchObject({ error: { _tag: "BudgetExceededError", dimension: "calls", limit: 2, used: 2 } })
    expect(result.usage.calls).toBe(2)
  })
)

for (const end of ["fail", "throw", "interrupt"] as const) {
  fixed(`W9: tokens of an agent that ends with "${end}" are counted, in the result and in the budget`, ({ make }) =>
    Effect.gen(function*() {
      const orchestrator = yield* make({ userId: "ada", maxTokens: 100 })
      const result = yield* orchestrator.executeParallel([work({ id: "a", tokens: 30, end })])
      expect([result.totalTokens, result.results[0]?.tokensUsed, yield* orchestrator.remainingTokenBudget]).toEqual([30, 30, 70])
    })
  )
}

fixed("W9: work that cleanup has cancelled spends nothing of the new count", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxTokens: 100 })
    const fiber = yield* Effect.forkChild(
      orchestrator.executeSequential([work({ id: "a", millis: 50 }), work({ id: "b", tokens: 60 })], { continueOnFailure: true }),
      { startImmediately: true }
    )
    yield* TestClock.adjust(10)
    yield* orchestrator.cleanup
    yield* TestClock.adjust(100)
    expect(yield* orchestrator.remainingTokenBudget).toBe(100)
    yield* Fiber.join(fiber)
  })
)

// Robustness

for (const when of ["starting", "complete"] as const) {
  fixed(`W10: a callback that throws at "${when}" costs nothing`, ({ make }) =>
    Effect.gen(function*() {
      const orchestrator = yield* make({ userId: "ada" })
      const statuses: Array<string> = []
      const result = yield* orchestrator.executeParallel([work({ id: "a", tokens: 5 })], {
        onProgress: ({ status }) => {
          statuses.push(status)
          if (status === when) throw new Error("the callback broke")
        }
      })
      expect(result.results[0]).toMatchObject({ success: true, data: { id: "a" }, error: null, tokensUsed: 5 })
      expect(statuses).toEqual(["starting", "running", "complete"])
      expect(yield* orchestrator.activeAgentCount).toBe(0)
    })
  )
}

fixed("W11: an agent that cannot be made ends with one terminal event", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, statuses } = listening()
    const homeless = AgentOrchestrator.task(Homeless, {}) as AgentOrchestrator.AgentTask<void>
    const result = yield* orchestrator.executeParallel([homeless], { onProgress })
    expect(result.results[0]?.success).toBe(false)
    expect(statuses().filter((status) => status === "failed")).toHaveLength(1)
    expect(statuses().at(-1)).toBe("failed")
  })
)

fixed("W12: a callback may return an effect, which is run", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const heard: Array<string> = []
    yield* orchestrator.executeParallel(ids("a"), { onProgress: ({ status }) => Effect.andThen(Effect.yieldNow, Effect.sync(() => heard.push(status))) })
    expect(heard).toEqual(["starting", "running", "complete"])
  })
)

fixed("W12: a callback may return a promise, which is awaited in order", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const heard: Array<string> = []
    let first = true
    yield* orchestrator.executeParallel(ids("a"), {
      onProgress: ({ status }) => {
        const turns = first ? 20 : 1
        first = false
        return Array.from({ length: turns }).reduce<Promise<unknown>>((before) => before.then(() => undefined), Promise.resolve()).then(() => heard.push(status))
      }
    })
    expect(heard).toEqual(["starting", "running", "complete"])
  })
)

fixed("W12: a slow callback slows no agent", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    let heard = 0
    const result = yield* within(
      1_000,
      orchestrator.executeSequential([work({ id: "a", millis: 10 }), work({ id: "b", millis: 10 })], {
        onProgress: () => Effect.tap(Effect.sleep(100), () => Effect.sync(() => heard++))
      })
    )
    expect(result.totalExecutionTimeMs).toBe(20)
    expect(heard).toBe(6)
  })
)

fixed("W13: failed, thrown, cancelled and timed out are told apart", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    const { outcomes } = yield* within(
      100,
      orchestrator.executeParallel(
        [work({ id: "a", end: "fail" }), work({ id: "b", end: "throw" }), work({ id: "c", end: "interrupt" }), work({ id: "d", millis: 100 }, { timeout: 10 })],
        { onProgress }
      )
    )
    expect(outcomes.map((outcome) => (outcome?._tag === "failed" ? (outcome.error as { readonly _tag?: string })._tag : outcome?._tag)))
      .toEqual(["WorkError", "DefectError", "cancelled", "timedOut"])
    const statuses = yield* Effect.forEach(outcomes, (outcome) => orchestrator.getAgentStatus(outcome!.agentId))
    expect(statuses).toEqual(Array.from({ length: 4 }, () => Option.some("failed")))
    expect(updates.filter(({ event }) => Progress.isTerminal(event)).map(({ status, taskIndex }) => [taskIndex, status]).sort())
      .toEqual([[0, "failed"], [1, "failed"], [2, "cancelled"], [3, "timedOut"]])
  })
)

fixed("W13: a cancelled step loses no result of a sequence", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const exit = yield* Effect.exit(
      orchestrator.executeSequential([...ids("a"), work({ id: "b", end: "interrupt" }), ...ids("c")], { continueOnFailure: true })
    )
    expect(Exit.isSuccess(exit) ? exit.value.outcomes.map(({ _tag }) => _tag) : "lost").toEqual(["succeeded", "cancelled", "succeeded"])
  })
)

holds("W13: where the caller is interrupted, what was done is in the last event", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    let ended: ReadonlyArray<string> = []
    const fiber = yield* Effect.forkChild(
      orchestrator.executeSequential([work({ id: "a", tokens: 5 }), work({ id: "b", millis: 100 }), ...ids("c")]).pipe(
        Progress.listen((event) => void (event._tag === "RunEnded" && (ended = event.result.results.map(({ _tag }) => _tag))))
      ),
      { startImmediately: true }
    )
    yield* TestClock.adjust(10)
    yield* Fiber.interrupt(fiber)
    expect(ended).toEqual(["succeeded", "cancelled", "skipped"])
  })
)

fixed("W14: a policy retries with a delay, and each attempt is told and counted", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    const task = work({ id: "a", failures: 2, tokens: 10 }, { policy: (call) => Effect.retry(call, { times: 2, schedule: Schedule.spaced("1 second") }) })
    const result = yield* within(2_000, orchestrator.executeParallel([task], { onProgress }))
    expect(result.results[0]).toMatchObject({ success: true, tokensUsed: 30, executionTimeMs: 2_000 })
    expect(result.outcomes[0]?.attempts).toBe(3)
    expect(updates.map(({ status }) => status)).toEqual(["starting", "running", "retrying", "retrying", "complete"])
  })
)

fixed("W14: a policy chooses what is worth another attempt, and a fallback", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const policy: Task.Policy<typeof Worker, Agent.Services<typeof Worker>> = (call) =>
      call.pipe(
        Effect.retry({ times: 5, while: ({ reason }) => !reason.includes("broke") }),
        Effect.catchTag("WorkError", () => Effect.succeed({ id: "fallback", tags: [] }))
      )
    const { outcomes, results } = yield* orchestrator.executeParallel([work({ id: "a", end: "fail" }, { policy })])
    expect([results[0]?.data?.id, outcomes[0]?.attempts]).toEqual(["fallback", 1])
  })
)

fixed("W15: an error comes through as it is, with task and agent; its text is never empty", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { outcomes, results } = yield* orchestrator.executeParallel([work({ id: "a", end: "fail" }), work({ id: "b", end: "failBlank" }), work({ id: "c", end: "throw" })])
    const [first, second, third] = outcomes
    expect(first?._tag === "failed" && first.error instanceof WorkError && first.error.reason).toBe("a broke")
    expect(first).toMatchObject({ taskId: "Worker-1", agent: "Worker", origin: "agent" })
    expect(second).toMatchObject({ taskId: "Worker-2", origin: "agent" })
    expect(results[1]?.error).not.toBe("")
    expect(third).toMatchObject({ origin: "engine", error: { _tag: "DefectError", received: "TypeError: c threw", stackTrace: expect.stringContaining("subject.ts") } })
  })
)

holds("W16: a task succeeded exactly where its agent's effect did", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { outcomes, results } = yield* orchestrator.executeParallel([work({ id: "a" }), work({ id: "b", end: "fail" }), work({ id: "c", end: "interrupt" })])
    expect(results.map(({ success }) => success)).toEqual(outcomes.map(({ _tag }) => _tag === "succeeded"))
    expect(results.map(({ data }) => data === null)).toEqual([false, true, true])
  })
)

// Context

/** What a step sees of the context, kept for later. */
const spy = (id: string, seen: Array<AgentOrchestrator.ExecutionContext>) =>
  AgentOrchestrator.task(Worker, (context) => {
    seen.push(context)
    return { id }
  })

fixed("W17: the same agent twice keeps both outputs, and the latest by name", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const seen: Array<AgentOrchestrator.ExecutionContext> = []
    const scout = (name: string) => AgentOrchestrator.task(Scout, { entities: [name] })
    yield* orchestrator.executeSequential([scout("Acme"), scout("Beta"), spy("c", seen)])
    expect(seen[0]?.steps).toMatchObject([
      { taskId: "Scout-1", agent: "Scout", index: 0, _tag: "succeeded", output: { signals: ["Acme ships"] } },
      { taskId: "Scout-2", agent: "Scout", index: 1, _tag: "succeeded", output: { signals: ["Beta ships"] } }
    ])
    expect(seen[0]?.output(Scout)).toEqual(Option.some({ signals: ["Beta ships"] }))
  })
)

fixed("W18: a payload's own field called context is never touched", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const result = yield* orchestrator.executeSequential([
      AgentOrchestrator.task(Scout, { entities: ["Acme"] }),
      AgentOrchestrator.task(Scribe, { context: "a note to the customer" }),
      AgentOrchestrator.task(Scribe, { context: { horizon: "Q3" } })
    ])
    expect(result.results[1].data).toEqual({ context: "a note to the customer" })
    expect(result.results[2].data).toEqual({ context: { horizon: "Q3" } })
  })
)

fixed("W19: a context that was given stays as it was: nothing later appears in it", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const seen: Array<AgentOrchestrator.ExecutionContext> = []
    yield* orchestrator.executeSequential([
      AgentOrchestrator.task(Scout, { entities: ["Acme"] }),
      spy("b", seen),
      AgentOrchestrator.task(Operator, { operationType: "calendar_read" }),
      spy("d", seen)
    ])
    expect(seen.map(({ steps }) => steps.length)).toEqual([1, 3])
    expect(Object.keys(seen[0]!.latest)).toEqual(["Scout"])
  })
)

fixed("W19: no step can change what the next one sees", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const poison = AgentOrchestrator.task(Operator, (context) => {
      const output: any = Option.getOrThrow(context.output(Worker))
      expect(() => output.tags.push("poison")).toThrow(TypeError)
      expect(() => Object.assign(context.latest, { Worker: undefined })).toThrow(TypeError)
      return { operationType: "calendar_read" as const }
    })
    const seen: Array<AgentOrchestrator.ExecutionContext> = []
    const result = yield* orchestrator.executeSequential([...ids("a"), poison, spy("c", seen)])
    expect(result.allSucceeded).toBe(true)
    expect(seen[0]?.output(Worker)).toEqual(Option.some({ id: "a", tags: ["a"] }))
  })
)

fixed("W19: what an agent changes later in its own data does not reach the context", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const mine = { notes: ["first"] }
    const seen: Array<AgentOrchestrator.ExecutionContext> = []
    yield* orchestrator.executeSequential([
      AgentOrchestrator.task(Scribe, { context: mine }),
      AgentOrchestrator.task(Worker, (context) => {
        mine.notes.push("second")
        seen.push(context)
        return { id: "b" }
      })
    ])
    expect(seen[0]?.output(Scribe)).toEqual(Option.some({ context: { notes: ["first"] } }))
  })
)

fixed("W20: a failed step is in the context as failed, with its error", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const seen: Array<AgentOrchestrator.ExecutionContext> = []
    yield* orchestrator.executeSequential([work({ id: "a", end: "fail" }), spy("b", seen)], { continueOnFailure: true })
    expect(seen[0]?.steps).toMatchObject([{ _tag: "failed", error: { _tag: "WorkError", reason: "a broke" } }])
    expect(seen[0]?.output(Worker)).toEqual(Option.none())
    expect(Option.map(seen[0]!.outcome(Worker), ({ _tag }) => _tag)).toEqual(Option.some("failed"))
  })
)

holds("W21: upstream output becomes downstream input, with its type", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const result = yield* orchestrator.executeSequential([
      AgentOrchestrator.task(Scout, { entities: ["Acme", "Beta"] }),
      AgentOrchestrator.task(Scribe, (context) => {
        const scouted = context.output(Scout)
        expectTypeOf(scouted).toEqualTypeOf<Option.Option<{ readonly signals: ReadonlyArray<string> }>>()
        return { context: Option.match(scouted, { onNone: () => [], onSome: ({ signals }) => signals }) }
      })
    ])
    expect(result.results[1].data).toEqual({ context: ["Acme ships", "Beta ships"] })
    // @ts-expect-error a payload function has to give the agent's payload
    void (() => AgentOrchestrator.task(Scout, (context) => ({ entities: context.output(Operator) })))
    // @ts-expect-error and no field beside it
    void (() => AgentOrchestrator.task(Scout, () => ({ entities: ["Acme"] as const, entitties: [] })))
  })
)

class Hunter extends Agent.make("Hunter", { description: "Hunts", payload: {}, success: Schema.Void }) {
  static readonly instanceName = "Hunter Pro"
  static readonly layer = this.toLayer(() => Effect.void)
}

fixed("W22: one name everywhere: in updates and in the context", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    const seen: Array<AgentOrchestrator.ExecutionContext> = []
    yield* Effect.provide(orchestrator.executeSequential([AgentOrchestrator.task(Hunter, {}), spy("b", seen)], { onProgress }), Hunter.layer)
    expect(Object.keys(seen[0]?.latest ?? {})).toEqual(["Hunter"])
    expect(updates[0]?.agentName).toBe("Hunter")
  })
)

holds("W22: outcomes and task ids have that name too", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { outcomes } = yield* orchestrator.executeSequential([AgentOrchestrator.task(Scout, { entities: ["Acme"] })])
    expect(outcomes[0]).toMatchObject({ agent: "Scout", taskId: "Scout-1" })
  })
)

fixed("W23: a sequence can begin with what a parallel list gave", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const seen: Array<AgentOrchestrator.ExecutionContext> = []
    const first = yield* orchestrator.executeParallel([
      AgentOrchestrator.task(Scout, { entities: ["Acme"] }),
      AgentOrchestrator.task(Operator, { operationType: "calendar_read" })
    ])
    yield* orchestrator.executeSequential([spy("c", seen)], { context: first.context })
    expect(seen[0]?.output(Scout)).toEqual(Option.some({ signals: ["Acme ships"] }))
    expect(seen[0]?.output(Operator)).toEqual(Option.some({ meetings: 2 }))
  })
)

holds("W23: the context of a parallel list is in the order of the list, and what was skipped is not the latest", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { context } = yield* within(20, orchestrator.executeParallel([work({ id: "a", millis: 20 }), work({ id: "b", millis: 10 })]))
    expect(context.steps.map(({ index }) => index)).toEqual([0, 1])
    expect(Option.map(context.output(Worker), ({ id }) => id)).toEqual(Option.some("b"))
    const stopped = yield* orchestrator.executeSequential([work({ id: "c", end: "fail" }), ...ids("d")], { context })
    expect(stopped.context.steps.map(({ _tag }) => _tag)).toEqual(["succeeded", "succeeded", "failed", "skipped"])
    expect(stopped.context.latest.Worker).toMatchObject({ _tag: "failed", index: 0 })
  })
)

// Observability and identity

fixed("W24: updates tell of running, with run and task id, time, usage and an order", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 1 })
    const { onProgress, updates } = listening()
    yield* TestClock.adjust(1_000)
    const start = yield* Clock.currentTimeMillis
    const result = yield* within(20, orchestrator.executeParallel([work({ id: "a", tokens: 5, millis: 10 }), work({ id: "b", millis: 10 })], { onProgress }))
    const of = (index: number) => updates.filter(({ taskIndex }) => taskIndex === index)
    expect([0, 1].map((index) => of(index).map(({ status }) => status))).toEqual(Array.from({ length: 2 }, () => ["starting", "running", "complete"]))
    expect([...of(0), ...of(1)].map(({ event }) => [event.runId === result.runId, event.taskId, event.timestamp - start])).toEqual(
      [["Worker-1", 0], ["Worker-1", 0], ["Worker-1", 10], ["Worker-2", 10], ["Worker-2", 10], ["Worker-2", 20]].map((rest) => [true, ...rest])
    )
    expect(of(0)[2]?.event).toMatchObject({ usage: { inputTokens: 5 }, elapsedMillis: 10 })
    const seqs = updates.map(({ event }) => event.seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
  })
)

fixed("W24: agents report what they are at", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    yield* orchestrator.spawnAndExecute(Scout, { entities: ["Acme"] }, { onProgress })
    expect(updates.map(({ message, status }) => `${status}: ${message}`)).toContain("update: looking")
  })
)

fixed("W25: every task is in the result with its place, task and agent, also those that did not run", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    const result = yield* orchestrator.executeSequential([...ids("a"), work({ id: "b", end: "fail" }), ...ids("c", "d")], { onProgress })
    expect(result.outcomes.map(({ _tag, agent, index, taskId }) => [index, taskId, agent, _tag])).toEqual([
      [0, "Worker-1", "Worker", "succeeded"],
      [1, "Worker-2", "Worker", "failed"],
      [2, "Worker-3", "Worker", "skipped"],
      [3, "Worker-4", "Worker", "skipped"]
    ])
    expect(result.outcomes[2]).toMatchObject({ reason: { _tag: "Stopped" } })
    expect(result.results.map(({ error }) => error)).toEqual([null, "b broke", ...Array.from({ length: 2 }, () => "skipped, because the run was stopped")])
    expect([result.successCount, result.failedCount, result.skippedCount, result.allSucceeded]).toEqual([1, 1, 2, false])
    expect(updates.filter(({ status }) => status === "skipped").map(({ taskIndex }) => taskIndex)).toEqual([2, 3])
    expect(result.outcomes.slice(0, 2).map(({ agentId }) => agentId)).toEqual([updates[0]?.agentId, updates.find(({ taskIndex }) => taskIndex === 1)?.agentId])
  })
)

fixed("W26: an agent that has ended gives its last status until cleanup", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    yield* orchestrator.executeParallel([...ids("a"), work({ id: "b", end: "fail" })], { onProgress })
    const statuses = Effect.forEach([0, 1], (index) => orchestrator.getAgentStatus(updates.find(({ taskIndex }) => taskIndex === index)!.agentId))
    expect(yield* statuses).toEqual([Option.some("complete"), Option.some("failed")])
    yield* orchestrator.cleanup
    expect(yield* statuses).toEqual([Option.none(), Option.none()])
  })
)

holds("W27: log lines of a task carry its run, task, agent and user, and no value of its payload", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const lines = yield* logged(orchestrator.executeParallel([AgentOrchestrator.task(Scout, { entities: ["Secret Corp"] })]))
    const ofTask = lines.filter(({ message }) => message.endsWith(" agent"))
    expect(ofTask).toHaveLength(3)
    for (const { annotations } of ofTask) {
      expect(annotations).toMatchObject({ taskId: "Scout-1", agentName: "Scout", userId: "ada", runId: expect.any(String) })
      expect(annotations.agentId).toBe(`${String(annotations.runId)}/Scout-1`)
    }
    expect(JSON.stringify(lines)).not.toContain("Secret Corp")
  })
)

class Approval extends Context.Service<Approval, { readonly approve: (what: string) => Effect.Effect<boolean> }>()("test/Approval") {}
class Writer extends Agent.make("Writer", { description: "Writes", payload: { what: Schema.String }, success: Schema.Boolean, dependencies: [Approval] }) {
  static readonly layer = this.toLayer(({ what }) => Effect.flatMap(Approval, ({ approve }) => approve(what)))
}

it.effect("W28: an agent that writes can require an approval of its caller, by type", () =>
  Effect.scoped(
    Effect.gen(function*() {
      const orchestrator = yield* AgentOrchestrator.make({ userId: "ada" })
      const writing = orchestrator.executeSequential([AgentOrchestrator.task(Writer, { what: "crm" })]).pipe(Effect.provide(Writer.layer))
      expectTypeOf<Effect.Services<typeof writing>>().toEqualTypeOf<Approval>()
      const asked: Array<string> = []
      const approve = (what: string) => Effect.sync(() => asked.push(what) === 0)
      expect((yield* Effect.provideService(writing, Approval, { approve })).results[0].data).toBe(false)
      expect(asked).toEqual(["crm"])
    })
  )
)

holds("W29: agent and payload belong together by type, and results keep their types", ({ make }) =>
  Effect.gen(function*() {
    // @ts-expect-error entities are missing
    void (() => AgentOrchestrator.task(Scout, {}))
    // @ts-expect-error a field that Scout does not have
    void (() => AgentOrchestrator.task(Scout, { entities: ["Acme"], topic: "news" }))
    // @ts-expect-error this is the payload of another agent
    void (() => AgentOrchestrator.task(Scout, { operationType: "calendar_read" }))
    const orchestrator = yield* make({ userId: "ada" })
    const running = orchestrator.executeParallel([AgentOrchestrator.task(Scout, { entities: ["Acme"] }), work({ id: "a", end: "fail" })])
    expectTypeOf<Effect.Services<typeof running>>().toEqualTypeOf<Agent.Services<typeof Scout | typeof Worker>>()
    const result = yield* running
    expectTypeOf(result.results[0].data).toEqualTypeOf<{ readonly signals: ReadonlyArray<string> } | null>()
    const second = result.outcomes[1]
    if (second._tag === "failed" && second.error instanceof WorkError) expectTypeOf(second.error).toEqualTypeOf<WorkError>()
    // @ts-expect-error there is no third task
    expect(result.results[2]).toBeUndefined()
    expect(second._tag).toBe("failed")
    // @ts-expect-error dependencies are values: there is no field that could be read under another name
    void (() => Task.make("b", Scout, { payload: { entities: ["Acme"] }, depends_on: ["a"] }))
  })
)

fixed("W30: a bad payload takes no slot and never starts", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 1 })
    const { onProgress, updates } = listening()
    const fiber = yield* Effect.forkChild(
      orchestrator.executeParallel([work({ id: "slow", millis: 100 }), AgentOrchestrator.task(Scout, { entities: [] as any })], { onProgress }),
      { startImmediately: true }
    )
    yield* TestClock.adjust(1)
    expect(updates.filter(({ taskIndex }) => taskIndex === 1).map(({ status }) => status)).toEqual(["failed"])
    yield* within(100, Fiber.join(fiber))
  })
)

fixed("W30: time is measured per task, from its first permit", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 1 })
    const { outcomes, results } = yield* within(30, orchestrator.executeParallel([work({ id: "a", millis: 20 }), work({ id: "b", millis: 10 })]))
    expect(results.map(({ executionTimeMs }) => executionTimeMs)).toEqual([20, 10])
    expect(outcomes.map(({ endedAt, startedAt }) => [startedAt, endedAt])).toEqual([[0, 20], [20, 30]])
  })
)

fixed("W32: ids and times are given from outside, so that two runs are equal", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const once = Effect.gen(function*() {
      let next = 0
      const { onProgress, updates } = listening()
      yield* orchestrator.executeParallel([...ids("a"), work({ id: "b", end: "fail" })], { onProgress }).pipe(
        Effect.provideService(Run.IdGenerator, Effect.sync(() => `run-${++next}`))
      )
      return updates.map(({ agentId, message, status }) => ({ agentId, message, status }))
    })
    const first = yield* once
    expect(yield* once).toEqual(first)
    expect(first[0]?.agentId).toBe("run-1/Worker-1")
  })
)

it("W31: the old behaviour fails a check of each weakness that it could show", () => {
  const shown = new Set(fixedTitles.map((title) => title.split(":")[0]))
  const byTypeOrElsewhere = ["W16", "W21", "W27", "W28", "W29", "W31"]
  const all = Array.from({ length: 32 }, (_, i) => `W${i + 1}`)
  expect(all.filter((weakness) => !shown.has(weakness))).toEqual(byTypeOrElsewhere)
})
