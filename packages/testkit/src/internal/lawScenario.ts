import type * as Budget from "@aria/orchestrator-core/Budget"
import type * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import type * as Usage from "@aria/orchestrator-core/Usage"

/** What a handler does, step by step, as data: so a scenario is known before it runs. */
export type Op =
  | { readonly op: "sleep"; readonly ms: number }
  | { readonly op: "report" }
  | {
      readonly op: "reserve"
      readonly id: number
      readonly patient: boolean
      readonly request: Budget.Request
      readonly body: ReadonlyArray<Op>
      readonly end: "settle" | "release" | "none"
      readonly actual: Usage.Input
    }
  | { readonly op: "charge"; readonly usage: Usage.Input }
  | { readonly op: "child"; readonly script: number }
  | { readonly op: "run"; readonly plan: PlanSpec }
  | { readonly op: "par"; readonly branches: ReadonlyArray<ReadonlyArray<Op>> }
  | { readonly op: "wait"; readonly ms: number }
  | { readonly op: "region"; readonly limits: Budget.Limits; readonly body: ReadonlyArray<Op>; readonly caught: boolean }
  | { readonly op: "step"; readonly name: string; readonly body: ReadonlyArray<Op> }
  /** Given up after a while; the handler goes on. */
  | { readonly op: "within"; readonly ms: number; readonly body: ReadonlyArray<Op> }
  /** Something that has to be cleaned up, which takes time. */
  | { readonly op: "guard"; readonly cleanup: number; readonly body: ReadonlyArray<Op> }
  /** A fiber that outlives its handler and then wants to spend. */
  | { readonly op: "leak"; readonly ms: number }
  | { readonly op: "fail" }
  | { readonly op: "die" }

/** What each attempt does; those after the last do as the last. */
export interface Script {
  readonly attempts: ReadonlyArray<ReadonlyArray<Op>>
}

export type PolicySpec =
  | { readonly kind: "none" }
  | { readonly kind: "retry"; readonly times: number; readonly delay: number }
  | { readonly kind: "fallback" }
  | { readonly kind: "limit"; readonly limits: Budget.Limits }
  | { readonly kind: "patience"; readonly ms: number }
  | { readonly kind: "twice" }

export interface TaskSpec {
  readonly id: string
  readonly kind: "agent" | "forEach" | "iterate" | "plan"
  readonly dependsOn: ReadonlyArray<{ readonly id: string; readonly optional: boolean }>
  readonly when: boolean | "throws" | undefined
  readonly timeout: number | undefined
  readonly priority: number | undefined
  readonly policy: PolicySpec
  /** One for an agent, one an item for a fan-out, one an iteration for a loop. */
  readonly scripts: ReadonlyArray<number>
  /** Whether its payload is one that the agent refuses. */
  readonly invalid: boolean
  readonly plan: PlanSpec | undefined
}

export interface PlanSpec {
  readonly name: string
  readonly tasks: ReadonlyArray<TaskSpec>
  readonly goals: ReadonlyArray<string>
  readonly onFailure: "continue" | "stop"
}

export type ListenerSpec = "throws" | "slow" | "fails" | "rejects" | "small" | "block"

export interface RunSpec {
  readonly plan: PlanSpec
  readonly user: string
  readonly priority: number
  readonly concurrency: number | undefined
  readonly timeout: number | undefined
  readonly startAt: number
  readonly mode: "run" | "start"
  readonly regions: ReadonlyArray<Budget.Limits>
  readonly stopAt: number | undefined
  readonly listeners: ReadonlyArray<ListenerSpec>
}

export interface Scenario {
  readonly seed: number
  readonly options: Orchestrator.Options
  readonly runs: ReadonlyArray<RunSpec>
  readonly scripts: ReadonlyArray<Script>
  /** Whether providers keep to what was reserved. */
  readonly honest: boolean
  /** Limits that are none, one a scenario. */
  readonly invalidOptions: { readonly name: string; readonly value: number }
}

/** All plans of a scenario by name, nested ones included. */
export const plansOf = (scenario: Scenario): ReadonlyMap<string, PlanSpec> => {
  const plans = new Map<string, PlanSpec>()
  const ofOps = (ops: ReadonlyArray<Op>): void => {
    for (const op of ops) {
      if (op.op === "run") ofPlan(op.plan)
      else if (op.op === "par") for (const branch of op.branches) ofOps(branch)
      else if ("body" in op) ofOps(op.body)
    }
  }
  const ofPlan = (plan: PlanSpec): void => {
    plans.set(plan.name, plan)
    for (const task of plan.tasks) if (task.plan !== undefined) ofPlan(task.plan)
  }
  for (const run of scenario.runs) ofPlan(run.plan)
  for (const script of scenario.scripts) for (const ops of script.attempts) ofOps(ops)
  return plans
}

/** The tasks of a plan in plan order: depth first from the goals, each once. The law's own reading, not the engine's. */
export const planOrder = (plan: PlanSpec): ReadonlyArray<TaskSpec> => {
  const byId = new Map(plan.tasks.map((task) => [task.id, task]))
  const ordered: Array<TaskSpec> = []
  const seen = new Set<string>()
  const visit = (id: string): void => {
    if (seen.has(id)) return
    seen.add(id)
    const task = byId.get(id)!
    for (const dependency of task.dependsOn) visit(dependency.id)
    ordered.push(task)
  }
  for (const goal of plan.goals) visit(goal)
  return ordered
}

/** The ids of the items of a fan-out. */
export const itemIds = (task: TaskSpec): ReadonlyArray<string> =>
  task.kind === "forEach" ? task.scripts.map((_, index) => `${task.id}/${task.invalid ? "" : "k"}${index}`) : []
