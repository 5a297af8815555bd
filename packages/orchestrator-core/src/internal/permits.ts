import { MixedScheduler } from "effect/Scheduler"
import { Fifo } from "./fifo.ts"

/** A cap on calls in flight: of the orchestrator, of a user, of a run. */
export class Cap {
  readonly max: number
  inUse = 0
  constructor(max: number) {
    this.max = max
  }
}

/** One request for a permit. */
export interface Ticket {
  readonly lane: Lane
  readonly priority: number
  /** Whether a call goes on that was started before: it goes ahead of new starts. */
  readonly resumes: boolean
  readonly granted: () => void
}

/** A ticket that waits, with its place among all. */
interface Waiting {
  readonly ticket: Ticket
  readonly order: number
  isCancelled: boolean
}

/**
 * The tickets of one run, which all need room under the same caps: what stands behind a full cap holds up nobody else.
 */
export class Lane {
  readonly permits: Permits
  readonly user: string
  readonly caps: ReadonlyArray<Cap>
  private readonly resumed = new Fifo<Waiting>()
  private readonly levels = new Map<number, Fifo<Waiting>>()
  private priorities: ReadonlyArray<number> = []
  private readonly waiting = new Map<Ticket, Waiting>()

  constructor(permits: Permits, user: string, caps: ReadonlyArray<Cap>) {
    this.permits = permits
    this.user = user
    this.caps = caps
  }

  get hasRoom(): boolean {
    for (const { inUse, max } of this.caps) if (inUse >= max) return false
    return true
  }

  push(ticket: Ticket, order: number): void {
    const waiting = { ticket, order, isCancelled: false }
    this.waiting.set(ticket, waiting)
    if (ticket.resumes) return this.resumed.push(waiting)
    let level = this.levels.get(ticket.priority)
    if (level === undefined) {
      level = new Fifo()
      this.levels.set(ticket.priority, level)
      this.priorities = Array.from(this.levels.keys()).sort((a, b) => b - a)
    }
    level.push(waiting)
  }

  /** The first in line here: who resumes, then by priority, then by readiness. */
  peek(): Waiting | undefined {
    const resumed = first(this.resumed)
    if (resumed !== undefined) return resumed
    for (const priority of this.priorities) {
      const waiting = first(this.levels.get(priority)!)
      if (waiting !== undefined) return waiting
    }
    return undefined
  }

  /** Takes a ticket out of line; `false` where it is not in it. */
  remove(ticket: Ticket): boolean {
    const waiting = this.waiting.get(ticket)
    if (waiting === undefined) return false
    waiting.isCancelled = true
    return this.waiting.delete(ticket)
  }

  /** Gives a permit back. */
  release(): void {
    for (const cap of this.caps) cap.inUse--
    this.permits.schedule()
  }
}

/** The first that was not taken out of line; those that were are dropped on the way. */
const first = (queue: Fifo<Waiting>): Waiting | undefined => {
  for (let waiting = queue.peek(); waiting !== undefined; waiting = queue.peek()) {
    if (!waiting.isCancelled) return waiting
    queue.shift()
  }
  return undefined
}

/** Whose turn it is among users with starts of one priority: the lowest number. */
interface Turn {
  number: number
  waiting: number
}

/** After this many grants in one turn of the event loop the rest waits for the next: timers and cancellation come through. */
const grantsPerTurn = 256
const nextTurn = new MixedScheduler().makeDispatcher()

/**
 * The permits of one orchestrator. A permit needs room under all caps of its lane at once. Who gets the next one is
 * decided after the step that made room has run to its end: a caller whose child has ended is in line by then, and what
 * has ended has said so.
 */
export class Permits {
  readonly cap: Cap
  private readonly lanes = new Set<Lane>()
  private readonly turns = new Map<number, Map<string, Turn>>()
  private lastOrder = 0
  private lastTurn = 0
  private isScheduled = false

  constructor(max: number) {
    this.cap = new Cap(max)
  }

  lane(user: string, caps: ReadonlyArray<Cap>): Lane {
    return new Lane(this, user, [...caps, this.cap])
  }

  /** Asks for a permit; `granted` is called later, once. */
  request(ticket: Ticket): void {
    ticket.lane.push(ticket, ++this.lastOrder)
    this.lanes.add(ticket.lane)
    if (!ticket.resumes) this.turnOf(ticket).waiting++
    this.schedule()
  }

  /** Takes back a request that was not granted. */
  cancel(ticket: Ticket): void {
    if (ticket.lane.remove(ticket) && !ticket.resumes) this.leaveTurn(ticket)
  }

  schedule(): void {
    if (this.isScheduled || this.lanes.size === 0) return
    this.isScheduled = true
    void Promise.resolve().then(this.grant)
  }

  private readonly grant = (): void => {
    try {
      for (let granted = 0; granted < grantsPerTurn; granted++) {
        const ticket = this.next()
        if (ticket === undefined) return
        for (const cap of ticket.lane.caps) cap.inUse++
        ticket.granted()
      }
    } finally {
      this.isScheduled = false
    }
    this.isScheduled = true
    nextTurn.scheduleTask(this.grant, 0)
  }

  /** Takes the first of all who have room out of line. */
  private next(): Ticket | undefined {
    if (this.cap.inUse >= this.cap.max) return undefined
    let best: Waiting | undefined
    for (const lane of this.lanes) {
      const candidate = lane.peek()
      if (candidate === undefined) this.lanes.delete(lane)
      else if (lane.hasRoom && (best === undefined || this.isBefore(candidate, best))) best = candidate
    }
    if (best === undefined) return undefined
    const { ticket } = best
    ticket.lane.remove(ticket)
    if (!ticket.resumes) {
      this.turnOf(ticket).number = ++this.lastTurn
      this.leaveTurn(ticket)
    }
    return ticket
  }

  private isBefore(a: Waiting, b: Waiting): boolean {
    if (a.ticket.resumes || b.ticket.resumes) return a.ticket.resumes && (!b.ticket.resumes || a.order < b.order)
    if (a.ticket.priority !== b.ticket.priority) return a.ticket.priority > b.ticket.priority
    const turn = this.turnOf(a.ticket).number - this.turnOf(b.ticket).number
    return turn === 0 ? a.order < b.order : turn < 0
  }

  /** A user who comes to wait stands behind those who wait already. */
  private turnOf({ lane, priority }: Ticket): Turn {
    let users = this.turns.get(priority)
    if (users === undefined) {
      users = new Map()
      this.turns.set(priority, users)
    }
    let turn = users.get(lane.user)
    if (turn === undefined) {
      turn = { number: ++this.lastTurn, waiting: 0 }
      users.set(lane.user, turn)
    }
    return turn
  }

  private leaveTurn(ticket: Ticket): void {
    if (--this.turnOf(ticket).waiting > 0) return
    const users = this.turns.get(ticket.priority)!
    users.delete(ticket.lane.user)
    if (users.size === 0) this.turns.delete(ticket.priority)
  }
}
