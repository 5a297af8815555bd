import * as Usage from "../Usage.ts"
import { Fifo } from "./fifo.ts"

/** The three quantities that can be limited; money in micro-dollars. */
export interface Amounts {
  readonly tokens: number
  readonly calls: number
  readonly microUsd: number
}
export type Dimension = keyof Amounts
export const dimensions: ReadonlyArray<Dimension> = ["tokens", "calls", "microUsd"]

export type LedgerKind = "region" | "call" | "task" | "run" | "user" | "orchestrator"

type MutableAmounts = { -readonly [D in Dimension]: number }
const nothing = (): MutableAmounts => ({ tokens: 0, calls: 0, microUsd: 0 })
export const unlimited: Amounts = { tokens: Infinity, calls: Infinity, microUsd: Infinity }

/** A request that waits for room: in the queue of each of its ledgers that has a limit. */
export interface Waiter {
  readonly request: Amounts
  readonly ledgers: ReadonlyArray<Ledger>
  /** Called once: with nothing when admitted, with the ledger that can never hold it when refused. */
  readonly settle: (refusedBy: Refusal | undefined) => void
}
export interface Refusal {
  readonly ledger: Ledger
  readonly dimension: Dimension
}

/**
 * One account: what was used and held, against its limits.
 *
 * Invariant, at every instant and per dimension: `used + held <= limit + overrun`, where `overrun` is what was reported
 * beyond a reservation.
 */
export class Ledger {
  readonly kind: LedgerKind
  readonly name: string
  readonly limit: Amounts
  readonly limited: boolean
  readonly used: MutableAmounts = nothing()
  readonly held: MutableAmounts = nothing()
  readonly overrun: MutableAmounts = nothing()
  readonly queue: Set<Waiter> = noQueue
  private inputTokens = 0
  private outputTokens = 0
  private cachedInputTokens = 0
  private reasoningTokens = 0
  private snapshot: Usage.Usage | undefined = Usage.zero

  constructor(kind: LedgerKind, name: string, limit: Amounts = unlimited) {
    this.kind = kind
    this.name = name
    this.limit = limit
    this.limited = limit !== unlimited
    if (this.limited) this.queue = new Set()
  }

  get usage(): Usage.Usage {
    return (this.snapshot ??= Usage.make({
      inputTokens: this.inputTokens,
      outputTokens: this.outputTokens,
      cachedInputTokens: this.cachedInputTokens,
      reasoningTokens: this.reasoningTokens,
      calls: this.used.calls,
      microUsd: this.used.microUsd
    }))
  }

  record(usage: Usage.Usage): void {
    this.inputTokens += usage.inputTokens
    this.outputTokens += usage.outputTokens
    this.cachedInputTokens += usage.cachedInputTokens
    this.reasoningTokens += usage.reasoningTokens
    this.used.tokens += usage.tokens
    this.used.calls += usage.calls
    this.used.microUsd += usage.microUsd
    this.snapshot = undefined
  }

  /** The dimension in which `request` can never fit here, because what is used never shrinks. */
  neverFits(request: Amounts): Dimension | undefined {
    if (!this.limited) return undefined
    for (const d of dimensions) {
      if (this.used[d] >= this.limit[d] || this.used[d] + request[d] > this.limit[d]) return d
    }
    return undefined
  }

  /** The dimension in which there is no room now. */
  lacksRoom(request: Amounts): Dimension | undefined {
    if (!this.limited) return undefined
    for (const d of dimensions) {
      if (this.used[d] >= this.limit[d] || this.used[d] + this.held[d] + request[d] > this.limit[d]) return d
    }
    return undefined
  }

  /** Whether somebody who came before `waiter` (before everybody, where it is not in the queue yet) waits for room here. */
  hasEarlierBlocked(waiter: Waiter | undefined): boolean {
    for (const earlier of this.queue) {
      if (earlier === waiter) return false
      if (this.lacksRoom(earlier.request) !== undefined) return true
    }
    return false
  }
}
/** What unlimited ledgers share: nobody ever waits for them. */
const noQueue: Set<Waiter> = new Set()

const hold = (ledgers: ReadonlyArray<Ledger>, request: Amounts, sign: 1 | -1): void => {
  for (const { held } of ledgers) {
    held.tokens += sign * request.tokens
    held.calls += sign * request.calls
    held.microUsd += sign * request.microUsd
  }
}

const refusalOf = (ledgers: ReadonlyArray<Ledger>, request: Amounts): Refusal | undefined => {
  for (const ledger of ledgers) {
    const dimension = ledger.neverFits(request)
    if (dimension !== undefined) return { ledger, dimension }
  }
  return undefined
}

const admissible = (ledgers: ReadonlyArray<Ledger>, request: Amounts, waiter: Waiter | undefined): boolean => {
  for (const ledger of ledgers) {
    if (ledger.limited && (ledger.lacksRoom(request) !== undefined || ledger.hasEarlierBlocked(waiter))) return false
  }
  return true
}

export type Admission = { readonly _tag: "admitted" } | { readonly _tag: "refused"; readonly refusal: Refusal } | { readonly _tag: "wait" }

/** Asks all ledgers in one step. `patient` is false where waiting could deadlock or is not wanted. */
export const request = (ledgers: ReadonlyArray<Ledger>, amounts: Amounts, patient: boolean): Admission => {
  const refusal = refusalOf(ledgers, amounts)
  if (refusal !== undefined) return { _tag: "refused", refusal }
  if (patient) {
    if (!admissible(ledgers, amounts, undefined)) return { _tag: "wait" }
  } else {
    for (const ledger of ledgers) {
      const dimension = ledger.lacksRoom(amounts)
      if (dimension !== undefined) return { _tag: "refused", refusal: { ledger, dimension } }
    }
  }
  hold(ledgers, amounts, 1)
  return { _tag: "admitted" }
}

export const enqueue = (waiter: Waiter): void => {
  for (const ledger of waiter.ledgers) if (ledger.limited) ledger.queue.add(waiter)
}

/** Takes a waiter out before it was answered; others may be next now. */
export const dequeue = (waiter: Waiter): void => {
  remove(waiter)
  wake(waiter.ledgers)
}

const remove = (waiter: Waiter): void => {
  for (const ledger of waiter.ledgers) ledger.queue.delete(waiter)
}

/** Ends a reservation: what was held is let go, what was used is recorded, what goes beyond it is overrun. */
export const settle = (ledgers: ReadonlyArray<Ledger>, held: Amounts, usage: Usage.Usage): void => {
  hold(ledgers, held, -1)
  for (const ledger of ledgers) {
    ledger.record(usage)
    ledger.overrun.tokens += Math.max(0, usage.tokens - held.tokens)
    ledger.overrun.calls += Math.max(0, usage.calls - held.calls)
    ledger.overrun.microUsd += Math.max(0, usage.microUsd - held.microUsd)
  }
  wake(ledgers)
}

export const release = (ledgers: ReadonlyArray<Ledger>, held: Amounts): void => {
  hold(ledgers, held, -1)
  wake(ledgers)
}

/** Records what nobody reserved; gives the ledger that was used up before it, if there is one. */
export const charge = (ledgers: ReadonlyArray<Ledger>, usage: Usage.Usage): Refusal | undefined => {
  let exhausted: Refusal | undefined
  const spent: Amounts = usage
  for (const ledger of ledgers) {
    if (ledger.limited && exhausted === undefined) {
      const dimension = dimensions.find((d) => ledger.used[d] >= ledger.limit[d])
      if (dimension !== undefined) exhausted = { ledger, dimension }
    }
    ledger.record(usage)
    for (const d of dimensions) {
      if (spent[d] > 0) ledger.overrun[d] = Math.max(ledger.overrun[d], ledger.used[d] + ledger.held[d] - ledger.limit[d], 0)
    }
  }
  // Who waits may not fit any more.
  wake(ledgers)
  return exhausted
}

/** Answers that were decided and not told yet: telling runs a fiber, which may come back here, so it is done in a flat loop. */
const answers = new Fifo<() => void>()
let telling = false

/** Answers all who can be answered now, first come, first served per ledger. */
const wake = (changed: ReadonlyArray<Ledger>): void => {
  const work = changed.filter((ledger) => ledger.queue.size > 0)
  while (work.length > 0) {
    const ledger = work.pop()!
    for (const waiter of ledger.queue) {
      const refusal = refusalOf(waiter.ledgers, waiter.request)
      if (refusal === undefined) {
        // Everybody behind one who lacks room here has to wait.
        if (ledger.lacksRoom(waiter.request) !== undefined) break
        if (!admissible(waiter.ledgers, waiter.request, waiter)) continue
        hold(waiter.ledgers, waiter.request, 1)
      }
      remove(waiter)
      for (const other of waiter.ledgers) if (other !== ledger && other.queue.size > 0) work.push(other)
      answers.push(() => waiter.settle(refusal))
    }
  }
  if (telling) return
  telling = true
  try {
    for (let next = answers.shift(); next !== undefined; next = answers.shift()) next()
  } finally {
    telling = false
  }
}
