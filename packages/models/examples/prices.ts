import { PriceTable, TokenCount } from "@aria/models"
import { Effect } from "effect"

const program = Effect.gen(function* () {
  const prices = PriceTable.merge(
    PriceTable.published,
    yield* PriceTable.make({ "acme/small": { input: 0.4, output: 1.6 }, "local/llama": PriceTable.free })
  )
  const price = PriceTable.find(prices, "acme", "small")
  if (price === undefined) return
  const inputTokens = yield* TokenCount.upperBound().texts(["What changed at Acme Corp this week?"])
  console.log(`at most ${PriceTable.bound(price, { inputTokens, outputTokens: 400 })} millionths of a dollar`)
})

await Effect.runPromise(program)
