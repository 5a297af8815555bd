/**
 * What we want done: goals, and with them everything they depend on.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Agent from "./Agent.ts"
import { InvalidPlanError } from "./internal/invalidPlan.ts"
import * as definition from "./internal/planDefinition.ts"
import { outline as outlineOf } from "./internal/planOutline.ts"
import * as planData from "./internal/planData.ts"
import type * as Task from "./Task.ts"

/**
 * @category type ids
 * @since 0.1.0
 */
export const TypeId: typeof definition.TypeId = definition.TypeId

export {
  /**
   * A plan that cannot be run; all problems together, each with its place.
   *
   * @category errors
   * @since 0.1.0
   */
  InvalidPlanError
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
  readonly "~build": definition.Build
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Any extends Plan<string, unknown, unknown, unknown, never> {}

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
} = definition.make

/**
 * @category guards
 * @since 0.1.0
 */
export const isPlan = (u: unknown): u is Any => typeof u === "object" && u !== null && TypeId in u

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

/**
 * What a plan is made of for an input, as one line a task in plan order: its id, its agent or plan, and what it depends on. Two plans
 * with equal lines have the same shape. Fails where the input is not valid.
 *
 * @category conversions
 * @since 0.1.0
 */
export const outline: (plan: Any, input: unknown) => Effect.Effect<ReadonlyArray<string>, InvalidPlanError> = outlineOf
