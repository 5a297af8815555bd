import { globSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { configDefaults, defineConfig } from "vitest/config"

const packages = globSync(
  ["packages/*/package.json", "packages/*/*/package.json", "apps/*/package.json"].concat([
    "templates/*/package.json",
    "benchmarks/package.json"
  ]),
  { cwd: import.meta.dirname, exclude: ["**/node_modules/**", "**/.mutants/**"] }
)
  .map(dirname)
  .sort()

export default defineConfig({
  server: { watch: { ignored: ["**/.mutants/**"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "**/.mutants/**"],
    passWithNoTests: true,
    reporters: ["default", ["json", { outputFile: "node_modules/.cache/vitest/results.json" }]],
    coverage: { provider: "v8", include: ["packages/**/src/**/*.ts"], reporter: ["text", "lcov"] },
    projects: [
      ...packages.map((root) => ({
        extends: true as const,
        root,
        test: {
          name: basename(root),
          globalSetup: globSync("test/*.setup.ts", { cwd: join(import.meta.dirname, root) })
        }
      })),
      { extends: true as const, root: "scripts", test: { name: "scripts" } }
    ]
  }
})
