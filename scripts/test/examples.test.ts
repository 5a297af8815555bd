import { expect, test } from "vitest"
import { examplesOf, runExample } from "../examples.ts"
import { readWorkspace } from "../shape/workspace.ts"
import { place, sound } from "./fixture.ts"

const scout = "packages/agents/scout"

test("finds the examples of the root and of every package", () => {
  using placed = place({ ...sound(), "examples/all.ts": "", [`${scout}/examples/data/x.ts`]: "" })
  expect(examplesOf(readWorkspace(placed.root))).toEqual([
    "examples/all.ts",
    "packages/adapters/feeds/examples/first.ts",
    `${scout}/examples/first.ts`,
    "packages/orchestrator-core/examples/first.ts",
    "packages/testkit/examples/first.ts"
  ])
})

test("an example that ends with 0 has run", async () => {
  using placed = place(sound())
  expect(await runExample(placed.root, `${scout}/examples/first.ts`)).toMatchObject({ failure: undefined })
})

test("an example that throws has failed, and its output is kept", async () => {
  using placed = place({ ...sound(), "examples/bad.ts": 'console.log("so far")\nprocess.exitCode = 3\n' })
  const { failure } = await runExample(placed.root, "examples/bad.ts")
  expect(failure).toBe("ended with 3\nso far\n")
})

test("an example that does not end is stopped", async () => {
  using placed = place({ ...sound(), "examples/slow.ts": "setInterval(() => {}, 1000)\n" })
  const { failure } = await runExample(placed.root, "examples/slow.ts", 500)
  expect(failure).toContain("did not end within 0.5 s")
})
