import type * as Progress from "@aria/orchestrator-core/Progress"

type Encoded = typeof Progress.Event.Encoded

/** What every event of an outermost run has in common, and what follows from its other fields, is not stored with each. */
export const pack = (event: Encoded, run: string): object => {
  const { path, rootRunId, runId, v: _, ...rest } = event
  const packed: Record<string, unknown> = { ...rest }
  if (runId !== run) packed["runId"] = runId
  if (path.length > 0) packed["path"] = path
  if (rootRunId !== run) packed["rootRunId"] = rootRunId
  if ("agentId" in event && event.agentId === `${runId}/${event.taskId}`) delete packed["agentId"]
  return packed
}

/** As it was; an event of a kind that is not known here keeps what it has. */
export const unpack = (packed: Readonly<Record<string, unknown>>, run: string): Readonly<Record<string, unknown>> & { readonly _tag: string; readonly runId: string; readonly seq: number } => {
  const runId = typeof packed["runId"] === "string" ? packed["runId"] : run
  return {
    v: 1,
    rootRunId: run,
    path: [],
    ...("taskId" in packed ? { agentId: `${runId}/${String(packed["taskId"])}` } : {}),
    ...(packed as { readonly _tag: string; readonly seq: number }),
    runId
  }
}
