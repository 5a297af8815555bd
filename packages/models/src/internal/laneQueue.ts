import type { Lane, Passage } from "./lane.ts"
import type { Entry } from "./slidingLog.ts"
import { windowMillis } from "./slidingLog.ts"

/** A call that waits for room in all of its lanes at once. */
export interface Waiter {
  readonly lanes: ReadonlyArray<Lane>
  readonly tokens: number
  readonly order: number
  readonly since: number
  /** Called once, when it is admitted. */
  readonly granted: (passage: Passage) => void
  isGone: boolean
}

/** Calls with the same lanes, of which only the first can be next. */
interface Group {
  readonly key: string
  readonly waiters: Array<Waiter>
  head: number
}

interface Place {
  readonly group: Group
  readonly waiter: Waiter
}

const nothing = { requests: 0, tokens: 0 }

/**
 * Who is admitted next. First come, first served in each lane; somebody overtakes only those who wait for a lane that it does not
 * use. Whoever has waited for more than a minute, the oldest of them first, has room kept in its other lanes, so that traffic which
 * uses only some of them cannot take turns at keeping it out for ever.
 *
 * Calls with the same lanes form a group, and once all wait for lanes that are known to be full nobody else is looked at: the cost of an
 * admission grows with the number of lanes that are full, and not with the queue.
 */
export class LaneQueue {
  private readonly groups = new Map<string, Group>()
  /** The first of each group, who came first at the beginning. */
  private readonly line: Array<Place> = []
  private waiting = 0
  private lastOrder = 0
  private isRunning = false
  private runAgain = false
  private readonly now: () => number
  /** Told when somebody may have room again; `Infinity` where nobody waits. */
  private readonly wakeAt: (at: number) => void

  constructor(now: () => number, wakeAt: (at: number) => void) {
    this.now = now
    this.wakeAt = wakeAt
  }

  /** Enters the line; `granted` may be called before this returns. */
  push(key: string, lanes: ReadonlyArray<Lane>, tokens: number, granted: (passage: Passage) => void): Waiter {
    const waiter: Waiter = { lanes, tokens, order: ++this.lastOrder, since: this.now(), granted, isGone: false }
    let group = this.groups.get(key)
    if (group === undefined) {
      group = { key, waiters: [], head: 0 }
      this.groups.set(key, group)
      this.line.push({ group, waiter })
    }
    group.waiters.push(waiter)
    this.waiting++
    for (const lane of lanes) lane.waiting++
    this.run()
    return waiter
  }

  /** Leaves the line before it was admitted; others may be next now. */
  leave(waiter: Waiter): void {
    if (waiter.isGone) return
    this.take(waiter)
    const index = placeOf(this.line, waiter.order)
    if (this.line[index]?.waiter === waiter) this.follow(index)
    this.run()
  }

  private take(waiter: Waiter): void {
    waiter.isGone = true
    this.waiting--
    for (const lane of waiter.lanes) lane.waiting--
  }

  /** Whoever stood at this place is gone: the next of its group takes a place further back. */
  private follow(index: number): void {
    const [left] = this.line.splice(index, 1)
    if (left === undefined) return
    const { group } = left
    const waiter = first(group)
    if (waiter === undefined) this.groups.delete(group.key)
    else this.line.splice(placeOf(this.line, waiter.order), 0, { group, waiter })
  }

  /** Admits all who have room now, and says when the next one may have. */
  run(): void {
    if (this.isRunning) {
      this.runAgain = true
      return
    }
    this.isRunning = true
    try {
      do {
        this.runAgain = false
        // Telling runs a fiber, which may come back here: so it is done after the pass, and the pass is made again.
        for (const tell of this.pass()) tell()
      } while (this.runAgain)
    } finally {
      this.isRunning = false
    }
  }

  private pass(): ReadonlyArray<() => void> {
    const granted: Array<() => void> = []
    const { line } = this
    if (line.length === 0) {
      this.wakeAt(Infinity)
      return granted
    }
    const now = this.now()
    const full = new FullLanes()
    let pledge: Waiter | undefined
    let wakeAt = Infinity
    let index = 0
    while (index < line.length && full.waiting < this.waiting) {
      const { waiter } = line[index]!
      if (waiter.lanes.some((lane) => full.has(lane))) {
        index++
        continue
      }
      let hasRoom = true
      let isCooling = false
      for (const lane of waiter.lanes) {
        const kept: typeof nothing =
          pledge !== undefined && pledge.lanes.includes(lane) ? { requests: 1, tokens: pledge.tokens } : nothing
        const roomAt = lane.roomAt(now, waiter.tokens, kept)
        if (roomAt <= now) continue
        hasRoom = false
        full.add(lane)
        isCooling ||= lane.coolUntil > now
        // The first of its lanes that has room again lets others pass.
        wakeAt = Math.min(wakeAt, roomAt)
      }
      if (!hasRoom) {
        if (pledge === undefined && !isCooling && now - waiter.since > windowMillis) pledge = waiter
        index++
        continue
      }
      this.take(waiter)
      const entry: Entry = { startedAt: undefined, requests: 1, tokens: waiter.tokens }
      const passage: Passage = { entry, reserved: waiter.tokens, periods: new Map() }
      for (const lane of waiter.lanes) lane.admit(passage)
      granted.push(() => waiter.granted(passage))
      this.follow(index)
    }
    if (wakeAt !== Infinity || line.length === 0) this.wakeAt(wakeAt)
    return granted
  }
}

/** The lanes in which nobody else goes out in this pass. */
class FullLanes {
  /** At least so many wait for one of them. */
  waiting = 0
  private readonly lanes = new Set<Lane>()
  private readonly byScope = new Map<string, number>()

  has(lane: Lane): boolean {
    return this.lanes.has(lane)
  }

  add(lane: Lane): void {
    if (this.lanes.has(lane)) return
    this.lanes.add(lane)
    // A call has at most one lane of each scope, so nobody is counted twice; but it may have several agents.
    const others = lane.scope === "agent" ? 0 : (this.byScope.get(lane.scope) ?? 0)
    this.byScope.set(lane.scope, others + lane.waiting)
    this.waiting = Math.max(this.waiting, others + lane.waiting)
  }
}

const first = (group: Group): Waiter | undefined => {
  const { waiters } = group
  while (group.head < waiters.length && waiters[group.head]!.isGone) group.head++
  if (group.head > 64 && group.head * 2 > waiters.length) {
    waiters.splice(0, group.head)
    group.head = 0
  }
  return waiters[group.head]
}

/** Where somebody of this order stands, or would stand. */
const placeOf = (line: ReadonlyArray<Place>, order: number): number => {
  let low = 0
  let high = line.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (line[middle]!.waiter.order < order) low = middle + 1
    else high = middle
  }
  return low
}
