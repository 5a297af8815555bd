import { Progress, RunResult } from "@aria/orchestrator-core"
import * as Execution from "@aria/demo/Execution"
import { Watch } from "@aria/demo/Watch"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import * as cli from "./cli.ts"

const decodeDocument = Schema.decodeUnknownSync(Schema.fromJsonString(Execution.Document))
const decodeEvent = Schema.decodeUnknownSync(Schema.fromJsonString(Progress.Event))

const Key = Schema.Array(
  Schema.Struct({ company: Schema.String, label: Schema.String, story: Schema.String, ids: Schema.Array(Schema.String) })
)
const key = Schema.decodeSync(Schema.fromJsonString(Key))(readFileSync(cli.shipped("test/expected.json"), "utf8"))

const slow = { timeout: 60_000 }

describe.concurrent("a run", slow, () => {
  it("prints a line for each task on stderr, and a table and the brief on stdout", async ({ expect }) => {
    const { code, stderr, stdout } = await cli.run()
    expect(code).toBe(0)
    expect(stderr.match(/^done signals\//gm)).toHaveLength(12)
    expect(stderr).toMatch(/^done brief \([^)]*\): Drafted \d+ words$/m)
    expect(stdout).toMatch(/^22 tasks: 16 done, 6 declined +\d/m)
    expect(stdout).toMatch(/^Brief: \d+ signals about \d+ of 12 companies, 2012-07-20 to 2026-01-29$/m)
    expect(stdout).toContain("filings.atom.xml  https://www.sec.gov/Archives/")
    expect(stdout).toMatch(/^3 warnings$/m)
    expect(stdout + stderr).not.toContain("\u001b")
  })

  it("finds what the answer key has, and none of the look-alikes", async ({ expect }) => {
    const { stdout } = await cli.run("--json")
    const { brief } = decodeDocument(stdout)
    const reports = (brief?.companies ?? []).flatMap(({ company, statements }) =>
      statements.flatMap(({ also, ...statement }) =>
        [statement, ...also].map(({ quote, sources }) => ({ company, type: statement.type, quote, ids: sources.map(({ item }) => item) }))
      )
    )
    const about = ({ company, ids }: (typeof key)[number]) =>
      reports.filter((report) => report.company === company && report.ids.some((id) => ids.includes(id)))
    const events = key.filter(({ label }) => label !== "none")
    const found = events.filter((event) => about(event).length > 0)
    const labelled = found.filter((event) => about(event).some(({ type }) => type === event.label))
    const right = reports.filter((report) => events.some((event) => about(event).includes(report)))
    // measured when this was written: 22 of 27 found, 20 of them with the label of the key, 26 of 27 reports right
    expect(found.length / events.length).toBeGreaterThanOrEqual(0.75)
    expect(labelled.length / found.length).toBeGreaterThanOrEqual(0.85)
    expect(right.length / reports.length).toBeGreaterThanOrEqual(0.9)
    for (const lookAlike of ["Apple Rush", "Clene Kitchens", "GE Aerospace in a fund", "Mullen Group and Cole Group", "SMC Corp. in Noblesville", "Worthington Steel and Sitem"]) {
      const entry = key.find(({ story }) => story === lookAlike)
      expect(entry, lookAlike).toBeDefined()
      if (entry !== undefined) expect(about(entry), lookAlike).toEqual([])
    }
    for (const { ids, quote } of reports) {
      expect(quote.text).not.toBe("")
      expect(ids).toContain(quote.item)
    }
  })

  it("--json prints one document, and nothing else: it decodes with the schema of the plan", async ({ expect }) => {
    const { code, stderr, stdout } = await cli.run("--json", "--yes")
    const document = decodeDocument(stdout)
    expect([code, document.exitCode, stderr]).toEqual([0, 0, ""])
    const result = Schema.decodeUnknownSync(RunResult.schemaFor(Watch))(document.result)
    expect(result.allSucceeded).toBe(true)
    const { brief } = await Effect.runPromise(result.outputs)
    expect(brief).toEqual(document.draft)
    expect(document.draft).toMatchObject({ writtenBy: "template", documentType: "digest", missingSections: [] })
    expect(document.model).toBeNull()
    // Scribe says all that was found, and nothing else but what it is about
    const said = (document.draft?.sections ?? []).slice(1).map(({ heading, statements }) => [heading, statements.map(({ text }) => text)])
    expect(said).toEqual(document.brief?.companies.map(({ company, statements }) => [company, statements.map(({ text }) => text)]))
  })

  it("--events prints each event as a line, in the order that the contract has", async ({ expect }) => {
    const { code, stderr, stdout } = await cli.run("--events", "--follow-ups", "0")
    expect([code, stderr]).toEqual([0, ""])
    const events = stdout.trimEnd().split("\n").map((line) => decodeEvent(line))
    expect(events[0]?._tag).toBe("RunStarted")
    const last = events.at(-1)
    expect(last?._tag === "RunEnded" && last.result.allSucceeded).toBe(true)
    const sequence = events.map(({ seq }) => seq)
    expect(sequence).toEqual([...new Set(sequence)].sort((a, b) => a - b))
    const tasks = Map.groupBy(
      events.flatMap((event) => ("taskId" in event ? [event] : [])),
      ({ taskId }) => taskId
    )
    expect(tasks.size).toBe(15)
    for (const [task, heard] of tasks) {
      expect(heard.map(({ _tag }) => _tag).join(" "), task).toMatch(/^starting running( update| waiting| retrying| running)* complete$/)
    }
  })

  it("carries out a plan file", async ({ expect }) => {
    const { code, stdout } = await cli.run("--plan", cli.shipped("plan.json"))
    expect(code).toBe(0)
    expect(stdout).toMatch(/^3 tasks: 3 done/m)
    expect(stdout).toMatch(/^Brief: \d+ signals about 2 of 2 companies/m)
  })

  it("prints what a plan file has Scribe write, in its own words, after the findings", async ({ expect }) => {
    const tasks = [
      { id: "apple", agent: "Scout", payload: { entities: ["Apple Inc."], limit: 1 } },
      {
        id: "mail",
        agent: "Scribe",
        payload: { communicationType: "email", goal: "News of Apple", recipient: { name: "Ada" }, context: { $from: "apple", path: "/signals/0/headline" } }
      }
    ]
    const { code, stdout } = await cli.run("--plan", cli.file("mail.json", JSON.stringify({ name: "mail", tasks })))
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Brief: 1 signal about 1 of 1 company.*^News of Apple\n\nDear Ada,\n\nI am writing.*^Sincerely,$/ms)
  })

  it("reads companies and sources of one's own, and reads each source once however many companies there are", async ({ expect }) => {
    await using server = await cli.serve((response) => response.end(cli.rss("Acme Corp acquires Beta Inc for $5 million")))
    const watch = cli.file("mine.txt", "# mine\nAcme Corp\nBeta Inc\n\nGamma GmbH\nAcme Corp\n")
    const { code, stdout } = await cli.run("--watch", watch, "--source", server.url, "--now", "2026-11-03", "--max-calls", "1", "--follow-ups", "0")
    expect(code).toBe(0)
    expect(stdout).toMatch(/^5 tasks: 5 done +[\d.]+ s +1 +0$/m)
    expect(stdout).toContain("2026-11-02  Acme Corp acquires Beta Inc for $5 million")
    expect(stdout).toContain("No signal about Gamma GmbH.")
  })

  it("leaves out what is older or scores less than asked", async ({ expect }) => {
    const { stdout } = await cli.run("--since", "2024-06-01", "--min-score", "0.4")
    expect(stdout).not.toMatch(/^20(12|13|23)-/m)
    const scores = Array.from(stdout.matchAll(/score (\d\.\d\d)$/gm), ([, score]) => Number(score))
    expect(scores.length).toBeGreaterThan(0)
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(0.4)
  })

  it("one source of several that is down is a warning, and there still is a brief", async ({ expect }) => {
    const { code, stdout } = await cli.run("--source", cli.shipped("feeds"), "--source", "http://127.0.0.1:1/feed")
    expect(code).toBe(0)
    expect(stdout).toContain("From 5 sources; 1 could not be read")
    expect(stdout).toMatch(/- 127\.0\.0\.1:1: .*unreachable/)
  })

  it("--help says what there is, with examples and exit codes", async ({ expect }) => {
    const { code, stderr, stdout } = await cli.run("--help")
    expect([code, stderr]).toEqual([0, ""])
    for (const part of ["--watch", "--source", "--plan", "--max-calls", "--model", "--max-usd", "--max-tokens", "--requests-per-minute", "--prices", "OPENAI_API_KEY", "--timeout", "npm --silent start -- --json", "EXIT CODES", "130", "NO_COLOR"]) {
      expect(stdout).toContain(part)
    }
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(110)
  })

  it("ends quietly when its reader has enough", async ({ expect }) => {
    const pipe = `"${process.execPath}" "${cli.main}" --events | head -1; echo "\${PIPESTATUS[0]}"`
    const { stderr, stdout } = await cli.startCommand("bash", ["-c", pipe]).ended
    expect(stderr).toBe("")
    expect(stdout.trimEnd().split("\n").map((line) => line.slice(0, 22))).toEqual(['{"_tag":"RunStarted",', "0"].map((line) => expect.stringContaining(line)))
  })
})

it("the answer key names the events this suite looks for", () => {
  expect(key.filter(({ label }) => label !== "none").length).toBe(27)
})
