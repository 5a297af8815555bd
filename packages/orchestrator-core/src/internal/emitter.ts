import type * as Progress from "../Progress.ts"
import type { RunResult } from "../RunResult.ts"
import type { SkipReason, TaskOutcome } from "../TaskOutcome.ts"
import { describeError } from "../TaskOutcome.ts"
import * as Usage from "../Usage.ts"
import type { BudgetNode } from "./budgetNode.ts"
import type { Listener } from "./listener.ts"
import { agentName, type TaskState } from "./taskState.ts"
import { ledgerState } from "../Budget.ts"

/** Numbers the events of one run and hands them to whoever listens. Makes none where nobody does. */
export class Emitter {
  private readonly listeners: ReadonlyArray<Listener>
  private readonly runId: string
  private readonly rootRunId: string
  private readonly path: ReadonlyArray<string>
  private readonly now: () => number
  private seq = 0
  /** How many tasks are known so far. */
  total = 0

  constructor(
    listeners: ReadonlyArray<Listener>,
    run: { readonly runId: string; readonly rootRunId: string; readonly path: ReadonlyArray<string> },
    now: () => number
  ) {
    this.listeners = listeners
    this.runId = run.runId
    this.rootRunId = run.rootRunId
    this.path = run.path
    this.now = now
  }

  get silent(): boolean {
    return this.listeners.length === 0
  }

  private send(event: Progress.Event): void {
    for (const listener of this.listeners) listener.offer(event)
  }

  private head() {
    return { v: 1, runId: this.runId, rootRunId: this.rootRunId, path: this.path, seq: this.seq++, timestamp: this.now() } as const
  }

  private about(state: TaskState, message: string) {
    const agentName_ = agentName(state.task)
    return {
      ...this.head(),
      taskId: state.id,
      agentName: agentName_,
      agentId: agentId(this.runId, state),
      index: state.index,
      total: this.total,
      message
    }
  }

  runStarted(plan: string, planVersion: string, userId: string, node: BudgetNode): void {
    if (this.silent) return
    const budgets = node.ledgers.filter(({ limited }) => limited).map(ledgerState)
    this.send({ _tag: "RunStarted", ...this.head(), plan, planVersion, userId, total: this.total, budgets })
  }

  starting(state: TaskState): void {
    if (this.silent) return
    this.send({ _tag: "starting", ...this.about(state, `Starting ${agentName(state.task)} agent`) })
  }

  running(state: TaskState, attempt: number): void {
    if (this.silent) return
    this.send({ _tag: "running", ...this.about(state, `${agentName(state.task)} running`), attempt })
  }

  retrying(state: TaskState, attempt: number): void {
    if (this.silent) return
    const message = `${agentName(state.task)} retrying (attempt ${attempt})`
    this.send({ _tag: "retrying", ...this.about(state, message), attempt, usage: state.node?.ledger.usage ?? Usage.zero })
  }

  waiting(state: TaskState, reason: string): void {
    if (this.silent) return
    this.send({ _tag: "waiting", ...this.about(state, `${agentName(state.task)} waiting: ${reason}`), reason })
  }

  update(state: TaskState, update: Progress.Update): void {
    if (this.silent) return
    const given = typeof update === "string" ? { message: update } : update
    this.send({
      _tag: "update",
      ...this.about(state, given.message),
      ...(given.fraction !== undefined && { fraction: given.fraction }),
      ...(given.data !== undefined && { data: given.data }),
      usage: state.node?.ledger.usage ?? Usage.zero
    })
  }

  ended(state: TaskState, outcome: TaskOutcome<unknown, unknown>): void {
    if (this.silent) return
    for (const listener of this.listeners) listener.taskEnded?.(this.runId, outcome)
    const name = agentName(state.task)
    const end = (message: string) => ({
      ...this.about(state, message),
      usage: outcome.usage,
      attempts: outcome.attempts,
      elapsedMillis: outcome.startedAt === undefined ? 0 : outcome.endedAt - outcome.startedAt
    })
    switch (outcome._tag) {
      case "succeeded":
        return this.send({ _tag: "complete", ...end(`${name} completed successfully`) })
      case "failed": {
        const { error } = outcome
        return this.send({ _tag: "failed", ...end(`${name} failed: ${describeError(error)}`), errorType: errorType(error) })
      }
      case "skipped":
        return this.send({ _tag: "skipped", ...end(`${name} skipped${because(outcome.reason)}`), reason: outcome.reason })
      case "cancelled":
        return this.send({ _tag: "cancelled", ...end(`${name} cancelled`) })
      case "timedOut":
        return this.send({ _tag: "timedOut", ...end(`${name} timed out after ${outcome.timeoutMillis} ms`) })
    }
  }

  runEnded(result: RunResult<unknown, unknown>): void {
    if (this.silent) return
    this.send({ _tag: "RunEnded", ...this.head(), result })
  }
}

/** One use of an agent in one run; the same in every process that tells of it. */
export const agentId = (runId: string, state: TaskState): string => `${runId}/${state.id}`

export const errorType = (error: unknown): string =>
  typeof error === "object" && error !== null && "_tag" in error && typeof error._tag === "string" ? error._tag : "Error"

const because = (reason: SkipReason): string => {
  switch (reason._tag) {
    case "Upstream":
      return `: "${reason.taskId}" did not succeed`
    case "Condition":
      return ": its condition was false"
    case "Stopped":
      return ": the run was stopped"
  }
}
