import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)

/**
 * Measures in a fresh process: runs a file of `probes/` with its arguments as JSON, and gives the named figure of the JSON
 * that it prints last.
 */
export const probe = async (file: string, figure: string, options: Record<string, unknown>): Promise<number> => {
  const path = join(import.meta.dirname, "probes", file)
  const { stdout } = await execute(process.execPath, ["--expose-gc", path, JSON.stringify(options)], { maxBuffer: 1 << 24 })
  const printed: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")
  if (typeof printed === "object" && printed !== null) {
    for (const [name, value] of Object.entries(printed)) if (name === figure && typeof value === "number") return value
  }
  throw new Error(`${file} printed no figure called ${figure}: ${stdout}`)
}
