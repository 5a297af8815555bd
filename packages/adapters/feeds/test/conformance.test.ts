import { Feed } from "@aria/adapter-feeds"
import type { SignalSource } from "@aria/connectors"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { data, type Expectation, isNamed, listFiles, readSample, type Sample, withTitles } from "./feedparser.ts"

/** Without the data these are skipped, and vitest says so; where ARIA_DATA names a folder that cannot be read, they fail. */
const skip = !isNamed && !existsSync(data)

const parse = (input: string | Uint8Array, { baseUrl, charset, file }: Sample) =>
  Feed.parse(input, { source: file, baseUrl, charset })

/** Both sides as plain text: what feedparser gives is markup that it made safe. */
const plain = (markup: string) =>
  Result.match(Feed.parse(JSON.stringify({ items: [{ title: "t", content_html: markup }] }), { source: "expected" }), {
    onFailure: () => markup,
    onSuccess: ({ items }) => items[0]?.text.replace(/\s+/g, " ") ?? ""
  })

const holds = ({ field, value }: Expectation, item: SignalSource.SignalItem | undefined): boolean => {
  if (typeof value === "number")
    return item?.publishedAt !== undefined && DateTime.toEpochMillis(item.publishedAt) === value
  if (field === "id" || field === "url") return item?.[field] === value
  const found = (field === "title" ? item?.title : item?.text)?.replace(/\s+/g, " ") ?? ""
  // a text that says "<b>" in so many words is as right as one that gives it as markup
  return found === plain(value) || found === value.replace(/\s+/g, " ").trim()
}

const measure = (samples: ReadonlyArray<Sample>) => {
  const score = { files: 0, parsed: 0, entries: 0, title: 0, text: 0, url: 0, id: 0, date: 0, slowest: 0 }
  const asked = { title: 0, text: 0, url: 0, id: 0, date: 0 }
  for (const sample of samples) {
    score.files++
    const start = performance.now()
    const result = parse(sample.bytes, sample)
    score.slowest = Math.max(score.slowest, performance.now() - start)
    const feed = Result.getOrUndefined(result)
    if (feed !== undefined) {
      score.parsed++
      const left = feed.warnings.filter(({ message }) => /^broken item|more than once/.test(message)).length
      if (feed.items.length + left === sample.entries) score.entries++
    }
    const others = sample.expectations.some(({ field }) => field !== "title" && field !== "text")
    const titled = others ? Result.getOrUndefined(parse(withTitles(sample), sample)) : undefined
    for (const expectation of sample.expectations) {
      const { entry, field } = expectation
      asked[field]++
      if (holds(expectation, (field === "title" || field === "text" ? feed : titled)?.items[entry])) score[field]++
    }
  }
  return { score, asked }
}

describe.skipIf(skip)("feedparser's files", () => {
  it("all are read without a crash or a hang, and what they expect is found", () => {
    const { asked, score } = measure(listFiles().map(readSample))
    console.log(
      `feedparser: ${JSON.stringify({ ...score, slowest: `${score.slowest.toFixed(0)} ms` })} of ${JSON.stringify(asked)}`
    )
    expect(score.files).toBeGreaterThanOrEqual(1_831)
    // what was measured, less a little: a change that loses more than that is looked at
    expect(score.parsed).toBeGreaterThanOrEqual(1_820)
    expect(score.entries).toBeGreaterThanOrEqual(1_820)
    expect(score.title).toBeGreaterThanOrEqual(137)
    expect(score.text).toBeGreaterThanOrEqual(620)
    expect(score.url).toBeGreaterThanOrEqual(17)
    expect(score.id).toBeGreaterThanOrEqual(14)
    expect(score.date).toBeGreaterThanOrEqual(8)
    expect(score.slowest).toBeLessThan(2_000)
  })
})

describe.skipIf(skip)("EDGAR", () => {
  it("current filings, in ISO-8859-1", () => {
    const folder = join(data, "edgar")
    const files = readdirSync(folder).filter((name) => name.endsWith(".atom"))
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      const { items, warnings } = Result.getOrThrow(Feed.parse(readFileSync(join(folder, file)), { source: file }))
      expect(items.length).toBeGreaterThanOrEqual(99)
      // one filing is an entry for each of its parties, all with the id of the filing: none of them is lost
      expect(new Set(items.map(({ id }) => id)).size).toBe(items.length)
      expect(warnings.at(-1)?.message).toContain("have the id of another item")
      expect(items.every(({ publishedAt, url }) => publishedAt !== undefined && url !== undefined)).toBe(true)
    }
  })
})
