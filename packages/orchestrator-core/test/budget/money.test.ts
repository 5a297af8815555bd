import * as Budget from "@aria/orchestrator-core/Budget"
import * as Usage from "@aria/orchestrator-core/Usage"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { settled } from "./reserving.ts"

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
