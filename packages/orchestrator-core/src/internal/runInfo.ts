import * as Context from "effect/Context"
import type * as Option from "effect/Option"
import * as O from "effect/Option"
import type * as Run from "../Run.ts"

/** The run, task and attempt that a piece of work belongs to. */
export const RunInfoRef: Context.Reference<Option.Option<Run.Info>> = Context.Reference("@aria/orchestrator-core/Run/Current", {
  defaultValue: (): Option.Option<Run.Info> => O.none()
})

/** What `Run.configure` has set for the runs that start inside it. */
export const RunOptionsRef: Context.Reference<Run.Options> = Context.Reference("@aria/orchestrator-core/Run/Options", {
  defaultValue: (): Run.Options => ({})
})
