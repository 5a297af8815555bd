import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { check, fix } from "../shape.ts"
import { importsOf } from "../shape/imports.ts"
import { checkModules, cyclesOf } from "../shape/modules.ts"
import { isInside, readCatalogs, readWorkspace } from "../shape/workspace.ts"
import { type Files, json, manifest, place, sound } from "./fixture.ts"

const core = "packages/orchestrator-core"
const scout = "packages/agents/scout"
const feeds = "packages/adapters/feeds"

const violations = (files: Files): ReadonlyArray<string> => {
  using placed = place(files)
  return check(readWorkspace(placed.root)).map(({ file, message }) => `${file}: ${message}`)
}

/** Changes fields of a manifest; a field set to undefined goes away. */
const edit =
  (folder: string, fields: Readonly<Record<string, unknown>>) =>
  (files: Files): void => {
    const path = `${folder}/package.json`
    files[path] = json({ ...JSON.parse(files[path] ?? "{}"), ...fields })
  }
const write =
  (path: string, text: string) =>
  (files: Files): void => {
    files[path] = text
  }
const append =
  (path: string, text: string) =>
  (files: Files): void => {
    files[path] = text + (files[path] ?? "")
  }
const remove =
  (path: string) =>
  (files: Files): void => {
    delete files[path]
  }

test("a sound workspace has no violations", () => {
  expect(violations(sound())).toEqual([])
})

const metadata: ReadonlyArray<readonly [field: string, value: unknown, message: string]> = [
  ["name", "@aria/scout", "name must be @aria/agents-scout, as the folder says"],
  ["version", "1", "version must be a full version"],
  ["version", "0.2.0", "version must be 0.1.0: all packages of ARIA share one"],
  ["description", undefined, "description must say in a sentence what the package is"],
  ["keywords", ["effect"], 'keywords must have "aria" and "effect"'],
  ["license", "ISC", "license must be MIT"],
  ["repository", { url: "git+https://github.com/aria-agents/aria.git" }, `repository.directory must be ${scout}`],
  ["repository", { directory: scout }, "repository.url must be git+https://….git"],
  ["homepage", undefined, `homepage must be https://github.com/aria-agents/aria/tree/main/${scout}`],
  ["bugs", undefined, "bugs must be https://github.com/aria-agents/aria/issues"],
  ["author", undefined, "author is missing"],
  ["engines", undefined, "engines.node is missing"],
  ["type", "commonjs", "type must be module"],
  ["sideEffects", true, "sideEffects must be false"],
  ["exports", { ".": "./src/index.ts", "./*": "./src/*.ts" }, 'exports["./internal/*"] must be null'],
  ["exports", { ".": "./dist/index.js" }, 'exports["."] must be ./src/index.ts, so that the workspace needs no build'],
  ["exports", { ".": "./src/index.ts" }, "exports and publishConfig.exports must have the same keys in the same order"],
  ["publishConfig", { access: "public" }, "publishConfig.exports must lead to ./dist/"],
  ["publishConfig", { access: "public", exports: {} }, 'publishConfig.exports["./internal/*"] must be null'],
  ["publishConfig", {}, "publishConfig.access must be public"],
  ["files", ["dist"], "files must have dist, src and !**/*.tsbuildinfo"]
]

const broken: ReadonlyArray<readonly [title: string, change: (files: Files) => void, violation: string]> = [
  ...metadata.map(
    ([field, value, message]) =>
      [
        `${field} is ${JSON.stringify(value)}`,
        edit(scout, { [field]: value }),
        `${scout}/package.json: ${message}`
      ] as const
  ),
  ["no README", remove(`${scout}/README.md`), `${scout}/README.md: is missing`],
  ["no LICENSE", remove(`${scout}/LICENSE`), `${scout}/LICENSE: is missing: copy the one of the root`],
  ["another LICENSE", write(`${scout}/LICENSE`, "GPL"), `${scout}/LICENSE: differs from the one of the root`],
  [
    "effect as a dependency",
    edit(core, { dependencies: { effect: "catalog:" } }),
    `${core}/package.json: effect must not be a dependency but a peer, or users get a second copy of it`
  ],
  [
    "effect as a peer with a range of its own",
    edit(core, { peerDependencies: { effect: "^4.0.0" } }),
    `${core}/package.json: peerDependencies.effect must be catalog:peers, not ^4.0.0`
  ],
  [
    "a peer that is not installed for tests",
    edit(core, { devDependencies: {} }),
    `${core}/package.json: effect is a peer: name it in devDependencies as well, to say what is tested`
  ],
  [
    "a tested version outside the promised range",
    edit(core, { devDependencies: { effect: "4.2.0" } }),
    `${core}/package.json: the tested range 4.2.0 of effect is not inside the promised range ~4.1.0`
  ],
  [
    "a workspace package by version",
    edit(scout, { dependencies: { "@aria/orchestrator-core": "^0.1.0" } }),
    `${scout}/package.json: @aria/orchestrator-core must be workspace:^, not ^0.1.0`
  ],
  [
    "an import of an undeclared package in src",
    append(`${scout}/src/Scout.ts`, 'import "left-pad/x"\n'),
    `${scout}/src/Scout.ts: imports left-pad, which dependencies or peerDependencies do not name`
  ],
  [
    "an import of an undeclared package in a test",
    append(`${scout}/test/Scout.test.ts`, 'import "left-pad"\n'),
    `${scout}/test/Scout.test.ts: imports left-pad, which devDependencies do not name`
  ],
  [
    "a dependency that only tests import",
    edit(scout, {
      dependencies: { "@aria/orchestrator-core": "workspace:^", "@aria/testkit": "workspace:^" },
      devDependencies: { effect: "catalog:" }
    }),
    `${scout}/package.json: dependencies.@aria/testkit is imported nowhere in src`
  ],
  [
    "a devDependency that nothing imports",
    edit(core, { devDependencies: { effect: "catalog:", "left-pad": "1.0.0" } }),
    `${core}/package.json: devDependencies.left-pad is imported nowhere in the package`
  ],
  ["a package that is not type-checked", write("tsconfig.json", "{}"), `tsconfig.json: references must name ${scout}`],
  [
    "core imports another package of the registry",
    append(`${core}/src/Agent.ts`, 'import type { X } from "zod"\n'),
    `${core}/src/Agent.ts: core must not import zod, only effect`
  ],
  [
    "core imports Node",
    append(`${core}/src/Agent.ts`, 'import "node:fs"\n'),
    `${core}/src/Agent.ts: core must not import node:fs`
  ],
  [
    "core imports the testkit in a test",
    append(`${core}/test/Agent.test.ts`, 'import "@aria/testkit"\n'),
    `${core}/test/Agent.test.ts: core must not import testkit (@aria/testkit)`
  ],
  [
    "an agent imports an adapter",
    append(`${scout}/src/Scout.ts`, 'import type { Feeds } from "@aria/adapter-feeds"\n'),
    `${scout}/src/Scout.ts: agents must not import adapters (@aria/adapter-feeds)`
  ],
  [
    "an adapter loads an agent later",
    append(`${feeds}/src/Feeds.ts`, 'export const later = () => import("@aria/agents-scout")\n'),
    `${feeds}/src/Feeds.ts: adapters must not import agents (@aria/agents-scout)`
  ],
  [
    "an agent imports the testkit in src",
    append(`${scout}/src/Scout.ts`, 'import "@aria/testkit"\n'),
    `${scout}/src/Scout.ts: src must not import @aria/testkit: agents use testkit only in tests and examples`
  ],
  [
    "the testkit imports an agent",
    append("packages/testkit/src/Suite.ts", 'export { Scout } from "@aria/agents-scout"\n'),
    "packages/testkit/src/Suite.ts: testkit must not import agents (@aria/agents-scout)"
  ],
  [
    "an import of another package's internals",
    append(`${scout}/src/Scout.ts`, 'import "@aria/orchestrator-core/internal/engine"\n'),
    `${scout}/src/Scout.ts: @aria/orchestrator-core/internal/engine is internal to @aria/orchestrator-core`
  ],
  [
    "an import of another package's src",
    append(`${scout}/test/Scout.test.ts`, 'import "@aria/orchestrator-core/src/Agent.ts"\n'),
    `${scout}/test/Scout.test.ts: @aria/orchestrator-core/src/Agent.ts is internal to @aria/orchestrator-core`
  ],
  [
    "an import of a module that does not exist",
    append(`${scout}/src/Scout.ts`, 'import "@aria/testkit/Nothing"\n'),
    `${scout}/src/Scout.ts: @aria/testkit/Nothing does not exist: @aria/testkit has Suite`
  ],
  [
    "a path into another package",
    append(`${scout}/test/Scout.test.ts`, 'import "../../../orchestrator-core/src/Agent.ts"\n'),
    `${scout}/test/Scout.test.ts: ../../../orchestrator-core/src/Agent.ts leaves the package: import the other package by its name`
  ],
  [
    "src imports a test",
    append(`${scout}/src/Scout.ts`, 'import "../test/Scout.test.ts"\n'),
    `${scout}/src/Scout.ts: ../test/Scout.test.ts leaves src`
  ],
  [
    "an example imports by path",
    append(`${scout}/examples/second.ts`, 'import "../src/Scout.ts"\n'),
    `${scout}/examples/second.ts: ../src/Scout.ts leaves examples: import the package by its name, as its users do`
  ],
  [
    "a package imports itself by name",
    append(`${scout}/src/Scout.ts`, 'import "@aria/agents-scout"\n'),
    `${scout}/src/Scout.ts: imports its own package by name: use ./….ts`
  ],
  [
    "a module against the arrow, types only",
    append(`${core}/src/Agent.ts`, 'import type { y } from "./Task.ts"\n'),
    `${core}/src/Agent.ts: must not import Task: wrong direction`
  ],
  [
    "a module against the arrow, by way of an internal one",
    (files) => {
      append(`${core}/src/Agent.ts`, 'import "./internal/hidden.ts"\n')(files)
      write(`${core}/src/internal/hidden.ts`, 'import "../Plan.ts"\n')(files)
    },
    `${core}/src/Agent.ts: must not import Plan (Agent → internal/hidden → Plan): wrong direction`
  ],
  [
    "usage imports the budget",
    append(`${core}/src/Usage.ts`, 'import type { used } from "./Budget.ts"\n'),
    `${core}/src/Usage.ts: must not import Budget: wrong direction`
  ],
  [
    "the budget imports the engine",
    append(`${core}/src/Budget.ts`, 'import type { run } from "./internal/engine.ts"\n'),
    `${core}/src/Budget.ts: must not import internal/engine: wrong direction`
  ],
  [
    "an import cycle",
    (files) => {
      append(`${scout}/src/Scout.ts`, 'import "./internal/a.ts"\n')(files)
      write(`${scout}/src/internal/a.ts`, 'import { s } from "../Scout.ts"\nexport const t = s\n')(files)
    },
    `${scout}/src/Scout.ts: is part of an import cycle: Scout → internal/a → Scout`
  ],
  [
    "a drawer",
    write(`${scout}/test/helpers.ts`, ""),
    `${scout}/test/helpers.ts: helpers.ts says nothing about what is inside`
  ],
  [
    "a folder that is a drawer",
    write(`${scout}/src/shared/x.ts`, ""),
    `${scout}/src/shared/x.ts: shared says nothing about what is inside`
  ],
  [
    "a public module in camelCase",
    write(`${scout}/src/scoring.ts`, ""),
    `${scout}/src/scoring.ts: a public module is named in PascalCase`
  ],
  [
    "an internal module in PascalCase",
    write(`${scout}/src/internal/Scoring.ts`, ""),
    `${scout}/src/internal/Scoring.ts: an internal module is named in camelCase`
  ],
  [
    "a module in a folder of its own",
    write(`${scout}/src/scoring/Score.ts`, ""),
    `${scout}/src/scoring/Score.ts: modules live in src or src/internal, nowhere else`
  ],
  [
    "a module that the barrel leaves out",
    write(`${scout}/src/Score.ts`, ""),
    `${scout}/src/index.ts: is not the list of the package's modules: \`pnpm run shape --fix\``
  ],
  [
    "a barrel with code in it",
    append(`${scout}/src/index.ts`, "export const version = 1\n"),
    `${scout}/src/index.ts: is not the list of the package's modules: \`pnpm run shape --fix\``
  ],
  [
    "a quote that differs from its file",
    write(`${scout}/examples/first.ts`, 'console.log("second")\n'),
    `${scout}/README.md: the block of examples/first.ts differs from the file: \`pnpm run examples --fix\``
  ],
  [
    "a quote of a file that is missing",
    remove(`${scout}/examples/first.ts`),
    `${scout}/README.md: quotes examples/first.ts, which is not a file in an examples/ folder below it`
  ],
  [
    "a marker without a block",
    write(`${scout}/README.md`, "# Scout\n\n<!-- example: examples/first.ts -->\n\n```ts\n```\n"),
    `${scout}/README.md: the marker of examples/first.ts must be followed by a ts block`
  ],
  [
    "a README without an example",
    write(`${scout}/README.md`, "# Scout\n"),
    `${scout}/README.md: quotes no example: add a line \`<!-- example: examples/<file>.ts -->\``
  ],
  [
    "a table of packages that is out of date",
    edit(scout, { description: "Watches companies in the news." }),
    "README.md: its table of packages is out of date: `pnpm run shape --fix`"
  ],
  [
    "a root README without the table",
    write("README.md", "# ARIA\n"),
    "README.md: has no <!-- packages --> and <!-- /packages --> markers"
  ],
  [
    "a link to nothing",
    write("CONTRIBUTING.md", "See [the plan](decisions/plan.md#why).\n"),
    "CONTRIBUTING.md: links to decisions/plan.md, which is missing"
  ],
  [
    "another version of pnpm",
    append("README.md", "`npx pnpm@12.20.9 run x`\n\n"),
    "README.md: names pnpm@12.20.9, but packageManager is pnpm@12.21.0"
  ],
  [
    "a changeset of a package that does not exist",
    write(".changeset/brave-cats-sing.md", '---\n"@aria/agents-scuot": minor\n---\n\nText.\n'),
    ".changeset/brave-cats-sing.md: names @aria/agents-scuot, which is not a published package here"
  ],
  [
    "a changeset with a bump that does not exist",
    write(".changeset/brave-cats-sing.md", '---\n"@aria/agents-scout": big\n---\n\nText.\n'),
    '.changeset/brave-cats-sing.md: "@aria/agents-scout": big is not "package": major, minor or patch'
  ],
  [
    "a changeset that says nothing",
    write(".changeset/brave-cats-sing.md", '---\n"@aria/agents-scout": minor\n---\n'),
    ".changeset/brave-cats-sing.md: says nothing: one sentence from the user's side"
  ],
  [
    "a package in a place of no kind",
    write("packages/extra/package.json", json(manifest("@aria/extra", "packages/extra"))),
    "packages/extra: no kind of package lives here: name it in scripts/shape/arrows.ts"
  ],
  ["a file that does not parse", write(`${scout}/src/Scout.ts`, "import {"), `${scout}/src/Scout.ts: does not parse`]
]

describe("finds", () => {
  test.for(broken)("%s", ([, change, violation]) => {
    const files = sound()
    change(files)
    expect(violations(files)).toContainEqual(expect.stringContaining(violation))
  })
})

describe("allows", () => {
  const allowed: ReadonlyArray<readonly [title: string, change: (files: Files) => void]> = [
    [
      "a private package without metadata",
      write("apps/demo/package.json", json({ name: "@aria/demo", private: true }))
    ],
    ["a doc comment above the barrel", append(`${scout}/src/index.ts`, "/** Watches companies. */\n\n")],
    [
      "links in code",
      append("README.md", "```md\n[x](nowhere.md)\n```\n\n`[x](nowhere.md)` [web](https://x.example)\n\n")
    ],
    ["a sound changeset", write(".changeset/a.md", '---\n"@aria/agents-scout": minor\n---\n\nScout reads French.\n')],
    [
      "an import in a comment or a string",
      append(`${core}/src/Agent.ts`, '/** import "zod" */\nconst a = `import "zod"`\n')
    ],
    ["generated mutants", write(`packages/testkit/.mutants/m/src/utils.ts`, "import {")]
  ]
  test.for(allowed)("%s", ([, change]) => {
    const files = sound()
    change(files)
    expect(violations(files)).toEqual([])
  })

  test("types against an arrow whose rule says so", () => {
    const files = sound()
    append(`${core}/src/Agent.ts`, 'import type { y } from "./Task.ts"\n')(files)
    using placed = place(files)
    const rule = { package: "@aria/orchestrator-core", from: ["Agent"], to: ["Task"] }
    const workspace = readWorkspace(placed.root)
    expect(checkModules(workspace, [{ ...rule, types: false }])).toEqual([])
    expect(checkModules(workspace, [{ ...rule, types: true }])).toHaveLength(1)
  })

  test("a cycle of types alone, which it counts", () => {
    const files = sound()
    append(`${scout}/src/Scout.ts`, 'import type { t } from "./internal/a.ts"\n')(files)
    write(`${scout}/src/internal/a.ts`, 'import { s } from "../Scout.ts"\nexport const t = s\n')(files)
    expect(violations(files)).toEqual([])
    using placed = place(files)
    const self = readWorkspace(placed.root).packages.find(({ folder }) => folder === scout)
    expect(self && cyclesOf(self, true)).toHaveLength(1)
    expect(self && cyclesOf(self, false)).toHaveLength(0)
  })
})

test("--fix writes barrels, quotes and the table, and leaves the rest alone", () => {
  const files = sound()
  write(`${scout}/src/Score.ts`, "export {}\n")(files)
  write(`${scout}/examples/first.ts`, 'console.log("$& second")\n')(files)
  edit(scout, { description: "Watches companies in the news, for $& money." })(files)
  using placed = place(files)
  const readme = readFileSync(join(placed.root, scout, "README.md"), "utf8")
  expect(fix(placed.root).toSorted()).toEqual(["README.md", `${scout}/README.md`, `${scout}/src/index.ts`])
  expect(check(readWorkspace(placed.root))).toEqual([])
  expect(readFileSync(join(placed.root, scout, "README.md"), "utf8")).toBe(
    readme.replace('first")', () => '$& second")')
  )
  expect(readFileSync(join(placed.root, scout, "src/index.ts"), "utf8")).toBe(
    'export * as Score from "./Score.ts"\nexport * as Scout from "./Scout.ts"\n'
  )
  expect(fix(placed.root)).toEqual([])
})

test("reads imports of every form", () => {
  const text = `import "a"; import b from "b"; import type { C } from "c"; import { type D } from "d"; export * from "e"
    export type { F } from "f"; export { g } from "g"; const h = await import("h"); type I = import("i").I; export {}`
  expect(importsOf("x.ts", text).map(({ kind, specifier }) => `${specifier} ${kind}`)).toEqual([
    "a static",
    "b static",
    "c type",
    "d static",
    "e static",
    "f type",
    "g static",
    "h dynamic",
    "i type"
  ])
})

test("reads catalogs", () => {
  const yaml =
    'catalog:\n  "@a/b": ^1.0.0\n  c: 2.0.0 # why\nallowBuilds:\n  d: true\ncatalogs:\n  peers:\n    c: ~2.0.0\n'
  expect(readCatalogs(yaml)).toEqual({
    default: { "@a/b": "^1.0.0", c: "2.0.0" },
    peers: { c: "~2.0.0" }
  })
})

test.for([
  ["4.1.0", "~4.1.0", true],
  ["4.2.0", "~4.1.0", false],
  ["4.2.0", "^4.1.0", true],
  ["^4.1.0", "~4.1.0", false],
  ["~4.1.3", "^4.1.0", true],
  ["5.0.0", "^4.1.0", false],
  ["4.0.9", "^4.1.0", false],
  ["0.1.5", "^0.1.0", true],
  ["0.2.0", "^0.1.0", false],
  ["4.1.0", ">=4.0.0 <5.0.0", true],
  ["5.0.0", ">=4.0.0 <5.0.0", false],
  ["9.0.0", ">=4.0.0", true],
  ["latest", "^4.1.0", false]
] as const)("%s inside %s: %s", ([inner, outer, expected]) => {
  expect(isInside(inner, outer)).toBe(expected)
})
