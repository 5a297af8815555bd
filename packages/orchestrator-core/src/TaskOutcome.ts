/**
 * What one task came to.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { InvalidPayloadError } from "./Agent.ts"
import { BudgetExceededError, InvalidLimitError } from "./Budget.ts"
import { OutputTooLargeError } from "./internal/outputTooLarge.ts"
import type { RunResult } from "./RunResult.ts"
import type * as Usage from "./Usage.ts"

/**
 * A bug: something was thrown, or the fiber of the handler ended without a typed error.
 *
 * @category errors
 * @since 0.1.0
 */
export class DefectError extends Schema.TaggedError<DefectError>()("DefectError", {
  /** Where it happened: the handler of an agent, or a function of the plan. */
  subject: Schema.String,
  /** What was thrown, as text. */
  received: Schema.String,
  /** Where it was thrown: the stack that came with it, if one did. */
  stackTrace: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return `${this.subject} threw: ${this.received}`
  }
}

/**
 * Two items of a fan-out that have one key, so that their results could not be told apart.
 *
 * @category errors
 * @since 0.1.0
 */
export class DuplicateKeyError extends Schema.TaggedError<DuplicateKeyError>()("DuplicateKeyError", {
  taskId: Schema.String,
  key: Schema.String,
  /** Positions of the items, from 0. */
  items: Schema.Array(Schema.Natural)
}) {
  override get message(): string {
    return `Items ${this.items.join(" and ")} of the task "${this.taskId}" have the key "${this.key}"; give each item a key of its own`
  }
}

export {
  /**
   * What a task came to, or a step of it, is larger than an engine that stores keeps: 1 MiB as JSON.
   *
   * @category errors
   * @since 0.1.0
   */
  OutputTooLargeError
}

/**
 * What an engine adds to the errors of the agents.
 *
 * @category errors
 * @since 0.1.0
 */
export const TaskError = Schema.Union([
  InvalidPayloadError,
  BudgetExceededError,
  InvalidLimitError,
  DefectError,
  DuplicateKeyError,
  OutputTooLargeError
])
/**
 * @category errors
 * @since 0.1.0
 */
export type TaskError = typeof TaskError.Type

/**
 * Why a task did not run: something it depends on did not succeed, its condition was false, or the run was stopped.
 *
 * @category models
 * @since 0.1.0
 */
export const SkipReason = Schema.Union([
  Schema.TaggedStruct("Upstream", { taskId: Schema.String }),
  Schema.TaggedStruct("Condition", {}),
  Schema.TaggedStruct("Stopped", {})
])
/**
 * @category models
 * @since 0.1.0
 */
export type SkipReason = typeof SkipReason.Type

/**
 * What every outcome tells.
 *
 * @category models
 * @since 0.1.0
 */
export interface Base {
  readonly taskId: string
  /** The tag of the agent; the name of the plan where the task is one. */
  readonly agent: string
  /** The fan-out that this is an item of. */
  readonly parent?: string | undefined
  /** How often the agent was called; 0 where it never was. */
  readonly attempts: number
  /** All attempts together, failed and cancelled ones included. */
  readonly usage: Usage.Usage
  /** When it got its first permit, in milliseconds since 1970; left out where it never did. */
  readonly startedAt?: number | undefined
  readonly endedAt: number
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Succeeded<out A> extends Base {
  readonly _tag: "succeeded"
  readonly output: A
  /** The whole result of a task that is a plan. */
  readonly run?: RunResult<unknown, unknown> | undefined
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Failed<out E> extends Base {
  readonly _tag: "failed"
  /** Whose error it is: of the agent, as it came, or of the engine. */
  readonly origin: "agent" | "engine"
  readonly error: E | TaskError
  readonly run?: RunResult<unknown, unknown> | undefined
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Skipped extends Base {
  readonly _tag: "skipped"
  readonly reason: SkipReason
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Cancelled extends Base {
  readonly _tag: "cancelled"
  /** What a task that is a plan had done by then. */
  readonly run?: RunResult<unknown, unknown> | undefined
}

/**
 * @category models
 * @since 0.1.0
 */
export interface TimedOut extends Base {
  readonly _tag: "timedOut"
  /** The timeout that ended it, in milliseconds: its own, or the run's. */
  readonly timeoutMillis: number
  readonly run?: RunResult<unknown, unknown> | undefined
}

/**
 * What one task came to: exactly one of these.
 *
 * @category models
 * @since 0.1.0
 */
export type TaskOutcome<A, E = never> = Succeeded<A> | Failed<E> | Skipped | Cancelled | TimedOut

/**
 * A sentence about an outcome, for people.
 *
 * @category conversions
 * @since 0.1.0
 */
export const describe = (outcome: TaskOutcome<unknown, unknown>): string => {
  switch (outcome._tag) {
    case "succeeded":
      return "succeeded"
    case "failed":
      return `failed: ${describeError(outcome.error)}`
    case "skipped":
      return outcome.reason._tag === "Upstream"
        ? `skipped, because "${outcome.reason.taskId}" did not succeed`
        : outcome.reason._tag === "Condition"
          ? "skipped, because its condition was false"
          : "skipped, because the run was stopped"
    case "cancelled":
      return "cancelled"
    case "timedOut":
      return `timed out after ${outcome.timeoutMillis} ms`
  }
}

/**
 * An error as text: its message where it has one, else its tag, else its JSON.
 *
 * @category conversions
 * @since 0.1.0
 */
export const describeError = (error: unknown): string => {
  if (typeof error === "string") return error
  if (typeof error === "object" && error !== null) {
    const message = "message" in error && typeof error.message === "string" ? error.message : ""
    const tag = "_tag" in error && typeof error._tag === "string" ? error._tag : ""
    if (message !== "") return tag === "" || message.includes(tag) ? message : `${tag}: ${message}`
    if (tag !== "") return tag
  }
  try {
    return JSON.stringify(error) ?? String(error)
  } catch {
    return String(error)
  }
}
