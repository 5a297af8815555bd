import { Scout, type Signal } from "@aria/agents-scout"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { expect, it } from "vitest"
import * as Brief from "@aria/demo/Brief"
import * as BriefText from "@aria/demo/BriefText"
import * as Cells from "@aria/demo/Cells"

const signal = (id: string, date: string | undefined, over: Partial<Signal.Signal> = {}): Signal.Signal => {
  const publishedAt = date === undefined ? {} : { publishedAt: DateTime.makeUnsafe(`${date}T12:00:00Z`) }
  return {
    company: "Acme",
    type: "earnings",
    labels: [{ type: "earnings", confidence: 0.9 }],
    headline: `Headline ${id}`,
    readBy: "rules",
    summary: "",
    quote: { text: `Acme said ${id}.`, source: "feeds/wire.xml", item: id, field: "text", start: 0 },
    sources: [{ source: "feeds/wire.xml", item: id, headline: `Headline ${id}`, url: `https://www.example.com/${id}?utm_source=x#top`, ...publishedAt }],
    detectedAt: DateTime.makeUnsafe("2026-01-01T00:00:00Z"),
    score: 0.5,
    scoreParts: { authority: 1, recency: 0.5, mention: 1, typeWeight: 1, formula: "" },
    ...publishedAt,
    ...over
  }
}

const found = (signals: ReadonlyArray<Signal.Signal>, warnings: ReadonlyArray<Signal.Warning> = []): Scout.Success => ({
  reader: "rules",
  signals,
  sources: [{ source: "feeds/wire.xml", status: "ok", items: 3 }],
  warnings
})

it("groups by company in the order given, newest first, undated last, and names who is quiet", () => {
  const brief = Brief.compose({
    companies: ["Quiet", "Beta", "Acme"],
    found: [
      found([signal("a", undefined), signal("b", "2024-01-01"), signal("c", "2025-01-01")]),
      found([signal("d", "2020-01-01", { company: "Beta" })])
    ]
  })
  expect(brief.companies.map(({ company, statements }) => [company, statements.map(({ text }) => text)])).toEqual([
    ["Beta", ["Headline d"]],
    ["Acme", ["Headline c", "Headline b", "Headline a"]]
  ])
  expect(brief.quiet).toEqual(["Quiet"])
})

it("sets reports of the same kind and days under the best one, and merges nothing else", () => {
  const brief = Brief.compose({
    companies: [],
    found: [
      found([
        signal("a", "2024-01-01"),
        signal("b", "2024-01-03", { score: 0.9 }),
        signal("c", "2024-01-02", { type: "funding" }),
        signal("d", "2024-02-01")
      ])
    ]
  })
  const [acme] = brief.companies
  expect(acme?.statements.map(({ also, text }) => [text, also.map(({ text }) => text)])).toEqual([
    ["Headline d", []],
    ["Headline b", ["Headline a"]],
    ["Headline c", []]
  ])
})

it("says each warning and each source once, however many tasks read it", () => {
  const warning = { source: "feeds/wire.xml", item: "x", message: "no date" }
  const brief = Brief.compose({ companies: [], found: [found([], [warning]), found([], [warning, { message: "no date" }])] })
  expect(brief.warnings).toHaveLength(2)
  expect(brief.sources).toHaveLength(1)
})

it("encodes to JSON and back", () => {
  const brief = Brief.compose({ companies: ["Acme"], found: [found([signal("a", undefined), signal("b", "2024-01-01")])] })
  const codec = Schema.fromJsonString(Brief.Success)
  expect(Schema.decodeSync(codec)(Schema.encodeSync(codec)(brief))).toEqual(brief)
})

it("reads well at any width: only addresses are wider", () => {
  const brief = Brief.compose({
    companies: ["Acme", "Beta"],
    found: [found([signal("a", "2024-01-01", { headline: "A long headline that has to be broken somewhere" })], [{ source: "feeds/wire.xml", message: "a date that is none" }])]
  })
  expect(BriefText.render(brief, { columns: 50, colors: false })).toEqual([
    "Brief: 1 signal about 1 of 2 companies, 2024-01-01",
    "From 1 source",
    "",
    "Acme (1)",
    "",
    "2024-01-01  A long headline that has to be broken",
    "            somewhere",
    "            earnings, score 0.50",
    "            “Acme said a.”",
    "            wire.xml  https://www.example.com/a",
    "",
    "No signal about Beta.",
    "",
    "1 warning",
    "  - wire.xml: a date that is none"
  ])
  for (const columns of [40, 60, 80, 120]) {
    for (const line of BriefText.render(brief, { columns, colors: true })) {
      if (!line.includes("https://")) expect(Cells.width(line)).toBeLessThanOrEqual(columns)
    }
  }
})

it("obeys nothing that stands in a feed", () => {
  const brief = Brief.compose({
    companies: [],
    found: [found([signal("a", undefined, { headline: "\u001b[2Jgone", company: "Ac\u001bme" })], [{ message: "\u001b[31mred" }])]
  })
  expect(BriefText.render(brief, { columns: 80, colors: false }).join("\n")).not.toContain("\u001b")
})
