import { rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as EngineLaws from "@aria/testkit/EngineLaws"
import { limit, problemOf, runAll } from "./mutantProcess.ts"
import { mutants } from "./mutants.ts"

describe("Mutants of the core", () => {
  const all = runAll("mutantRunner.ts").finally(() => rmSync(join(import.meta.dirname, "../.mutants"), { recursive: true, force: true }))

  it("each law has one", () => {
    const without = EngineLaws.laws.filter((law) => !mutants.some((mutant) => law.startsWith(mutant.law)))
    expect(without).toEqual([])
  })

  for (const [index, { description, law }] of mutants.entries()) {
    it(
      `${law} sees that ${description}`,
      async () => expect(problemOf(await all, index)).toBe("seen"),
      limit + 10_000
    )
  }
})
