import * as Budget from "@aria/orchestrator-core/Budget"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Task from "@aria/orchestrator-core/Task"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { ScriptedError, Worker } from "./lawAgents.ts"
import type { PlanSpec, PolicySpec, TaskSpec } from "./lawScenario.ts"
import type { Trace } from "./lawTrace.ts"

/** A plan without input, whose types are not known. */
export type AnyPlan = Plan.Plan<string, any, any, any>

/** The plan that a specification says. Its types are erased: what is random has none. */
export const planOf = (trace: Trace, spec: PlanSpec): AnyPlan => {
  const tasks = new Map<string, any>()
  for (const task of spec.tasks) tasks.set(task.id, taskOf(trace, spec, task, tasks))
  return Plan.make(spec.name, spec.goals.map((id) => tasks.get(id)) as any, { onFailure: spec.onFailure }) as any
}

/** What the payload's own field `context` holds: nothing may touch it. */
export const ownContext = (plan: string, taskId: string): string => `own context of ${plan}/${taskId}`

const taskOf = (trace: Trace, plan: PlanSpec, spec: TaskSpec, tasks: ReadonlyMap<string, any>): any => {
  const given = {
    dependsOn: spec.dependsOn.map(({ id, optional }) => (optional ? Task.optional(tasks.get(id)) : tasks.get(id))),
    ...(spec.when !== undefined && {
      when: () => {
        if (spec.when === "throws") throw new Error("scripted condition")
        return spec.when === true
      }
    }),
    ...(spec.timeout !== undefined && { timeout: spec.timeout }),
    ...(spec.priority !== undefined && { priority: spec.priority })
  }
  if (spec.kind === "plan") return Task.plan(spec.id, planOf(trace, spec.plan!), given as any)
  const withPolicy: any = { ...given, ...(spec.policy.kind !== "none" && { policy: policyOf(spec.policy) }) }
  const payload = (script: number, outputs: Record<string, unknown>) => ({
    script: spec.invalid ? "not a number" : script,
    context: ownContext(plan.name, spec.id),
    upstream: Object.keys(outputs)
  })
  const noting = (outputs: Record<string, unknown>) => {
    let frozen = true
    try {
      outputs["added"] = "by a handler"
      frozen = false
    } catch {
      // What cannot be changed is what the law wants.
    }
    trace.envelopes.push({ plan: plan.name, taskId: spec.id, keys: Object.keys(outputs), values: Object.values(outputs), frozen })
    return outputs
  }
  switch (spec.kind) {
    case "agent":
      return Task.make(spec.id, Worker, { ...withPolicy, payload: (outputs: any) => payload(spec.scripts[0]!, noting(outputs)) } as any)
    case "forEach":
      return Task.forEach(spec.id, Worker, {
        ...withPolicy,
        items: (outputs: any) => spec.scripts.map((script) => payload(script, noting(outputs))),
        key: (item: any) => `k${spec.scripts.indexOf(item.script)}`
      } as any)
    case "iterate":
      return Task.iterate(spec.id, Worker, {
        ...withPolicy,
        initial: (outputs: any) => payload(spec.scripts[0]!, noting(outputs)),
        maxIterations: 3,
        next: (_: any, iteration: number) =>
          iteration < spec.scripts.length ? Option.some({ script: spec.scripts[iteration]!, context: ownContext(plan.name, spec.id), upstream: [] }) : Option.none()
      } as any)
  }
}

const policyOf = (spec: PolicySpec) => (call: Effect.Effect<any, any, any>): Effect.Effect<any, any, any> => {
  switch (spec.kind) {
    case "none":
      return call
    case "retry":
      return Effect.retry(call, { times: spec.times, schedule: Schedule.spaced(spec.delay) })
    case "fallback":
      return Effect.catch(call, () => call)
    case "limit":
      return Budget.limit(spec.limits, { name: `policy${counter++}` })(call)
    case "patience":
      return Effect.timeoutOrElse(call, { duration: spec.ms, orElse: () => Effect.fail(new ScriptedError({ script: -1, attempt: 0 })) })
    case "twice":
      return Effect.map(Effect.all([call, call], { concurrency: "unbounded" }), ([first]) => first)
  }
}
let counter = 0
