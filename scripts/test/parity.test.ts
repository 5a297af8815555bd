import { expect, test } from "vitest"
import { checkRows, rowsOf, type Test } from "../parity.ts"

const tests: ReadonlyArray<Test> = [
  {
    file: "/w/packages/orchestrator-core/test/AgentOrchestrator.test.ts",
    titles: ["spawn", "keeps | order"],
    status: "passed"
  },
  { file: "/w/packages/orchestrator-core/test/Budget.test.ts", titles: ["refuses"], status: "todo" }
]
const table = (...cells: ReadonlyArray<string>) =>
  [
    "# Parity",
    "",
    "| Before | Now | Test |",
    "| --- | --- | --- |",
    ...cells.map((cell) => `| a | b | ${cell} |`),
    ""
  ].join("\n")
const problems = (...cells: ReadonlyArray<string>) => checkRows(rowsOf(table(...cells)), tests)

test("a row may name a test by its title, with or without the suites around it", () => {
  expect(
    problems("`AgentOrchestrator.test.ts > keeps \\| order`", "`AgentOrchestrator.test.ts > spawn > keeps \\| order`")
  ).toEqual([])
})

test("a row may name its test without backticks and with a path", () => {
  expect(problems("test/AgentOrchestrator.test.ts > keeps \\| order")).toEqual([])
})

test("a row that names a test that does not exist is found", () => {
  expect(problems("`AgentOrchestrator.test.ts > keeps`", "`Orchestrator.test.ts > keeps \\| order`")).toEqual([
    "line 5: there is no test AgentOrchestrator.test.ts > keeps",
    "line 6: there is no test Orchestrator.test.ts > keeps | order"
  ])
})

test("each test of a row must exist", () => {
  const cell = "`AgentOrchestrator.test.ts > keeps \\| order`, `AgentOrchestrator.test.ts > other`"
  expect(problems(cell)).toEqual(["line 5: there is no test AgentOrchestrator.test.ts > other"])
})

test("a row without a test, with an unwritten one, and a page without a table are found", () => {
  expect(problems("none")).toEqual(["line 5: names no test as `file.test.ts > title`"])
  expect(problems("`Budget.test.ts > refuses`")).toEqual(["line 5: Budget.test.ts > refuses is still to be written"])
  expect(checkRows(rowsOf("# Parity\n"), tests)).toEqual(["there is no table with a column of tests"])
})

test("tables about something else are left alone", () => {
  expect(rowsOf("| Word | Meaning |\n| --- | --- |\n| a | b |\n")).toEqual([])
})
