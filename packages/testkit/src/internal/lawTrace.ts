import type * as Context from "effect/Context"
import type * as Exit from "effect/Exit"
import type * as Budget from "@aria/orchestrator-core/Budget"
import type * as Progress from "@aria/orchestrator-core/Progress"
import type { RunResult } from "@aria/orchestrator-core/RunResult"
import type * as Usage from "@aria/orchestrator-core/Usage"
import type { PlanSpec, RunSpec, Scenario, TaskSpec } from "./lawScenario.ts"
import { plansOf } from "./lawScenario.ts"

/** One evaluation of a handler, of a task's agent or of a child. */
export interface Call {
  readonly id: number
  readonly runId: string
  readonly rootRunId: string
  readonly taskId: string
  readonly attempt: number
  readonly child: boolean
  readonly beneath: boolean
  readonly user: string
  /** What the handler found in its payload. */
  readonly payload: { readonly script: number; readonly context: string; readonly upstream: ReadonlyArray<string> }
  /** Where it stands, to look at its ledgers later. */
  readonly context: Context.Context<never>
  readonly startAt: number
  readonly startOrder: number
  endAt: number | undefined
  endOrder: number
  exit: Exit.Exit<unknown, unknown> | undefined
  /** How many of its branches wait, and how many it has. */
  waiting: number
  branches: number
  /** Waits that were given up, before the handler went on. */
  givenUp: number
  /** Things taken and not cleaned up, the scope of the call among them. */
  taken: number
}

/** One request for budget. */
export interface Reserve {
  readonly call: Call
  readonly id: number
  readonly patient: boolean
  readonly leaked: boolean
  /** Whether it was asked beneath an open reservation. */
  readonly beneath: boolean
  readonly request: { readonly tokens: number; readonly calls: number; readonly usd: number }
  readonly askedAt: number
  readonly askedOrder: number
  /** The ledgers at the instant it was asked, innermost first. */
  readonly before: ReadonlyArray<Budget.LedgerState>
  /** To look at its ledgers later. */
  readonly context: Context.Context<never>
  admittedAt: number | undefined
  admittedOrder: number
  /** The ledgers right after it was admitted. */
  after: ReadonlyArray<Budget.LedgerState> | undefined
  /** The refusal that `tryReserve` gave. */
  refusal: Budget.BudgetExceededError | undefined
  refusedAt: number | undefined
  /** When its waiting was over, however it was. */
  leftAt: number | undefined
  /** Whether the handler went on, though it was not admitted. */
  returned: boolean
  endedAt: number | undefined
  endedOrder: number
  /** How it came to an end: as reported, given back, not told (its worst). */
  ended: "settled" | "released" | "unknown" | "interrupted" | undefined
  /** What it has to count as. */
  spent: Usage.Usage | undefined
}

export type Entry = { readonly at: number } & (
  | { readonly kind: "start" | "end" | "wait" | "back"; readonly call: Call }
  | { readonly kind: "asked" | "admitted" | "ended"; readonly reserve: Reserve }
  | { readonly kind: "event"; readonly run: number; readonly event: Progress.Event }
  | { readonly kind: "stopping" | "stopped" | "result"; readonly run: number }
  /** Nothing moves any more before time goes on. */
  | { readonly kind: "quiet"; readonly working: ReadonlyArray<{ readonly call: Call; readonly sure: boolean }>; readonly waits: boolean; readonly asking: ReadonlyArray<{ readonly reserve: Reserve; readonly states: ReadonlyArray<Budget.LedgerState> }> }
)

/** The envelope that a task's payload function was given. */
export interface Envelope {
  readonly plan: string
  readonly taskId: string
  readonly keys: ReadonlyArray<string>
  readonly values: ReadonlyArray<unknown>
  readonly frozen: boolean
}

/** A charge after the fact, with the ledgers before it. */
export interface Charge {
  readonly call: Call
  readonly before: ReadonlyArray<Budget.LedgerState>
  returned: boolean
}

export interface Spend {
  readonly call: Call
  readonly usage: Usage.Usage
  readonly order: number
}

/** Where a run stands in the tree: the tasks above it, as run and task ids. */
export type Ancestors = ReadonlyArray<{ readonly runId: string; readonly taskId: string }>

export interface RunRecord {
  readonly spec: RunSpec
  runId: string | undefined
  exit: Exit.Exit<RunResult<any, any>, unknown> | undefined
  resultOrder: number
  stoppingOrder: number | undefined
  stoppingAt: number | undefined
  stoppedOrder: number | undefined
  /** What the listener with a flaw heard. */
  readonly heard: Array<Progress.Event>
  /** What the handle's stream gave while the run lived. */
  readonly read: Array<Progress.Event>
  /** What the handle's stream gives once all is over. */
  late: ReadonlyArray<Progress.Event> | undefined
  /** What is still held in the ledgers of its tasks and itself when its result is there. */
  heldAtEnd: ReadonlyArray<string>
  liveAtEnd: number
  /** How many calls have finalizers that did not run when its result is there. */
  takenAtEnd: number
}

/** All that a scenario showed, in order. */
export class Trace {
  readonly scenario: Scenario
  readonly storesReservations: boolean
  readonly plans: ReadonlyMap<string, PlanSpec>
  readonly tasks: ReadonlyMap<string, ReadonlyMap<string, TaskSpec>>
  readonly entries: Array<Entry> = []
  readonly calls: Array<Call> = []
  readonly reserves: Array<Reserve> = []
  readonly spends: Array<Spend> = []
  readonly charges: Array<Charge> = []
  readonly envelopes: Array<Envelope> = []
  readonly ancestors = new Map<string, Ancestors>()
  readonly runs: ReadonlyArray<RunRecord>
  /** States of ledgers that break the account, as they were seen. */
  readonly overspent = new Set<string>()
  readonly overruns = new Set<string>()
  /** Ledgers that still hold something at the very end. */
  held: ReadonlyArray<string> = []
  /** Why it never came to its end. */
  hung: string | undefined
  /** How many of the calls of a last run at full cap were in flight at once, and how many had to be. */
  probe: { readonly seen: number; readonly wanted: number } | undefined
  /** How options that are none were refused. */
  invalid: string | undefined
  /** What came out of encoding and decoding, where it was not the same. */
  readonly codecFaults: Array<string> = []
  readonly usageFaults: Array<string> = []
  now: () => number = () => 0

  constructor(scenario: Scenario, storesReservations: boolean) {
    this.scenario = scenario
    this.storesReservations = storesReservations
    this.plans = plansOf(scenario)
    this.tasks = new Map(Array.from(this.plans, ([name, plan]) => [name, new Map(plan.tasks.map((task) => [task.id, task]))]))
    this.runs = scenario.runs.map((spec) => ({
      spec,
      runId: undefined,
      exit: undefined,
      resultOrder: Infinity,
      stoppingOrder: undefined,
      stoppingAt: undefined,
      stoppedOrder: undefined,
      heard: [],
      read: [],
      late: undefined,
      heldAtEnd: [],
      liveAtEnd: 0,
      takenAtEnd: 0
    }))
  }

  get order(): number {
    return this.entries.length
  }

  add(entry: Entry extends infer E ? (E extends Entry ? Omit<E, "at"> : never) : never): number {
    return this.entries.push({ at: this.now(), ...entry } as Entry) - 1
  }

  /** Checks the account of each ledger as it is now. */
  look(states: ReadonlyArray<Budget.LedgerState>): void {
    for (const { held, limits, name, overrun, owner, usage } of states) {
      for (const [dimension, used] of [["tokens", usage.tokens], ["calls", usage.calls], ["usd", usage.usd]] as const) {
        const limit = limits[dimension]
        // Money is a fraction of whole millionths here: half of one is less than anything spent.
        if (held[dimension] < -1e-7) this.overspent.add(`${owner} "${name}" holds ${held[dimension]} ${dimension}`)
        if (limit === undefined) continue
        if (used + held[dimension] > limit + overrun[dimension] + 5e-7) {
          this.overspent.add(`${owner} "${name}": ${used} used + ${held[dimension]} held > ${limit} ${dimension} + ${overrun[dimension]} overrun`)
        }
        if (overrun[dimension] > 5e-7) this.overruns.add(`${owner} "${name}": overrun of ${overrun[dimension]} ${dimension}`)
      }
    }
  }

  /** The events of a root run and all beneath it, as its own listener heard them. */
  eventsOf(run: number): ReadonlyArray<{ readonly order: number; readonly at: number; readonly event: Progress.Event }> {
    const found: Array<{ order: number; at: number; event: Progress.Event }> = []
    for (const [order, entry] of this.entries.entries()) {
      if (entry.kind === "event" && entry.run === run) found.push({ order, at: entry.at, event: entry.event })
    }
    return found
  }
}
