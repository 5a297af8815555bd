import type * as Agent from "@aria/orchestrator-core/Agent"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Task from "@aria/orchestrator-core/Task"
import { DefectError, describeError, type TaskOutcome } from "@aria/orchestrator-core/TaskOutcome"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"

/** What is checked: an agent, all that it needs, and how it is called. */
export interface Subject {
  readonly agent: Agent.Any
  readonly layer: Layer.Layer<any, any>
  readonly valid: ReadonlyArray<unknown>
  readonly invalid: ReadonlyArray<{ readonly payload: unknown; readonly path?: ReadonlyArray<string | number> | undefined }>
  readonly deterministic: boolean
  readonly scoped: boolean
  /** How long a call may take. */
  readonly callMillis: number
  /** How long an end may take: of an interruption, of a fiber. */
  readonly promptMillis: number
}

/** How a call ended. */
export type Ending =
  | { readonly _tag: "succeeded"; readonly value: unknown }
  | { readonly _tag: "failed"; readonly error: unknown }
  | { readonly _tag: "threw"; readonly defect: string }
  | { readonly _tag: "interrupted" }
  | { readonly _tag: "hung" }

const endingOf = (exit: Exit.Exit<unknown, unknown>): Ending => {
  if (Exit.isSuccess(exit)) return { _tag: "succeeded", value: exit.value }
  const error = Cause.findErrorOption(exit.cause)
  if (Option.isSome(error)) return { _tag: "failed", error: error.value }
  if (Cause.hasInterruptsOnly(exit.cause)) return { _tag: "interrupted" }
  return { _tag: "threw", defect: String(Cause.squash(exit.cause)) }
}

const endingOfOutcome = (outcome: TaskOutcome<unknown, unknown>): Ending => {
  switch (outcome._tag) {
    case "succeeded":
      return { _tag: "succeeded", value: outcome.output }
    case "failed":
      return outcome.error instanceof DefectError
        ? { _tag: "threw", defect: outcome.error.message }
        : { _tag: "failed", error: outcome.error }
    default:
      return { _tag: "interrupted" }
  }
}

/** The end of a fiber; nobody waits longer for it than `millis`, be it uninterruptible. */
export const endOf = (fiber: Fiber.Fiber<unknown, unknown>, millis: number): Effect.Effect<Ending> =>
  Effect.map(Effect.timeoutOption(Fiber.await(fiber), millis), (exit): Ending => {
    if (Option.isSome(exit)) return endingOf(exit.value)
    fiber.interruptUnsafe()
    return { _tag: "hung" }
  })

/** Runs an effect in a fiber of its own, for `millis` at most. */
export const ending = <R>(effect: Effect.Effect<unknown, unknown, R>, millis: number): Effect.Effect<Ending, never, R> =>
  Effect.flatMap(Effect.forkDetach(effect, { startImmediately: true }), (fiber) => endOf(fiber, millis))

/** Uses the layers of an agent and an orchestrator, built anew, so that no check sees what another one did. */
export const inFreshLayers = <A, R>(subject: Subject, use: Effect.Effect<A, never, R>): Effect.Effect<A, any> =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const memo = yield* Layer.makeMemoMap
    const context = yield* Layer.buildWithMemoMap(Layer.merge(subject.layer, Orchestrator.layer), memo, scope)
    const result = yield* Effect.provideContext(use, context as Context.Context<any>)
    yield* ending(Scope.close(scope, Exit.void), subject.promptMillis)
    return result
  }) as Effect.Effect<A, any>

/** The agent by itself. */
export const call = ({ agent }: Subject, payload: unknown): Effect.Effect<unknown, unknown, any> =>
  Effect.scoped(Effect.suspend(() => (agent as any).run(payload) as Effect.Effect<unknown, unknown, any>))

/** The agent as the only task of a plan. */
export const planOf = ({ agent }: Subject, payload: unknown): Plan.Plan<string, any, any, any> =>
  Plan.make("conformance", [Task.make("call", agent as any, { payload: payload as any })]) as any

export const outcomeOf = (subject: Subject, payload: unknown): Effect.Effect<TaskOutcome<unknown, unknown>, never, any> =>
  Effect.map(Orchestrator.run(planOf(subject, payload)), ({ results }) => results[0]!)

/** The ending of the agent as a task of a plan. */
export const endingInPlan = (subject: Subject, payload: unknown): Effect.Effect<Ending, never, any> =>
  Effect.map(ending(outcomeOf(subject, payload), subject.callMillis), (end) =>
    end._tag === "succeeded" ? endingOfOutcome(end.value as TaskOutcome<unknown, unknown>) : end
  )

export const isSuccess = ({ agent }: Subject, value: unknown): boolean => Schema.is(agent.successSchema)(value)
export const isDeclared = ({ agent }: Subject, error: unknown): boolean => Schema.is(agent.errorSchema)(error)

const equal = (schema: Schema.Top, a: unknown, b: unknown): boolean => Equal.equals(a, b) || Schema.toEquivalence(schema)(a, b)

/** Whether two calls came to the same; of agents that are not deterministic, whether they ended in the same way. */
export const same = (subject: Subject, a: Ending, b: Ending): boolean => {
  if (a._tag !== b._tag) return false
  if (!subject.deterministic) return true
  if (a._tag === "succeeded" && b._tag === "succeeded") {
    return isSuccess(subject, a.value) && isSuccess(subject, b.value)
      ? equal(subject.agent.successSchema, a.value, b.value)
      : Equal.equals(a.value, b.value)
  }
  if (a._tag === "failed" && b._tag === "failed") {
    return isDeclared(subject, a.error) && isDeclared(subject, b.error)
      ? equal(subject.agent.errorSchema, a.error, b.error)
      : describeError(a.error) === describeError(b.error)
  }
  return true
}

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text)

export const show = (value: unknown): string => {
  try {
    return short(JSON.stringify(value) ?? String(value))
  } catch {
    return short(String(value))
  }
}

/** An ending as the end of a sentence. */
export const describeEnding = (end: Ending): string => {
  switch (end._tag) {
    case "succeeded":
      return `succeeded with ${show(end.value)}`
    case "failed":
      return `failed with ${short(describeError(end.error))}`
    case "threw":
      return `threw ${short(end.defect)}`
    case "interrupted":
      return "was interrupted"
    case "hung":
      return "did not end"
  }
}

/** What is wrong with a value's way through JSON, if something is. */
export const roundTrip = (schema: Schema.Top, value: unknown): Effect.Effect<string | undefined> => {
  // Agents' schemas need no services, which `Agent.make` has checked.
  const codec: Schema.Codec<any, any> = Schema.toCodecJson(schema) as any
  return Effect.gen(function* () {
    const text = JSON.stringify(yield* Schema.encodeEffect(codec)(value))
    const back = yield* Schema.decodeEffect(codec)(JSON.parse(text))
    const again = JSON.stringify(yield* Schema.encodeEffect(codec)(back))
    return text === again && equal(schema, value, back) ? undefined : `${short(text)} came back as ${short(again)}`
  }).pipe(Effect.catchCause((cause) => Effect.succeed(short(String(Cause.squash(cause))))))
}
