import * as CrmContract from "@aria/testkit/CrmContract"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mutants as ofQueries } from "./crmMutantsOfQueries.ts"
import { mutants as ofWrites } from "./crmMutantsOfWrites.ts"

const mutants = [...ofWrites, ...ofQueries]

describe("Mutants of a Crm", () => {
  it("each check has one", () => {
    const without = CrmContract.checks.filter((check) => !mutants.some((mutant) => check.startsWith(mutant.check)))
    expect(without).toEqual([])
  })

  for (const { check, description, layer } of mutants) {
    it.live(
      `${check} ... sees that ${description}`,
      () =>
        Effect.gen(function* () {
          const names = CrmContract.checks.filter((name) => name.startsWith(check))
          expect(names).toHaveLength(1)
          const [result] = yield* CrmContract.examine({ name: "mutant", layer, queries: 1_000, check: names[0] })
          expect(result?.passed).toBe(false)
          expect(result?.message).not.toBe("")
        }),
      60_000
    )
  }
})
