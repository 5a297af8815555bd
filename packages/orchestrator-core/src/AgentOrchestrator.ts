/**
 * Lists of agents under one user's limits, side by side or one after another: a thin module over `Orchestrator` for
 * those who know the `AgentOrchestrator` of earlier versions. What depends on more than the step before is a `Plan`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Duration from "effect/Duration"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Scope } from "effect/Scope"
import type * as Agent from "./Agent.ts"
import { InvalidLimitError } from "./Budget.ts"
import { isCount } from "./internal/limits.ts"
import * as internal from "./internal/agentOrchestrator.ts"
import * as Orchestrator from "./Orchestrator.ts"
import type * as Progress from "./Progress.ts"
import type * as Task from "./Task.ts"
import type { TaskOutcome } from "./TaskOutcome.ts"
import type * as Usage from "./Usage.ts"

/**
 * How a list is carried out: side by side, or one after another.
 *
 * @category models
 * @since 0.1.0
 */
export const ExecutionMode = Schema.Literals(["parallel", "sequential"])
/**
 * @category models
 * @since 0.1.0
 */
export type ExecutionMode = typeof ExecutionMode.Type

/**
 * How an agent stands. One whose task was cancelled or timed out is `failed`.
 *
 * @category models
 * @since 0.1.0
 */
export const AgentStatus = Schema.Literals(["idle", "running", "complete", "failed"])
/**
 * @category models
 * @since 0.1.0
 */
export type AgentStatus = typeof AgentStatus.Type

/**
 * What an agent came to, in five fields. `tokensUsed` counts every attempt, failed ones too; `executionTimeMs` is whole
 * milliseconds from its first permit, 0 where it never got one. `error` is a text that is not empty:
 * `Input validation failed` for a payload that does not decode. Errors with their types are in `outcomes`.
 *
 * @category models
 * @since 0.1.0
 */
export type AgentResult<A> = {
  readonly tokensUsed: number
  readonly executionTimeMs: number
} & (
  | { readonly success: true; readonly data: A; readonly error: null }
  | { readonly success: false; readonly data: null; readonly error: string }
)

/**
 * The schema of an agent's result, for JSON: `AgentResult(Scout.successSchema)`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const AgentResult = <S extends Agent.Portable>(data: S) => {
  const spent = { tokensUsed: Schema.Natural, executionTimeMs: Schema.Natural }
  return Schema.Union([
    Schema.Struct({ success: Schema.Literal(true), data, error: Schema.Null, ...spent }),
    Schema.Struct({ success: Schema.Literal(false), data: Schema.Null, error: Schema.String, ...spent })
  ])
}

/**
 * A task's outcome with its place in the list, from 0, and the id of the agent that did it.
 *
 * @category models
 * @since 0.1.0
 */
export type AgentOutcome<A, E = never> = TaskOutcome<A, E> & { readonly agentId: string; readonly index: number }

/**
 * What has ended before a step: immutable, and never part of a payload unless the payload's function puts it there.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExecutionContext {
  /** Every step so far in the order of its list, failed ones too, each with task id and outcome. Plain data is frozen. */
  readonly steps: ReadonlyArray<AgentOutcome<unknown, unknown>>
  /** The latest step of each agent that was not skipped, by the agent's name. */
  readonly latest: Readonly<Record<string, AgentOutcome<unknown, unknown>>>
  /** The latest step of an agent that was not skipped; `None` where it had none. */
  outcome<A extends Agent.Any>(agent: A): Option.Option<AgentOutcome<Agent.Success<A>, Agent.Error<A>>>
  /** What an agent's latest step gave; `None` where it had none or did not succeed. */
  output<A extends Agent.Any>(agent: A): Option.Option<Agent.Success<A>>
}

/**
 * An agent with its payload, made with `task`; reads like `Effect<A, E, R>`.
 *
 * @category models
 * @since 0.1.0
 */
export interface AgentTask<out A, out E = never, out R = never> {
  readonly [internal.TypeId]: typeof internal.TypeId
  readonly agent: Agent.Any
  readonly "~output": A
  readonly "~error": E
  readonly "~services": R
  /** @internal */
  readonly "~place": (placement: internal.Placement) => Task.Any
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Any extends AgentTask<unknown, unknown, unknown> {}

/**
 * What a list came to. All lists have the length and the order of the tasks given, whether they ran or not.
 *
 * @category models
 * @since 0.1.0
 */
export interface OrchestrationResult<T extends ReadonlyArray<Any> = ReadonlyArray<Any>> {
  readonly mode: ExecutionMode
  readonly runId: string
  readonly results: { readonly [K in keyof T]: AgentResult<T[K]["~output"]> }
  /** The same with task and agent ids, errors with their types, and why a task was skipped. */
  readonly outcomes: { readonly [K in keyof T]: AgentOutcome<T[K]["~output"], T[K]["~error"]> }
  /** Input and output tokens of this call. */
  readonly totalTokens: number
  /** From the start of the call to the end of its last task, in milliseconds. */
  readonly totalExecutionTimeMs: number
  readonly usage: Usage.Usage
  readonly successCount: number
  /** Failed, cancelled and timed out. */
  readonly failedCount: number
  readonly skippedCount: number
  /** Whether every task succeeded; true for an empty list. */
  readonly allSucceeded: boolean
  /** All that ended, for a list that comes after this one. */
  readonly context: ExecutionContext
}

/**
 * What is told about one agent. A task that starts tells of `starting` and `running`, one that ends tells so once, with
 * the kind of its end; `event` has run and task id, time, usage and all else.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProgressUpdate {
  readonly agentName: string
  readonly agentId: string
  readonly status: TaskEvent["_tag"]
  /** From 0. */
  readonly taskIndex: number
  readonly totalTasks: number
  readonly message: string
  readonly event: TaskEvent
}

/**
 * Events about a task.
 *
 * @category models
 * @since 0.1.0
 */
export type TaskEvent = Extract<Progress.Event, { readonly taskId: string }>

/**
 * Hears what happens, in order. It may throw, be slow, or return a promise or an effect: no task notices.
 *
 * @category models
 * @since 0.1.0
 */
export type OnProgress<R> = (update: ProgressUpdate) => void | Promise<unknown> | Effect.Effect<unknown, unknown, R>

/**
 * @category models
 * @since 0.1.0
 */
export interface ExecuteOptions<R> {
  readonly onProgress?: OnProgress<R> | undefined
  /** What ended before this list: the `context` of another result. */
  readonly context?: ExecutionContext | undefined
}

/**
 * @category models
 * @since 0.1.0
 */
export interface TaskOptions<A extends Agent.Any, R2> {
  /** From the first permit on, longer than 0. Default: none. */
  readonly timeout?: Duration.Input | undefined
  /** Starts of a higher number go first. Default 0. */
  readonly priority?: number | undefined
  /** Retries, falls back, narrows a budget: each evaluation of `call` is one attempt. */
  readonly policy?: Task.Policy<A, R2> | undefined
}

/**
 * An agent that was spawned and has not ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface ActiveAgent {
  readonly agentId: string
  readonly agentName: string
  readonly status: AgentStatus
}

/**
 * Runs agents for one user. No operation fails: what agents fail with is in the result.
 *
 * @category models
 * @since 0.1.0
 */
export interface AgentOrchestrator {
  readonly userId: string
  /** Registers an agent, `idle` until `cleanup`, and gives its id. */
  readonly spawnAgent: (agent: Agent.Any) => Effect.Effect<string>
  /** Runs one agent. `taskIndex` (default 0) and `totalTasks` (default 1) are what `onProgress` is told. */
  readonly spawnAndExecute: <A extends Agent.Any, R2 = Agent.Services<A>, R3 = never>(
    agent: A,
    payload: Agent.PayloadInput<A>,
    options?: TaskOptions<A, R2> & {
      readonly taskIndex?: number | undefined
      readonly totalTasks?: number | undefined
      readonly onProgress?: OnProgress<R3> | undefined
    }
  ) => Effect.Effect<AgentResult<Agent.Success<A>>, never, Task.Fixed<R2> | R3>
  /** Runs all, as many at once as the cap lets. A failure affects no other task. */
  readonly executeParallel: <const T extends ReadonlyArray<Any>, R2 = never>(
    tasks: T,
    options?: ExecuteOptions<R2>
  ) => Effect.Effect<OrchestrationResult<T>, never, T[number]["~services"] | R2>
  /** Runs one after another; payload functions see what ended before. Stops at the first failure, which skips the rest. */
  readonly executeSequential: <const T extends ReadonlyArray<Any>, R2 = never>(
    tasks: T,
    options?: ExecuteOptions<R2> & {
      /** Whether to go on after a task that did not succeed. Default `false`. */
      readonly continueOnFailure?: boolean | undefined
    }
  ) => Effect.Effect<OrchestrationResult<T>, never, T[number]["~services"] | R2>
  /**
   * How an agent stands; of one that has ended its last status, until `cleanup`. An `Option`, as optional outputs are:
   * "nobody knows this id" cannot be mistaken for a status.
   */
  readonly getAgentStatus: (agentId: string) => Effect.Effect<Option.Option<AgentStatus>>
  /** Agents that were spawned and have not ended, by id. A task has an agent from its start on. */
  readonly activeAgents: Effect.Effect<ReadonlyMap<string, ActiveAgent>>
  readonly activeAgentCount: Effect.Effect<number>
  /** Whether so many tokens would fit: used and reserved ones and these together are at most `maxTokens`. */
  readonly checkTokenBudget: (tokens: number) => Effect.Effect<boolean>
  /** Tokens that are neither used nor reserved; never negative. */
  readonly remainingTokenBudget: Effect.Effect<number>
  /** Cancels what runs and waits for its end, forgets all agents, and counts from 0 again. */
  readonly cleanup: Effect.Effect<void>
}

/**
 * Limits are whole numbers from 1.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Whose work it is: in events, spans and logs. Not blank. */
  readonly userId: string
  /** Tokens that may be spent until `cleanup`. Default 100,000. */
  readonly maxTokens?: number | undefined
  /** The most agents at work at once, over all calls and all they start. Default 10. */
  readonly maxConcurrentAgents?: number | undefined
  /** Exchanges with providers that may be made until `cleanup`. Default: no limit. */
  readonly maxApiCalls?: number | undefined
}

/**
 * An orchestrator for one user, until its scope closes, which cancels what runs. Limits hold over everything it starts.
 * Agents that reserve (`Budget.reserve`) cannot pass them; after one that charged afterwards has used them up, nothing
 * is started any more. A task that is refused fails with `BudgetExceededError`.
 *
 * @example
 * ```ts
 * const program = Effect.gen(function* () {
 *   const orchestrator = yield* AgentOrchestrator.make({ userId: "ada", maxTokens: 50_000 })
 *   const watched = yield* orchestrator.executeParallel([
 *     AgentOrchestrator.task(Scout, { entities: ["Acme Corp"] }),
 *     AgentOrchestrator.task(Operator, { operationType: "calendar_read" }, { timeout: "30 seconds" })
 *   ])
 *   return yield* orchestrator.executeSequential(
 *     [AgentOrchestrator.task(Scribe, (context) => ({ signals: Option.getOrElse(context.output(Scout), () => []) }))],
 *     { context: watched.context, onProgress: (update) => console.log(update.message) }
 *   )
 * }).pipe(Effect.scoped)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Effect.Effect<AgentOrchestrator, InvalidLimitError, Scope> =>
  Effect.gen(function* () {
    const { maxApiCalls, maxConcurrentAgents = 10, maxTokens = 100_000, userId } = options
    for (const [name, value] of Object.entries({ maxTokens, maxConcurrentAgents, maxApiCalls })) {
      if (value === undefined || isCount(value)) continue
      return yield* new InvalidLimitError({ setting: `AgentOrchestrator.make: ${name}`, received: String(value), allowed: "a whole number from 1" })
    }
    if (userId.trim() === "") {
      return yield* new InvalidLimitError({ setting: "AgentOrchestrator.make: userId", received: JSON.stringify(userId), allowed: "a text that is not blank" })
    }
    const engine = yield* Layer.build(Orchestrator.layerWith({ concurrency: maxConcurrentAgents }))
    return internal.make(userId, engine, { agents: maxConcurrentAgents, tokens: maxTokens, calls: maxApiCalls ?? Infinity })
  })

/**
 * Pairs an agent with its payload, or with a function that makes the payload of what ended before. Throws
 * `InvalidLimitError` for a timeout that is none.
 *
 * @example
 * ```ts
 * AgentOrchestrator.task(Scribe, (context) => ({ notes: context.steps.map(({ taskId, _tag }) => `${taskId}: ${_tag}`) }))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const task = <A extends Agent.Any, const P extends Agent.PayloadInput<A>, R2 = Agent.Services<A>>(
  agent: A,
  payload: Agent.PayloadInput<A> | ((context: ExecutionContext) => Task.Exact<P, A>),
  options?: TaskOptions<A, R2>
): AgentTask<Agent.Success<A>, Agent.Error<A>, Task.Fixed<R2>> => internal.makeTask(agent, payload, options)
