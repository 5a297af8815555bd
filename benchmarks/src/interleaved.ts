import { median } from "./median.ts"

/** What was measured of each variant, in the order of the rounds. */
export type Rounds<Name extends string, Value = number> = { readonly [N in Name]: ReadonlyArray<Value> }

/**
 * Measures each variant in turn, and all of them again, so that a noisy minute of the machine meets all alike. Every second
 * round goes backwards, so that none is always the first.
 */
export const interleaved = async <const Name extends string, Value = number>(
  variants: { readonly [N in Name]: () => Promise<Value> },
  rounds = 5
): Promise<Rounds<Name, Value>> => {
  const entries = Object.entries<() => Promise<Value>>(variants)
  const measured: Record<string, Array<Value>> = {}
  for (const [name] of entries) measured[name] = []
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of round % 2 === 0 ? entries : entries.toReversed()) measured[name]?.push(await measure())
  }
  return measured as { [N in Name]: Array<Value> }
}

/** The median of the ratios of each round: noise that lasts as long as a round cancels out. */
export const ratio = (over: ReadonlyArray<number>, under: ReadonlyArray<number>): number =>
  median(over.map((value, round) => value / (under[round] ?? Number.NaN)))

/** The median of the differences of each round. */
export const difference = (of: ReadonlyArray<number>, from: ReadonlyArray<number>): number =>
  median(of.map((value, round) => value - (from[round] ?? Number.NaN)))
