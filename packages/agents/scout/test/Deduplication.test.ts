import { describe, expect, it } from "@effect/vitest"
import * as Deduplication from "@aria/agents-scout/Deduplication"
import type { SignalType } from "@aria/agents-scout/Signal"
import { random, shuffled } from "./random.ts"

const day = 86_400_000
let counter = 0
const story = (title: string, options: Partial<Deduplication.Story> = {}): Deduplication.Story => {
  const company = options.company ?? "Acme Corp"
  const type = options.type ?? "funding"
  return {
    company,
    companyNames: [company],
    type,
    types: [type],
    title,
    text: "",
    url: undefined,
    publishedAt: 20_000 * day,
    source: "wire",
    item: String(counter++),
    ...options
  }
}
const sizes = (...stories: ReadonlyArray<Deduplication.Story>) =>
  Deduplication.group(stories).map((group) => group.length)

describe("Deduplication, defects of word-set comparison alone", () => {
  it("keeps two companies with otherwise equal headlines", () => {
    expect(
      sizes(story("Acme Corp raises $50M Series B"), story("Beta Corp raises $50M Series B", { company: "Beta Corp" }))
    ).toEqual([1, 1])
  })

  it("keeps two companies that one page reports on", () => {
    const url = "https://news.example.com/1"
    expect(
      sizes(story("Acme and Beta partner", { url }), story("Acme and Beta partner", { url, company: "Beta Corp" }))
    ).toEqual([1, 1])
  })

  it("keeps two kinds of event apart", () => {
    expect(
      sizes(
        story("Acme Corp raises $50M for new Ohio plant"),
        story("Acme Corp opens new Ohio plant", { type: "expansion" })
      )
    ).toEqual([1, 1])
  })

  it("does not mind white space around a headline", () => {
    expect(sizes(story("  Acme raises $50M Series B\n"), story("Acme raises $50M Series B"))).toEqual([2])
  })

  it("compares a third and a fourth telling too", () => {
    expect(
      sizes(
        story("Acme raises $50M Series B"),
        story("Acme Corp. Raises $50 Million in Series B Funding"),
        story("Acme secures $50m series B round"),
        story("Acme closes Series B financing of $50 million")
      )
    ).toEqual([4])
  })

  it("does not remember the address of a story for another one", () => {
    const url = "https://news.example.com/live"
    expect(
      sizes(
        story("Acme raises $50M Series B", { url }),
        story("Acme names Ann Lee chief executive", { url, type: "leadership_change" })
      )
    ).toEqual([1, 1])
  })

  it("compares addresses without what does not matter", () => {
    expect(
      sizes(
        story("Acme raises fresh money from Ridge", { url: "https://news.example.com/a?utm_source=x" }),
        story("Ridge leads round of Acme, the anvil maker", { url: "http://www.news.example.com/a/#top" })
      )
    ).toEqual([2])
  })

  it("does not take a front page for a story's address", () => {
    const url = "https://www.acme.com/"
    expect(sizes(story("Acme raises money from Ridge", { url }), story("Acme repays loan to Vale", { url }))).toEqual([
      1, 1
    ])
  })
})

describe("Deduplication", () => {
  it("keeps stories that lie further apart than the window", () => {
    const later = (days: number) => story("Acme raises $50M Series B", { publishedAt: (20_000 + days) * day })
    expect(sizes(later(0), later(5))).toEqual([2])
    expect(sizes(later(0), later(5.01))).toEqual([1, 1])
    // No chain of neighbours makes a group longer than the window.
    expect(sizes(later(0), later(4), later(8))).toEqual([2, 1])
  })

  it.each([
    ["Acme raises $20M Series A", "Acme raises $50M Series B"],
    ["Acme reports Q1 results", "Acme reports Q2 results"],
    ["Acme reports first-quarter results for 2025", "Acme reports second-quarter results for 2025"],
    ["Acme opens store in Austin", "Acme opens store in Dallas"],
    ["Acme acquires Beta Robotics", "Acme acquires Gamma Robotics"],
    [
      "Acme completes acquisition of Beta Cloud Software Systems",
      "Acme completes acquisition of Gamma Cloud Software Systems"
    ],
    ["Acme names Ann Lee CFO", "Acme names Bob Ray CFO"],
    ["Acme names Ann Lee CFO", "Acme names Ann Ray CEO"]
  ])("keeps %j and %j", (left, right) => {
    const text = (title: string) =>
      `${title}, it said on Monday. The board was pleased with this step, and customers will be too in time.`
    expect(sizes(story(left, { text: text(left) }), story(right, { text: text(right) }))).toEqual([1, 1])
    expect(sizes(story(left), story(right))).toEqual([1, 1])
  })

  it.each([
    ["Acme names Ann Lee chief financial officer", "Acme Corp appoints Ann Lee as CFO"],
    ["Acme to buy Beta Robotics for $3.2bn", "Acme acquires Beta Robotics in $3.2 billion deal"],
    ["Acme Reports First Quarter Results", "Acme: Q1 results"]
  ])("merges %j and %j", (left, right) => {
    expect(sizes(story(left), story(right))).toEqual([2])
  })

  it("merges headlines that differ in words which the other text has", () => {
    expect(
      sizes(
        story("Acme buys robot maker Beta of Ohio", { text: "Acme bought Beta, a Columbus company." }),
        story("Acme takes over Beta of Columbus", { text: "Beta of Ohio, a robot maker, now belongs to Acme." })
      )
    ).toEqual([2])
  })

  it("never merges two companies and does not depend on order (300 random lists)", () => {
    const subjects = [
      "raises $50M Series B",
      "raises 50 million dollars",
      "opens plant in Ohio",
      "opens plant in Texas",
      "reports Q1 results",
      "names Ann Lee CFO"
    ]
    const types: ReadonlyArray<SignalType> = ["funding", "expansion", "earnings", "other"]
    const urls = [undefined, "https://a.example/1", "https://a.example/1?utm_source=y", "https://b.example/2"]
    for (let seed = 1; seed <= 300; seed++) {
      const next = random(seed)
      const stories = Array.from({ length: 2 + next(24) }, (_, index) => {
        const company = `${["Acme", "Acme Robotics", "Beta", "Gamma"][next(4)]} Corp`
        const subject = subjects[next(subjects.length)] ?? ""
        return story(`${company} ${subject}`, {
          company,
          type: types[next(types.length)] ?? "other",
          url: urls[next(urls.length)],
          text: next(2) === 0 ? "" : `${company} ${subject}, it said. Nothing more is known about it at this time.`,
          publishedAt: next(8) === 0 ? undefined : (20_000 + next(12)) * day,
          source: `s${next(3)}`,
          item: String(index)
        })
      })
      const groups = Deduplication.group(stories)
      const ids = (all: typeof groups) => all.map((group) => group.map(({ item }) => item))
      for (const group of groups) {
        expect(new Set(group.map(({ company }) => company)).size, `seed ${seed}`).toBe(1)
        const dates = group.flatMap(({ publishedAt }) => (publishedAt === undefined ? [] : [publishedAt]))
        expect(Math.max(...dates, 0) - Math.min(...dates, Infinity), `seed ${seed}`).toBeLessThanOrEqual(
          Deduplication.windowDays * day
        )
      }
      expect(groups.flat().length, `seed ${seed}`).toBe(stories.length)
      expect(ids(Deduplication.group(shuffled(stories, seed + 1))), `seed ${seed}`).toEqual(ids(groups))
      // Grouping what is grouped changes nothing.
      expect(ids(Deduplication.group(groups.flat())), `seed ${seed}`).toEqual(ids(groups))
    }
  })

  it("groups 5,000 tellings of one story in no time", () => {
    const started = performance.now()
    expect(sizes(...Array.from({ length: 5_000 }, () => story("Acme raises $50M Series B")))).toEqual([5_000])
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})
