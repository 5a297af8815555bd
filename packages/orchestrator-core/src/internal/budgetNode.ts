import * as Context from "effect/Context"
import type { BudgetExceededError } from "../Budget.ts"
import * as Usage from "../Usage.ts"
import type { Ledger } from "./ledger.ts"

/**
 * Where a piece of work stands in the tree of ledgers. `ledgers` are all that its calls are counted in, innermost first.
 */
export interface BudgetNode {
  readonly ledger: Ledger
  readonly ledgers: ReadonlyArray<Ledger>
  readonly parent: BudgetNode | undefined
  /** Whether this is a task: a refusal by a ledger further out ends it, not the region outside the run. */
  readonly isTask: boolean
  /** Ends the work with the error; only regions and tasks can be ended. */
  end: ((error: BudgetExceededError) => void) | undefined
  /** Whether work here is beneath an open reservation, and must not wait for another one. */
  readonly reserved: boolean
  /** Whether the work has ended: nothing may be reserved any more, whatever fiber still lives. */
  closed: boolean
  /** Of a task: what the runs that it started have spent, which is counted with their own tasks. */
  nestedUsage: Usage.Usage
}

export const Current: Context.Reference<BudgetNode | undefined> = Context.Reference("@aria/orchestrator-core/Budget/Current", {
  defaultValue: (): BudgetNode | undefined => undefined
})

export const child = (parent: BudgetNode | undefined, ledger: Ledger, isTask = false): BudgetNode => ({
  ledger,
  ledgers: parent === undefined ? [ledger] : [ledger, ...parent.ledgers],
  parent,
  isTask,
  end: undefined,
  reserved: parent?.reserved ?? false,
  closed: false,
  nestedUsage: Usage.zero
})

export const isClosed = (node: BudgetNode): boolean => {
  for (let at: BudgetNode | undefined = node; at !== undefined; at = at.parent) if (at.closed) return true
  return false
}

/** The innermost task, or the region that owns the ledger where it comes first: what a refusal ends. */
export const boundary = (node: BudgetNode, owner: Ledger | undefined): BudgetNode | undefined => {
  for (let at: BudgetNode | undefined = node; at !== undefined; at = at.parent) {
    if (at.end !== undefined && (at.isTask || at.ledger === owner)) return at
  }
  return undefined
}

/** A run has ended: tells the task that started it what it spent. */
export const countNested = (run: BudgetNode): void => {
  for (let at = run.parent; at !== undefined; at = at.parent) {
    if (!at.isTask) continue
    at.nestedUsage = Usage.add(at.nestedUsage, run.ledger.usage)
    return
  }
}
