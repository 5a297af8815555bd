/**
 * What a run came to: every outcome, what was spent, and the outputs of the goals.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as codec from "./internal/resultCodec.ts"
import * as internal from "./internal/runResult.ts"
import type * as Plan from "./Plan.ts"
import type * as Task from "./Task.ts"
import type { TaskOutcome } from "./TaskOutcome.ts"
import type * as Usage from "./Usage.ts"

/**
 * A goal that has no output, because it did not succeed and has no error of its own to give.
 *
 * @category errors
 * @since 0.1.0
 */
export class TaskNotSucceededError extends Schema.TaggedError<TaskNotSucceededError>()("TaskNotSucceededError", {
  taskId: Schema.String,
  outcome: Schema.Literals(["failed", "skipped", "cancelled", "timedOut"]),
  /** What happened, as a sentence. */
  reason: Schema.String
}) {
  override get message(): string {
    return `The task "${this.taskId}" has no output: it ${this.outcome === "timedOut" ? this.reason : `was not completed: ${this.reason}`}`
  }
}

/**
 * What a run came to. `results` holds every task in plan order, the items of a fan-out after it, whether it ran or not.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunResult<out A, out E = never> {
  readonly runId: string
  /** The name of the plan. */
  readonly plan: string
  readonly planVersion: string
  /** The input of the plan, where it takes one. */
  readonly input: unknown
  /** In milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number
  /** How long it took, in milliseconds. */
  readonly executionTimeMs: number
  readonly results: ReadonlyArray<TaskOutcome<unknown, unknown>>
  readonly successCount: number
  /** Failed, cancelled and timed out. */
  readonly failedCount: number
  readonly skippedCount: number
  /** Whether every task succeeded; those whose condition was false do not count. */
  readonly allSucceeded: boolean
  /** The sum of its tasks', nested runs included. */
  readonly usage: Usage.Usage
  /** The outputs of the goals; fails with a goal's own error, or `TaskNotSucceededError`. */
  readonly outputs: Effect.Effect<A, E | TaskNotSucceededError>
  /** The outcome of a task of the plan. */
  outcome<B, E2>(task: Task.Task<string, B, E2, unknown>): TaskOutcome<B, E2>
  /** By the id of a goal, for plans with input, whose tasks live inside their function. */
  outcome<const Id extends keyof A & string>(goal: Id): TaskOutcome<A[Id], E>
}

/**
 * A result as JSON. It decodes without knowing the plan, and then its outputs and agents' errors are JSON;
 * `schemaFor(plan)` gives them their types.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RunResult: Schema.Codec<RunResult<unknown, unknown>, codec.RunResultJson> = codec.untyped(TaskNotSucceededError)

/**
 * The results of a plan as JSON, outputs and errors with the schemas of its agents.
 *
 * @category schemas
 * @since 0.1.0
 */
export const schemaFor = <A, E, R, I>(plan: Plan.Plan<string, A, E, R, I>): Schema.Codec<RunResult<A, E>, codec.RunResultJson> =>
  codec.typed(plan, TaskNotSucceededError)

/**
 * @category guards
 * @since 0.1.0
 */
export const isRunResult = (u: unknown): u is RunResult<unknown, unknown> => internal.isRunResult(u)

/** @internal */
export const make = (data: internal.RunData): RunResult<any, any> => new internal.Result(data, TaskNotSucceededError)
