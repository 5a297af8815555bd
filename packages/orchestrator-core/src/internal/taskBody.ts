import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Agent from "../Agent.ts"
import type * as Plan from "../Plan.ts"

/** What a task does, with its types erased; how it does it is the engine's. */
export type TaskBody =
  | {
      readonly _tag: "agent"
      readonly agent: Agent.Any
      readonly payload: unknown | ((outputs: any) => unknown)
      readonly policy: Policy | undefined
    }
  | {
      readonly _tag: "forEach"
      readonly agent: Agent.Any
      readonly items: (outputs: any) => ReadonlyArray<unknown>
      readonly key: (payload: any) => string
      readonly policy: Policy | undefined
    }
  | {
      readonly _tag: "iterate"
      readonly agent: Agent.Any
      readonly initial: unknown | ((outputs: any) => unknown)
      readonly next: (success: any, iteration: number) => Option.Option<unknown>
      readonly maxIterations: number
      readonly policy: Policy | undefined
    }
  | { readonly _tag: "plan"; readonly plan: Plan.Any; readonly input: unknown | ((outputs: any) => unknown) }

export type Policy = (call: Effect.Effect<any, any, any>) => Effect.Effect<any, any, any>

export type When = (outputs: any) => boolean
