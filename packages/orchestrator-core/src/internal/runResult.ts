import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type { RunResult, TaskNotSucceededError } from "../RunResult.ts"
import type * as Task from "../Task.ts"
import { describe, type TaskOutcome } from "../TaskOutcome.ts"
import type * as Usage from "../Usage.ts"

/** What a result is made of: all that it is told, and what its JSON needs. */
export interface RunData {
  readonly runId: string
  readonly plan: string
  readonly planVersion: string
  readonly input: unknown
  readonly inputSchema: Schema.Top | undefined
  readonly goals: ReadonlyArray<string>
  readonly startedAt: number
  readonly endedAt: number
  readonly usage: Usage.Usage
  readonly results: ReadonlyArray<TaskOutcome<any, any>>
  /** By task id; empty where the plan is not known, and outputs are JSON already. */
  readonly tasks: ReadonlyMap<string, Task.Any>
}

/** The class itself is handed in by `RunResult`, which imports this: so the arrow has one direction. */
export type NotSucceeded = typeof TaskNotSucceededError

const DataId: unique symbol = Symbol.for("@aria/orchestrator-core/RunResult")

export const isRunResult = (u: unknown): u is Result => typeof u === "object" && u !== null && DataId in u

const isFailure = (outcome: TaskOutcome<unknown, unknown>): boolean =>
  outcome._tag === "failed" || outcome._tag === "cancelled" || outcome._tag === "timedOut"

/** The one implementation of `RunResult`: what it counts and looks up is worked out when asked for. */
export class Result implements RunResult<any, any> {
  declare readonly [DataId]: RunData
  readonly runId: string
  readonly plan: string
  readonly planVersion: string
  readonly input: unknown
  readonly startedAt: number
  readonly endedAt: number
  readonly results: ReadonlyArray<TaskOutcome<any, any>>
  readonly usage: Usage.Usage
  readonly outputs: Effect.Effect<any, any>
  private byId: Map<string, TaskOutcome<any, any>> | undefined

  constructor(data: RunData, NotSucceeded: NotSucceeded) {
    Object.defineProperty(this, DataId, { value: data })
    this.runId = data.runId
    this.plan = data.plan
    this.planVersion = data.planVersion
    this.input = data.input
    this.startedAt = data.startedAt
    this.endedAt = data.endedAt
    this.results = data.results
    this.usage = data.usage
    this.outputs = Effect.suspend(() => this.collect(data.goals, NotSucceeded))
  }
  get executionTimeMs(): number {
    return this.endedAt - this.startedAt
  }
  get successCount(): number {
    return this.count((outcome) => outcome._tag === "succeeded")
  }
  get failedCount(): number {
    return this.count(isFailure)
  }
  get skippedCount(): number {
    return this.count((outcome) => outcome._tag === "skipped")
  }
  get allSucceeded(): boolean {
    const neutral = new Set<string>()
    return this.results.every((outcome) => {
      if (outcome._tag === "succeeded") return true
      if (outcome._tag !== "skipped") return false
      const { reason } = outcome
      // What needs a task whose condition was false has nothing to do either; it comes later in plan order.
      const isNeutral = reason._tag === "Condition" || (reason._tag === "Upstream" && neutral.has(reason.taskId))
      if (isNeutral) neutral.add(outcome.taskId)
      return isNeutral
    })
  }
  private count(is: (outcome: TaskOutcome<unknown, unknown>) => boolean): number {
    return this.results.reduce((sum, outcome) => (is(outcome) ? sum + 1 : sum), 0)
  }
  outcome(task: Task.Any | string): any {
    this.byId ??= new Map(this.results.map((outcome) => [outcome.taskId, outcome]))
    const id = typeof task === "string" ? task : task.id
    const found = this.byId.get(id)
    if (found === undefined) throw new Error(`RunResult.outcome: the plan "${this.plan}" has no task "${id}"`)
    return found
  }
  private collect(goals: ReadonlyArray<string>, NotSucceeded: NotSucceeded): Effect.Effect<any, any> {
    const outputs: Record<string, unknown> = {}
    for (const id of goals) {
      const outcome: TaskOutcome<any, any> = this.outcome(id)
      if (outcome._tag === "succeeded") {
        outputs[id] = outcome.output
      } else if (outcome._tag === "failed" && outcome.origin === "agent") {
        return Effect.fail(outcome.error)
      } else {
        return Effect.fail(new NotSucceeded({ taskId: id, outcome: outcome._tag, reason: describe(outcome) }))
      }
    }
    return Effect.succeed(outputs)
  }
}

/** What it was made of. */
export const dataOf = (result: RunResult<unknown, unknown>): RunData => (result as Result)[DataId]
