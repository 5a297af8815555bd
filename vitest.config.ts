import { globSync } from "node:fs"
import { basename, dirname } from "node:path"
import { defineConfig } from "vitest/config"

const packages = globSync(["packages/{*,*/*}/package.json", "apps/*/package.json", "benchmarks/package.json"], {
  cwd: import.meta.dirname,
  exclude: ["**/node_modules/**"]
}).map(dirname)

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    passWithNoTests: true,
    reporters: ["default", ["json", { outputFile: "node_modules/.cache/vitest/results.json" }]],
    coverage: { provider: "v8", include: ["packages/**/src/**/*.ts"], reporter: ["text", "lcov"] },
    projects: [
      ...packages.map((root) => ({ extends: true as const, root, test: { name: basename(root) } })),
      { extends: true as const, root: "scripts", test: { name: "scripts" } }
    ]
  }
})
