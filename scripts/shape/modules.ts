import { existsSync, readFileSync } from "node:fs"
import { basename, dirname, join, posix } from "node:path"
import { arrows, emptyNames, type ModuleRule, moduleRules } from "./arrows.ts"
import { packageOf } from "./imports.ts"
import { modulesOf, type Package, type SourceFile, type Violation, type Workspace } from "./workspace.ts"

/** Arrows between packages, and nobody behind another package's doors. */
export const checkArrows = (workspace: Workspace): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  const byName = new Map(workspace.packages.map((self) => [self.name, self]))
  for (const self of workspace.packages) {
    const arrow = arrows[self.kind]
    for (const { area, imports, path } of self.files) {
      const report = (message: string) => found.push({ file: `${self.folder}/${path}`, message })
      for (const { specifier } of imports) {
        if (specifier.startsWith(".")) {
          const target = posix.join(posix.dirname(path), specifier)
          if (target.startsWith("../")) report(`${specifier} leaves the package: import the other package by its name`)
          else if (area === "src" && !target.startsWith("src/")) report(`${specifier} leaves src`)
          else if (area === "examples" && !target.startsWith("examples/")) {
            report(`${specifier} leaves examples: import the package by its name, as its users do`)
          }
          continue
        }
        if (specifier.startsWith("node:")) {
          if (area === "src" && !arrow.node) report(`${self.kind} must not import ${specifier}`)
          continue
        }
        const name = packageOf(specifier)
        const target = byName.get(name)
        if (target === undefined) {
          if (area === "src" && arrow.npm !== "any" && !arrow.npm.includes(name)) {
            report(`${self.kind} must not import ${name}, only ${arrow.npm.join(", ")}`)
          }
          continue
        }
        const module = specifier.slice(name.length + 1)
        if (module !== "" && !modulesOf(target).includes(module)) {
          report(
            /^(internal|src|dist)\b/.test(module)
              ? `${specifier} is internal to ${name}`
              : `${specifier} does not exist: ${name} has ${modulesOf(target).join(", ") || "no modules"}`
          )
        }
        if (target === self) {
          if (area === "src") report(`imports its own package by name: use ./${module || "…"}.ts`)
          continue
        }
        const allowed = area === "src" ? arrow.src : [...arrow.src, ...arrow.dev]
        if (!allowed.includes(target.kind)) {
          report(
            arrow.dev.includes(target.kind)
              ? `src must not import ${name}: ${self.kind} use ${target.kind} only in tests and examples`
              : `${self.kind} must not import ${target.kind} (${name})`
          )
        }
      }
    }
  }
  return found
}

type Graph = ReadonlyMap<string, ReadonlyArray<{ readonly to: string; readonly kind: string }>>

const withoutExtension = (path: string) => path.replace(/^src\//, "").replace(/\.tsx?$/, "")

/** Modules of `src`, by path without extension, and what each imports of the others. */
const graphOf = (self: Package): Graph =>
  new Map(
    self.files
      .filter(({ area }) => area === "src")
      .map(({ imports, path }) => [
        withoutExtension(path),
        imports
          .filter(({ specifier }) => specifier.startsWith("."))
          .map(({ kind, specifier }) => ({ kind, to: withoutExtension(posix.join(posix.dirname(path), specifier)) }))
      ])
  )

const matches = (patterns: ReadonlyArray<string>, module: string): boolean =>
  patterns.some((pattern) => (pattern.endsWith("*") ? module.startsWith(pattern.slice(0, -1)) : module === pattern))

/** The shortest way along run-time imports from `start` (after a first step of any kind in `first`) to what `ends` accepts. */
const way = (graph: Graph, start: string, ends: (module: string) => boolean, types: boolean) => {
  const seen = new Set([start])
  const queue: Array<ReadonlyArray<string>> = [[start]]
  for (const path of queue) {
    for (const { kind, to } of graph.get(path.at(-1) ?? "") ?? []) {
      if (kind === "type" && !(types && ends(to))) continue
      if (kind === "type" && path.length > 1) continue
      if (ends(to)) return [...path, to]
      if (!seen.has(to)) {
        seen.add(to)
        queue.push([...path, to])
      }
    }
  }
  return undefined
}

/** Arrows between the modules of one package, as `moduleRules` has them. */
export const checkModules = (
  workspace: Workspace,
  rules: ReadonlyArray<ModuleRule> = moduleRules
): ReadonlyArray<Violation> =>
  rules.flatMap((rule) =>
    workspace.packages
      .filter(({ name }) => name === rule.package)
      .flatMap((self) => {
        const graph = graphOf(self)
        return [...graph.keys()]
          .filter((module) => matches(rule.from, module))
          .flatMap((module) => {
            const path = way(graph, module, (to) => matches(rule.to, to), rule.types)
            if (path === undefined) return []
            const by = path.length > 2 ? ` (${path.join(" → ")})` : ""
            return [
              {
                file: `${self.folder}/src/${module}.ts`,
                message: `must not import ${path.at(-1)}${by}: wrong direction`
              }
            ]
          })
      })
  )

/** Modules that import each other. Cycles of types alone disappear at run time and are only counted. */
export const cyclesOf = (self: Package, types: boolean): ReadonlyArray<ReadonlyArray<string>> => {
  const graph = graphOf(self)
  const cycles: Array<ReadonlyArray<string>> = []
  const done = new Set<string>()
  const visit = (module: string, path: ReadonlyArray<string>): void => {
    const index = path.indexOf(module)
    if (index !== -1) {
      cycles.push([...path.slice(index), module])
      return
    }
    if (done.has(module)) return
    for (const { kind, to } of graph.get(module) ?? []) {
      if (kind === "static" || (types && kind === "type")) visit(to, [...path, module])
    }
    done.add(module)
  }
  for (const module of graph.keys()) visit(module, [])
  return cycles
}

export const checkCycles = (workspace: Workspace): ReadonlyArray<Violation> =>
  workspace.packages.flatMap((self) =>
    cyclesOf(self, false).map((cycle) => ({
      file: `${self.folder}/src/${cycle[0]}.ts`,
      message: `is part of an import cycle: ${cycle.join(" → ")}`
    }))
  )

const nameRule = ({ area, path }: SourceFile): string | undefined => {
  if (area !== "src" || path === "src/index.ts") return undefined
  const name = basename(path, ".ts")
  const folder = dirname(path)
  if (folder === "src") return /^[A-Z][A-Za-z0-9]*$/.test(name) ? undefined : "a public module is named in PascalCase"
  if (folder === "src/internal") {
    return /^[a-z][A-Za-z0-9]*$/.test(name) ? undefined : "an internal module is named in camelCase"
  }
  return "modules live in src or src/internal, nowhere else"
}

/** Names of files. */
export const checkNames = (workspace: Workspace): ReadonlyArray<Violation> =>
  workspace.packages.flatMap((self) =>
    self.files.flatMap((file) => {
      const path = `${self.folder}/${file.path}`
      const empty = file.path.split("/").find((part) => emptyNames.has(part.replace(/\.tsx?$/, "").toLowerCase()))
      const wrong = self.isPublic ? nameRule(file) : undefined
      return [
        ...(empty === undefined ? [] : [{ file: path, message: `${empty} says nothing about what is inside` }]),
        ...(wrong === undefined ? [] : [{ file: path, message: wrong }])
      ]
    })
  )

/** The barrel that a package must have. */
export const barrelOf = (self: Package): string => {
  const lines = modulesOf(self).map((module) => `export * as ${module} from "./${module}.ts"\n`)
  return lines.length === 0 ? "export {}\n" : lines.sort().join("")
}

/** `src/index.ts` is generated; a leading doc comment may stay. */
export const checkBarrels = (workspace: Workspace): ReadonlyArray<Violation & { readonly content: string }> =>
  workspace.packages
    .filter(({ isPublic, kind }) => isPublic || kind === "templates")
    .flatMap((self) => {
      const file = `${self.folder}/src/index.ts`
      const path = join(workspace.root, file)
      const text = existsSync(path) ? readFileSync(path, "utf8") : ""
      const comment = /^\/\*\*[^]*?\*\/\n+/.exec(text)?.[0] ?? ""
      const content = comment + barrelOf(self)
      return text === content
        ? []
        : [{ file, message: "is not the list of the package's modules: `pnpm run shape --fix`", content }]
    })
