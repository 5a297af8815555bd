import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as O from "effect/Option"
import type * as Run from "../Run.ts"

/** The run, task and attempt that a piece of work belongs to. */
export const RunInfoRef: Context.Reference<Option.Option<Run.Info>> = Context.Reference("@aria/orchestrator-core/Run/Current", {
  defaultValue: (): Option.Option<Run.Info> => O.none()
})

/** What all tasks of a run have in common; its agents are those around the run. */
export type RunInfo = Omit<Run.Info, "taskId" | "agent" | "attempt">

/** The same for an agent that is called from there. */
export const calling = (info: Run.Info, agent: string): Run.Info => ({ ...info, agent, agents: [...info.agents, agent] })

/** What `Run.configure` has set for the runs that start inside it. */
export const RunOptionsRef: Context.Reference<Run.Options> = Context.Reference("@aria/orchestrator-core/Run/Options", {
  defaultValue: (): Run.Options => ({})
})

/** Whose runs and actions those are that nobody is named for. */
export const nobodyNamed = "anonymous"

/** Who an action or a question is for: whose run this is, and outside of one whom the region names. */
export const currentUser: Effect.Effect<string> = Effect.flatMap(RunInfoRef, (info) =>
  info._tag === "Some" ? Effect.succeed(info.value.userId) : Effect.map(RunOptionsRef, ({ userId }) => userId ?? nobodyNamed)
)
