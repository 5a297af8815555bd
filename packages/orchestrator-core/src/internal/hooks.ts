import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Agent from "../Agent.ts"
import type * as Progress from "../Progress.ts"

/** What a call can ask of the engine that runs it; outside a run all of it does nothing. */
export interface Hooks {
  /** Waits without a permit, and says why. */
  readonly suspend: <A, E, R>(reason: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Carries out a call of another agent as a child, with a permit and a span of its own. */
  readonly around: (agent: Agent.Any, payload: unknown, call: Effect.Effect<any, any, any>) => Effect.Effect<any, any, any>
  readonly report: (update: Progress.Update) => Effect.Effect<void>
}

export const none: Hooks = {
  suspend: (_, effect) => effect,
  around: (_agent, _payload, call) => call,
  report: () => Effect.void
}

export const Hooks: Context.Reference<Hooks> = Context.Reference("@aria/orchestrator-core/Run/Hooks", { defaultValue: () => none })
