import { spawn } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { sideEffectMutants } from "./sideEffectMutants.ts"

interface Found {
  readonly index: number
  readonly problem?: string
}

/** Half of the mutants each, in a process that is stopped where a mutant never stops. */
const parts = 2
const limit = 150_000

const run = (part: number): Promise<ReadonlyArray<Found>> =>
  new Promise((resolve, reject) => {
    const runner = join(import.meta.dirname, "sideEffectMutantRunner.ts")
    const child = spawn(process.execPath, ["--max-old-space-size=1024", runner, String(part), String(parts)], { timeout: limit })
    let text = ""
    let problems = ""
    child.stdout.on("data", (chunk) => (text += String(chunk)))
    child.stderr.on("data", (chunk) => (problems += String(chunk)))
    child.on("error", reject)
    child.on("close", (code) => {
      const found = text.split("\n").filter((line) => line.startsWith("{")).map((line): Found => JSON.parse(line))
      if (code !== 0) found.push({ index: -1, problem: `the process of part ${part} ended with ${code}: ${problems.slice(0, 500)}` })
      resolve(found)
    })
  })

describe("The laws of side effects see that", () => {
  const all = Promise.all(Array.from({ length: parts }, (_, part) => run(part))).then((found) => {
    rmSync(join(import.meta.dirname, ".mutants"), { recursive: true, force: true })
    return found.flat()
  })
  for (const [index, { description }] of sideEffectMutants.entries()) {
    it(
      description,
      async () => {
        const found = await all
        const own = found.find((one) => one.index === index) ?? found.find((one) => one.index === -1)
        expect(own?.problem ?? (own === undefined ? "it was not tried" : "seen")).toBe("seen")
      },
      limit + 10_000
    )
  }
})
