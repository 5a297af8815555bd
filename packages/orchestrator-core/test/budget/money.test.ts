import * as Budget from "@aria/orchestrator-core/Budget"
import * as Usage from "@aria/orchestrator-core/Usage"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { settled } from "./reserving.ts"

/** Whole numbers spread over all magnitudes below a bound, the same in each run. */
const spread = (count: number, below: bigint): ReadonlyArray<bigint> =>
  Array.from({ length: count }, (_, index) => {
    const mixed = (BigInt(index + 1) * 0x9e37_79b9_7f4a_7c15n) & 0xffff_ffff_ffff_ffffn
    return (mixed >> BigInt(index % 61)) % below
  })

/** An amount as it is written: so many of the last of these decimals. */
const written = (amount: bigint, decimals: number): number => Number(`${amount}e-${decimals}`)

describe("Money", () => {
  it("is whole micro-dollars, rounded up, without the noise of the multiplication", () => {
    expect(Usage.microUsdFromUsd(0.07)).toBe(70_000)
    expect(Usage.microUsdFromUsd(1.1)).toBe(1_100_000)
    expect(Usage.microUsdFromUsd(0.000_000_1)).toBe(1)
    expect(Usage.microUsdFromUsd(0.000_001_2)).toBe(2)
    expect(Usage.microUsdFromUsd(2.5)).toBe(2_500_000)
    expect(Usage.microUsdFromUsd(0)).toBe(0)
    for (let cents = 0; cents < 10_000; cents++) expect(Usage.microUsdFromUsd(cents / 100)).toBe(cents * 10_000)
  })

  it("is a whole number of micro-dollars exactly where it was written as one, up to a billion dollars", () => {
    for (const micro of spread(50_000, 10n ** 15n)) {
      expect(Usage.microUsdFromUsd(written(micro, 6))).toBe(Number(micro))
      expect(Usage.microUsdFromUsd(Usage.make({ microUsd: Number(micro) }).usd)).toBe(Number(micro))
    }
  })

  it("is never undercounted: what is written in nano-dollars is rounded up, up to $500", () => {
    expect(Usage.microUsdFromUsd(1.000_000_4)).toBe(1_000_001)
    expect(Usage.microUsdFromUsd(499.000_000_001)).toBe(499_000_001)
    expect(Usage.microUsdFromUsd(1e-13)).toBe(1)
    for (const nano of spread(50_000, 500n * 10n ** 9n)) {
      expect(Usage.microUsdFromUsd(written(nano, 9))).toBe(Number((nano + 999n) / 1_000n))
    }
  })

  it("is rounded up by less than one, and down by noise alone, whatever the amount", () => {
    for (const pico of spread(50_000, 10n ** 19n)) {
      const usd = written(pico, 12)
      const micro = BigInt(Usage.microUsdFromUsd(usd)) * 10n ** 6n
      const noise = pico / 10n ** 12n + 1n
      expect(micro).toBeGreaterThanOrEqual(pico - noise)
      expect(micro).toBeLessThan(pico + 10n ** 6n + noise)
      expect(micro > 0n).toBe(pico > 0n)
    }
  })

  it("that was added up as dollars is what its parts are, for thousands of them", () => {
    for (let start = 0; start < 40; start++) {
      const parts = spread(4_000, 10n ** BigInt(2 + (start % 8))).slice(start * 100)
      const usd = parts.reduce((sum, micro) => sum + written(micro, 6), 0)
      expect(Usage.microUsdFromUsd(usd)).toBe(Number(parts.reduce((sum, micro) => sum + micro, 0n)))
    }
  })

  it.effect("adds up exactly: ten times 0.1 is 1, and the eleventh is refused", () =>
    Effect.gen(function* () {
      let made = 0
      const error = yield* Effect.flip(
        Effect.forever(Effect.andThen(settled({ usd: 0.1 }, { usd: 0.1 }), Effect.sync(() => made++))).pipe(Budget.limit({ usd: 1 }))
      )
      expect(made).toBe(10)
      expect(error.message).toBe("The budget of the region is 1 usd: 1 used and 0 held, 0.1 more were asked for; raise the limit, or spend less before")
    })
  )

  it("sums usages without loss", () => {
    const many = Array.from({ length: 1_000 }, () => Usage.make({ inputTokens: 1, outputTokens: 2, calls: 1, usd: 0.01 }))
    expect(Usage.sum(many)).toMatchObject({ inputTokens: 1_000, outputTokens: 2_000, calls: 1_000, microUsd: 10_000_000 })
    expect(Usage.sum(many).usd).toBe(10)
    expect(Usage.sum(many).tokens).toBe(3_000)
    expect(Usage.isZero(Usage.sum([]))).toBe(true)
  })
})
