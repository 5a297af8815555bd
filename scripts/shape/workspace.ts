import { existsSync, globSync, readFileSync } from "node:fs"
import { basename, dirname, join, relative } from "node:path"
import { folders, type Kind } from "./arrows.ts"
import { type Import, importsOf } from "./imports.ts"

export interface Violation {
  /** Relative to the root of the workspace. */
  readonly file: string
  readonly message: string
}

export interface Manifest {
  readonly [field: string]: unknown
  readonly name: string
  readonly version?: string
  readonly private?: boolean
  readonly description?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export interface SourceFile {
  /** Relative to the package, with forward slashes. */
  readonly path: string
  readonly area: "src" | "examples" | "test"
  readonly imports: ReadonlyArray<Import>
}

export interface Package {
  readonly name: string
  /** Relative to the root, with forward slashes. */
  readonly folder: string
  readonly kind: Kind
  readonly isPublic: boolean
  readonly manifest: Manifest
  readonly files: ReadonlyArray<SourceFile>
}

export interface Workspace {
  readonly root: string
  readonly manifest: Manifest
  readonly packages: ReadonlyArray<Package>
  /** Version ranges by catalog name (`default` for `catalog:`), then by package. */
  readonly catalogs: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** What was found while reading: folders of no known kind, files that do not parse. */
  readonly violations: ReadonlyArray<Violation>
}

const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"))

const areaOf = (path: string): SourceFile["area"] =>
  path.startsWith("src/") ? "src" : path.startsWith("examples/") ? "examples" : "test"

const ignored = ["**/node_modules/**", "**/dist/**", "**/.mutants/**"]

/** The two catalog sections of pnpm-workspace.yaml, which are nothing but indented `name: range` lines. */
export const readCatalogs = (yaml: string): Workspace["catalogs"] => {
  const catalogs: Record<string, Record<string, string>> = {}
  let section = ""
  let catalog = ""
  for (const line of yaml.split("\n")) {
    const entry = /^( *)"?([^\s"#][^\s"]*)"?:(?: +"?([^\s"#]+)"?)? *(?:#.*)?$/.exec(line)
    if (entry === null) continue
    const [, indent = "", key = "", value] = entry
    if (indent === "") {
      section = key
      catalog = "default"
    } else if (section === "catalogs" && value === undefined) catalog = key
    else if (value !== undefined && (section === "catalog" || section === "catalogs")) {
      catalogs[catalog] = { ...catalogs[catalog], [key]: value }
    }
  }
  return catalogs
}

/** Reads every package of the workspace at `root`, with the imports of every TypeScript file. */
export const readWorkspace = (root: string): Workspace => {
  const violations: Array<Violation> = []
  const known = new Map(folders.map(([glob]) => [glob, [] as Array<Package>]))
  const manifests = globSync(
    ["packages/*/package.json", "packages/*/*/package.json", "apps/*/package.json"].concat([
      "templates/*/package.json",
      "benchmarks/package.json"
    ]),
    { cwd: root, exclude: ignored }
  )
  for (const path of manifests.sort()) {
    const folder = dirname(path).replaceAll("\\", "/")
    const row = folders.find(([glob]) => (glob.endsWith("/*") ? dirname(folder) === dirname(glob) : folder === glob))
    if (row === undefined) {
      violations.push({ file: folder, message: "no kind of package lives here: name it in scripts/shape/arrows.ts" })
      continue
    }
    const manifest: Manifest = readJson(join(root, path))
    const files = globSync("{src,test,examples,bench}/**/*.{ts,tsx,mts}", { cwd: join(root, folder), exclude: ignored })
      .map((path) => path.replaceAll("\\", "/"))
      .sort()
      .map((path): SourceFile => {
        try {
          return { path, area: areaOf(path), imports: importsOf(path, readFileSync(join(root, folder, path), "utf8")) }
        } catch (error) {
          violations.push({ file: `${folder}/${path}`, message: `does not parse: ${String(error).split("\n", 1)[0]}` })
          return { path, area: areaOf(path), imports: [] }
        }
      })
    known.get(row[0])?.push({
      name: manifest.name,
      folder,
      kind: row[1],
      isPublic: folder.startsWith("packages/") && manifest.private !== true,
      manifest,
      files
    })
  }
  const yaml = join(root, "pnpm-workspace.yaml")
  return {
    root,
    manifest: readJson(join(root, "package.json")),
    packages: [...known.values()].flat(),
    catalogs: existsSync(yaml) ? readCatalogs(readFileSync(yaml, "utf8")) : {},
    violations
  }
}

/** Modules that a package offers to its users: `src/*.ts` without the barrel. */
export const modulesOf = (self: Package): ReadonlyArray<string> =>
  self.files
    .filter(({ path }) => /^src\/[^/]+\.ts$/.test(path) && path !== "src/index.ts")
    .map(({ path }) => basename(path, ".ts"))

/** A path as it is printed: from the root, with forward slashes. */
export const fromRoot = (root: string, path: string): string => relative(root, path).replaceAll("\\", "/")

/** `[from, to)` of a version range, as three numbers each; undefined for a range of another form. */
export const interval = (range: string): readonly [Version, Version] | undefined => {
  const match = /^(\^|~|>=)?(\d+)\.(\d+)\.(\d+)(?: <(\d+)\.(\d+)\.(\d+))?$/.exec(range)
  if (match === null) return undefined
  const [major = 0, minor = 0, patch = 0] = match.slice(2, 5).map(Number)
  const from: Version = [major, minor, patch]
  if (match[5] !== undefined) {
    const [a = 0, b = 0, c = 0] = match.slice(5, 8).map(Number)
    return [from, [a, b, c]]
  }
  switch (match[1]) {
    case undefined:
      return [from, [major, minor, patch + 1]]
    case "~":
      return [from, [major, minor + 1, 0]]
    case "^":
      return [from, major > 0 ? [major + 1, 0, 0] : minor > 0 ? [0, minor + 1, 0] : [0, 0, patch + 1]]
    default:
      return [from, [Infinity, 0, 0]]
  }
}

type Version = readonly [number, number, number]

const notAfter = (a: Version, b: Version): boolean => {
  const index = a.findIndex((part, index) => part !== b[index])
  return index === -1 || (a[index] ?? 0) < (b[index] ?? 0)
}

/** Whether every version of the range `inner` is in the range `outer`. */
export const isInside = (inner: string, outer: string): boolean => {
  const [a, b] = [interval(inner), interval(outer)]
  return a !== undefined && b !== undefined && notAfter(b[0], a[0]) && notAfter(a[1], b[1])
}
