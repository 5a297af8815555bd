import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"

/** An empty folder for what a benchmark generates, where the workspace's packages can be imported from. */
export const cache = (name: string): string => {
  const folder = join(import.meta.dirname, "../node_modules/.cache", name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}

/** A package's folder in the workspace, and a command of the workspace's. */
export const workspace = (...path: ReadonlyArray<string>): string => join(import.meta.dirname, "../..", ...path)
export const command = (name: string): string => workspace("node_modules/.bin", name)
