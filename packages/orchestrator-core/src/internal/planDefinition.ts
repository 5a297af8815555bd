import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Plan from "../Plan.ts"
import type * as Task from "../Task.ts"
import { makeOptions } from "./handler.ts"
import { issues } from "./issue.ts"
import { InvalidPlanError } from "./invalidPlan.ts"
import { inPlanOrder } from "./planGraph.ts"

export const TypeId = "~@aria/orchestrator-core/Plan"

export interface Built {
  readonly goals: ReadonlyArray<Task.Any>
  /** In plan order: depth first from the goals, in `dependsOn` order, each once. */
  readonly tasks: ReadonlyArray<Task.Any>
}
/** The tasks for an input that was checked; throws `InvalidPlanError`. */
export type Build = (input: any) => Built

export const make = (name: string, first: any, second?: any): any => {
  if (typeof second === "function") {
    const { input, onFailure = "continue", version } = first
    return makePlan(name, version, onFailure, input, (value: any) => build(name, second(value)))
  }
  const built = build(name, first)
  return makePlan(name, second?.version ?? "1", second?.onFailure ?? "continue", undefined, () => built)
}

const makePlan = (name: string, version: string, onFailure: Plan.OnFailure, inputSchema: Schema.Top | undefined, make: (input: any) => Built): any => ({
  [TypeId]: TypeId,
  name,
  version,
  onFailure,
  inputSchema,
  "~build": make
})

const build = (name: string, goals: ReadonlyArray<Task.Any>): Built => {
  const { duplicates, tasks } = inPlanOrder(goals)
  if (goals.length === 0) throw new InvalidPlanError({ plan: name, issues: [{ path: [], message: "it has no goals; name at least one task" }] })
  if (duplicates.length > 0) {
    throw new InvalidPlanError({
      plan: name,
      issues: duplicates.map((id) => ({ path: [id], message: `two different tasks have the id "${id}"; rename one` }))
    })
  }
  return { goals, tasks }
}

/** @internal the tasks of a plan for an input that was checked, and the input as the plan's functions see it */
export const prepare = (plan: Plan.Any, input: unknown): Effect.Effect<{ readonly built: Built; readonly input: unknown }, InvalidPlanError> => {
  const { inputSchema } = plan
  const decoded: Effect.Effect<unknown, InvalidPlanError> =
    inputSchema === undefined
      ? Effect.void
      : Effect.mapError(
          inputSchema.makeEffect(input, makeOptions),
          (issue) =>
            new InvalidPlanError({ plan: plan.name, issues: issues(issue).map(({ message, path }) => ({ path: ["input", ...path], message })) })
        )
  return Effect.flatMap(decoded, (input) =>
    Effect.suspend(() => {
      try {
        return Effect.succeed({ built: plan["~build"](input), input })
      } catch (error) {
        return error instanceof InvalidPlanError ? Effect.fail(error) : Effect.die(error)
      }
    })
  )
}

