/**
 * Checks the shape of the workspace: metadata, dependencies, arrows, names, barrels, READMEs and changesets.
 * `--fix` writes what can be generated: barrels, quoted examples and the table of packages.
 */
import { writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { checkChangesets } from "./shape/changesets.ts"
import { checkDeclared, checkMetadata, checkProjects, checkRanges } from "./shape/manifests.ts"
import { checkArrows, checkBarrels, checkCycles, checkModules, checkNames, cyclesOf } from "./shape/modules.ts"
import { checkExamples, checkLinks, checkPins, checkTable, type Fixable } from "./shape/readmes.ts"
import { readWorkspace, type Workspace } from "./shape/workspace.ts"

const rules: ReadonlyArray<(workspace: Workspace) => ReadonlyArray<Fixable>> = [
  checkMetadata,
  checkRanges,
  checkDeclared,
  checkProjects,
  checkArrows,
  checkModules,
  checkCycles,
  checkNames,
  checkBarrels,
  checkExamples,
  checkTable,
  checkLinks,
  checkPins,
  checkChangesets
]

export const check = (workspace: Workspace): ReadonlyArray<Fixable> => [
  ...workspace.violations,
  ...rules.flatMap((rule) => rule(workspace))
]

/** Writes what can be generated and returns the files it wrote. Each file once a round: two fixes must not undo each other. */
export const fix = (root: string): ReadonlyArray<string> => {
  const written = new Set<string>()
  for (let round = 0; round < 3; round++) {
    const contents = new Map<string, string>()
    for (const { content, file } of check(readWorkspace(root))) {
      if (content !== undefined && !contents.has(file)) contents.set(file, content)
    }
    for (const [file, content] of contents) {
      writeFileSync(join(root, file), content)
      written.add(file)
    }
    if (contents.size === 0) break
  }
  return [...written]
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, "..")
  if (process.argv.includes("--fix")) for (const file of fix(root)) console.log(`written: ${file}`)
  const workspace = readWorkspace(root)
  const violations = check(workspace)
  for (const { file, message } of violations) console.error(`${file}: ${message}`)
  const { packages } = workspace
  const files = packages.reduce((sum, { files }) => sum + files.length, 0)
  const typeCycles = packages.reduce((sum, self) => sum + cyclesOf(self, true).length - cyclesOf(self, false).length, 0)
  const counts = `${packages.length} packages, ${files} files, ${typeCycles} cycles of types alone`
  if (violations.length > 0) {
    console.error(`${violations.length} violations in ${counts}`)
    process.exitCode = 1
  } else console.log(`The shape is right: ${counts}`)
}
