/**
 * Makes mutated copies of the core with the laws of side effects beside them, and looks whether those see the change. Run by
 * plain node as a process of its own, so that a mutant that never stops can be stopped: `node sideEffectMutantRunner.ts <part> <of>`.
 */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import * as Effect from "effect/Effect"
import { sideEffectMutants } from "./sideEffectMutants.ts"

const root = join(import.meta.dirname, "..")
const most = 1_500

const [part = 0, of = 1, only] = process.argv.slice(2).map(Number)
for (const [index, { edits }] of sideEffectMutants.entries()) {
  if (index % of !== part || (only !== undefined && index !== only)) continue
  const folder = join(root, "test/.mutants", String(index))
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(root, "../orchestrator-core/src"), join(folder, "core"), { recursive: true })
  for (const file of ["SideEffectLaws.ts", ...globSync(["internal/fault*.ts", "internal/lawRandom.ts", "internal/lawTime.ts"], { cwd: join(root, "src") })]) {
    const target = join(folder, "testkit", file)
    mkdirSync(dirname(target), { recursive: true })
    const up = relative(dirname(target), join(folder, "core"))
    const text = readFileSync(join(root, "src", file), "utf8")
    writeFileSync(target, text.replaceAll(/"@aria\/orchestrator-core\/(\w+)"/g, (_, module) => `"${up}/${module}.ts"`))
  }
  const tell = (found: { readonly problem?: string; readonly seed?: number; readonly seen?: string | undefined }) => console.log(JSON.stringify({ index, ...found }))
  const wrong = edits.flatMap(([file, find, replace]) => {
    const path = join(folder, "core", file)
    const text = readFileSync(path, "utf8")
    const times = text.split(find).length - 1
    writeFileSync(path, text.replace(find, () => replace))
    return times === 1 ? [] : [`${file} has ${JSON.stringify(find)} ${times} times`]
  })
  if (wrong.length > 0) {
    tell({ problem: wrong.join("; ") })
    continue
  }
  const laws: typeof import("../src/SideEffectLaws.ts") = await import(join(folder, "testkit/SideEffectLaws.ts"))
  const stores: typeof import("@aria/orchestrator-core/ReceiptStore") = await import(join(folder, "core/ReceiptStore.ts"))
  const result = await Effect.runPromise(Effect.result(laws.check({ name: "a mutant", layer: stores.layerMemory, seeds: most })))
  if (result._tag === "Success") tell({ problem: `it survived ${most} schedules` })
  else tell({ seed: result.failure.seed, seen: result.failure.violations[0] })
  rmSync(folder, { recursive: true, force: true })
}
process.exit(0)
