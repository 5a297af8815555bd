import * as Context from "effect/Context"
import type { Journal } from "../Journal.ts"

/** The journal of the runs that start here; in memory there is none, and nothing is stored. */
export const JournalRef: Context.Reference<Journal | undefined> = Context.Reference("@aria/orchestrator-core/Run/Journal", {
  defaultValue: (): Journal | undefined => undefined
})
