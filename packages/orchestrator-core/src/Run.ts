/**
 * One execution: where a handler stands, what a run is started with, and what a handler may ask of its run.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Budget from "./Budget.ts"
import { lastingWait } from "./internal/lastingWait.ts"
import { RunInfoRef, RunOptionsRef } from "./internal/runInfo.ts"
import { isCount, timeoutMillis } from "./internal/limits.ts"
import { randomUUID } from "./internal/uuid.ts"
import { Hooks } from "./internal/hooks.ts"
import { type HumanInput, UnansweredError } from "./HumanInput.ts"
import { storedStep } from "./internal/storedCall.ts"
import { askQuestion } from "./internal/askQuestion.ts"

/**
 * Where a handler stands.
 *
 * @category models
 * @since 0.1.0
 */
export interface Info {
  readonly runId: string
  /** The id of the outermost run of the tree; equal to `runId` in it. */
  readonly rootRunId: string
  /** The ids of the tasks from the outermost run down to here. */
  readonly path: ReadonlyArray<string>
  readonly taskId: string
  /** The tag of the agent whose handler this is: in a call of another agent, of that one. */
  readonly agent: string
  /** The tags of all agents at work here, from the outermost of the tree of runs down to `agent`: each has called the next, or run a plan with it. */
  readonly agents: ReadonlyArray<string>
  /** 1 in the first attempt. */
  readonly attempt: number
  readonly userId: string
  readonly tags: Readonly<Record<string, string>>
  /** When the run is cancelled, in milliseconds since 1970. */
  readonly deadline: number | undefined
}

/**
 * The run that this code is part of; `None` outside of one.
 *
 * @category references
 * @since 0.1.0
 */
export const Current: Context.Reference<Option.Option<Info>> = RunInfoRef

/**
 * What the runs that start inside a region are started with. Everything is inherited by nested runs but `id`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The id of the next run that starts here; made by the generator where it is left out. */
  readonly id?: string | undefined
  /** Whose run it is: users share an orchestrator fairly. Default `"anonymous"`. */
  readonly userId?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** Starts of a higher number go first. Default 0. */
  readonly priority?: number | undefined
  /** The most calls of each run that are in flight at once, nested runs included; the orchestrator's cap holds as well. */
  readonly concurrency?: number | undefined
  /** When to stop a run: what has ended stays in its result. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * Sets options for the runs that start inside an effect; regions nest and the inner one wins, caps and timeouts hold
 * together.
 *
 * @example
 * ```ts
 * Orchestrator.run(plan).pipe(Run.configure({ userId: "ada", concurrency: 4, timeout: "5 minutes" }))
 * ```
 *
 * @category regions
 * @since 0.1.0
 */
export const configure =
  (options: Options) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | Budget.InvalidLimitError, R> =>
    Effect.flatMap(validate(options), (valid) =>
      Effect.updateContext(self, (context: Context.Context<R>) => {
        const outer = Context.get(context, RunOptionsRef)
        const timeouts = [outer.timeout, valid.timeout].map((timeout) => (timeout === undefined ? undefined : timeoutMillis(timeout)))
        return Context.add(context, RunOptionsRef, {
          id: valid.id ?? outer.id,
          userId: valid.userId ?? outer.userId,
          priority: valid.priority ?? outer.priority,
          tags: { ...outer.tags, ...valid.tags },
          concurrency: least(outer.concurrency, valid.concurrency),
          timeout: least(timeouts[0], timeouts[1])
        })
      })
    )

/**
 * What `configure` has set here, for engines that carry out a run elsewhere.
 *
 * @category references
 * @since 0.1.0
 */
export const Configured: Context.Reference<Options> = RunOptionsRef

const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b)

const validate = (options: Options): Effect.Effect<Options, Budget.InvalidLimitError> => {
  const refuse = (name: string, received: unknown, allowed: string) =>
    Effect.fail(new Budget.InvalidLimitError({ setting: `Run.configure: ${name}`, received: String(received), allowed }))
  const { concurrency, id, priority, timeout, userId } = options
  if (concurrency !== undefined && !isCount(concurrency)) {
    return refuse("concurrency", concurrency, "a whole number from 1")
  }
  if (priority !== undefined && !Number.isFinite(priority)) return refuse("priority", priority, "a finite number")
  if (id !== undefined && id.trim() === "") return refuse("id", JSON.stringify(id), "a text that is not blank")
  if (userId !== undefined && userId.trim() === "") return refuse("userId", JSON.stringify(userId), "a text that is not blank")
  if (timeout !== undefined && timeoutMillis(timeout) === undefined) return refuse("timeout", timeout, "a finite duration longer than 0")
  return Effect.succeed(options)
}

/**
 * Makes the ids of runs; replace it to make them predictable. The default makes random UUIDs.
 *
 * @category references
 * @since 0.1.0
 */
export const IdGenerator: Context.Reference<Effect.Effect<string>> = Context.Reference("@aria/orchestrator-core/Run/IdGenerator", {
  defaultValue: () => Effect.sync(randomUUID)
})

/**
 * A durable point inside a handler: where the engine stores results, the effect runs once and its stored success or
 * error is given ever after. In memory it is the effect itself. Names are unique within a task.
 *
 * @category combinators
 * @since 0.1.0
 */
export const step = <A, E, R, EA = never, EE = never>(
  name: string,
  schemas: {
    readonly success: Schema.Codec<A, EA>
    readonly error?: Schema.Codec<E, EE> | undefined
  },
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  storedStep(name, schemas, effect)

/**
 * Waits for a time that does not start again where the engine stores results: after a crash only what is left of it is waited for.
 * Holds no permit. Names are unique within a task.
 *
 * @category combinators
 * @since 0.1.0
 */
export const sleep = (name: string, duration: Duration.Input): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.flatMap(storedStep(`sleep ${name}`, { success: Schema.Finite }, Effect.sync(() => now + Duration.toMillis(duration))), (until) =>
      Effect.flatMap(Clock.currentTimeMillis, (current) => (until <= current ? Effect.void : lastingWait(`sleep ${name}`, Effect.sleep(until - current))))
    )
  )

/**
 * Waits without a permit: for a rate, an answer, a delay. Others run meanwhile; the permit is taken again before the
 * effect's result is given. Emits a `waiting` event with the reason.
 *
 * @category combinators
 * @since 0.1.0
 */
export const waiting =
  (reason: string) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Hooks, (hooks) => hooks.suspend(reason, self))

/**
 * Asks a person and gives the answer, decoded by its schema; an answer that does not fit is asked again. Others run while
 * nobody has answered. Where the engine stores results, the answer is asked for once. Names are unique within a task.
 *
 * **Example**
 *
 * ```ts
 * const region = yield* Run.ask("region", { schema: Schema.Literals(["EU", "US"]), prompt: "Which region is this account in?" })
 * ```
 *
 * Errors: `UnansweredError` where nobody is there, or nobody answered within `expiresIn`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const ask = <A, EA>(
  name: string,
  options: {
    readonly schema: Schema.Codec<A, EA>
    /** What the person reads. */
    readonly prompt: string
    /** How long the question stays open. Default: as long as the run. */
    readonly expiresIn?: Duration.Input | undefined
  }
): Effect.Effect<A, UnansweredError, HumanInput> =>
  step(`ask ${name}`, { success: options.schema, error: UnansweredError }, askQuestion(name, options))
