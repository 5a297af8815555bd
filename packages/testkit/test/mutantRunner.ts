/**
 * Makes mutated copies of the core with the law suite beside them, and looks whether the law sees the change. Run by
 * plain node as a process of its own, so that a mutant that never stops can be stopped: `node mutantRunner.ts <part> <of>`.
 */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import * as Effect from "effect/Effect"
import { anywhere, mutants } from "./mutants.ts"

const root = join(import.meta.dirname, "..")
const core = join(root, "../orchestrator-core/src")
const most = 400

const copy = (index: number): string => {
  const folder = join(root, ".mutants", String(index))
  rmSync(folder, { recursive: true, force: true })
  cpSync(core, join(folder, "core"), { recursive: true })
  for (const file of ["EngineLaws.ts", ...globSync("internal/law*.ts", { cwd: join(root, "src") })]) {
    const target = join(folder, "testkit", file)
    mkdirSync(dirname(target), { recursive: true })
    const up = relative(dirname(target), join(folder, "core"))
    const text = readFileSync(join(root, "src", file), "utf8")
    writeFileSync(target, text.replaceAll(/"@aria\/orchestrator-core\/(\w+)"/g, (_, module) => `"${up}/${module}.ts"`))
  }
  return folder
}

const [part = 0, of = 1, only] = process.argv.slice(2).map(Number)
for (const [index, { edits, law }] of mutants.entries()) {
  if (index % of !== part || (only !== undefined && index !== only)) continue
  const started = performance.now()
  const folder = copy(index)
  const tell = (found: { readonly problem?: string; readonly seed?: number; readonly seen?: string }) =>
    console.log(JSON.stringify({ index, ms: Math.round(performance.now() - started), ...found }))
  const wrong = edits.flatMap(({ file, find, replace }) => {
    const files = file === anywhere ? globSync("**/*.ts", { cwd: join(folder, "core") }) : [file]
    const matches = files.flatMap((name) => {
      const path = join(folder, "core", name)
      const text = existsSync(path) ? readFileSync(path, "utf8") : ""
      return Array.from({ length: text.split(find).length - 1 }, () => ({ path, text }))
    })
    const [match] = matches
    if (match === undefined || matches.length !== 1) return [`${file} has ${JSON.stringify(find)} ${matches.length} times`]
    writeFileSync(match.path, match.text.replace(find, () => replace))
    return []
  })
  if (wrong.length > 0) {
    tell({ problem: wrong.join("; ") })
    continue
  }
  const laws: typeof import("../src/EngineLaws.ts") = await import(join(folder, "testkit/EngineLaws.ts"))
  const orchestrator: typeof import("@aria/orchestrator-core/Orchestrator") = await import(join(folder, "core/Orchestrator.ts"))
  const name = laws.laws.filter((name) => name.startsWith(law))
  if (name.length !== 1) {
    tell({ problem: `${name.length} laws are called ${JSON.stringify(law)}` })
    continue
  }
  const engine = { name: "mutant", layer: orchestrator.layerWith }
  const [finding] = await Effect.runPromise(laws.examine(engine, { law: name[0], seeds: most, stopAtFirst: true }))
  if (finding?.first === undefined) tell({ problem: `it survived ${most} scenarios` })
  else tell({ seed: finding.first.seed, seen: finding.first.violations[0] ?? "" })
  rmSync(folder, { recursive: true, force: true })
}
process.exit(0)
