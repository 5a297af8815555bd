import { MixedScheduler } from "effect/Scheduler"
import { Fifo } from "./fifo.ts"

/** Starts of one priority: first come, first served within a user, users in turn. */
class Level {
  private readonly users = new Map<string, Fifo<Ticket>>()
  private readonly turns = new Fifo<string>()
  push(ticket: Ticket): void {
    let queue = this.users.get(ticket.user)
    if (queue === undefined) {
      queue = new Fifo()
      this.users.set(ticket.user, queue)
    }
    if (queue.size === 0) this.turns.push(ticket.user)
    queue.push(ticket)
  }
  shift(): Ticket | undefined {
    const user = this.turns.shift()
    if (user === undefined) return undefined
    const queue = this.users.get(user)!
    const ticket = queue.shift()
    if (queue.size > 0) this.turns.push(user)
    else this.users.delete(user)
    return ticket
  }
}

/**
 * One request for a permit. It passes its gates from the innermost to the outermost and holds those it has passed; who
 * holds an outer gate never waits for an inner one, so nobody waits in a circle.
 */
export interface Ticket {
  readonly gates: ReadonlyArray<Gate>
  readonly user: string
  readonly priority: number
  /** Whether a call goes on that was started before: it goes ahead of new starts. */
  readonly resumes: boolean
  readonly granted: () => void
  /** How many gates it has passed. */
  passed: number
  cancelled: boolean
}

/** A cap on calls in flight: of the orchestrator, of a user, of a run. */
export class Gate {
  readonly cap: number
  private inUse = 0
  private readonly resumed = new Fifo<Ticket>()
  private readonly levels = new Map<number, Level>()
  private priorities: Array<number> = []
  /** Tickets in the queues that were not cancelled. */
  private waiting = 0

  constructor(cap: number) {
    this.cap = cap
  }

  get free(): number {
    return this.cap - this.inUse
  }
  get queued(): number {
    return this.waiting
  }

  /** Passes the ticket, or queues it. */
  enter(ticket: Ticket): boolean {
    if (this.inUse < this.cap && this.waiting === 0) {
      this.inUse++
      return true
    }
    this.waiting++
    if (ticket.resumes) {
      this.resumed.push(ticket)
    } else {
      let level = this.levels.get(ticket.priority)
      if (level === undefined) {
        level = new Level()
        this.levels.set(ticket.priority, level)
        this.priorities = Array.from(this.levels.keys()).sort((a, b) => b - a)
      }
      level.push(ticket)
    }
    return false
  }

  /** A queued ticket was cancelled; it is passed over when its turn comes. */
  forget(): void {
    this.waiting--
  }

  leave(): void {
    this.inUse--
  }

  /** The next in line, where there is room for it. */
  next(): Ticket | undefined {
    if (this.inUse >= this.cap || this.waiting === 0) return undefined
    for (let ticket = this.resumed.shift(); ticket !== undefined; ticket = this.resumed.shift()) {
      if (!ticket.cancelled) return this.pass(ticket)
    }
    for (const priority of this.priorities) {
      const level = this.levels.get(priority)!
      for (let ticket = level.shift(); ticket !== undefined; ticket = level.shift()) {
        if (!ticket.cancelled) return this.pass(ticket)
      }
    }
    return undefined
  }

  private pass(ticket: Ticket): Ticket {
    this.waiting--
    this.inUse++
    return ticket
  }
}

/** Grants that were decided and not told yet: telling runs a fiber, which may come back here, so it is done in a flat loop. */
const grants = new Fifo<Ticket>()
let granting = false
/** After this many grants in one turn of the event loop the rest waits for the next: timers and cancellation come through. */
const grantsPerTurn = 256
const turns = new MixedScheduler().makeDispatcher()

const tell = (): void => {
  if (granting) return
  granting = true
  for (let told = 0; told < grantsPerTurn; told++) {
    const ticket = grants.shift()
    if (ticket === undefined) break
    if (ticket.cancelled) release(ticket.gates, ticket.gates.length)
    else ticket.granted()
  }
  granting = false
  if (grants.size === 0) return
  granting = true
  turns.scheduleTask(() => {
    granting = false
    tell()
  }, 0)
}

const advance = (ticket: Ticket): void => {
  while (ticket.passed < ticket.gates.length) {
    if (!ticket.gates[ticket.passed]!.enter(ticket)) return
    ticket.passed++
  }
  grants.push(ticket)
}

/** Asks for a permit; `granted` is called once, now or later. */
export const request = (ticket: Ticket): void => {
  advance(ticket)
  tell()
}

const release = (gates: ReadonlyArray<Gate>, count: number): void => {
  for (let index = 0; index < count; index++) gates[index]!.leave()
  for (let index = 0; index < count; index++) {
    const gate = gates[index]!
    for (let next = gate.next(); next !== undefined; next = gate.next()) {
      next.passed++
      advance(next)
    }
  }
}

/** Gives a permit back. */
export const giveBack = (gates: ReadonlyArray<Gate>): void => {
  release(gates, gates.length)
  tell()
}

/** Takes a request back that was not granted yet, with the gates that it has passed. */
export const cancel = (ticket: Ticket): void => {
  if (ticket.cancelled) return
  ticket.cancelled = true
  // Granted and not told: `tell` gives all its gates back.
  if (ticket.passed === ticket.gates.length) return
  ticket.gates[ticket.passed]!.forget()
  release(ticket.gates, ticket.passed)
  tell()
}
