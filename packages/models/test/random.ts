/** A small generator of numbers that are the same for the same seed (mulberry32). */
export const random = (seed: number) => {
  let state = seed * 0x9e3779b9 + 0x85ebca6b
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return {
    next,
    /** A whole number, both ends included. */
    int: (from: number, to: number): number => from + Math.floor(next() * (to - from + 1)),
    maybe: (chance = 0.5): boolean => next() < chance,
    pick: <A>(values: ReadonlyArray<A>): A => values[Math.floor(next() * values.length)]!
  }
}
