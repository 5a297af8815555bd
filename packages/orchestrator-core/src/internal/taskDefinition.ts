import * as Duration from "effect/Duration"
import * as Budget from "../Budget.ts"
import type * as Task from "../Task.ts"
import { timeoutMillis } from "./limits.ts"
import type { TaskBody } from "./taskBody.ts"

export const TypeId = "~@aria/orchestrator-core/Task"

export const ofPlan = (id: string, plan: any, options: any = {}): any => make(id, options, { _tag: "plan", plan, input: options.input })

export const optional = (task: Task.Any): any => ({ id: task.id, task, optional: true })

export const make = (id: string, options: any, body: TaskBody): any => {
  const { dependsOn = [], policyVersion = "1", priority, timeout, when } = options
  if (id.trim() === "") {
    throw new Budget.InvalidLimitError({ setting: "Task: id", received: JSON.stringify(id), allowed: "a text that is not blank" })
  }
  if (priority !== undefined && !Number.isFinite(priority)) {
    throw new Budget.InvalidLimitError({ setting: `Task "${id}": priority`, received: String(priority), allowed: "a finite number" })
  }
  const duration = timeout === undefined ? undefined : Duration.millis(timeoutOf(id, timeout))
  const self = { [TypeId]: TypeId, id, optional: false, dependsOn, timeout: duration, priority, policyVersion, "~when": when, "~body": body }
  return Object.assign(self, { task: self })
}

const timeoutOf = (id: string, timeout: Duration.Input): number => {
  const millis = timeoutMillis(timeout)
  if (millis !== undefined) return millis
  throw new Budget.InvalidLimitError({
    setting: `Task "${id}": timeout`,
    received: String(timeout),
    allowed: "a finite duration longer than 0, such as \"30 seconds\""
  })
}
