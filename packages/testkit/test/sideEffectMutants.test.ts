import { rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { limit, problemOf, runAll } from "./mutantProcess.ts"
import { sideEffectMutants } from "./sideEffectMutants.ts"

describe("The laws of side effects see that", () => {
  const all = runAll("sideEffectMutantRunner.ts").finally(() => rmSync(join(import.meta.dirname, ".mutants"), { recursive: true, force: true }))

  for (const [index, { description }] of sideEffectMutants.entries()) {
    it(
      description,
      async () => expect(problemOf(await all, index)).toBe("seen"),
      limit + 10_000
    )
  }
})
