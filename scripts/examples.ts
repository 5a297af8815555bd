/**
 * Holds the examples quoted in READMEs against their files and runs every example.
 * `--fix` writes the quotes from the files. Names of files after that run only those.
 */
import { execFile } from "node:child_process"
import { globSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { checkExamples } from "./shape/readmes.ts"
import { readWorkspace, type Workspace } from "./shape/workspace.ts"

const seconds = 60
const parallel = 2

/** Every example of the workspace, relative to its root. */
export const examplesOf = (workspace: Workspace): ReadonlyArray<string> =>
  ["examples/*.ts", ...workspace.packages.map(({ folder }) => `${folder}/examples/*.ts`)]
    .flatMap((glob) => globSync(glob, { cwd: workspace.root }))
    .map((path) => path.replaceAll("\\", "/"))
    .sort()

export interface Outcome {
  readonly file: string
  /** What went wrong; undefined when the example ended with 0 in time. */
  readonly failure: string | undefined
  readonly milliseconds: number
}

/** Runs one example in the folder of its package, as a reader would. */
export const runExample = (root: string, file: string, timeout = seconds * 1000): Promise<Outcome> => {
  const start = performance.now()
  const cwd = resolve(root, dirname(file), "..")
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(root, file)],
      { cwd, timeout, killSignal: "SIGKILL", maxBuffer: 2 ** 26, env: { ...process.env, NO_COLOR: "1" } },
      (error, stdout, stderr) => {
        const reason = error?.killed === true ? `did not end within ${timeout / 1000} s` : `ended with ${error?.code}`
        done({
          file,
          failure: error === null ? undefined : `${reason}\n${stdout}${stderr}`,
          milliseconds: Math.round(performance.now() - start)
        })
      }
    )
    child.stdin?.end()
  })
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, "..")
  const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))
  if (process.argv.includes("--fix")) {
    for (const { content, file } of checkExamples(readWorkspace(root))) {
      if (content === undefined) continue
      writeFileSync(join(root, file), content)
      console.log(`written: ${file}`)
    }
  }
  const workspace = readWorkspace(root)
  const violations = checkExamples(workspace)
  for (const { file, message } of violations) console.error(`${file}: ${message}`)

  const queue = examplesOf(workspace).filter((file) => named.length === 0 || named.some((name) => file.includes(name)))
  const total = queue.length
  let failed = 0
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const { failure, milliseconds } = await runExample(root, file)
      if (failure === undefined) console.log(`${file} ran in ${milliseconds} ms`)
      else {
        failed++
        console.error(`${file} ${failure}`)
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  console.log(`${total - failed} of ${total} examples ran; ${violations.length} READMEs wrong or without an example`)
  if (failed > 0 || violations.length > 0) process.exitCode = 1
}
