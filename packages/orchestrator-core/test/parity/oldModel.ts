/**
 * The orchestrator of the earlier version as a small model, with its weaknesses (W1 to W32 in PARITY.md), behind the
 * interface of ours. What it had no word for is `undefined` in what it gives.
 */
import { type Agent, AgentOrchestrator, Budget } from "@aria/orchestrator-core"
import { Cause, Clock, Effect, Exit, Option } from "effect"

type Result = AgentOrchestrator.AgentResult<unknown>
type Callback = ((update: any) => unknown) | undefined

const failure = (error: string, executionTimeMs = 0): Result => ({ success: false, data: null, error, tokensUsed: 0, executionTimeMs })

const textOf = (cause: Cause.Cause<any>): string => {
  const thrown = Cause.squash(cause) as any
  return thrown?._tag === "InvalidPayloadError" ? "Input validation failed" : String(thrown?.message ?? thrown)
}

/** The agent base: errors become text, and what was spent before them is lost (W9, W15). Cancellation passes through. */
const runAgent = (agent: any, payload: unknown): Effect.Effect<Result, any, any> =>
  Effect.gen(function*() {
    const start = yield* Clock.currentTimeMillis
    const exit: Exit.Exit<any, any> = yield* agent.run(payload).pipe(
      Effect.flatMap((data: unknown) => Effect.map(Budget.capture, ([region]) => ({ data, tokensUsed: region!.usage.tokens }))),
      Budget.limit({ tokens: Number.MAX_SAFE_INTEGER }),
      Effect.exit
    )
    const executionTimeMs = (yield* Clock.currentTimeMillis) - start
    if (Exit.isSuccess(exit)) return { success: true, ...exit.value, error: null, executionTimeMs }
    if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.failCause(exit.cause)
    return failure(textOf(exit.cause), executionTimeMs)
  })

/** The context as agents saw it: one mutable map by class name, without any mark of success (W17, W19, W20). */
const view = (context: Record<string, any>): any => {
  const step = (agent: string) => ({ _tag: "succeeded", agent, taskId: agent, output: context[agent] })
  return {
    get steps() {
      return Object.keys(context).map(step)
    },
    get latest() {
      return Object.fromEntries(Object.keys(context).map((agent) => [agent, step(agent)]))
    },
    outcome: (agent: Agent.Any) => (agent._tag in context ? Option.some(step(agent._tag)) : Option.none()),
    output: (agent: Agent.Any) => (agent._tag in context ? Option.some(context[agent._tag]) : Option.none())
  }
}

const resultOf = (results: ReadonlyArray<Result>, totalExecutionTimeMs: number): any => ({
  results,
  outcomes: results.map((result) => (result.success ? { _tag: "succeeded", output: result.data } : { _tag: "failed", error: result.error })),
  totalTokens: results.reduce((sum, { tokensUsed }) => sum + tokensUsed, 0),
  totalExecutionTimeMs,
  successCount: results.filter(({ success }) => success).length,
  failedCount: results.filter(({ success }) => !success).length,
  allSucceeded: results.every(({ success }) => success)
})

/** Python's `range(0, length, step)`. */
const range = (length: number, step: number): ReadonlyArray<number> => {
  if (step === 0) throw new RangeError("range() arg 3 must not be zero")
  return step < 0 ? [] : Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step)
}

/** An agent and the payload that it was given, dug out of a task of ours. */
const dig = (task: AgentOrchestrator.Any): { readonly agent: any; readonly payload: (context: any) => any } => {
  let payload: (context: any) => any = () => undefined
  const agent: any = task.agent
  const placed: any = task["~place"]({
    id: "task",
    dependsOn: [],
    steps: { envelope: () => payload } as any,
    around: (_, call) => call
  })
  return {
    agent,
    payload: (context) => {
      payload = context
      return placed["~body"].payload({})
    }
  }
}

export const make = ({ maxConcurrentAgents = 10, maxTokens = 100_000, userId }: AgentOrchestrator.Options): Effect.Effect<AgentOrchestrator.AgentOrchestrator> =>
  Effect.sync(() => {
    const active = new Map<string, AgentOrchestrator.ActiveAgent>()
    let used = 0

    const spawn = (agent: Agent.Any): Effect.Effect<string> =>
      Effect.sync(() => {
        const agentId = globalThis.crypto.randomUUID()
        active.set(agentId, { agentId, agentName: agent._tag, status: "idle" })
        return agentId
      })

    const execute = (agent: any, payload: unknown, onProgress: Callback, taskIndex = 0, totalTasks = 1): Effect.Effect<Result, any, any> =>
      Effect.gen(function*() {
        // The constructor comes before everything, also before the first word about the task (W11).
        const context = yield* Effect.context<never>()
        if (!context.mapUnsafe.has(`@aria/orchestrator-core/Agent/Handler/${agent._tag}`)) throw new TypeError(`${agent._tag}() got an unexpected argument`)
        const agentId = yield* spawn(agent)
        const tell = (status: string, message: string) =>
          Effect.sync(() => {
            // The class names the context, the instance names the progress (W22).
            onProgress?.({ agentName: agent.instanceName ?? agent._tag, agentId, status, taskIndex, totalTasks, message })
          })
        // Outside of the try: what the callback throws here leaves the agent behind (W10).
        yield* tell("starting", `Starting ${agent._tag} agent`)
        active.set(agentId, { agentId, agentName: agent._tag, status: "running" })
        return yield* Effect.gen(function*() {
          const result = yield* runAgent(agent, payload)
          used += result.tokensUsed
          if (result.success) yield* tell("complete", `${agent._tag} completed successfully`)
          else yield* tell("failed", `${agent._tag} failed: ${result.error}`)
          return result
        }).pipe(
          Effect.onExit((exit) =>
            Exit.isFailure(exit) ? tell("failed", `${agent._tag} failed with exception: ${textOf(exit.cause)}`) : Effect.void
          ),
          Effect.ensuring(Effect.sync(() => active.delete(agentId)))
        )
      })

    const executeParallel = (tasks: ReadonlyArray<AgentOrchestrator.Any>, options?: { readonly onProgress?: Callback }) =>
      Effect.gen(function*() {
        if (tasks.length === 0) return resultOf([], 0)
        const start = yield* Clock.currentTimeMillis
        const results: Array<Result> = []
        // Batches: each waits for the slowest of the one before (W1).
        for (const at of range(tasks.length, maxConcurrentAgents)) {
          const batch = tasks.slice(at, at + maxConcurrentAgents)
          const exits = yield* Effect.forEach(
            batch,
            (task, position) => {
              const { agent, payload } = dig(task)
              return Effect.exit(
                Effect.suspend(() => execute(agent, payload(view({})), options?.onProgress, at + position, tasks.length))
              )
            },
            { concurrency: "unbounded" }
          )
          // A cancelled child is a failure like any other (W13).
          for (const exit of exits) results.push(Exit.isSuccess(exit) ? exit.value : failure(textOf(exit.cause)))
        }
        return resultOf(results, (yield* Clock.currentTimeMillis) - start)
      })

    const executeSequential = (tasks: ReadonlyArray<AgentOrchestrator.Any>, options?: { readonly continueOnFailure?: boolean; readonly onProgress?: Callback }) =>
      Effect.gen(function*() {
        const start = yield* Clock.currentTimeMillis
        const results: Array<Result> = []
        const context: Record<string, unknown> = {}
        for (const [index, task] of tasks.entries()) {
          const { agent, payload } = dig(task)
          const given = payload(view(context))
          // `{...task, context}`, where the agent has a field to see it in (W18).
          const merged = "context" in agent.payloadSchema.fields ? { ...given, context } : given
          const exit = yield* Effect.exit(execute(agent, merged, options?.onProgress, index, tasks.length))
          if (Exit.isSuccess(exit)) {
            results.push(exit.value)
            if (exit.value.success || options?.continueOnFailure) context[agent._tag] = exit.value.data
          } else {
            // Cancellation is not caught and takes all results with it (W13).
            if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.failCause(exit.cause)
            results.push(failure(textOf(exit.cause)))
          }
          if (!results.at(-1)!.success && !options?.continueOnFailure) break
        }
        return resultOf(results, (yield* Clock.currentTimeMillis) - start)
      })

    const model = {
      userId,
      spawnAgent: spawn,
      spawnAndExecute: (agent: any, payload: unknown, options: any) =>
        execute(agent, payload, options?.onProgress, options?.taskIndex, options?.totalTasks),
      executeParallel,
      executeSequential,
      getAgentStatus: (id: string) => Effect.sync(() => Option.fromUndefinedOr(active.get(id)?.status)),
      activeAgents: Effect.sync(() => new Map(active)),
      activeAgentCount: Effect.sync(() => active.size),
      checkTokenBudget: (tokens: number) => Effect.sync(() => used + tokens <= maxTokens),
      remainingTokenBudget: Effect.sync(() => Math.max(0, maxTokens - used)),
      // Forgets what runs and lets it run on (W6, W9).
      cleanup: Effect.sync(() => {
        active.clear()
        used = 0
      })
    }
    return model as unknown as AgentOrchestrator.AgentOrchestrator
  })

