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

interface Group {
  readonly waiters: Array<Waiter>
  head: number
}

const nothing = { requests: 0, tokens: 0 }

/**
 * Who is admitted next. First come, first served in each lane; somebody overtakes only those who wait for a lane that it does not
 * use. Whoever has waited for more than a minute, the oldest of them first, has room kept in its other lanes, so that traffic which
 * uses only some of them cannot take turns at keeping it out for ever.
 *
 * Calls with the same lanes form a group, of which only the first can be next: the cost of an admission does not grow with the queue.
 */
export class LaneQueue {
  private readonly groups = new Map<string, Group>()
  private lastOrder = 0
  private isRunning = false
  private runAgain = false
  private readonly now: () => number
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
      group = { waiters: [], head: 0 }
      this.groups.set(key, group)
    }
    group.waiters.push(waiter)
    for (const lane of lanes) lane.waiting++
    this.run()
    return waiter
  }

  /** Leaves the line before it was admitted; others may be next now. */
  leave(waiter: Waiter): void {
    if (waiter.isGone) return
    this.take(waiter)
    this.run()
  }

  /** All who wait, first come first. */
  get waiters(): ReadonlyArray<Waiter> {
    return Array.from(this.groups.values())
      .flatMap(({ head, waiters }) => waiters.slice(head))
      .filter(({ isGone }) => !isGone)
      .sort((a, b) => a.order - b.order)
  }

  private take(waiter: Waiter): void {
    waiter.isGone = true
    for (const lane of waiter.lanes) lane.waiting--
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
    if (this.groups.size === 0) return granted
    const now = this.now()
    const blocked = new Set<Lane>()
    let pledge: Waiter | undefined
    let wakeAt = Infinity
    const line = this.firsts()
    for (let next = line.pop(); next !== undefined; next = line.pop()) {
      const { group, waiter } = next
      if (waiter.lanes.some((lane) => blocked.has(lane))) continue
      let hasRoom = true
      let isCooling = false
      for (const lane of waiter.lanes) {
        const kept: typeof nothing =
          pledge !== undefined && pledge.lanes.includes(lane) ? { requests: 1, tokens: pledge.tokens } : nothing
        const roomAt = lane.roomAt(now, waiter.tokens, kept)
        if (roomAt <= now) continue
        hasRoom = false
        blocked.add(lane)
        isCooling ||= lane.coolUntil > now
        // The first of its lanes that has room again lets others pass.
        wakeAt = Math.min(wakeAt, roomAt)
      }
      if (!hasRoom) {
        if (pledge === undefined && !isCooling && now - waiter.since > windowMillis) pledge = waiter
        // All use the first lane.
        if (blocked.has(waiter.lanes[0]!)) break
        continue
      }
      this.take(waiter)
      const entry: Entry = { startedAt: undefined, requests: 1, tokens: waiter.tokens }
      const passage: Passage = { entry, reserved: waiter.tokens, periods: new Map() }
      for (const lane of waiter.lanes) lane.admit(passage)
      granted.push(() => waiter.granted(passage))
      const following = first(group)
      if (following !== undefined) insert(line, { group, waiter: following })
    }
    if (wakeAt !== Infinity) this.wakeAt(wakeAt)
    return granted
  }

  /** The first of each group, the one who came first at the end. */
  private firsts(): Array<{ readonly group: Group; readonly waiter: Waiter }> {
    const line: Array<{ readonly group: Group; readonly waiter: Waiter }> = []
    for (const [key, group] of this.groups) {
      const waiter = first(group)
      if (waiter === undefined) this.groups.delete(key)
      else line.push({ group, waiter })
    }
    return line.sort((a, b) => b.waiter.order - a.waiter.order)
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

const insert = <A extends { readonly waiter: Waiter }>(line: Array<A>, item: A): void => {
  let low = 0
  let high = line.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (line[middle]!.waiter.order > item.waiter.order) low = middle + 1
    else high = middle
  }
  line.splice(low, 0, item)
}
