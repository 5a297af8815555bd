import { spawn } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as EngineLaws from "@aria/testkit/EngineLaws"
import { mutants } from "./mutants.ts"

interface Found {
  readonly index: number
  readonly problem?: string
  readonly seed?: number
}

/** Half of the mutants each, in a process that is stopped where a mutant never stops. */
const parts = 2
const limit = 150_000

const run = (part: number): Promise<ReadonlyArray<Found>> =>
  new Promise((resolve, reject) => {
    const runner = join(import.meta.dirname, "mutantRunner.ts")
    const child = spawn(process.execPath, ["--max-old-space-size=1024", runner, String(part), String(parts)], { timeout: limit })
    let text = ""
    let problems = ""
    child.stdout.on("data", (chunk) => (text += String(chunk)))
    child.stderr.on("data", (chunk) => (problems += String(chunk)))
    child.on("error", reject)
    child.on("close", (code) => {
      const found = text.split("\n").filter((line) => line.startsWith("{")).map((line): Found => JSON.parse(line))
      // What was not told of is what the process was at when it came to its end.
      if (code !== 0) found.push({ index: -1, problem: `the process of part ${part} ended with ${code}: ${problems.slice(0, 500)}` })
      resolve(found)
    })
  })

describe("Mutants of the core", () => {
  const all = Promise.all(Array.from({ length: parts }, (_, part) => run(part))).then((found) => {
    rmSync(join(import.meta.dirname, "../.mutants"), { recursive: true, force: true })
    return found.flat()
  })

  it("each law has one", () => {
    const without = EngineLaws.laws.filter((law) => !mutants.some((mutant) => law.startsWith(mutant.law)))
    expect(without).toEqual([])
  })

  for (const [index, { description, law }] of mutants.entries()) {
    it(
      `${law} sees that ${description}`,
      async () => {
        const found = await all
        const own = found.find((one) => one.index === index) ?? found.find((one) => one.index === -1)
        expect(own?.problem ?? (own === undefined ? "it was not tried" : "seen")).toBe("seen")
      },
      limit + 10_000
    )
  }
})
