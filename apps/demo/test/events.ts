/** Events of a run, written short. */
import { type Progress, Usage } from "@aria/orchestrator-core"

export const startedAt = 1_700_000_000_000

let seq = 0
const base = (at: number) => ({ v: 1, runId: "r", rootRunId: "r", path: [], seq: seq++, timestamp: startedAt + at }) as const

const task = (id: string, index: number, total: number, at: number, message: string) =>
  ({ ...base(at), taskId: id, agentName: "Scout", agentId: `r/${id}`, index, total, message }) as const

export const runStarted = (total: number): Progress.Event => ({
  _tag: "RunStarted",
  ...base(0),
  plan: "watch",
  planVersion: "1",
  userId: "anonymous",
  total,
  budgets: []
})

export const running = (id: string, index: number, total: number, at: number, attempt = 1): Progress.Event => ({
  _tag: "running",
  ...task(id, index, total, at, "Scout running"),
  attempt
})

export const update = (id: string, index: number, total: number, at: number, message: string, calls = 0): Progress.Event => ({
  _tag: "update",
  ...task(id, index, total, at, message),
  usage: Usage.make({ calls })
})

export const waiting = (id: string, index: number, total: number, at: number, reason: string): Progress.Event => ({
  _tag: "waiting",
  ...task(id, index, total, at, "Scout waiting"),
  reason
})

const ended = (id: string, index: number, total: number, at: number, usage: Usage.Input, message: string) => ({
  ...task(id, index, total, at, message),
  usage: Usage.make(usage),
  attempts: 1,
  elapsedMillis: at
})

export const complete = (id: string, index: number, total: number, at: number, usage: Usage.Input = {}): Progress.Event => ({
  _tag: "complete",
  ...ended(id, index, total, at, usage, "Scout completed")
})

export const failed = (id: string, index: number, total: number, at: number, message: string): Progress.Event => ({
  _tag: "failed",
  ...ended(id, index, total, at, {}, message),
  errorType: "AllSourcesDownError"
})
