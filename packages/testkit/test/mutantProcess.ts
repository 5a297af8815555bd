import { spawn } from "node:child_process"
import { join } from "node:path"

export interface Found {
  /** Which mutant; -1: what ended a process before it told of all. */
  readonly index: number
  readonly problem?: string
  readonly seed?: number
}

/** Half of the mutants each, in a process that is stopped where a mutant never stops. */
const parts = 2
/** In milliseconds. */
export const limit = 150_000

const run = (runner: string, part: number): Promise<ReadonlyArray<Found>> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--max-old-space-size=1024", join(import.meta.dirname, runner), String(part), String(parts)], { timeout: limit })
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

/** What a runner of this folder finds, in all its parts. */
export const runAll = (runner: string): Promise<ReadonlyArray<Found>> =>
  Promise.all(Array.from({ length: parts }, (_, part) => run(runner, part))).then((found) => found.flat())

/** What is wrong with one mutant, or that it was seen. */
export const problemOf = (found: ReadonlyArray<Found>, index: number): string => {
  const own = found.find((one) => one.index === index) ?? found.find((one) => one.index === -1)
  return own === undefined ? "it was not tried" : (own.problem ?? "seen")
}
