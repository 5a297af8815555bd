/**
 * Checks that each row of the parity table names tests that exist.
 * With `--results <file>` it looks them up in the JSON report of a run, else it asks vitest for a list.
 */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"

export interface Row {
  readonly line: number
  /** `file.test.ts > title`, as often as the last column has it. */
  readonly tests: ReadonlyArray<string>
}

export interface Test {
  readonly file: string
  /** Titles of the suites around it and its own. */
  readonly titles: ReadonlyArray<string>
  readonly status: string
}

const cellsOf = (line: string): ReadonlyArray<string> =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"))

/** The rows of every table whose last column is headed by something with "test" in it. */
export const rowsOf = (markdown: string): ReadonlyArray<Row> => {
  const rows: Array<Row> = []
  let inside = false
  let previous = ""
  for (const [index, line] of markdown.split("\n").entries()) {
    if (!line.trim().startsWith("|")) inside = false
    else if (/^\s*\|[\s:|-]+\|\s*$/.test(line)) inside = /test/i.test(cellsOf(previous).at(-1) ?? "")
    else if (inside) {
      const cell = cellsOf(line).at(-1) ?? ""
      const quoted = [...cell.matchAll(/`([^`]+\.test\.ts > [^`]+)`/g)].map(([, test = ""]) => test)
      const plain = cell.split(/<br ?\/?>/).map((part) => part.trim())
      const tests = quoted.length > 0 ? quoted : plain.filter((part) => part.includes(".test.ts > "))
      rows.push({ line: index + 1, tests })
    }
    previous = line
  }
  return rows
}

/** Whether `test` is what a row names: the file by its end, the title alone or with the suites around it. */
const isNamed = (name: string, test: Test): boolean => {
  const [file = "", ...titles] = name.split(" > ")
  const path = test.file.replaceAll("\\", "/")
  const wanted = titles.join(" > ")
  return (
    (path === file || path.endsWith(`/${file}`)) &&
    test.titles.some((_, index) => test.titles.slice(index).join(" > ") === wanted)
  )
}

/** What is wrong with the rows, in sentences. */
export const checkRows = (rows: ReadonlyArray<Row>, tests: ReadonlyArray<Test>): ReadonlyArray<string> =>
  rows.length === 0
    ? ["there is no table with a column of tests"]
    : rows.flatMap((row) => {
        if (row.tests.length === 0) return [`line ${row.line}: names no test as \`file.test.ts > title\``]
        return row.tests.flatMap((name) => {
          const test = tests.find((test) => isNamed(name, test))
          if (test === undefined) return [`line ${row.line}: there is no test ${name}`]
          return test.status === "todo" ? [`line ${row.line}: ${name} is still to be written`] : []
        })
      })

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly assertionResults: ReadonlyArray<{
      readonly ancestorTitles: ReadonlyArray<string>
      readonly title: string
      readonly status: string
    }>
  }>
}

const fromReport = (report: Report): ReadonlyArray<Test> =>
  report.testResults.flatMap(({ assertionResults, name }) =>
    assertionResults.map(({ ancestorTitles, status, title }) => ({
      file: name,
      titles: [...ancestorTitles, title],
      status
    }))
  )

const fromList = (list: ReadonlyArray<{ readonly name: string; readonly file: string }>): ReadonlyArray<Test> =>
  list.map(({ file, name }) => ({ file, titles: name.split(" > "), status: "listed" }))

if (import.meta.main) {
  const root = resolve(import.meta.dirname, "..")
  const file = "packages/orchestrator-core/PARITY.md"
  const option = process.argv.indexOf("--results")
  const tests =
    option === -1
      ? fromList(
          JSON.parse(execFileSync("vitest", ["list", "--json"], { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 }))
        )
      : fromReport(JSON.parse(readFileSync(process.argv[option + 1] ?? "", "utf8")))
  const rows = existsSync(join(root, file)) ? rowsOf(readFileSync(join(root, file), "utf8")) : undefined
  const problems = rows === undefined ? ["is missing"] : checkRows(rows, tests)
  for (const problem of problems) console.error(`${file}: ${problem}`)
  if (problems.length > 0) process.exitCode = 1
  else console.log(`${file}: ${rows?.length} rows name tests that exist`)
}
