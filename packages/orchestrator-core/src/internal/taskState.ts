import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { BudgetExceededError } from "../Budget.ts"
import type { RunResult } from "../RunResult.ts"
import type * as Task from "../Task.ts"
import type { TaskOutcome } from "../TaskOutcome.ts"
import type { BudgetNode } from "./budgetNode.ts"
import type { Ticket } from "./permits.ts"
import type { Slot } from "./slot.ts"

/** What is known of one task of a run while it lives: a plain object, because most of them only wait. */
export interface TaskState {
  readonly task: Task.Any
  readonly id: string
  readonly index: number
  /** The fan-out that this is an item of. */
  readonly parent: TaskState | undefined
  /** How many of its dependencies have not ended. */
  pending: number
  dependents: ReadonlyArray<TaskState>
  /** The items of a fan-out in item order, once it started. */
  items: ReadonlyArray<TaskState> | undefined
  /** Items that have not ended. */
  itemsLeft: number
  payload: unknown
  ticket: Ticket | undefined
  /** Whether the permit that it was started with is still to be used by its first attempt. */
  permit: boolean
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** Under an engine that stores: the fiber inside the unit, whose end is stored, whatever ended it. */
  inner: Fiber.Fiber<unknown, unknown> | undefined
  /** Under an engine that stores: what it came to, once that is stored; whatever ends its fiber then comes too late. */
  stored: TaskOutcome<unknown, unknown> | undefined
  timer: Fiber.Fiber<unknown, unknown> | undefined
  /** Those of its calls in flight. */
  slots: Set<Slot>
  node: BudgetNode | undefined
  /** The run of a task that is a plan. */
  nested: { readonly ended: RunResult<unknown, unknown> | undefined } | undefined
  attempts: number
  /** How many calls of other agents were made in it. */
  children: number
  startedAt: number | undefined
  refused: BudgetExceededError | undefined
  isTimedOut: boolean
  /** Whether the run of a task that is a plan only gives what earlier lives have stored, because all is stopped. */
  isRecalled: boolean
  outcome: TaskOutcome<unknown, unknown> | undefined
}

export const make = (task: Task.Any, id: string, index: number, parent: TaskState | undefined): TaskState => ({
  task,
  id,
  index,
  parent,
  pending: 0,
  dependents: none,
  items: undefined,
  itemsLeft: 0,
  payload: undefined,
  ticket: undefined,
  permit: false,
  fiber: undefined,
  inner: undefined,
  stored: undefined,
  timer: undefined,
  slots: noSlots,
  node: undefined,
  nested: undefined,
  attempts: 0,
  children: 0,
  startedAt: undefined,
  refused: undefined,
  isTimedOut: false,
  isRecalled: false,
  outcome: undefined
})
const none: ReadonlyArray<TaskState> = []
/** Of tasks that were not started; a task gets its own when it is, because most of them only wait. */
const noSlots: Set<Slot> = new Set()

/** The states of a plan's tasks in plan order, with who waits for whom. Linear in tasks and dependencies. */
export const ofPlan = (tasks: ReadonlyArray<Task.Any>): ReadonlyArray<TaskState> => {
  const states = tasks.map((task, index) => make(task, task.id, index, undefined))
  const byTask = new Map(states.map((state) => [state.task, state]))
  for (const state of states) {
    for (const upstream of new Set(state.task.dependsOn.map(({ task }) => task))) {
      const before = byTask.get(upstream)!
      state.pending++
      if (before.dependents === none) before.dependents = [state]
      else (before.dependents as Array<TaskState>).push(state)
    }
  }
  return states
}

/** What the outputs of upstream tasks come to for one task: the first that stands in its way, or the envelope. */
export const upstream = (
  state: TaskState,
  outcomeOf: (task: Task.Any) => TaskOutcome<unknown, unknown>
): { readonly blockedBy: string } | { readonly outputs: Readonly<Record<string, unknown>> } => {
  const outputs: Record<string, unknown> = {}
  for (const { id, optional, task } of state.task.dependsOn) {
    const outcome = outcomeOf(task)
    if (optional) outputs[id] = outcome._tag === "succeeded" ? Option.some(outcome.output) : Option.none()
    else if (outcome._tag === "succeeded") outputs[id] = outcome.output
    else return { blockedBy: id }
  }
  return { outputs: Object.freeze(outputs) }
}

export const agentName = (task: Task.Any): string => {
  const body = task["~body"]
  return body._tag === "plan" ? body.plan.name : body.agent._tag
}
