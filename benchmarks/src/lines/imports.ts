import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { cache, command, workspace } from "../cache.ts"
import { interleaved, ratio } from "../interleaved.ts"
import { atMost, information, type Line, times } from "../Line.ts"
import { median } from "../median.ts"
import { probe } from "../probe.ts"
import { run } from "../run.ts"

const show = (value: number): string => `${value.toFixed(0)} ms`
const imported = (path: string) => () => probe("import.ts", "millis", { path })

/** The modules of effect that a built file loads, itself or through the files beside it. */
const effectModules = (folder: string, file: string, seen = new Set<string>(), found = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(file)) return found
  seen.add(file)
  for (const [, module = ""] of readFileSync(join(folder, file), "utf8").matchAll(/^(?:import|export)\s[^"']*["']([^"']+)["']/gm)) {
    if (module.startsWith("effect")) found.add(module)
    else if (module.startsWith("./")) effectModules(folder, module.slice(2), seen, found)
  }
  return found
}

/** Importing core, against importing what it needs of effect. */
export const imports = async (): Promise<ReadonlyArray<Line>> => {
  const folder = cache("imports")
  const core = join(folder, "core")
  // As it is published: what a user imports has no types to strip.
  await run(command("tsup"), ["--out-dir", core, "--silent"], workspace("packages/orchestrator-core"))
  const modules = Array.from(effectModules(core, "index.js")).sort()
  if (modules.length === 0) throw new Error("no module of effect was found in core")
  const single = join(folder, "effect.js")
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
  writeFileSync(single, modules.map((module) => `import "${module}"\n`).join(""))
  const measured = await interleaved({
    effect: imported(single),
    built: imported(join(core, "index.js")),
    source: imported(workspace("packages/orchestrator-core/src/index.ts"))
  })
  const effect = median(measured.effect)
  return [
    atMost(`import: core / the ${modules.length} modules of effect it uses`, ratio(measured.built, measured.effect), 1.5, times, `${show(median(measured.built))} against ${show(effect)}`),
    information("import: core's TypeScript source", `${show(median(measured.source))}, types stripped as it loads`)
  ]
}
