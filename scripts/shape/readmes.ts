import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { type Package, fromRoot, type Violation, type Workspace } from "./workspace.ts"

/** A violation that `--fix` removes by writing `content` into the file. */
export interface Fixable extends Violation {
  readonly content?: string
}

const marker = /^<!-- example: (\S+) -->$/gm
const fence = /^\n```ts\n([^]*?)^```$/m

/** Holds each marked block of a README against the file it quotes. */
export const checkQuotes = (root: string, readme: string): ReadonlyArray<Fixable> => {
  const found: Array<Violation> = []
  const path = join(root, readme)
  const text = readFileSync(path, "utf8")
  let content = ""
  let end = 0
  for (const match of text.matchAll(marker)) {
    const [line, example = ""] = match
    const after = match.index + line.length
    const block = fence.exec(text.slice(after))
    const source = join(dirname(path), example)
    if (!/^(?:[\w-]+\/)*examples\/[\w-]+\.ts$/.test(example) || !existsSync(source)) {
      found.push({ file: readme, message: `quotes ${example}, which is not a file in an examples/ folder below it` })
      continue
    }
    const code = readFileSync(source, "utf8")
    const quoted = block?.index === 0 ? block : undefined
    if (quoted?.[1] !== code) {
      found.push({
        file: readme,
        message:
          quoted === undefined
            ? `the marker of ${example} must be followed by a ts block`
            : `the block of ${example} differs from the file: \`pnpm run examples --fix\``
      })
    }
    content += `${text.slice(end, after)}\n\`\`\`ts\n${code}\`\`\``
    end = after + (quoted?.[0].length ?? 0)
  }
  content += text.slice(end)
  return found.map((violation) => (content === text ? violation : { ...violation, content }))
}

const readmesOf = (workspace: Workspace): ReadonlyArray<string> =>
  ["README.md", ...workspace.packages.map(({ folder }) => `${folder}/README.md`)].filter((file) =>
    existsSync(join(workspace.root, file))
  )

/** The README of a published package quotes at least one example, and every quote is true. */
export const checkExamples = (workspace: Workspace): ReadonlyArray<Fixable> => [
  ...readmesOf(workspace).flatMap((file) => checkQuotes(workspace.root, file)),
  ...workspace.packages
    .filter(({ isPublic }) => isPublic)
    .map(({ folder }) => `${folder}/README.md`)
    .filter((file) => existsSync(join(workspace.root, file)))
    .filter((file) => readFileSync(join(workspace.root, file), "utf8").search(marker) === -1)
    .map((file) => ({ file, message: "quotes no example: add a line `<!-- example: examples/<file>.ts -->`" }))
]

const row = ({ folder, manifest, name }: Package) => `| [\`${name}\`](${folder}) | ${manifest.description} |`

/** The table of packages in the root README stands between two markers. */
export const checkTable = (workspace: Workspace): ReadonlyArray<Fixable> => {
  const file = "README.md"
  const path = join(workspace.root, file)
  if (!existsSync(path)) return [{ file, message: "is missing" }]
  const text = readFileSync(path, "utf8")
  const between = /(?<=<!-- packages -->\n)[^]*?(?=<!-- \/packages -->)/
  if (!between.test(text)) return [{ file, message: "has no <!-- packages --> and <!-- /packages --> markers" }]
  const rows = workspace.packages.filter(({ isPublic }) => isPublic).map(row)
  const table = ["| Package | What it is |", "| --- | --- |", ...rows, ""].join("\n")
  const content = text.replace(between, () => table)
  return content === text
    ? []
    : [{ file, message: "its table of packages is out of date: `pnpm run shape --fix`", content }]
}

/** Relative links in Markdown files lead somewhere. */
export const checkLinks = (workspace: Workspace): ReadonlyArray<Violation> =>
  globSync(["*.md", "decisions/*.md", "{packages,apps,templates,benchmarks}/**/*.md"], {
    cwd: workspace.root,
    exclude: ["**/node_modules/**", "**/.mutants/**", "**/dist/**", "**/CHANGELOG.md", "**/{fixtures,data}/**"]
  }).flatMap((path) => {
    const text = readFileSync(join(workspace.root, path), "utf8").replace(/^(```+)[^]*?^\1$|`[^`\n]*`/gm, "")
    return [...text.matchAll(/\]\(<?([^)\s#>]+)[^)]*\)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => !/^[a-z]+:/i.test(link))
      .filter((link) => !existsSync(join(workspace.root, dirname(path), decodeURI(link))))
      .map((link) => ({
        file: fromRoot(workspace.root, join(workspace.root, path)),
        message: `links to ${link}, which is missing`
      }))
  })

/** Whoever names a version of pnpm names the one of `packageManager`: with another, pnpm would fetch a second one. */
export const checkPins = (workspace: Workspace): ReadonlyArray<Violation> =>
  ["package.json", "README.md", "CONTRIBUTING.md"]
    .filter((file) => existsSync(join(workspace.root, file)))
    .flatMap((file) =>
      (readFileSync(join(workspace.root, file), "utf8").match(/\bpnpm@\d[\w.-]*\w/g) ?? [])
        .filter((pin) => pin !== workspace.manifest["packageManager"])
        .map((pin) => ({
          file,
          message: `names ${pin}, but packageManager is ${workspace.manifest["packageManager"]}`
        }))
    )
