/**
 * What is happening: events of runs and tasks, and how to hear and make them. Reporting is free when nobody listens.
 *
 * A task that starts emits `starting`, `running`, then any of `update`, `waiting` and `retrying`, then exactly one
 * terminal event: `complete`, `failed`, `skipped`, `cancelled` or `timedOut`. A task that never starts emits its
 * terminal event alone. A run emits `RunStarted` first and `RunEnded` last.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { LedgerState } from "./Budget.ts"
import { Hooks } from "./internal/hooks.ts"
import { type Listener, ListenersRef } from "./internal/listener.ts"
import * as listening from "./internal/listening.ts"
import { RunResult } from "./RunResult.ts"
import { SkipReason } from "./TaskOutcome.ts"
import { Usage } from "./Usage.ts"

const event = {
  /** The version of this format; readers ignore kinds and fields that they do not know. */
  v: Schema.Literal(1),
  runId: Schema.String,
  rootRunId: Schema.String,
  /** The ids of the tasks above: empty for the outermost run and its tasks. */
  path: Schema.Array(Schema.String),
  /** Strictly rising per run. */
  seq: Schema.Natural,
  /** Milliseconds since 1970. */
  timestamp: Schema.Finite
}

const task = {
  ...event,
  taskId: Schema.String,
  /** The tag of the agent; the name of the plan where the task is one. */
  agentName: Schema.String,
  agentId: Schema.String,
  /** The place in plan order, from 0. */
  index: Schema.Natural,
  /** How many tasks are known so far; a fan-out adds to it when it starts. */
  total: Schema.Natural,
  message: Schema.String
}

const ended = { ...task, usage: Usage, attempts: Schema.Natural, elapsedMillis: Schema.Finite }

/**
 * An event, as a schema.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Event = Schema.Union([
  Schema.TaggedStruct("RunStarted", {
    ...event,
    plan: Schema.String,
    planVersion: Schema.String,
    userId: Schema.String,
    total: Schema.Natural,
    /** The limits around the run, innermost first. */
    budgets: Schema.Array(LedgerState)
  }),
  Schema.TaggedStruct("starting", task),
  Schema.TaggedStruct("running", { ...task, attempt: Schema.Natural }),
  Schema.TaggedStruct("update", {
    ...task,
    /** How much is done, from 0 to 1, where the handler says. */
    fraction: Schema.optionalKey(Schema.Finite),
    data: Schema.optionalKey(Schema.Json),
    usage: Usage
  }),
  Schema.TaggedStruct("waiting", { ...task, reason: Schema.String }),
  Schema.TaggedStruct("retrying", { ...task, attempt: Schema.Natural, usage: Usage }),
  Schema.TaggedStruct("complete", ended),
  Schema.TaggedStruct("failed", { ...ended, errorType: Schema.String }),
  Schema.TaggedStruct("skipped", { ...ended, reason: SkipReason }),
  Schema.TaggedStruct("cancelled", ended),
  Schema.TaggedStruct("timedOut", ended),
  /** Stands where a listener that could not follow lost updates; nothing else is ever dropped. */
  Schema.TaggedStruct("dropped", { ...event, dropped: Schema.Natural }),
  Schema.TaggedStruct("RunEnded", { ...event, result: RunResult })
])
/**
 * @category models
 * @since 0.1.0
 */
export type Event = typeof Event.Type

/**
 * The kinds of event that end a task.
 *
 * @category models
 * @since 0.1.0
 */
export type Terminal = Extract<Event, { readonly _tag: "complete" | "failed" | "skipped" | "cancelled" | "timedOut" }>

/**
 * @category guards
 * @since 0.1.0
 */
export const isTerminal = (event: Event): event is Terminal => "elapsedMillis" in event

/**
 * What a handler reports. A text alone is its message.
 *
 * @category models
 * @since 0.1.0
 */
export type Update =
  | string
  | {
      readonly message: string
      /** How much is done, from 0 to 1. */
      readonly fraction?: number | undefined
      readonly data?: Schema.Json | undefined
    }

/**
 * Reports from inside a handler: an `update` event of its task. Does nothing outside a run.
 *
 * @category reporting
 * @since 0.1.0
 */
export const report = (update: Update): Effect.Effect<void> => Effect.flatMap(Hooks, (hooks) => hooks.report(update))

/**
 * How a listener is served.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListenOptions {
  /** How many events may wait for the listener before updates are dropped. A whole number from 1, default 1024. */
  readonly capacity?: number | undefined
  /**
   * `"drop"` (the default) drops updates when the listener cannot follow and leaves a `dropped` mark; `"block"` drops
   * nothing and slows the run instead.
   */
  readonly onFull?: "drop" | "block" | undefined
  /** How long the region waits at its end for the listener to hear the rest, in milliseconds. Default 5,000. */
  readonly drainMillis?: number | undefined
}

/**
 * Lets a callback hear the events of all runs inside an effect, in order. The callback may throw, be slow, or return an
 * effect: it never fails, slows (but with `onFull: "block"`) or loses a task; what it throws is logged as a warning.
 *
 * @example
 * ```ts
 * Orchestrator.run(plan).pipe(Progress.listen((event) => console.log(event._tag)))
 * ```
 *
 * @category listening
 * @since 0.1.0
 */
export const listen =
  <R2 = never>(callback: (event: Event) => void | Promise<unknown> | Effect.Effect<unknown, unknown, R2>, options?: ListenOptions) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | R2> =>
    listening.listen(self, callback, options)

/** @internal */
export const withListener =
  (listener: Listener) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.updateContext(self, (context: Context.Context<R>) =>
      Context.add(context, ListenersRef, [...Context.get(context, ListenersRef), listener])
    )
