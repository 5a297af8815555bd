/**
 * What we want done: goals, and with them everything they depend on.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Agent from "./Agent.ts"
import { issues, makeOptions } from "./internal/handler.ts"
import * as planData from "./internal/planData.ts"
import { inPlanOrder } from "./internal/planGraph.ts"
import type * as Task from "./Task.ts"

/**
 * @category type ids
 * @since 0.1.0
 */
export const TypeId = "~@aria/orchestrator-core/Plan"

/**
 * A plan that cannot be run; all problems together, each with its place.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidPlanError extends Schema.TaggedError<InvalidPlanError>()("InvalidPlanError", {
  plan: Schema.String,
  issues: Schema.Array(
    Schema.Struct({ path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])), message: Schema.String })
  )
}) {
  override get message(): string {
    const list = this.issues.map(({ message, path }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    return `The plan "${this.plan}" cannot be run: ${list.join("; ")}`
  }
}

/**
 * What to do when a task fails: go on with what does not depend on it, or cancel all that runs and skip the rest.
 *
 * @category models
 * @since 0.1.0
 */
export type OnFailure = "continue" | "stop"

/**
 * What we want done; `A` are the outputs of its goals by id, `Input` is `void` where it takes none.
 *
 * @category models
 * @since 0.1.0
 */
export interface Plan<out Name extends string, out A, out E = never, out R = never, in Input = void> {
  readonly [TypeId]: typeof TypeId
  readonly name: Name
  readonly version: string
  readonly onFailure: OnFailure
  readonly inputSchema: Schema.Top | undefined
  readonly "~types": { readonly output: A; readonly error: E; readonly services: R; readonly input: (input: Input) => void }
  /** @internal throws `InvalidPlanError` */
  readonly "~build": (input: any) => Built
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Any extends Plan<string, unknown, unknown, unknown, never> {}

/** @internal */
export interface Built {
  readonly goals: ReadonlyArray<Task.Any>
  /** In plan order: depth first from the goals, in `dependsOn` order, each once. */
  readonly tasks: ReadonlyArray<Task.Any>
}

/**
 * The input of `Orchestrator.run`, where the plan takes one.
 *
 * @category utility types
 * @since 0.1.0
 */
export type InputArgs<Input> = [Input] extends [void] ? [] : [input: Input]

/**
 * What starting a plan can fail with: nothing where it takes no input.
 *
 * @category utility types
 * @since 0.1.0
 */
export type InputError<Input> = [Input] extends [void] ? never : InvalidPlanError

/**
 * The options of `Task.plan`: required where the plan takes input.
 *
 * @category utility types
 * @since 0.1.0
 */
export type TaskArgs<Input, Options, Outputs> = [Input] extends [void]
  ? [options?: Options]
  : [options: Options & { readonly input: Input | ((outputs: Outputs) => Input) }]

type Goals = readonly [Task.Any, ...ReadonlyArray<Task.Any>]

/**
 * Makes a plan of its goals. With an input it is a function, and can be registered by name and version with an engine
 * that stores runs; the function must be pure. Throws `InvalidPlanError` where two tasks have one id.
 *
 * @example
 * ```ts
 * const plan = Plan.make("morning", [brief])
 * const daily = Plan.make("daily", { version: "1", input: Schema.Struct({ companies: Schema.Array(Schema.String) }) },
 *   ({ companies }) => [briefOf(companies)])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: {
  <const Name extends string, const G extends Goals>(
    name: Name,
    goals: G,
    options?: {
      /** Default `"1"`. */
      readonly version?: string | undefined
      /** Default `"continue"`. */
      readonly onFailure?: OnFailure | undefined
    }
  ): Plan<Name, Task.Outputs<G>, Task.Error<G[number]>, Task.Services<G[number]>>
  <const Name extends string, I extends Schema.Top & Agent.Portable, const G extends Goals>(
    name: Name,
    options: { readonly version: string; readonly input: I; readonly onFailure?: OnFailure | undefined },
    goals: (input: I["Type"]) => G
  ): Plan<Name, Task.Outputs<G>, Task.Error<G[number]>, Task.Services<G[number]>, I["~type.make.in"]>
} = (name: string, first: any, second?: any): any => {
  if (typeof second === "function") {
    const { input, onFailure = "continue", version } = first
    return makePlan(name, version, onFailure, input, (value: any) => build(name, second(value)))
  }
  const built = build(name, first)
  return makePlan(name, second?.version ?? "1", second?.onFailure ?? "continue", undefined, () => built)
}

/**
 * @category guards
 * @since 0.1.0
 */
export const isPlan = (u: unknown): u is Any => typeof u === "object" && u !== null && TypeId in u

const makePlan = (name: string, version: string, onFailure: OnFailure, inputSchema: Schema.Top | undefined, make: (input: any) => Built): any => ({
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
export const prepare = (plan: Any, input: unknown): Effect.Effect<{ readonly built: Built; readonly input: unknown }, InvalidPlanError> => {
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

/**
 * Plans as data for a set of agents: what is decoded from JSON is a plan whose tasks name those agents. A payload value
 * may be `{ "$from": taskId, "path": JsonPointer, "default": json }`: a part of the JSON of that task's output. Unknown
 * agents and dependencies, duplicate ids, cycles and bad payloads are refused together, each with its path.
 *
 * @example
 * ```ts
 * const decode = Schema.decodeUnknownEffect(Plan.schemaFor([Scout, Scribe]))
 * const plan = yield* decode(JSON.parse(text))
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const schemaFor = <const Agents extends ReadonlyArray<Agent.Any>>(
  agents: Agents
): Schema.Codec<
  Plan<string, Readonly<Record<string, unknown>>, Agent.Error<Agents[number]>, Agent.Services<Agents[number]>>,
  typeof planData.PlanData.Encoded
> => planData.schemaFor(agents, (name, goals, options) => make(name, goals, options))

export {
  /**
   * The plan as a Mermaid flowchart: one node a task, solid arrows for dependencies, dashed ones for optional ones.
   *
   * @category conversions
   * @since 0.1.0
   */
  toMermaid
} from "./internal/mermaid.ts"
