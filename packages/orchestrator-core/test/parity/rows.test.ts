import { Agent, AgentOrchestrator, Budget, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, Schema } from "effect"
import { TestClock } from "effect/testing"
import { logged } from "./logs.ts"
import { fixed, holds, ids, kept, listening, Operator, Recorder, Scout, Scribe, within, work, Worker } from "./subject.ts"

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

holds("row 1: parallel and sequential, and a result says which it was", ({ make }) =>
  Effect.gen(function*() {
    expect(AgentOrchestrator.ExecutionMode.literals).toEqual(["parallel", "sequential"])
    const orchestrator = yield* make({ userId: "ada" })
    expect((yield* orchestrator.executeParallel(ids("a"))).mode).toBe("parallel")
    expect((yield* orchestrator.executeSequential(ids("a"))).mode).toBe("sequential")
  })
)

kept("row 2: results, total tokens and total time", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const result = yield* within(40, orchestrator.executeParallel([work({ id: "a", tokens: 7, millis: 40 })]))
    expect(result).toMatchObject({
      results: [{ success: true, data: { id: "a" }, error: null, tokensUsed: 7, executionTimeMs: 40 }],
      totalTokens: 7,
      totalExecutionTimeMs: 40
    })
    expect(Object.keys(result.results[0]!).sort()).toEqual(["data", "error", "executionTimeMs", "success", "tokensUsed"])
  })
)

kept("row 3: counts are computed from the results", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const result = yield* orchestrator.executeParallel([...ids("a", "b"), work({ id: "c", end: "fail" })])
    expect([result.successCount, result.failedCount]).toEqual([2, 1])
  })
)

kept("row 4: all succeeded is true for an empty list and false after one failure", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    expect((yield* orchestrator.executeParallel([])).allSucceeded).toBe(true)
    expect((yield* orchestrator.executeParallel(ids("a", "b"))).allSucceeded).toBe(true)
    expect((yield* orchestrator.executeParallel([...ids("a"), work({ id: "b", end: "fail" })])).allSucceeded).toBe(false)
  })
)

kept("row 5: 100,000 tokens and 10 agents at once by default", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    expect(orchestrator.userId).toBe("ada")
    expect(yield* orchestrator.remainingTokenBudget).toBe(100_000)
    const recorder = yield* Recorder
    yield* within(60, orchestrator.executeParallel(Array.from({ length: 25 }, (_, i) => work({ id: String(i), millis: 20 }))))
    expect(recorder.peak).toBe(10)
  })
)

kept("row 6: it starts with no agents and nothing used", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxTokens: 30 })
    expect((yield* orchestrator.activeAgents).size).toBe(0)
    yield* orchestrator.spawnAndExecute(Worker, { id: "a", tokens: 10 })
    expect(yield* orchestrator.remainingTokenBudget).toBe(20)
  })
)

kept("row 7: a spawned agent has a uuid, is idle, and stays until cleanup", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const id = yield* orchestrator.spawnAgent(Scout)
    expect(id).toMatch(uuid)
    yield* orchestrator.executeParallel(ids("a"))
    expect((yield* orchestrator.activeAgents).get(id)).toEqual({ agentId: id, agentName: "Scout", status: "idle" })
    yield* orchestrator.cleanup
    expect((yield* orchestrator.activeAgents).size).toBe(0)
  })
)

holds("row 8: spawning logs agent id, agent name and user id", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    let agentId = ""
    const lines = yield* logged(Effect.tap(orchestrator.spawnAgent(Scout), (id) => Effect.sync(() => (agentId = id))))
    expect(lines).toEqual([{ level: "Info", message: "Spawned agent", annotations: { agentId, agentName: "Scout", userId: "ada" } }])
  })
)

kept("row 9: every spawned agent has an id of its own", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const spawned = yield* Effect.forEach(Array.from({ length: 50 }), () => orchestrator.spawnAgent(Scout))
    const { onProgress, updates } = listening()
    yield* orchestrator.executeParallel(ids("a", "b", "c"), { onProgress })
    expect(new Set([...spawned, ...updates.map(({ agentId }) => agentId)]).size).toBe(53)
  })
)

kept("row 10: spawn and execute goes from starting to its end and gives the result", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    const result = yield* orchestrator.spawnAndExecute(Worker, { id: "a", tokens: 5 }, { taskIndex: 3, totalTasks: 9, onProgress })
    expect(result).toEqual({ success: true, data: { id: "a", tags: ["a"] }, error: null, tokensUsed: 5, executionTimeMs: 0 })
    expect([updates.at(0)?.status, updates.at(-1)?.status]).toEqual(["starting", "complete"])
    expect(updates.every(({ taskIndex, totalTasks }) => taskIndex === 3 && totalTasks === 9)).toBe(true)
    const alone = listening()
    yield* orchestrator.spawnAndExecute(Worker, { id: "b" }, { onProgress: alone.onProgress })
    expect(alone.updates[0]).toMatchObject({ taskIndex: 0, totalTasks: 1 })
  })
)

holds("row 10: executing logs the names of the payload's fields, row 11: the end is logged too", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const lines = yield* logged(orchestrator.spawnAndExecute(Worker, { id: "secret name", tokens: 5 }))
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual(["Info Spawned agent", "Info Executing agent", "Debug Removed agent"])
    expect(lines[1]?.annotations).toMatchObject({ agentName: "Worker", userId: "ada", taskKeys: ["id", "tokens"] })
    expect(lines.every(({ annotations }) => annotations.agentId === lines[0]?.annotations.agentId)).toBe(true)
    expect(JSON.stringify(lines)).not.toContain("secret name")
  })
)

kept("row 11: an agent is active while it runs and no longer, however it ends", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    for (const end of ["succeed", "fail", "throw"] as const) {
      const fiber = yield* Effect.forkChild(orchestrator.spawnAndExecute(Worker, { id: end, millis: 10, end }), { startImmediately: true })
      yield* TestClock.adjust(5)
      expect([...(yield* orchestrator.activeAgents).values()]).toMatchObject([{ agentName: "Worker", status: "running" }])
      yield* TestClock.adjust(5)
      yield* Fiber.join(fiber)
      expect(yield* orchestrator.activeAgentCount).toBe(0)
    }
  })
)

kept("row 12: an agent that throws is told as failed, with the text", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    const result = yield* orchestrator.spawnAndExecute(Worker, { id: "a", end: "throw" }, { onProgress })
    expect(result).toMatchObject({ success: false, data: null, error: expect.stringContaining("a threw") })
    expect(updates.at(-1)).toMatchObject({ status: "failed", message: expect.stringContaining("a threw") })
  })
)

kept("row 13: tokens add up over calls", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxTokens: 1_000 })
    yield* orchestrator.spawnAndExecute(Worker, { id: "a", tokens: 10 })
    yield* orchestrator.executeParallel([work({ id: "b", tokens: 20 }), work({ id: "c", tokens: 30 })])
    yield* orchestrator.executeSequential([work({ id: "d", tokens: 40 })])
    expect(yield* orchestrator.remainingTokenBudget).toBe(900)
  })
)

kept("row 14: an empty parallel list is an empty result, without progress", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    const lines = yield* logged(
      Effect.tap(orchestrator.executeParallel([], { onProgress }), (result) =>
        Effect.sync(() =>
          expect(result).toMatchObject({ results: [], totalTokens: 0, totalExecutionTimeMs: 0, successCount: 0, failedCount: 0, allSucceeded: true })
        )
      )
    )
    expect([lines, updates]).toEqual([[], []])
  })
)

kept("row 15: parallel results come in the order given, and a failure affects no other", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const result = yield* within(
      30,
      orchestrator.executeParallel([work({ id: "a", millis: 30 }), work({ id: "b", end: "fail" }), work({ id: "c", millis: 10 })])
    )
    expect(result.results.map(({ data, error }) => data?.id ?? error)).toEqual(["a", "b broke", "c"])
    expect((yield* Recorder).ended).toEqual(["c", "a"])
  })
)

kept("row 16: what an agent throws is a failure at its place", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const result = yield* orchestrator.executeParallel([...ids("a"), work({ id: "b", end: "throw" }), work({ id: "c", end: "interrupt" }), ...ids("d")])
    expect(result.results.map(({ success }) => success)).toEqual([true, false, false, true])
    expect(result.results[1]).toMatchObject({ data: null, error: expect.stringContaining("b threw") })
  })
)

kept("row 17: at most the cap at once, all end, and places count over the whole list", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 3 })
    const { onProgress, updates } = listening()
    const tasks = Array.from({ length: 7 }, (_, i) => work({ id: String(i), millis: 10 }))
    const result = yield* within(30, orchestrator.executeParallel(tasks, { onProgress }))
    expect(result.successCount).toBe(7)
    expect((yield* Recorder).peak).toBe(3)
    expect(updates.filter(({ status }) => status === "starting").map(({ taskIndex }) => taskIndex)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(new Set(updates.map(({ totalTasks }) => totalTasks))).toEqual(new Set([7]))
  })
)

holds("row 18: a parallel list logs its counts at start and end", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxConcurrentAgents: 2 })
    const lines = yield* logged(within(10, orchestrator.executeParallel([work({ id: "a", tokens: 5, millis: 10 }), work({ id: "b", end: "fail" })])))
    expect(lines.at(0)).toEqual({
      level: "Info",
      message: "Starting parallel execution",
      annotations: { taskCount: 2, maxConcurrentAgents: 2, userId: "ada" }
    })
    expect(lines.at(-1)).toMatchObject({
      message: "Finished parallel execution",
      annotations: { taskCount: 2, successCount: 1, failedCount: 1, totalTokens: 5, totalExecutionTimeMs: 10, userId: "ada" }
    })
  })
)

kept("row 19: totals are of this call, in whole milliseconds", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    yield* orchestrator.executeParallel([work({ id: "before", tokens: 1_000 })])
    const result = yield* within(35, orchestrator.executeParallel([work({ id: "a", tokens: 5, millis: 35 }), work({ id: "b", tokens: 6, millis: 10 })]))
    expect([result.totalTokens, result.totalExecutionTimeMs]).toEqual([11, 35])
    expect(result.results.map(({ executionTimeMs }) => executionTimeMs)).toEqual([35, 10])
  })
)

kept("row 20: an empty sequential list is an empty result", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    expect(yield* orchestrator.executeSequential([])).toMatchObject({ results: [], totalTokens: 0, totalExecutionTimeMs: 0, allSucceeded: true })
  })
)

kept("row 21: in order, each sees what ended before by agent name, and no payload is changed", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const seen: Array<ReadonlyArray<string>> = []
    const entities: [string] = ["Acme"]
    const payload = { entities }
    yield* orchestrator.executeSequential([
      AgentOrchestrator.task(Scout, (context) => {
        seen.push(Object.keys(context.latest))
        return payload
      }),
      AgentOrchestrator.task(Operator, (context) => {
        seen.push(Object.keys(context.latest))
        expect(context.output(Scout)).toEqual(Option.some({ signals: ["Acme ships"] }))
        return { operationType: "calendar_read" as const }
      }),
      AgentOrchestrator.task(Worker, (context) => {
        seen.push(Object.keys(context.latest))
        expect(context.output(Operator)).toEqual(Option.some({ meetings: 2 }))
        return { id: "last" }
      })
    ])
    expect(seen).toEqual([[], ["Scout"], ["Scout", "Operator"]])
    expect(payload).toEqual({ entities: ["Acme"] })
    expect((yield* Recorder).started).toEqual(["last"])
  })
)

kept("row 22: stops after the first failure, which is in the result", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const result = yield* orchestrator.executeSequential([...ids("a"), work({ id: "b", end: "fail" }), ...ids("c", "d")])
    expect((yield* Recorder).started).toEqual(["a", "b"])
    expect(result.results[1]).toMatchObject({ success: false, error: "b broke" })
    expect([result.successCount, result.failedCount]).toEqual([1, 1])
  })
)

holds("row 22: stopping is a warning that names place, agent and error", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const lines = yield* logged(orchestrator.executeSequential([...ids("a"), work({ id: "b", end: "fail" }), ...ids("c")]))
    expect(lines.filter(({ level }) => level === "Warn")).toMatchObject([
      { message: "Stopped at task 2 of 3", annotations: { taskIndex: 1, agentName: "Worker", error: "b broke" } }
    ])
  })
)

kept("row 23: continues on failure where it is asked to", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    let sawWorker: boolean | undefined
    const result = yield* orchestrator.executeSequential(
      [
        work({ id: "a", end: "fail" }),
        AgentOrchestrator.task(Worker, (context) => {
          sawWorker = "Worker" in context.latest
          return { id: "b" }
        })
      ],
      { continueOnFailure: true }
    )
    expect(result.results.map(({ success }) => success)).toEqual([false, true])
    expect(sawWorker).toBe(true)
  })
)

kept("row 24: what a step throws is a failure; it stops the list unless it continues", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const tasks = [work({ id: "a", end: "throw" }), ...ids("b")]
    const stopped = yield* orchestrator.executeSequential(tasks)
    expect([stopped.successCount, stopped.failedCount]).toEqual([0, 1])
    const continued = yield* orchestrator.executeSequential(tasks, { continueOnFailure: true })
    expect([continued.successCount, continued.failedCount]).toEqual([1, 1])
  })
)

holds("row 24: what an agent throws is logged as an error of that agent", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const lines = yield* logged(orchestrator.executeSequential([work({ id: "a", end: "throw" })]))
    expect(lines.filter(({ level }) => level === "Error")).toMatchObject([
      { message: "The agent threw", annotations: { agentName: "Worker", userId: "ada", taskId: "Worker-1" } }
    ])
  })
)

holds("row 25: a sequential list logs its counts at start and end", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const lines = yield* logged(orchestrator.executeSequential([work({ id: "a", tokens: 5 }), work({ id: "b", end: "fail" }), ...ids("c")]))
    expect(lines.at(0)).toEqual({
      level: "Info",
      message: "Starting sequential execution",
      annotations: { taskCount: 3, continueOnFailure: false, userId: "ada" }
    })
    expect(lines.at(-1)).toMatchObject({
      message: "Finished sequential execution",
      annotations: { taskCount: 3, tasksExecuted: 2, successCount: 1, failedCount: 1, totalTokens: 5, totalExecutionTimeMs: 0 }
    })
  })
)

kept("row 26: an update names agent, status, place and message", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    yield* orchestrator.executeParallel([AgentOrchestrator.task(Scout, { entities: ["Acme"] })], { onProgress })
    expect(updates[0]).toMatchObject({
      agentName: "Scout",
      agentId: expect.stringMatching(/./),
      status: "starting",
      taskIndex: 0,
      totalTasks: 1,
      message: expect.any(String)
    })
    expect(updates.at(-1)).toMatchObject({ agentId: updates[0]?.agentId, status: "complete" })
  })
)

kept("row 27: each of five tasks tells of its start and of its end", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    yield* orchestrator.executeParallel(ids("a", "b", "c", "d", "e"), { onProgress })
    for (const index of [0, 1, 2, 3, 4]) {
      const statuses = updates.filter(({ taskIndex }) => taskIndex === index).map(({ status }) => status)
      expect([statuses.at(0), statuses.at(-1)]).toEqual(["starting", "complete"])
    }
  })
)

kept("row 28: messages say who starts, completes and fails, and why", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { onProgress, updates } = listening()
    yield* orchestrator.executeSequential([...ids("a"), work({ id: "b", end: "fail" })], { onProgress })
    expect(updates.filter(({ status }) => status !== "running").map(({ message }) => message)).toEqual([
      "Starting Worker agent",
      "Worker completed successfully",
      "Starting Worker agent",
      expect.stringMatching(/^Worker failed: .*b broke$/)
    ])
  })
)

kept("row 29: the callback may be left out or be a plain function", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    expect((yield* orchestrator.executeParallel(ids("a"))).successCount).toBe(1)
    let heard = 0
    yield* orchestrator.executeSequential(ids("a"), { onProgress: () => void heard++ })
    expect(heard).toBeGreaterThanOrEqual(2)
  })
)

kept("row 30: a check of the budget is true up to the exact limit", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxTokens: 100 })
    yield* orchestrator.spawnAndExecute(Worker, { id: "a", tokens: 40 })
    expect(yield* Effect.forEach([0, 60, 61], orchestrator.checkTokenBudget)).toEqual([true, true, false])
  })
)

kept("row 31: the remaining budget is never negative", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxTokens: 100 })
    yield* orchestrator.spawnAndExecute(Worker, { id: "a", tokens: 99 })
    expect(yield* orchestrator.remainingTokenBudget).toBe(1)
    yield* orchestrator.spawnAndExecute(Worker, { id: "b", tokens: 99 })
    expect(yield* orchestrator.remainingTokenBudget).toBe(0)
    expect(yield* orchestrator.checkTokenBudget(0)).toBe(false)
  })
)

kept("row 32: the count of active agents is that of the registry", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    yield* orchestrator.spawnAgent(Scout)
    const fiber = yield* Effect.forkChild(orchestrator.executeParallel([work({ id: "a", millis: 10 }), work({ id: "b", millis: 20 })]), {
      startImmediately: true
    })
    yield* TestClock.adjust(5)
    expect(yield* orchestrator.activeAgentCount).toBe(3)
    yield* TestClock.adjust(10)
    expect(yield* orchestrator.activeAgentCount).toBe(2)
    yield* TestClock.adjust(10)
    yield* Fiber.join(fiber)
    expect(yield* orchestrator.activeAgentCount).toBe(1)
  })
)

kept("row 33: nobody knows the status of an unknown agent", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const id = yield* orchestrator.spawnAgent(Scout)
    expect(yield* orchestrator.getAgentStatus(id)).toEqual(Option.some("idle"))
    expect(yield* orchestrator.getAgentStatus("nobody")).toEqual(Option.none())
  })
)

kept("row 34: cleanup empties the registry and counts from 0 again", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxTokens: 100 })
    const id = yield* orchestrator.spawnAgent(Scout)
    yield* orchestrator.spawnAndExecute(Worker, { id: "a", tokens: 40 })
    yield* orchestrator.cleanup
    expect(yield* orchestrator.activeAgentCount).toBe(0)
    expect(yield* orchestrator.getAgentStatus(id)).toEqual(Option.none())
    expect(yield* orchestrator.remainingTokenBudget).toBe(100)
    expect((yield* orchestrator.executeParallel(ids("b"))).successCount).toBe(1)
  })
)

holds("row 34: cleanup logs how many agents it removed", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    yield* orchestrator.spawnAgent(Scout)
    yield* orchestrator.spawnAgent(Scribe)
    expect(yield* logged(orchestrator.cleanup)).toEqual([
      { level: "Info", message: "Cleaned up", annotations: { agentsRemoved: 2, userId: "ada" } }
    ])
  })
)

it("row 35: the names of the orchestrator are exported; agents have packages of their own", () => {
  const status: AgentOrchestrator.AgentStatus = "idle"
  const update: Partial<AgentOrchestrator.ProgressUpdate> = { status: "starting" }
  const result: Partial<AgentOrchestrator.OrchestrationResult> = { mode: "parallel" }
  const agent: AgentOrchestrator.AgentResult<number> = { success: true, data: 1, error: null, tokensUsed: 0, executionTimeMs: 0 }
  expect([status, update, result, agent, AgentOrchestrator.make, AgentOrchestrator.ExecutionMode, AgentOrchestrator.AgentResult, Agent.make]).not.toContain(undefined)
})

it("section 1.1: an agent has exactly four statuses, and its result exactly five keys in JSON", () => {
  expect(AgentOrchestrator.AgentStatus.literals).toEqual(["idle", "running", "complete", "failed"])
  const codec = AgentOrchestrator.AgentResult(Schema.Struct({ at: Schema.Date }))
  const json = Schema.encodeSync(Schema.toCodecJson(codec))({
    success: true,
    data: { at: new Date(0) },
    error: null,
    tokensUsed: 3,
    executionTimeMs: 4
  })
  expect(json).toEqual({ success: true, data: { at: "1970-01-01T00:00:00.000Z" }, error: null, tokensUsed: 3, executionTimeMs: 4 })
})

kept("row 36: two scouts and an operator side by side, then two scouts in order, then cleanup", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const scout = (name: string) => AgentOrchestrator.task(Scout, { entities: [name] })
    const first = yield* orchestrator.executeParallel([
      scout("Acme"),
      scout("Beta"),
      AgentOrchestrator.task(Operator, { operationType: "calendar_read" })
    ])
    const second = yield* orchestrator.executeSequential([scout("Acme"), scout("Beta")])
    expect([first.allSucceeded, first.successCount, second.allSucceeded, second.successCount]).toEqual([true, 3, true, 2])
    expect(first.results[2].data).toEqual({ meetings: 2 })
    yield* orchestrator.cleanup
    expect([yield* orchestrator.activeAgentCount, yield* orchestrator.remainingTokenBudget]).toEqual([0, 100_000])
  })
)

kept("row 37: a payload without its field fails alone, as Input validation failed", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const missing = {} as Agent.PayloadInput<typeof Scout>
    const scout = (payload: Agent.PayloadInput<typeof Scout>) => AgentOrchestrator.task(Scout, payload)
    const result = yield* orchestrator.executeParallel([scout({ entities: ["Acme"] }), scout(missing), scout({ entities: ["Beta"] })])
    expect([result.successCount, result.failedCount, result.allSucceeded]).toEqual([2, 1, false])
    expect(result.results[1]).toMatchObject({ success: false, data: null, error: "Input validation failed", tokensUsed: 0, executionTimeMs: 0 })
  })
)

fixed("row 37: a bad payload says which field is wrong", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada" })
    const { outcomes } = yield* orchestrator.executeParallel([AgentOrchestrator.task(Scout, { entities: ["Acme", 7] } as any)])
    expect(outcomes[0]).toMatchObject({ _tag: "failed", error: { _tag: "InvalidPayloadError", agent: "Scout", issues: [{ path: ["entities", 1] }] } })
  })
)

fixed("row 38: limits of tokens and of API calls are kept", ({ make }) =>
  Effect.gen(function*() {
    const orchestrator = yield* make({ userId: "ada", maxTokens: 100, maxApiCalls: 3 })
    const spend = (id: string, tokens: number) => work({ id, tokens, calls: 1, reserve: true })
    const { outcomes } = yield* orchestrator.executeSequential([spend("a", 60), spend("b", 60), spend("c", 20), spend("d", 5), spend("e", 5)], {
      continueOnFailure: true
    })
    expect(outcomes.map((outcome) => (outcome?._tag === "failed" && outcome.error instanceof Budget.BudgetExceededError ? outcome.error.dimension : outcome?._tag)))
      .toEqual(["succeeded", "tokens", "succeeded", "succeeded", "calls"])
  })
)

it.effect("row 39: what was to be an execution plan is a Plan", () =>
  Effect.gen(function*() {
    const a = Task.make("a", Scout, { payload: { entities: ["Acme"] } })
    const b = Task.make("b", Scout, { payload: { entities: ["Beta"] } })
    const draft = Task.make("draft", Scribe, { dependsOn: [a, b], payload: ({ a, b }) => ({ context: [...a.signals, ...b.signals] }) })
    const { outputs } = yield* Orchestrator.run(Plan.make("execution", [draft]))
    expect((yield* outputs).draft).toEqual({ context: ["Acme ships", "Beta ships"] })
  }).pipe(Effect.provide(Layer.mergeAll(Scout.layer, Scribe.layer, Orchestrator.layer)))
)
