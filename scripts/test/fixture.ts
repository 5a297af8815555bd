import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** A workspace as text: path to content. */
export type Files = Record<string, string>

const web = "https://github.com/aria-agents/aria"
const exportsTo = (source: unknown, rest: unknown) => ({ ".": source, "./*": rest, "./internal/*": null })

export const manifest = (name: string, folder: string, fields: Readonly<Record<string, unknown>> = {}) => ({
  name,
  version: "0.1.0",
  description: "A package that exists to be checked by tests.",
  keywords: ["aria", "effect"],
  homepage: `${web}/tree/main/${folder}`,
  bugs: `${web}/issues`,
  license: "MIT",
  author: "The ARIA authors",
  repository: { type: "git", url: `git+${web}.git`, directory: folder },
  files: ["dist", "src", "!**/*.tsbuildinfo"],
  type: "module",
  sideEffects: false,
  exports: exportsTo("./src/index.ts", "./src/*.ts"),
  publishConfig: {
    access: "public",
    exports: exportsTo(
      { types: "./dist/index.d.ts", default: "./dist/index.js" },
      { types: "./dist/*.d.ts", default: "./dist/*.js" }
    )
  },
  devDependencies: { effect: "catalog:" },
  peerDependencies: { effect: "catalog:peers" },
  engines: { node: ">=22.19" },
  ...fields
})

export const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
const readme = (code: string) =>
  `# A package\n\n<!-- example: examples/first.ts -->\n\`\`\`ts\n${code}\`\`\`\n\nThe end.\n`

const useEffect = 'import * as Effect from "effect/Effect"\nexport const x = Effect.void\n'
const core = "packages/orchestrator-core"
const scout = "packages/agents/scout"
const feeds = "packages/adapters/feeds"
const agent = {
  dependencies: { "@aria/orchestrator-core": "workspace:^" },
  devDependencies: { "@aria/testkit": "workspace:^", effect: "catalog:" }
}

const packageFiles = (folder: string, fields: object, files: Files): Files => ({
  [`${folder}/package.json`]: json(fields),
  [`${folder}/LICENSE`]: "MIT License\n",
  [`${folder}/README.md`]: readme('console.log("first")\n'),
  [`${folder}/examples/first.ts`]: 'console.log("first")\n',
  ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]))
})

/** A small workspace in which nothing is wrong. */
export const sound = (): Files => ({
  "package.json": json({
    name: "aria",
    private: true,
    packageManager: "pnpm@12.21.0",
    devDependencies: { vitest: "catalog:" }
  }),
  "pnpm-workspace.yaml":
    "packages:\n  - packages/*\ncatalog:\n  effect: 4.1.0\ncatalogs:\n  peers:\n    effect: ~4.1.0\n",
  "tsconfig.json": json({ references: [core, "packages/testkit", scout, feeds].map((path) => ({ path })) }),
  LICENSE: "MIT License\n",
  "README.md": [
    "# ARIA\n\n<!-- packages -->\n| Package | What it is |\n| --- | --- |",
    ...[
      ["orchestrator-core", core],
      ["testkit", "packages/testkit"],
      ["agents-scout", scout],
      ["adapter-feeds", feeds]
    ].map(([name, path]) => `| [\`@aria/${name}\`](${path}) | A package that exists to be checked by tests. |`),
    "<!-- /packages -->\n"
  ].join("\n"),
  ...packageFiles(core, manifest("@aria/orchestrator-core", core), {
    "tsconfig.json": "{}",
    "src/index.ts": ["Agent", "Budget", "Orchestrator", "Plan", "Task", "Usage"]
      .map((name) => `export * as ${name} from "./${name}.ts"\n`)
      .join(""),
    "src/Agent.ts": useEffect,
    "src/Task.ts": 'import { x } from "./Agent.ts"\nexport const y = x\n',
    "src/Plan.ts": 'import type * as Task from "./Task.ts"\nexport type T = typeof Task.y\n',
    "src/Orchestrator.ts": 'import * as Engine from "./internal/engine.ts"\nexport const run = Engine.run\n',
    "src/Usage.ts": useEffect,
    "src/Budget.ts": 'import * as Usage from "./Usage.ts"\nexport const used = Usage.x\n',
    "src/internal/engine.ts": 'import type * as Plan from "../Plan.ts"\nexport const run = (_: Plan.T) => 0\n',
    "test/Agent.test.ts":
      'import { test } from "vitest"\nimport { x } from "../src/Agent.ts"\ntest(String(x), () => {})\n'
  }),
  ...packageFiles(
    "packages/testkit",
    manifest("@aria/testkit", "packages/testkit", { dependencies: { "@aria/orchestrator-core": "workspace:^" } }),
    {
      "tsconfig.json": "{}",
      "src/index.ts": 'export * as Suite from "./Suite.ts"\n',
      "src/Suite.ts":
        'import * as Agent from "@aria/orchestrator-core/Agent"\nimport "effect"\nexport const s = Agent.x\n'
    }
  ),
  ...packageFiles(scout, manifest("@aria/agents-scout", scout, agent), {
    "tsconfig.json": "{}",
    "src/index.ts": 'export * as Scout from "./Scout.ts"\n',
    "src/Scout.ts": 'import { Agent } from "@aria/orchestrator-core"\nimport "effect"\nexport const s = Agent.x\n',
    "test/Scout.test.ts": 'import { Suite } from "@aria/testkit"\nexport const s = Suite.s\n'
  }),
  ...packageFiles(feeds, manifest("@aria/adapter-feeds", feeds, agent), {
    "tsconfig.json": "{}",
    "src/index.ts": 'export * as Feeds from "./Feeds.ts"\n',
    "src/Feeds.ts": 'import { Agent } from "@aria/orchestrator-core"\nimport "effect"\nexport const s = Agent.x\n',
    "test/Feeds.test.ts": 'import { Suite } from "@aria/testkit"\nexport const s = Suite.s\n'
  })
})

/** Writes a workspace into a folder of its own, which goes away with the returned value. */
export const place = (files: Files): Disposable & { readonly root: string } => {
  const root = mkdtempSync(join(tmpdir(), "aria-shape-"))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) }
}
