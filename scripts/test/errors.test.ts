/** Whoever prints an error of this workspace sees its tag and its message, once each. */
import * as Arbitrary from "effect/Arbitrary"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { describe, expect, test } from "vitest"
import { readWorkspace } from "../shape/workspace.ts"

interface ErrorClass {
  new (fields: any): Error
  readonly identifier: string
  readonly fields: Readonly<Record<string, unknown>>
}

const root = resolve(import.meta.dirname, "../..")

const isErrorClass = (value: unknown): value is ErrorClass =>
  typeof value === "function" && value.prototype instanceof Error && "identifier" in value && "fields" in value

/** Every class of an error in the sources, from the module that makes it: exported ones and those of `internal`. */
const found = await Promise.all(
  readWorkspace(root).packages.flatMap(({ files, folder }) =>
    files
      .filter(({ area }) => area === "src")
      .map(async ({ path }) => {
        const file = join(root, folder, path)
        const written = readFileSync(file, "utf8").matchAll(/class\s+(\w+)\s+extends\s+Schema\.(?:Tagged)?Error\b/g)
        const names = Array.from(written, ([, name = ""]) => name)
        const module: Record<string, unknown> = names.length === 0 ? {} : await import(pathToFileURL(file).href)
        return names.map((name) => ({ name, file: `${folder}/${path}`, made: module[name] }))
      })
  )
)
const classes = found.flat()

/** How it is printed where nothing more is known than the error. */
const printed = (error: Error) => Cause.pretty(Cause.fail(error))
/** What may come after the message: places, and what caused it. */
const rest = /^(?: \{)?(?:\n +(?:at |\[cause\]: )[^]*)?$/

test("the errors of all packages are looked at", () => {
  const packages = new Set(classes.map(({ file }) => file.split("/src/")[0]))
  expect(packages).toContain("packages/orchestrator-core")
  expect(packages).toContain("packages/adapters/cluster")
  expect(packages).toContain("apps/demo")
  const unreachable = classes.filter(({ made }) => !isErrorClass(made)).map(({ file, name }) => `${name} of ${file}`)
  expect(unreachable, "an error has to be exported from its file to be looked at").toEqual([])
})

describe.each(classes)("$name of $file", ({ made, name }) => {
  test("has no field that stands for something else in an Error", () => {
    if (!isErrorClass(made)) throw new Error("is no class of an error")
    expect(Object.keys(made.fields)).not.toContain("name")
    expect(Object.keys(made.fields)).not.toContain("stack")
    expect(made.prototype.name).toBe(name)
  })

  test("is printed as its tag and its message, whatever is in it", async () => {
    if (!isErrorClass(made)) throw new Error("is no class of an error")
    const look = (error: Error) => {
      const text = printed(error)
      const start = `${name}: ${error.message}`
      expect(text.slice(0, start.length)).toBe(start)
      expect(text.slice(start.length)).toMatch(rest)
      if (!("cause" in made.fields)) return true
      const cause = new TypeError("what came before it")
      const caused = printed(new made({ ...error, message: error.message, cause }))
      expect(caused).toContain(`[cause]: ${cause.name}: ${cause.message}`)
      return true
    }
    const law = (error: Error) => Effect.try({ try: () => look(error), catch: String })
    const instances: Arbitrary.Arbitrary<any> = Arbitrary.schema(made as unknown as Schema.Codec<any>)
    const result = await Effect.runPromise(Arbitrary.checkEffect(instances, law, { runs: 30 }))
    expect(Arbitrary.formatCheckFailure(result)).toBe(undefined)
  })
})
