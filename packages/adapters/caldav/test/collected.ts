import { existsSync } from "node:fs"
import { resolve } from "node:path"

const named = process.env["ARIA_DATA"] ?? ""
const beside = resolve(import.meta.dirname, "../../../../../shared/data")

/** Where the collected data is: the folder that ARIA_DATA names, or `../shared/data` beside the workspace. */
export const collected = named !== "" ? named : existsSync(beside) ? beside : undefined
