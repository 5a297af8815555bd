import { execFile } from "node:child_process"
import { promisify } from "node:util"

const execute = promisify(execFile)

/** Runs a command in a folder; its output is the error where it fails. */
export const run = async (file: string, args: ReadonlyArray<string>, cwd: string): Promise<string> => {
  try {
    return (await execute(file, [...args], { cwd, maxBuffer: 1 << 24 })).stdout
  } catch (error) {
    const output = typeof error === "object" && error !== null && "stdout" in error ? String(error.stdout).trim() : ""
    throw new Error(output === "" ? String(error) : `${file}: ${output.slice(0, 2_000)}`, { cause: error })
  }
}

/** How long the command takes, in seconds. */
export const seconds = async (file: string, args: ReadonlyArray<string>, cwd: string): Promise<number> => {
  const started = performance.now()
  await run(file, args, cwd)
  return (performance.now() - started) / 1_000
}
