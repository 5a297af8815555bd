/** Random schedules of who performs what, and of what goes wrong meanwhile. */
import { Random } from "./lawRandom.ts"

export interface Performer {
  /** Which process it is in: each has a view of the store of its own. */
  readonly process: number
  readonly key: string
  readonly input: string
  /** When it begins, in milliseconds. */
  readonly at: number
  /** After how long it is interrupted, if it is. */
  readonly patience: number | undefined
  /** How often it tries again where it did not succeed. */
  readonly again: number
}

export interface Scenario {
  readonly seed: number
  readonly processes: number
  readonly performers: ReadonlyArray<Performer>
  /** Whether and how the action can be looked up. */
  readonly verify: "none" | "works" | "fails at times"
  /** How probable it is that an operation of the store fails: before it took effect, and after it. */
  readonly failure: number
  readonly slowStore: boolean
  /** When a process cannot reach the store. */
  readonly outages: ReadonlyArray<{ readonly process: number; readonly from: number; readonly to: number }>
  /** When a process is gone without a word. */
  readonly kills: ReadonlyMap<number, number>
  /** For how long after a call ended it may still arrive. */
  readonly settleAfter: number
  readonly lease: number
  /** When somebody looks the doubtful ones up, knows how they ended, or takes back what was done. */
  readonly settles: ReadonlyArray<number>
  readonly resolves: ReadonlyArray<number>
  readonly undoes: ReadonlyArray<number>
}

export const generate = (seed: number): Scenario => {
  const random = new Random(seed)
  // Some schedules are made for processes that take each other for lost.
  const crowded = random.chance(0.2)
  const processes = crowded ? 3 : random.between(1, 3)
  const span = crowded ? 3_000 : random.pick([500, 20_000, 200_000])
  const keys = crowded ? 1 : random.pick([1, 1, 2])
  const some = (most: number) => Array.from({ length: random.between(0, most) }, () => random.between(0, span * 2))
  return {
    seed,
    processes,
    performers: Array.from({ length: random.between(2, 6) }, () => ({
      process: random.between(1, processes),
      key: `key ${random.between(1, keys)}`,
      input: crowded || random.chance(0.85) ? "one" : "another",
      at: random.chance(0.3) ? 0 : random.between(0, span),
      patience: random.chance(0.35) ? random.pick([0, 1, random.between(0, 300), random.between(0, span * 2)]) : undefined,
      again: random.between(0, 3)
    })),
    verify: crowded ? "works" : random.pick(["none", "works", "works", "fails at times"]),
    failure: random.pick([0, 0, 0.05, 0.25]),
    slowStore: crowded || random.chance(0.3),
    outages: random.chance(0.3) ? [{ process: random.between(1, processes), from: random.between(0, span), to: random.between(0, span + 100_000) }] : [],
    kills: new Map(random.chance(0.4) ? [[random.between(1, processes), random.between(0, span)]] : []),
    settleAfter: random.pick([10_000, 60_000]),
    lease: crowded ? 1_000 : random.pick([2_000, 30_000]),
    settles: some(crowded ? 8 : 2),
    resolves: some(2),
    undoes: random.chance(0.3) ? some(2) : []
  }
}
