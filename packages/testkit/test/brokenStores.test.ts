import { QuestionQueueContract, ReceiptStoreContract } from "@aria/testkit"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { queues, stores } from "./brokenStores.ts"

const failures = (results: ReadonlyArray<{ readonly name: string; readonly passed: boolean }>): ReadonlyArray<string> =>
  results.filter(({ passed }) => !passed).map(({ name }) => name)

describe("The contract of a store of receipts sees that", () => {
  const seen = new Set<string>()
  for (const [description, layer] of stores) {
    it.live(description, () =>
      Effect.map(ReceiptStoreContract.examine({ name: description, layer }), (results) => {
        for (const name of failures(results)) seen.add(name)
        expect(failures(results)).not.toEqual([])
      })
    )
  }
  it("each check sees something", () => {
    const left = ReceiptStoreContract.checks.filter((name) => !ReceiptStoreContract.placeChecks.includes(name) && !seen.has(name))
    expect(left).toEqual([])
  })
})

describe("The contract of a queue of questions sees that", () => {
  const seen = new Set<string>()
  for (const [description, layer] of queues) {
    it.live(description, () =>
      Effect.map(QuestionQueueContract.examine({ name: description, layer }), (results) => {
        for (const name of failures(results)) seen.add(name)
        expect(failures(results)).not.toEqual([])
      })
    )
  }
  it("each check sees something", () => {
    const left = QuestionQueueContract.checks.filter((name) => !QuestionQueueContract.placeChecks.includes(name) && !seen.has(name))
    expect(left).toEqual([])
  })
})
