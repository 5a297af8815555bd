import type { Account } from "@aria/orchestrator-core/Journal"
import type * as Usage from "@aria/orchestrator-core/Usage"

/** Who may write for a run: each who carries it out has a higher number than the one before. */
export interface Tenure {
  readonly run: string
  readonly fence: number
}

/** A run as it is first stored. */
export interface StartRecord {
  readonly id: string
  readonly plan: string
  readonly plan_version: string
  readonly shape: string
  readonly input: string
  readonly input_hash: string
  readonly user_id: string
  readonly priority: number
  readonly options: string
  readonly origin: string
  readonly forked_from: string | null
  readonly status: "queued" | "running"
  readonly owner: string | null
  /** The accounts of regions around it. */
  readonly regions: ReadonlyArray<string>
}

export interface UnitRecord extends Tenure {
  readonly key: string
  readonly kind: string
  readonly hash: string | null
  readonly value: string
}

export interface EventRecord extends Tenure {
  readonly seq: number
  readonly event: string
  /** What a later life has to know of it: that a task or run has started or ended. */
  readonly mark: string | null
}

export interface EndRecord extends Tenure {
  readonly status: string
  readonly reason: string | null
  readonly result: string | null
}

/** What is spent or will be, at most: a row that is written before the call and settled after it. */
export interface SpendRecord extends Tenure {
  readonly id: string
  readonly key: string
  readonly state: "open" | "settled"
  readonly accounts: ReadonlyArray<Account>
  readonly usage: Usage.Usage
}

/** The end of one: with what it came to, or without a trace where nothing was sent. */
export interface SettleRecord {
  readonly id: string
  readonly accounts: ReadonlyArray<Account>
  readonly reserved: Usage.Usage
  readonly usage: Usage.Usage | undefined
}

export interface Batch {
  readonly starts: Array<StartRecord>
  readonly units: Array<UnitRecord>
  readonly events: Array<EventRecord>
  readonly spends: Array<SpendRecord>
  readonly settles: Array<SettleRecord>
  readonly ends: Array<EndRecord>
}

export const emptyBatch = (): Batch => ({ starts: [], units: [], events: [], spends: [], settles: [], ends: [] })

/** Why a spend was not written. */
export interface NoRoom {
  readonly account: Account
  readonly dimension: "tokens" | "calls" | "usd"
  readonly used: number
  readonly held: number
  /** Whether it can never fit, because what is used does not shrink. */
  readonly isFinal: boolean
}

/** What became of a batch. What is not named was written. */
export interface Written {
  /** Ids of runs that were there already. */
  readonly existing: ReadonlySet<string>
  /** Runs that were to begin and are not stored, and why. */
  readonly refused?: ReadonlyMap<string, string> | undefined
  /** Runs that somebody else carries out by now: nothing of them was written. */
  readonly lost: ReadonlySet<string>
  /** By the id of the spend. */
  readonly noRoom: ReadonlyMap<string, NoRoom>
}
