import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Agent from "../Agent.ts"
import { BudgetExceededError, InvalidLimitError } from "../Budget.ts"
import { InvalidPlanError } from "./invalidPlan.ts"
import type { RunResult } from "../RunResult.ts"
import type * as Task from "../Task.ts"
import type { Base, DefectError, TaskOutcome } from "../TaskOutcome.ts"
import * as Usage from "../Usage.ts"
import { defect } from "./defect.ts"
import { OutputTooLargeError } from "./outputTooLarge.ts"
import { agentName, type TaskState } from "./taskState.ts"

/** Why a run stops before its tasks have ended. */
export type StopCause =
  | { readonly _tag: "cancelled" }
  | { readonly _tag: "failure" }
  | { readonly _tag: "deadline"; readonly timeoutMillis: number }

/** There is no payload for a later iteration: a failure that only the engine makes, and no agent can have as its own. */
export class NextFailed {
  readonly error: Agent.InvalidPayloadError | DefectError
  constructor(error: Agent.InvalidPayloadError | DefectError) {
    this.error = error
  }
}

/** What every outcome of a task tells. */
export const base = (state: TaskState, endedAt: number): Base => ({
  taskId: state.id,
  agent: agentName(state.task),
  parent: state.parent?.id,
  attempts: state.attempts,
  usage: state.node?.ledger.usage ?? Usage.zero,
  startedAt: state.startedAt,
  endedAt
})

/** What a task came to, from how its fiber ended and what ended it. A success stands, whatever came in the same instant. */
export const ofExit = (
  state: TaskState,
  exit: Exit.Exit<unknown, unknown>,
  endedAt: number,
  stopping: StopCause | undefined
): TaskOutcome<unknown, unknown> => {
  const about = base(state, endedAt)
  if (Exit.isSuccess(exit)) {
    return state.task["~body"]._tag === "plan" ? nested(about, exit.value) : { _tag: "succeeded", ...about, output: exit.value }
  }
  // What a nested run has done is kept, whatever ended the task that it was.
  const run = state.nested?.ended === undefined ? {} : { run: state.nested.ended }
  if (state.refused !== undefined) return { _tag: "failed", ...about, origin: "engine", error: state.refused, ...run }
  if (state.isTimedOut) return { _tag: "timedOut", ...about, timeoutMillis: Duration.toMillis(state.task.timeout!), ...run }
  const error = Cause.findErrorOption(exit.cause)
  if (Option.isSome(error)) return { _tag: "failed", ...about, ...attributed(state.task, error.value) }
  if (!Cause.hasInterruptsOnly(exit.cause) && stopping === undefined) {
    const thrown = Cause.squash(exit.cause)
    const error = thrown instanceof OutputTooLargeError ? thrown : defect(`The agent "${about.agent}"`, thrown)
    return { _tag: "failed", ...about, origin: "engine", error }
  }
  return stopping?._tag === "deadline"
    ? { _tag: "timedOut", ...about, timeoutMillis: stopping.timeoutMillis, ...run }
    : { _tag: "cancelled", ...about, ...run }
}

/** Whose error it is. A budget's is the engine's, unless the agent declares it as its own. */
const attributed = (task: Task.Any, error: unknown): { readonly origin: "agent" | "engine"; readonly error: unknown } => {
  if (error instanceof NextFailed) return { origin: "engine", error: error.error }
  const body = task["~body"]
  if (body._tag === "plan") {
    // The input of a plan is the payload of the task that it is.
    return error instanceof InvalidPlanError
      ? { origin: "engine", error: new Agent.InvalidPayloadError({ agent: error.plan, issues: error.issues }) }
      : { origin: "agent", error }
  }
  const isEngines = error instanceof BudgetExceededError || error instanceof InvalidLimitError
  return { origin: isEngines && !Schema.is(body.agent.errorSchema)(error) ? "engine" : "agent", error }
}

/** A task that is a plan comes to what its goals came to; the whole result of the nested run is kept with it. */
const nested = (about: Base, value: unknown): TaskOutcome<unknown, unknown> => {
  const run = value as RunResult<unknown, unknown>
  const exit = Effect.runSyncExit(run.outputs)
  if (Exit.isSuccess(exit)) return { _tag: "succeeded", ...about, output: exit.value, run }
  return { _tag: "failed", ...about, origin: "agent", error: Option.getOrUndefined(Exit.findErrorOption(exit)), run }
}

/** A fan-out succeeds when all its items did, else it ends as the first of them that says why. */
export const ofItems = (state: TaskState, endedAt: number): TaskOutcome<unknown, unknown> => {
  const about = base(state, endedAt)
  const outcomes = state.items!.map((item) => item.outcome!)
  const wrong = outcomes.find(({ _tag }) => _tag === "failed") ?? outcomes.find(({ _tag }) => _tag !== "succeeded")
  switch (wrong?._tag) {
    case undefined:
      return { _tag: "succeeded", ...about, output: outcomes.map((outcome) => (outcome._tag === "succeeded" ? outcome.output : undefined)) }
    case "failed":
      return { _tag: "failed", ...about, origin: wrong.origin, error: wrong.error }
    case "timedOut":
      return { _tag: "timedOut", ...about, timeoutMillis: wrong.timeoutMillis }
    default:
      return { _tag: "cancelled", ...about }
  }
}
