import * as Money from "@aria/demo/Money"
import { expect, it } from "vitest"

it("is never less than was spent, and nothing is nothing", () => {
  expect([0, 0.000001, 0.0018, 0.00181, 0.07, 0.9999, 0.99991, 1.25, 1.251, 1234.5].map(Money.usd)).toEqual(
    ["$0", "$0.0001", "$0.0018", "$0.0019", "$0.0700", "$0.9999", "$1.0000", "$1.25", "$1.26", "$1,234.50"]
  )
  for (let microUsd = 1; microUsd < 3_000_000; microUsd += 997) {
    const shown = Number(Money.usd(microUsd / 1_000_000).slice(1).replaceAll(",", ""))
    expect(shown).toBeGreaterThanOrEqual(microUsd / 1_000_000)
    expect(shown - microUsd / 1_000_000).toBeLessThan(0.01)
  }
})

it("says used, held and limit, and what is not known", () => {
  const price = { input: 1, output: 2 }
  const used = { tokens: 1234, usd: 0.0123 }
  const none = { tokens: undefined, usd: undefined }
  const standing = (over: Partial<Parameters<typeof Money.standing>[0]>, held = { tokens: 0, usd: 0 }) => Money.standing({ price, limits: none, ...over }, used, held)
  expect(standing({})).toBe("tokens 1,234; $0.0123")
  expect(standing({ limits: { tokens: 20_000, usd: 0.5 } }, { tokens: 5000, usd: 0.02 })).toBe("tokens 1,234 + 5,000 held of 20,000; $0.0123 + $0.0200 held of $0.50")
  expect(standing({ price: undefined }, { tokens: 5000, usd: 0 })).toBe("tokens 1,234 + 5,000 held; price unknown")
  expect(Money.cost({ price: undefined }, used)).toBe("price unknown")
  expect(Money.cost({ price: undefined }, { tokens: 0, usd: 0 })).toBe("$0")
})
