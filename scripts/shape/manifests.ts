import { existsSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { neededUnseen } from "./arrows.ts"
import { packageOf } from "./imports.ts"
import { isInside, type Package, type Violation, type Workspace } from "./workspace.ts"

const expectedName = ({ folder, kind }: Package): string =>
  kind === "agents"
    ? `@aria/agents-${basename(folder)}`
    : kind === "adapters"
      ? `@aria/adapter-${basename(folder)}`
      : `@aria/${basename(folder)}`

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const includes = (value: unknown, ...wanted: ReadonlyArray<string>) =>
  Array.isArray(value) && wanted.every((item) => value.includes(item))

/** Every path that an `exports` field leads to. */
const targets = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string" ? [value] : isRecord(value) ? Object.values(value).flatMap(targets) : []

/** Metadata of published packages: what is missing or wrong. */
export const checkMetadata = (workspace: Workspace): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  const license = join(workspace.root, "LICENSE")
  const published = workspace.packages.filter(({ isPublic }) => isPublic)
  for (const self of published) {
    const { folder, manifest } = self
    const repository = isRecord(manifest["repository"]) ? manifest["repository"] : {}
    const publish = isRecord(manifest["publishConfig"]) ? manifest["publishConfig"] : {}
    const sources = isRecord(manifest["exports"]) ? manifest["exports"] : {}
    const built = isRecord(publish["exports"]) ? publish["exports"] : {}
    const web = String(repository["url"] ?? "").replace(/^git\+|\.git$/g, "")
    const engines = isRecord(manifest["engines"]) ? manifest["engines"] : {}
    const rules: ReadonlyArray<readonly [boolean, string]> = [
      [manifest.name === expectedName(self), `name must be ${expectedName(self)}, as the folder says`],
      [/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(manifest.version ?? ""), "version must be a full version"],
      [
        manifest.version === published[0]?.manifest.version,
        `version must be ${published[0]?.manifest.version}: all packages of ARIA share one`
      ],
      [(manifest.description ?? "").length > 20, "description must say in a sentence what the package is"],
      [includes(manifest["keywords"], "aria", "effect"), 'keywords must have "aria" and "effect"'],
      [manifest["license"] === "MIT", "license must be MIT"],
      [repository["directory"] === folder, `repository.directory must be ${folder}`],
      [/^https:\/\/\S+$/.test(web), "repository.url must be git+https://….git"],
      [manifest["homepage"] === `${web}/tree/main/${folder}`, `homepage must be ${web}/tree/main/${folder}`],
      [manifest["bugs"] === `${web}/issues`, `bugs must be ${web}/issues`],
      [typeof manifest["author"] === "string", "author is missing"],
      [typeof engines["node"] === "string", "engines.node is missing"],
      [manifest["type"] === "module", "type must be module"],
      [manifest["sideEffects"] === false, "sideEffects must be false"],
      [sources["."] === "./src/index.ts", 'exports["."] must be ./src/index.ts, so that the workspace needs no build'],
      [sources["./internal/*"] === null, 'exports["./internal/*"] must be null'],
      [publish["access"] === "public", "publishConfig.access must be public"],
      [
        Object.keys(sources).join() === Object.keys(built).join(),
        "exports and publishConfig.exports must have the same keys in the same order"
      ],
      [
        targets(built).length > 0 && targets(built).every((target) => target.startsWith("./dist/")),
        "publishConfig.exports must lead to ./dist/"
      ],
      [built["./internal/*"] === null, 'publishConfig.exports["./internal/*"] must be null'],
      [
        includes(manifest["files"], "dist", "src", "!**/*.tsbuildinfo"),
        "files must have dist, src and !**/*.tsbuildinfo"
      ]
    ]
    for (const [holds, message] of rules) if (!holds) found.push({ file: `${folder}/package.json`, message })
    if (!existsSync(join(workspace.root, folder, "README.md"))) {
      found.push({ file: `${folder}/README.md`, message: "is missing" })
    }
    const own = join(workspace.root, folder, "LICENSE")
    if (!existsSync(own)) found.push({ file: `${folder}/LICENSE`, message: "is missing: copy the one of the root" })
    else if (existsSync(license) && readFileSync(own, "utf8") !== readFileSync(license, "utf8")) {
      found.push({ file: `${folder}/LICENSE`, message: "differs from the one of the root" })
    }
  }
  return found
}

/** How dependencies are written: effect as a peer, workspace packages by `workspace:^`, peers covered by dev ranges. */
export const checkRanges = (workspace: Workspace): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  const names = new Set(workspace.packages.map(({ name }) => name))
  const resolve = (name: string, range: string): string =>
    range.startsWith("catalog:") ? (workspace.catalogs[range.slice(8) || "default"]?.[name] ?? range) : range
  for (const { folder, isPublic, manifest } of workspace.packages) {
    const report = (message: string) => found.push({ file: `${folder}/package.json`, message })
    const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = manifest
    for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies, ...peerDependencies })) {
      if (names.has(name) && range !== "workspace:^") report(`${name} must be workspace:^, not ${range}`)
    }
    if (!isPublic) continue
    if (dependencies["effect"] !== undefined) {
      report("effect must not be a dependency but a peer, or users get a second copy of it")
    }
    if (peerDependencies["effect"] !== "catalog:peers") {
      report(`peerDependencies.effect must be catalog:peers, not ${peerDependencies["effect"] ?? "missing"}`)
    }
    for (const [name, range] of Object.entries(peerDependencies)) {
      const [peer, dev] = [resolve(name, range), devDependencies[name] && resolve(name, devDependencies[name])]
      if (dev === undefined) report(`${name} is a peer: name it in devDependencies as well, to say what is tested`)
      else if (!names.has(name) && !isInside(dev, peer)) {
        report(`the tested range ${dev} of ${name} is not inside the promised range ${peer}`)
      }
    }
  }
  return found
}

/** Declared and imported packages must be the same, in both directions. */
export const checkDeclared = (workspace: Workspace): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  const tools = Object.keys(workspace.manifest.devDependencies ?? {})
  for (const { files, folder, isPublic, manifest, name } of workspace.packages) {
    const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = manifest
    const shipped = Object.keys({ ...dependencies, ...peerDependencies })
    const declared = new Set(isPublic ? shipped : [...shipped, ...Object.keys(devDependencies)])
    const anywhere = new Set([...shipped, ...Object.keys(devDependencies), ...tools, name])
    const inSource = new Set<string>()
    const inTests = new Set<string>()
    for (const { area, imports, path } of files) {
      for (const { specifier } of imports) {
        if (/^(\.|\/|#|node:|virtual:)/.test(specifier)) continue
        const target = packageOf(specifier)
        ;(area === "src" ? inSource : inTests).add(target)
        if (area === "src" ? !declared.has(target) && target !== name : !anywhere.has(target)) {
          const where =
            area !== "src" ? "devDependencies" : isPublic ? "dependencies or peerDependencies" : "dependencies"
          found.push({ file: `${folder}/${path}`, message: `imports ${target}, which ${where} do not name` })
        }
      }
    }
    const excused = neededUnseen[name] ?? {}
    const report = (target: string, section: string, where: string) => {
      if (excused[target] !== undefined || target.startsWith("@types/")) return
      found.push({ file: `${folder}/package.json`, message: `${section}.${target} is imported nowhere in ${where}` })
    }
    for (const target of Object.keys(dependencies)) {
      if (!inSource.has(target) && (isPublic || !inTests.has(target))) {
        report(target, "dependencies", isPublic ? "src" : "the package")
      }
    }
    for (const target of Object.keys(peerDependencies)) {
      if (!inSource.has(target)) report(target, "peerDependencies", "src")
    }
    for (const target of Object.keys(devDependencies)) {
      if (peerDependencies[target] === undefined && !inTests.has(target) && !inSource.has(target)) {
        report(target, "devDependencies", "the package")
      }
    }
  }
  return found
}

/** The root tsconfig.json is the list of what is type-checked: every project of every package must be there. */
export const checkProjects = (workspace: Workspace): ReadonlyArray<Violation> => {
  const path = join(workspace.root, "tsconfig.json")
  if (!existsSync(path)) return []
  const text = readFileSync(path, "utf8")
  const listed = new Set([...text.matchAll(/"path": *"([^"]+)"/g)].map(([, reference]) => reference))
  return workspace.packages.flatMap(({ folder }) =>
    ["", "/tsconfig.test.json"]
      .filter((project) => existsSync(join(workspace.root, folder, project === "" ? "tsconfig.json" : project)))
      .filter((project) => !listed.has(folder + project))
      .map((project) => ({ file: "tsconfig.json", message: `references must name ${folder}${project}` }))
  )
}
