/**
 * One use of an agent in a plan. Dependencies are values, so a cycle cannot be written and a missing task not be named.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Agent from "./Agent.ts"
import * as Budget from "./Budget.ts"
import { isCount } from "./internal/limits.ts"
import type { TaskBody, When } from "./internal/taskBody.ts"
import * as definition from "./internal/taskDefinition.ts"
import type * as Plan from "./Plan.ts"
import type { TaskNotSucceededError } from "./RunResult.ts"

/**
 * @category type ids
 * @since 0.1.0
 */
export const TypeId: typeof definition.TypeId = definition.TypeId

/**
 * Something a task can depend on: a task, or `Task.optional(task)`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Dependency<out Id extends string = string, out A = unknown, out R = unknown> {
  readonly id: Id
  readonly task: Any
  readonly optional: boolean
  readonly "~output": A
  readonly "~services": R
}

/**
 * One use of an agent in a plan; reads like `Effect<A, E, R>`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Task<out Id extends string, out A, out E = never, out R = never> extends Dependency<Id, A, R> {
  readonly [TypeId]: typeof TypeId
  readonly dependsOn: ReadonlyArray<Dependency>
  /** From the first permit to the end, attempts and waits included. */
  readonly timeout: Duration.Duration | undefined
  readonly priority: number | undefined
  readonly policyVersion: string
  readonly "~error": E
  /** @internal */
  readonly "~when": When | undefined
  /** @internal */
  readonly "~body": TaskBody
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Any extends Task<string, unknown, unknown, unknown> {}

/**
 * @category utility types
 * @since 0.1.0
 */
export type Success<T extends Dependency> = T["~output"]

/**
 * @category utility types
 * @since 0.1.0
 */
export type Error<T extends Any> = T["~error"]

/**
 * @category utility types
 * @since 0.1.0
 */
export type Services<T extends Dependency> = T["~services"]

/**
 * Outputs by task id; the `& {}` makes hovers and messages show the record itself.
 *
 * @category utility types
 * @since 0.1.0
 */
export type Outputs<D extends ReadonlyArray<Dependency>> = { readonly [T in D[number] as T["id"]]: T["~output"] } & {}

/**
 * What every task of an agent takes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<A extends Agent.Any, D extends ReadonlyArray<Dependency>, R2> {
  /** What has to end first. Its outputs are given by id; the task is skipped where one did not succeed and is not optional. */
  readonly dependsOn?: D | undefined
  /** `false` skips the task; its dependents go on, with `Option.none` for it. */
  readonly when?: ((outputs: Outputs<D>) => boolean) | undefined
  /** From the first permit on, longer than 0. Of each item in a fan-out. Default: none. */
  readonly timeout?: Duration.Input | undefined
  /** Starts of a higher number go first. Default: that of the run. */
  readonly priority?: number | undefined
  /** Retries, falls back, narrows a budget: each evaluation of `call` is one attempt, with a permit of its own. */
  readonly policy?: Policy<A, R2> | undefined
  /** Changes when the policy may change the result; durable engines reuse results of equal versions only. Default `"1"`. */
  readonly policyVersion?: string | undefined
}

/**
 * Changes how an agent is called: neither its success nor, but for a budget's errors, its error type.
 *
 * @category models
 * @since 0.1.0
 */
export type Policy<A extends Agent.Any, R2> = (
  call: Effect.Effect<Agent.Success<A>, Agent.Error<A>, Agent.Services<A>>
) => Effect.Effect<Agent.Success<A>, Agent.Error<A> | Budget.BudgetExceededError | Budget.InvalidLimitError, R2>

/**
 * What stands in the place of a field that the agent's payload does not have.
 *
 * @category utility types
 * @since 0.1.0
 */
export interface NotAPayloadField {
  readonly _: unique symbol
}

/**
 * `P` without fields that the payload lacks; TypeScript checks this for literals only, not for what a function returns.
 *
 * @category utility types
 * @since 0.1.0
 */
export type Exact<P, A extends Agent.Any> = P & {
  readonly [K in Exclude<keyof P, keyof Agent.PayloadInput<A> | keyof Agent.Payload<A>>]: NotAPayloadField
}

/**
 * `R`, closed to inference from where the result is used; unlike `NoInfer` it leaves no trace in hovers.
 *
 * @category utility types
 * @since 0.1.0
 */
export type Fixed<R> = [R][R extends unknown ? 0 : never]

/**
 * Calls an agent once. The payload is a value, or a function of the outputs of what the task depends on.
 *
 * @example
 * ```ts
 * const brief = Task.make("brief", Scribe, {
 *   dependsOn: [signals, Task.optional(meetings)],
 *   payload: ({ signals, meetings }) => ({ signals, events: Option.getOrElse(meetings, () => []) })
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <
  const Id extends string,
  A extends Agent.Any,
  const P extends Agent.PayloadInput<A>,
  const D extends ReadonlyArray<Dependency> = [],
  R2 = Agent.Services<A>
>(
  id: Id,
  agent: A,
  options: Options<A, D, R2> & {
    readonly payload: Agent.PayloadInput<A> | ((outputs: Outputs<D>) => Exact<P, A>)
  }
): Task<Id, Agent.Success<A>, Agent.Error<A>, Fixed<R2> | Services<D[number]>> =>
  definition.make(id, options, { _tag: "agent", agent, payload: options.payload, policy: options.policy })

/**
 * Calls an agent for each item, side by side. Each item is a task of its own, `id/key`, with its own outcome; the
 * output of the whole is the list of their outputs in item order, and it fails where one of them did not succeed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const forEach = <
  const Id extends string,
  A extends Agent.Any,
  const P extends Agent.PayloadInput<A>,
  const D extends ReadonlyArray<Dependency> = [],
  R2 = Agent.Services<A>
>(
  id: Id,
  agent: A,
  options: Options<A, D, R2> & {
    readonly items: (outputs: Outputs<D>) => ReadonlyArray<Exact<P, A>>
    /** Tells the items apart; unique within the fan-out. */
    readonly key: (payload: Agent.Payload<A>) => string
  }
): Task<Id, ReadonlyArray<Agent.Success<A>>, Agent.Error<A>, Fixed<R2> | Services<D[number]>> =>
  definition.make(id, options, { _tag: "forEach", agent, items: options.items, key: options.key, policy: options.policy })

/**
 * Calls an agent again and again, each time with what `next` makes of the last success, until `next` gives none or
 * `maxIterations` calls were made. The output is the last success.
 *
 * @category constructors
 * @since 0.1.0
 */
export const iterate = <
  const Id extends string,
  A extends Agent.Any,
  const P extends Agent.PayloadInput<A>,
  const D extends ReadonlyArray<Dependency> = [],
  R2 = Agent.Services<A>
>(
  id: Id,
  agent: A,
  options: Options<A, D, R2> & {
    readonly initial: Agent.PayloadInput<A> | ((outputs: Outputs<D>) => Exact<P, A>)
    /** `iteration` is 1 after the first call. */
    readonly next: (success: Agent.Success<A>, iteration: number) => Option.Option<Agent.PayloadInput<A>>
    /** A whole number from 1. */
    readonly maxIterations: number
  }
): Task<Id, Agent.Success<A>, Agent.Error<A>, Fixed<R2> | Services<D[number]>> => {
  const { initial, maxIterations, next, policy } = options
  if (!isCount(maxIterations)) {
    throw new Budget.InvalidLimitError({
      setting: `Task.iterate("${id}"): maxIterations`,
      received: String(maxIterations),
      allowed: "a whole number from 1"
    })
  }
  return definition.make(id, options, { _tag: "iterate", agent, initial, next, maxIterations, policy })
}

/**
 * A plan as one task of another; its output is the record of its goals. `input` is left out where the plan takes none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const plan = <const Id extends string, A, E, R, I, const D extends ReadonlyArray<Dependency> = []>(
  id: Id,
  plan: Plan.Plan<string, A, E, R, I>,
  ...options: Plan.TaskArgs<
    I,
    {
      readonly dependsOn?: D | undefined
      readonly when?: ((outputs: Outputs<D>) => boolean) | undefined
      readonly timeout?: Duration.Input | undefined
      readonly priority?: number | undefined
    },
    Outputs<D>
  >
): Task<Id, A, E | TaskNotSucceededError, R | Services<D[number]>> => {
  return definition.ofPlan(id, plan, options[0])
}

/**
 * The task may fail or be skipped; its output is an `Option`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const optional = <Id extends string, A, E, R>(task: Task<Id, A, E, R>): Dependency<Id, Option.Option<A>, R> =>
  definition.optional(task)

/**
 * @category guards
 * @since 0.1.0
 */
export const isTask = (u: unknown): u is Any => typeof u === "object" && u !== null && TypeId in u
