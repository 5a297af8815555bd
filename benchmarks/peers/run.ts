/**
 * The same work by other libraries: 1,000 no-op steps side by side under a cap of 10, and 1,000 in a chain. Installs them here
 * first (`npm ci`). Not part of the workspace, never run in CI.
 */
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { install, versionOf as version } from "./install.ts"

const here = import.meta.dirname
install()

const libraries = [
  { file: "p-limit", fanOut: "p-limit", chain: "p-limit, cap 1", version: version("node_modules/p-limit") },
  { file: "effect", fanOut: "Effect.forEach", chain: "Effect.forEach", version: version("../node_modules/effect") },
  { file: "aria", fanOut: "ARIA goals", chain: "ARIA dependsOn", version: version("../../packages/orchestrator-core") },
  { file: "mastra", fanOut: "Mastra foreach", chain: "Mastra then", version: version("node_modules/@mastra/core") },
  { file: "langgraph", fanOut: "LangGraph Send", chain: "LangGraph edges", version: version("node_modules/@langchain/langgraph") }
]
const rounds = 5
const measured = new Map<string, Array<number>>()
for (let round = 0; round < rounds; round++) {
  for (const { file } of round % 2 === 0 ? libraries : libraries.toReversed()) {
    for (const shape of ["fanOut", "chain"] as const) {
      const key = `${file} ${shape}`
      try {
        const printed = execFileSync(process.execPath, ["--expose-gc", join(here, "measure.ts"), file, shape], { cwd: here, encoding: "utf8" })
        measured.set(key, [...(measured.get(key) ?? []), Number(printed.trimEnd().split("\n").at(-1))])
      } catch (error) {
        console.error(`${key} failed: ${String(error).split("\n")[0]}`)
      }
    }
  }
}

console.log(`${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}; us a step, median of ${rounds} processes\n`)
for (const shape of ["fanOut", "chain"] as const) {
  console.log(shape === "fanOut" ? "fan-out of 1,000 under a cap of 10" : "chain of 1,000")
  for (const library of libraries) {
    const values = measured.get(`${library.file} ${shape}`)?.sort((left, right) => left - right) ?? []
    const middle = values[Math.floor(values.length / 2)]
    const figure = middle === undefined || values.length < rounds ? "not measured" : middle.toFixed(1)
    console.log(`  ${library[shape].padEnd(16)} ${library.version.padEnd(10)} ${figure.padStart(12)}`)
  }
}
