import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)

/** Where probes are. */
export const probePath = (file: string): string => join(import.meta.dirname, "probes", file)

/**
 * Measures in a fresh process: runs a file of `probes/` with its arguments as JSON, and gives the figures of the JSON that it
 * prints last.
 */
export const figures = async (file: string, options: Record<string, unknown>): Promise<Readonly<Record<string, number>>> => {
  const { stdout } = await execute(process.execPath, ["--expose-gc", probePath(file), JSON.stringify(options)], { maxBuffer: 1 << 24 })
  const printed: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")
  const entries = typeof printed === "object" && printed !== null ? Object.entries(printed) : []
  return Object.fromEntries(entries.flatMap(([name, value]) => (typeof value === "number" ? [[name, value]] : [])))
}

/** The named figure alone. */
export const probe = async (file: string, figure: string, options: Record<string, unknown>): Promise<number> => {
  const all = await figures(file, options)
  const value = all[figure]
  if (value === undefined) throw new Error(`${file} printed no figure called ${figure}: ${JSON.stringify(all)}`)
  return value
}
