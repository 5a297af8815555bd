/**
 * Packs every published package as it will be published, lints the tarballs, installs them into a fresh project,
 * and type-checks and runs there an import of every module and every example. The packages must be built.
 */
import { execFile, spawnSync } from "node:child_process"
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join, resolve } from "node:path"
import { packageOf } from "./shape/imports.ts"
import { modulesOf, type Package, readWorkspace } from "./shape/workspace.ts"

const root = resolve(import.meta.dirname, "..")
const workspace = readWorkspace(root)
const packages = workspace.packages.filter(({ isPublic }) => isPublic)
const temp = mkdtempSync(join(tmpdir(), "aria-pack-"))
const consumer = join(temp, "consumer")
// The pinned Node and the tools of the workspace, also when this script is started by its path.
const env = { ...process.env, NO_COLOR: "1", PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}` }
let steps = 0
let failures = 0

const run = (command: string, args: ReadonlyArray<string>, cwd: string): Promise<string> =>
  new Promise((done, fail) => {
    const child = execFile(command, args, { cwd, env, timeout: 300_000, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      error === null ? done(stdout) : fail(new Error(`${stdout}${stderr}`.trim() || error.message))
    )
    child.stdin?.end()
  })

const step = async (title: string, body: () => unknown): Promise<boolean> => {
  const start = performance.now()
  steps++
  try {
    await body()
    console.log(`passed  ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
    return true
  } catch (error) {
    failures++
    console.log(`FAILED  ${title}\n${error instanceof Error ? error.message : String(error)}`)
    return false
  }
}

/** Two at a time: what runs here is mostly the start of a process. */
const each = async <A>(items: ReadonlyArray<A>, body: (item: A) => Promise<unknown>) => {
  const queue = [...items]
  const work = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await body(item)
  }
  await Promise.all([work(), work()])
}

const pnpm: readonly [string, ...Array<string>] =
  spawnSync("pnpm", ["--version"], { env }).status === 0
    ? ["pnpm"]
    : ["npx", "--yes", String(workspace.manifest["packageManager"])]
const [packer, ...packerArgs] = pnpm

const tarballOf = ({ manifest, name }: Package) =>
  join(temp, `${name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`)

/** What must be in a tarball, and what must not. */
const checkContents = (self: Package, listing: string): void => {
  const files = new Set(listing.split("\n").map((line) => line.replace(/^package\//, "")))
  const wanted = ["README.md", "LICENSE", "package.json"].concat(
    ["index", ...modulesOf(self)].flatMap((module) => [
      `src/${module}.ts`,
      `dist/${module}.js`,
      `dist/${module}.js.map`,
      `dist/${module}.d.ts`,
      `dist/${module}.d.ts.map`
    ])
  )
  const problems = [
    ...wanted.filter((file) => !files.has(file)).map((file) => `${file} is not in the tarball`),
    ...[...files]
      .filter((file) => /^dist\/.*\.(d\.ts|js)$/.test(file) && !/^dist\/[\w.]+-[A-Z0-9]{8}\.js$/.test(file))
      .filter((file) => !files.has(file.replace(/^dist(.*?)\.(d\.ts|js)$/, "src$1.ts")))
      .map((file) => `${file} is left over from a source that is gone: remove the folder dist`),
    ...[...files]
      .filter((file) => /\.tsbuildinfo$|^(test|node_modules)\//.test(file))
      .map((file) => `${file} is too much`)
  ]
  if (problems.length > 0) throw new Error(problems.join("\n"))
}

/** The version of a package that the workspace itself has installed for `folder`. */
const installed = (name: string, folder: string): string | undefined => {
  const path = [folder, ""].map((place) => join(root, place, "node_modules", name, "package.json")).find(existsSync)
  return path === undefined ? undefined : JSON.parse(readFileSync(path, "utf8")).version
}

const packed: Array<Package> = []
await each(packages, async (self) => {
  const done = await step(`pack ${self.name}`, () =>
    run(packer, [...packerArgs, "pack", "--pack-destination", temp, "--loglevel", "warn"], join(root, self.folder))
  )
  if (!done) return
  packed.push(self)
  await step(`contents of ${self.name}`, async () =>
    checkContents(self, await run("tar", ["-tzf", tarballOf(self)], temp))
  )
  await step(`publint ${self.name}`, () => run("publint", ["run", "--strict", tarballOf(self)], root))
  await step(`attw ${self.name}`, () =>
    run("attw", ["--profile", "esm-only", "--no-emoji", "--no-color", tarballOf(self)], root)
  )
})

packed.sort((a, b) => a.folder.localeCompare(b.folder))
const everything = packed.flatMap((self) => [self.name, ...modulesOf(self).map((module) => `${self.name}/${module}`)])

const compilerOptions = {
  target: "es2024",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  noEmit: true,
  // Only Node's own rule: a file of TypeScript imports another one by its full name.
  allowImportingTsExtensions: true
}
const standard = ["es2024", "esnext.disposable"]
// Effect's own declarations name types of the DOM (CryptoKey), so whoever checks libraries must have them.
const checked = { lib: [...standard, "dom"], skipLibCheck: false }
const projects = {
  nodenext: { module: "nodenext", moduleResolution: "nodenext", ...checked },
  bundler: { module: "esnext", moduleResolution: "bundler", ...checked },
  "nodenext without DOM": { module: "nodenext", moduleResolution: "nodenext", lib: standard, skipLibCheck: true }
}
const projectFile = (title: string) => `tsconfig.${title.replaceAll(" ", "-")}.json`

mkdirSync(join(consumer, "examples"), { recursive: true })
const examples: Array<{ readonly self: Package; readonly file: string }> = []
const needed: Record<string, string> = {}
for (const self of packed) {
  const files = globSync("examples/*.ts", { cwd: join(root, self.folder) })
  if (files.length === 0) continue
  const folder = join("examples", self.name.replace(/^@aria\//, ""))
  cpSync(join(root, self.folder, "examples"), join(consumer, folder), { recursive: true })
  examples.push(...files.sort().map((path) => ({ self, file: join(folder, basename(path)) })))
  for (const { area, imports } of self.files) {
    if (area !== "examples") continue
    for (const { specifier } of imports) {
      const name = packageOf(specifier)
      const version = /^(\.|node:|@aria\/)/.test(specifier) ? undefined : installed(name, self.folder)
      if (version !== undefined) needed[name] = version
    }
  }
}

const write = (name: string, content: unknown) =>
  writeFileSync(join(consumer, name), typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`)
const versions = ["effect", "typescript", "@types/node"].map((name) => [
  name,
  installed(name, packages[0]?.folder ?? "")
])
write("package.json", {
  name: "consumer",
  private: true,
  type: "module",
  dependencies: {
    ...needed,
    ...Object.fromEntries(versions),
    ...Object.fromEntries(packed.map((self) => [self.name, `file:${tarballOf(self)}`]))
  }
})
write(
  "main.ts",
  [
    ...everything.map((name, index) => `import * as module${index} from "${name}"`),
    `const modules = { ${everything.map((name, index) => `"${name}": module${index}`).join(", ")} }`,
    "for (const [name, module] of Object.entries(modules)) {",
    "  if (typeof module !== 'object') throw new Error(`${name} is not a module`)",
    "}",
    "console.log(`${Object.keys(modules).length} modules load under Node ${process.versions.node}`)",
    ""
  ].join("\n")
)
for (const [title, options] of Object.entries(projects)) {
  write(projectFile(title), {
    compilerOptions: { ...compilerOptions, ...options },
    include: ["main.ts", "examples"]
  })
}

const ready = await step(`install ${packed.length} tarballs with npm`, () => {
  // npm would look for the missing ones in the registry, and might find somebody else's.
  if (packed.length < packages.length) throw new Error("not tried, because not every package could be packed")
  return run("npm", ["install", "--no-audit", "--no-fund", "--loglevel", "error"], consumer)
})
if (ready) {
  for (const title of Object.keys(projects)) {
    await step(`types of ${everything.length} modules and ${examples.length} examples, ${title}`, () =>
      run(join(consumer, "node_modules/.bin/tsc"), ["-p", projectFile(title)], consumer)
    )
  }
  await step(`import ${everything.length} modules`, () => run("node", ["main.ts"], consumer))
  await each(examples, ({ file }) => step(`run ${file}`, () => run("node", [file], consumer)))
}

// Kept when something failed, so that one can look.
if (failures === 0) rmSync(temp, { recursive: true })
else console.log(`The packed packages and the project that uses them are in ${temp}`)
console.log(`${packages.length} packages, ${steps - failures} of ${steps} steps passed`)
if (failures > 0 || packages.length === 0) process.exitCode = 1
