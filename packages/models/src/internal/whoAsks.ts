import { Run } from "@aria/orchestrator-core"
import * as Context from "effect/Context"
import { RegionRef } from "./limiterRegion.ts"

/** For which agents a call made here counts: all that are at work in the tree of runs, and those of the regions. Each once. */
export const agentsOf = (context: Context.Context<never>): ReadonlyArray<string> => {
  const run = Context.get(context, Run.Current)
  const { agents } = Context.get(context, RegionRef)
  if (run._tag === "None") return agents
  const all = run.value.agents
  if (all.length === 1 && agents.length === 0) return all
  return Array.from(new Set([...all, ...agents]))
}

/** Which agent calls: the run knows it; outside of one it is that of the innermost region. */
export const agentOf = (context: Context.Context<never>): string | undefined => {
  const run = Context.get(context, Run.Current)
  return run._tag === "Some" ? run.value.agent : Context.get(context, RegionRef).agents.at(-1)
}
