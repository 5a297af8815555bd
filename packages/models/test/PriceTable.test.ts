import { PriceTable } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { random } from "./random.ts"

describe("PriceTable", () => {
  it.effect("prices are dollars per million tokens; money is rounded up to whole micro-dollars", () =>
    Effect.gen(function* () {
      const table = yield* PriceTable.make({
        "acme/one": { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75, reasoning: 20, call: 0.01 }
      })
      const price = PriceTable.find(table, "acme", "one")!
      expect(PriceTable.cost(price, { inputTokens: 1_000_000, outputTokens: 1_000_000 })).toBe(18_010_000)
      expect(
        PriceTable.cost(price, {
          inputTokens: 100,
          cachedInputTokens: 60,
          cacheWriteTokens: 10,
          outputTokens: 30,
          reasoningTokens: 20
        })
        // 30 * 3 + 60 * 0.3 + 10 * 3.75 + 10 * 15 + 20 * 20 + 10,000 = 10,695.5
      ).toBe(10_696)
      expect(PriceTable.cost(PriceTable.free, { inputTokens: 5, outputTokens: 5 })).toBe(0)
      expect(PriceTable.cost({ input: 0.1, output: 0.1 }, { inputTokens: 3, outputTokens: 0 })).toBe(1)
      expect(PriceTable.cost({ input: 0.1, output: 0.1 }, { inputTokens: 30, outputTokens: 0 })).toBe(3)
    })
  )

  it.effect("rates above a length are for the whole call", () =>
    Effect.gen(function* () {
      const price = {
        input: 1,
        output: 2,
        above: [
          { inputTokens: 500, input: 10, output: 20 },
          { inputTokens: 100, input: 4, output: 8 }
        ]
      }
      expect(PriceTable.cost(price, { inputTokens: 100, outputTokens: 10 })).toBe(120)
      expect(PriceTable.cost(price, { inputTokens: 101, outputTokens: 10 })).toBe(484)
      expect(PriceTable.cost(price, { inputTokens: 501, outputTokens: 10 })).toBe(5_210)
    })
  )

  it("no call within its reservation costs more than its bound", () => {
    for (let seed = 0; seed < 2_000; seed++) {
      const { int, maybe } = random(seed)
      const rate = () => int(0, 5_000) / 100
      const rates = () => ({
        input: rate(),
        output: rate(),
        ...(maybe() && { cachedInput: rate() }),
        ...(maybe() && { cacheWrite: rate() }),
        ...(maybe() && { reasoning: rate() })
      })
      const price: PriceTable.Price = {
        ...rates(),
        ...(maybe() && { call: rate() / 100 }),
        ...(maybe() && {
          above: [
            { inputTokens: int(1, 500), ...rates() },
            { inputTokens: int(1, 500), ...rates() }
          ]
        })
      }
      const most = { inputTokens: int(0, 1_000), outputTokens: int(0, 1_000) }
      const inputTokens = int(0, most.inputTokens)
      const outputTokens = int(0, most.outputTokens)
      const cachedInputTokens = int(0, inputTokens)
      const tokens = {
        inputTokens,
        outputTokens,
        cachedInputTokens,
        cacheWriteTokens: int(0, inputTokens - cachedInputTokens),
        reasoningTokens: int(0, outputTokens)
      }
      const cost = PriceTable.cost(price, tokens)
      expect(cost, `seed ${seed}`).toBeLessThanOrEqual(PriceTable.bound(price, most))
      expect(Number.isSafeInteger(cost) && cost >= 0, `seed ${seed}`).toBe(true)
    }
  })

  it.effect("what is no price is refused, with the model, the field and the value", () =>
    Effect.gen(function* () {
      const refused = (price: unknown, model = "acme/one") => Effect.flip(PriceTable.make({ [model]: price }))
      for (const input of [NaN, -1, Infinity, 1e9, "3", null, undefined]) {
        const error = yield* refused({ input, output: 1 })
        expect(error._tag).toBe("InvalidPriceError")
        expect(error.message).toContain('"acme/one"')
        expect(error.message).toContain('["input"]')
      }
      expect((yield* refused({ input: 1 })).message).toContain('["output"]')
      expect((yield* refused({ input: 1, output: 1, outptu: 2 })).message).toContain('["outptu"]')
      expect(
        (yield* refused({ input: 1, output: 1, above: [{ inputTokens: 0, input: 1, output: 1 }] })).message
      ).toContain('["inputTokens"]')
      for (const model of ["one", "acme/", "/one", "acme/o ne"]) {
        expect((yield* refused({ input: 1, output: 1 }, model)).message).toContain("provider/model")
      }
    })
  )

  it.effect("tables are merged, the second goes first; names of Object are no models", () =>
    Effect.gen(function* () {
      const mine = yield* PriceTable.make({ "openai/gpt-5": { input: 1, output: 1 }, "me/local": PriceTable.free })
      const both = PriceTable.merge(PriceTable.published, mine)
      expect(PriceTable.find(both, "openai", "gpt-5")).toEqual({ input: 1, output: 1 })
      expect(PriceTable.find(both, "me", "local")).toEqual(PriceTable.free)
      expect(PriceTable.find(both, "openai", "gpt-5-mini")).toEqual(PriceTable.published["openai/gpt-5-mini"])
      expect(PriceTable.find(both, "openai", "gpt-5-2099-01-01")).toBeUndefined()
      expect(PriceTable.find({}, "constructor", "")).toBeUndefined()
    })
  )

  it.effect("the table that comes along is a table", () =>
    Effect.gen(function* () {
      expect(yield* PriceTable.make(PriceTable.published)).toEqual(PriceTable.published)
      expect(Object.keys(PriceTable.published).length).toBeGreaterThan(10)
    })
  )
})
