import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

const here = import.meta.dirname
const textOf = (file: string) => (existsSync(join(here, file)) ? readFileSync(join(here, file), "utf8") : "{}")

/** Installs what `package-lock.json` says, unless all of it is there. */
export const install = (): void => {
  const installed = JSON.parse(textOf("node_modules/.package-lock.json")).packages ?? {}
  const { dependencies } = JSON.parse(textOf("package.json"))
  if (Object.keys(dependencies).every((name) => installed[`node_modules/${name}`] !== undefined)) return
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: here, stdio: "inherit" })
}

export const versionOf = (folder: string): string =>
  JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8")).version
