// Says in plain words when the installation before this command has failed: pnpm only warns about that and goes on.
// JavaScript, because it must also run under a Node that cannot read TypeScript.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stop = (message) => {
  console.error(`\n${message}`)
  process.exit(1)
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 24 || (major === 24 && minor < 11)) {
  stop(
    `ARIA needs Node 24.11 or newer; this is ${process.versions.node}. On Linux x64 the installation brings its own, so it has\n` +
      "not succeeded: see the messages above and check that the npm registry can be reached. Elsewhere, install Node 24."
  )
}

const within = (folder) =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
const folders = [".", "benchmarks", ...["packages", "packages/agents", "packages/adapters", "apps"].flatMap(within)]
for (const folder of folders) {
  const path = join(folder, "package.json")
  if (!existsSync(join(root, path))) continue
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, path), "utf8"))
  const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !existsSync(join(root, folder, "node_modules", name, "package.json"))
  )
  if (missing.length > 0) {
    stop(
      `${path} asks for ${missing.join(", ")}, which is not installed: the installation has not succeeded.\n` +
        "See the messages above, check that the npm registry can be reached, and run the same command again."
    )
  }
}
