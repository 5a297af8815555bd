import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Agent from "../Agent.ts"
import type {
  ActiveAgent,
  AgentOrchestrator,
  AgentOutcome,
  AgentStatus,
  Any,
  ExecutionMode,
  OnProgress,
  OrchestrationResult
} from "../AgentOrchestrator.ts"
import { BudgetExceededError } from "../Budget.ts"
import * as Orchestrator from "../Orchestrator.ts"
import * as Plan from "../Plan.ts"
import * as Progress from "../Progress.ts"
import * as Run from "../Run.ts"
import type { RunResult } from "../RunResult.ts"
import * as Task from "../Task.ts"
import type { TaskOutcome } from "../TaskOutcome.ts"
import * as Usage from "../Usage.ts"
import { Steps } from "./agentOrchestratorContext.ts"
import { orchestrationResult } from "./agentOrchestratorResult.ts"
import * as budgetNode from "./budgetNode.ts"
import { Ledger } from "./ledger.ts"
import type { Listener } from "./listener.ts"

/** Where a task of a list stands: what it comes after, and what the list does around its calls. */
export interface Placement {
  readonly id: string
  readonly dependsOn: ReadonlyArray<Task.Dependency>
  readonly steps: Steps
  readonly around: (taskKeys: () => ReadonlyArray<string>, call: Effect.Effect<any, any, any>) => Effect.Effect<any, any, any>
}

export const TypeId = "~@aria/orchestrator-core/AgentOrchestrator/Task"

/** A task that is not placed in a list yet. */
export const makeTask = (agent: Agent.Any, payload: any, options: any): any => {
  const { policy, priority, timeout } = options ?? {}
  const place = ({ around, dependsOn, id, steps }: Placement) => {
    let keys: ReadonlyArray<string> = []
    return Task.make(id, agent, {
      priority,
      timeout,
      dependsOn,
      payload: () => {
        const made: any = typeof payload === "function" ? payload(steps.envelope()) : payload
        if (typeof made === "object" && made !== null) keys = Object.keys(made)
        return made
      },
      policy: (call: any) => around(() => keys, policy === undefined ? call : policy(call))
    })
  }
  // What is wrong with the options is said where they are written.
  Task.make(agent._tag, agent, { priority, timeout, payload: () => undefined })
  return { [TypeId]: TypeId, agent, "~place": place }
}

interface Limits {
  readonly agents: number
  readonly tokens: number
  readonly calls: number
}

/** All that `cleanup` lets go of; what comes after it has a book of its own. */
class Book {
  readonly ledger: Ledger
  readonly active = new Map<string, ActiveAgent>()
  readonly ended = new Map<string, AgentStatus>()
  readonly runs = new Set<Orchestrator.RunHandle<unknown, unknown>>()

  constructor(userId: string, { calls, tokens }: Limits) {
    this.ledger = new Ledger("orchestrator", userId, { tokens, calls, microUsd: Infinity })
  }

  status(id: string): Option.Option<AgentStatus> {
    return Option.fromUndefinedOr(this.active.get(id)?.status ?? this.ended.get(id))
  }
}

const statusOf: Record<TaskOutcome<unknown>["_tag"], AgentStatus | undefined> = {
  succeeded: "complete",
  failed: "failed",
  cancelled: "failed",
  timedOut: "failed",
  skipped: undefined
}

const agentIdOf = (runId: string, taskId: string) => `${runId}/${taskId}`

/** Keeps the book and the steps of one run; nested runs are none of its business. */
const keeper = (book: Book, steps: Steps, runId: string, indexOf: ReadonlyMap<string, number>): Listener => ({
  room: undefined,
  offer: (event) => {
    if (event._tag !== "starting" || event.runId !== runId) return
    const { agentId, agentName } = event
    book.active.set(agentId, { agentId, agentName, status: "running" })
  },
  taskEnded: (id, outcome) => {
    if (id !== runId) return
    const agentId = agentIdOf(runId, outcome.taskId)
    book.active.delete(agentId)
    const status = statusOf[outcome._tag]
    if (status !== undefined) book.ended.set(agentId, status)
    steps.add({ ...outcome, agentId, index: indexOf.get(outcome.taskId) ?? 0 })
  }
})

interface ListOptions {
  readonly name: string
  readonly mode: ExecutionMode
  readonly continueOnFailure: boolean
  readonly context?: OrchestrationResult["context"] | undefined
  readonly onProgress?: OnProgress<any> | undefined
  readonly taskIndex?: number | undefined
  readonly totalTasks?: number | undefined
}

const listening = (runId: string, { onProgress, taskIndex, totalTasks }: ListOptions) =>
  onProgress === undefined
    ? <A, E, R>(self: Effect.Effect<A, E, R>) => self
    : Progress.listen((event) =>
        "taskId" in event && event.runId === runId
          ? onProgress({
              agentName: event.agentName,
              agentId: event.agentId,
              status: event._tag,
              taskIndex: taskIndex ?? event.index,
              totalTasks: totalTasks ?? event.total,
              message: event.message,
              event
            })
          : undefined
      )

/** What happens around the calls of one agent: its log lines, and no start at all once the budget is used up. */
const aroundAgent = (book: Book, userId: string, agentId: string, agentName: string): Placement["around"] => (taskKeys, call) =>
  Effect.suspend(() => {
    const { ledger } = book
    const dimension = ledger.neverFits({ tokens: 0, calls: 0, microUsd: 0 })
    if (dimension === "tokens" || dimension === "calls") {
      const [limit, used, held] = [ledger.limit[dimension], ledger.used[dimension], ledger.held[dimension]]
      return Effect.fail(new BudgetExceededError({ owner: "orchestrator", scope: userId, dimension, limit, used, held, requested: 0 }))
    }
    return Effect.logInfo("Executing agent").pipe(
      Effect.annotateLogs({ taskKeys: taskKeys() }),
      Effect.andThen(call),
      Effect.onExit((exit) =>
        Effect.andThen(
          Exit.isFailure(exit) && Cause.hasDies(exit.cause) ? Effect.logError("The agent threw", exit.cause) : Effect.void,
          Effect.logDebug("Removed agent")
        )
      )
    )
  }).pipe((self) => Effect.andThen(Effect.logInfo("Spawned agent"), self), Effect.annotateLogs({ agentId, agentName, userId }))

/** The engine and the book of one `AgentOrchestrator`. */
class Core {
  readonly userId: string
  private readonly orchestrator: Orchestrator.Orchestrator["Service"]
  private readonly limits: Limits
  private book: Book

  constructor(userId: string, orchestrator: Orchestrator.Orchestrator["Service"], limits: Limits) {
    this.userId = userId
    this.orchestrator = orchestrator
    this.limits = limits
    this.book = new Book(userId, limits)
  }

  /** Tokens that are not used and not reserved by calls in flight. */
  get tokensLeft(): number {
    const { held, limit, used } = this.book.ledger
    return Math.max(0, limit.tokens - used.tokens - held.tokens)
  }

  readonly spawnAgent = (agent: Agent.Any): Effect.Effect<string> =>
    Effect.flatMap(Effect.flatten(Run.IdGenerator), (agentId) =>
      Effect.suspend(() => {
        this.book.active.set(agentId, { agentId, agentName: agent._tag, status: "idle" })
        return Effect.annotateLogs(Effect.logInfo("Spawned agent"), { agentId, agentName: agent._tag, userId: this.userId })
      }).pipe(Effect.as(agentId))
    )

  readonly cleanup: Effect.Effect<void> = Effect.suspend(() => {
    const { active, runs } = this.book
    const agentsRemoved = active.size
    // What is started from here on is not part of this cleanup, and its spending is not forgotten.
    this.book = new Book(this.userId, this.limits)
    return Effect.forEach(runs, (run) => run.cancel, { concurrency: "unbounded", discard: true }).pipe(
      Effect.andThen(Effect.logInfo("Cleaned up")),
      Effect.annotateLogs({ agentsRemoved, userId: this.userId })
    )
  })

  /** Carries a list out as one plan. */
  runList(tasks: ReadonlyArray<Any>, options: ListOptions): Effect.Effect<OrchestrationResult<any>, never, any> {
    const { continueOnFailure, mode, name } = options
    return Effect.gen({ self: this }, function* () {
      const { book, userId } = this
      const runId = yield* Effect.flatten(Run.IdGenerator)
      const steps = new Steps(options.context)
      const placed: Array<Task.Any> = []
      for (const [index, task] of tasks.entries()) {
        const before = placed[index - 1]
        const id = `${task.agent._tag}-${index + 1}`
        const dependsOn = mode === "parallel" || before === undefined ? [] : [continueOnFailure ? Task.optional(before) : before]
        placed.push(task["~place"]({ id, dependsOn, steps, around: aroundAgent(book, userId, agentIdOf(runId, id), task.agent._tag) }))
      }
      const [first, ...others] = placed
      if (first === undefined) return orchestrationResult(mode, runId, [], Usage.zero, 0, steps)
      const plan = Plan.make(name, [first, ...others], { onFailure: mode === "sequential" && !continueOnFailure ? "stop" : "continue" })
      const indexOf = new Map(placed.map(({ id }, index) => [id, index]))
      const run = Effect.acquireUseRelease(
        Effect.tap(this.orchestrator.start(plan), (handle) => Effect.sync(() => book.runs.add(handle))),
        (handle) => handle.await,
        (handle) => Effect.andThen(handle.cancel, Effect.sync(() => book.runs.delete(handle)))
      ) as Effect.Effect<RunResult<unknown, unknown>>
      const result = yield* run.pipe(
        Effect.updateContext((context: Context.Context<never>): Context.Context<never> =>
          Context.add(context, budgetNode.Current, budgetNode.child(Context.get(context, budgetNode.Current), book.ledger))
        ),
        Progress.withListener(keeper(book, steps, runId, indexOf)),
        Run.configure({ id: runId, userId }),
        Effect.orDie,
        listening(runId, options),
        Run.waiting(name)
      )
      const outcomes = result.results.map((outcome, index) => ({ ...outcome, agentId: agentIdOf(runId, outcome.taskId), index }))
      return orchestrationResult(mode, runId, outcomes, result.usage, result.executionTimeMs, steps)
    })
  }

  /** A list with its log lines: counts, never contents. */
  readonly runLogged = (tasks: ReadonlyArray<Any>, options: ListOptions): Effect.Effect<OrchestrationResult<any>, never, any> => {
    if (tasks.length === 0) return this.runList(tasks, options)
    const { continueOnFailure, mode } = options
    const about = { taskCount: tasks.length, ...(mode === "sequential" ? { continueOnFailure } : { maxConcurrentAgents: this.limits.agents }), userId: this.userId }
    return Effect.logInfo(`Starting ${mode} execution`).pipe(
      Effect.annotateLogs(about),
      Effect.andThen(this.runList(tasks, options)),
      Effect.tap((result) => {
        const { failedCount, outcomes, skippedCount, successCount, totalExecutionTimeMs, totalTokens } = result
        const failed = outcomes.find(({ _tag }: AgentOutcome<unknown, unknown>) => _tag !== "succeeded")
        const stopped =
          skippedCount === 0 || failed === undefined
            ? Effect.void
            : Effect.logWarning(`Stopped at task ${failed.index + 1} of ${tasks.length}`).pipe(
                Effect.annotateLogs({ taskIndex: failed.index, agentName: failed.agent, error: result.results[failed.index]?.error })
              )
        const counts = { tasksExecuted: tasks.length - skippedCount, successCount, failedCount, skippedCount, totalTokens, totalExecutionTimeMs }
        return Effect.andThen(
          stopped,
          Effect.annotateLogs(Effect.logInfo(`Finished ${mode} execution`), { ...about, ...counts })
        )
      })
    )
  }

  readonly service = (): AgentOrchestrator => ({
    userId: this.userId,
    spawnAgent: this.spawnAgent,
    spawnAndExecute: (agent: Agent.Any, payload: any, options: any) =>
      Effect.map(
        this.runList([makeTask(agent, payload, options)], { ...options, name: "spawnAndExecute", mode: "parallel", continueOnFailure: true }),
        ({ results }): any => results[0]
      ),
    executeParallel: (tasks: any, options: any) =>
      this.runLogged(tasks, { ...options, name: "executeParallel", mode: "parallel", continueOnFailure: true }),
    executeSequential: (tasks: any, options: any) =>
      this.runLogged(tasks, { ...options, name: "executeSequential", mode: "sequential", continueOnFailure: options?.continueOnFailure ?? false }),
    getAgentStatus: (agentId) => Effect.sync(() => this.book.status(agentId)),
    activeAgents: Effect.sync(() => new Map(this.book.active)),
    activeAgentCount: Effect.sync(() => this.book.active.size),
    checkTokenBudget: (tokens) => Effect.sync(() => {
        const { held, limit, used } = this.book.ledger
        return used.tokens + held.tokens + tokens <= limit.tokens
      }),
    remainingTokenBudget: Effect.sync(() => this.tokensLeft),
    cleanup: this.cleanup
  })
}

export const make = (
  userId: string,
  engine: Context.Context<Orchestrator.Orchestrator>,
  limits: Limits
): AgentOrchestrator => new Core(userId, Context.get(engine, Orchestrator.Orchestrator), limits).service()
