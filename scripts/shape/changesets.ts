import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Violation, Workspace } from "./workspace.ts"

/** A changeset names packages that exist, and says something. */
export const checkChangesets = (workspace: Workspace): ReadonlyArray<Violation> => {
  const published = new Set(workspace.packages.filter(({ isPublic }) => isPublic).map(({ name }) => name))
  return globSync(".changeset/*.md", { cwd: workspace.root })
    .filter((file) => !file.endsWith("README.md"))
    .flatMap((file) => {
      const text = readFileSync(join(workspace.root, file), "utf8")
      const parts = /^---\n([^]*?)^---\n([^]*)$/m.exec(text)
      if (parts === null) return [{ file, message: "has no front matter between two lines of ---" }]
      const [, head = "", body = ""] = parts
      const lines = head.split("\n").filter((line) => line.trim() !== "")
      const wrong = lines.flatMap((line) => {
        const entry = /^["']?([^"':]+)["']?: *(major|minor|patch|none)$/.exec(line.trim())
        if (entry === null) return [`${line} is not "package": major, minor or patch`]
        return published.has(entry[1] ?? "") ? [] : [`names ${entry[1]}, which is not a published package here`]
      })
      return [...wrong, ...(body.trim() === "" ? ["says nothing: one sentence from the user's side"] : [])].map(
        (message) => ({ file, message })
      )
    })
}
