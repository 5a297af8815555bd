import * as Effect from "effect/Effect"
import type * as Plan from "../Plan.ts"
import type * as Task from "../Task.ts"
import type { InvalidPlanError } from "./invalidPlan.ts"
import { prepare } from "./planDefinition.ts"

const bodyOf = (task: Task.Any): string => {
  const body = task["~body"]
  switch (body._tag) {
    case "plan":
      return `plan ${body.plan.name} ${body.plan.version}`
    case "agent":
      return body.agent._tag
    default:
      return `${body._tag} ${body.agent._tag}`
  }
}

const line = (task: Task.Any): string => {
  const after = task.dependsOn.map(({ id, optional }) => (optional ? `${id}?` : id))
  return `${task.id}: ${bodyOf(task)}${after.length === 0 ? "" : ` after ${after.join(", ")}`}${task["~when"] === undefined ? "" : ", when"}`
}

export const outline = (plan: Plan.Any, input: unknown): Effect.Effect<ReadonlyArray<string>, InvalidPlanError> =>
  Effect.map(prepare(plan, input), ({ built }) => built.tasks.map(line))
