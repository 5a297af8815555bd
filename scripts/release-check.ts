/**
 * Makes the next release in a copy of the manifests: the configuration and every changeset must be understood, and all
 * published packages must come out with one version. Needs neither network nor a branch to compare with.
 */
import { spawnSync } from "node:child_process"
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { readWorkspace } from "./shape/workspace.ts"

const root = resolve(import.meta.dirname, "..")
const copy = mkdtempSync(join(tmpdir(), "aria-release-"))
const env = { ...process.env, CI: "true", PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}` }

const run = (command: string, ...args: ReadonlyArray<string>): boolean => {
  const { error, output, status } = spawnSync(command, args, { cwd: copy, env, encoding: "utf8", stdio: "pipe" })
  if (status === 0) return true
  console.error(`${command} ${args.join(" ")}: ${error?.message ?? output.join("")}`)
  return false
}

const versions = () => {
  const published = readWorkspace(copy).packages.filter(({ isPublic }) => isPublic)
  return { count: published.length, all: [...new Set(published.map(({ manifest }) => manifest.version))] }
}

const files = globSync(
  ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", ".changeset/*"].concat([
    "{packages,apps,templates}/*/package.json",
    "packages/*/*/package.json",
    "benchmarks/package.json"
  ]),
  { cwd: root, exclude: ["**/node_modules/**"] }
)
for (const path of files) {
  mkdirSync(join(copy, dirname(path)), { recursive: true })
  cpSync(join(root, path), join(copy, path))
}
const changesets = files.filter((path) => path.endsWith(".md") && !path.endsWith("README.md")).length
const identity = ["-c", "user.name=ARIA", "-c", "user.email=aria@example.invalid", "-c", "commit.gpgsign=false"]
const before = versions()
const done =
  run("git", "init", "--quiet", "--initial-branch=main") &&
  run("git", "add", ".") &&
  run("git", ...identity, "commit", "--quiet", "--no-verify", "--message=State") &&
  run("changeset", "status", "--since=HEAD") &&
  (changesets === 0 || run("changeset", "version"))
const after = versions()
if (!done || after.all.length !== 1 || (changesets > 0 && before.all[0] === after.all[0])) {
  console.error(`${changesets} changesets lead from ${before.all.join(", ")} to ${after.all.join(", ")}`)
  process.exitCode = 1
} else {
  console.log(`${changesets} changesets, ${after.count} packages: ${before.all.join()} → ${after.all.join()}`)
}
rmSync(copy, { recursive: true, force: true })
