import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { cache, command, workspace } from "../cache.ts"
import { difference, interleaved } from "../interleaved.ts"
import { atMost, type Line } from "../Line.ts"
import { median } from "../median.ts"
import { typedPlan } from "../plans/typedPlan.ts"
import { run, seconds } from "../run.ts"

const show = (value: number): string => `${value.toFixed(2)} s`

/** What the type checker needs for a plan, more than for a file that only imports the same modules. */
export const types = async (): Promise<ReadonlyArray<Line>> => {
  const folder = cache("types")
  const core = join(folder, "core")
  // As a user has it: declarations, made from the sources as they are now.
  const declarations = ["--outDir", core, "--tsBuildInfoFile", join(core, "tsconfig.tsbuildinfo")]
  await run(command("tsc"), ["-p", workspace("packages/orchestrator-core"), ...declarations], folder)
  const check = (size: number) => {
    const project = join(folder, `plan-${size}`)
    mkdirSync(project)
    writeFileSync(join(project, "plan.ts"), typedPlan(size))
    const compilerOptions = {
      target: "ES2024",
      module: "NodeNext",
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
      types: [],
      paths: { "@aria/orchestrator-core": [join(core, "index.d.ts")] }
    }
    writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }))
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["plan.ts"] }))
    return () => seconds(command("tsc"), ["-p", project], project)
  }
  const measured = await interleaved({ empty: check(0), fifty: check(50), many: check(200) })
  const line = (name: string, of: ReadonlyArray<number>, bound: number) =>
    atMost(`types: ${name}, more than an empty file`, difference(of, measured.empty), bound, show, `${show(median(of))} against ${show(median(measured.empty))}`)
  return [line("50 tasks", measured.fifty, 0.3), line("200 tasks", measured.many, 0.6)]
}
