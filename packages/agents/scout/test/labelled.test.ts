import * as Article from "@aria/agents-scout/Article"
import * as Classifier from "@aria/agents-scout/Classifier"
import * as Entity from "@aria/agents-scout/Entity"
import * as Watchlist from "@aria/agents-scout/Watchlist"
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

// The texts belong to others and are not in the repository: without them these tests are skipped, visibly; where
// ARIA_DATA says that they are there, they must be.
const folder = process.env["ARIA_DATA"] ?? join(import.meta.dirname, "../../../../../shared/data")
const skipped = process.env["ARIA_DATA"] === undefined && !existsSync(folder)
const lines = <S extends Schema.ConstraintDecoder<unknown>>(file: string, schema: S): ReadonlyArray<S["Type"]> =>
  readFileSync(join(folder, file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Schema.decodeUnknownSync(schema)(JSON.parse(line)))

const Release = Schema.Struct({
  title: Schema.String,
  text: Schema.String,
  labels: Schema.Array(Schema.String),
  primary: Schema.String,
  ambiguous: Schema.Boolean,
  tickers: Schema.Array(Schema.Struct({ name: Schema.String, ticker: Schema.String }))
})
const Filing = Schema.Struct({
  event_types: Schema.Array(Schema.String),
  item_texts: Schema.Record(Schema.String, Schema.String)
})

const scores = (
  results: ReadonlyArray<{ readonly wanted: ReadonlyArray<string>; readonly given: ReadonlyArray<string> }>
) => {
  const right = results.reduce(
    (sum, { given, wanted }) => sum + given.filter((label) => wanted.includes(label)).length,
    0
  )
  const all = results.reduce((sum, { given, wanted }) => sum + given.length + wanted.length, 0)
  return (2 * right) / all
}

describe.skipIf(skipped)("labelled texts of others", () => {
  // The floors leave room for a rule to change its mind; `node benchmarks/src/scoutQuality.ts` has the figures.
  it("classifies press releases", () => {
    const releases = lines("press_releases_labelled.jsonl", Release)
    const results = releases.map(({ labels, text, title, ...release }) => {
      const { labels: given, type } = Classifier.classify(Article.make(title, text))
      return { ...release, wanted: labels, given: given.map((label) => label.type), right: type === release.primary }
    })
    const clear = results.filter(({ ambiguous }) => !ambiguous)
    expect(clear.filter(({ right }) => right).length / clear.length).toBeGreaterThan(0.88)
    expect(scores(results)).toBeGreaterThan(0.85)
  })

  it("classifies filings without their headings", () => {
    const results = lines("sec_8k_labelled.jsonl", Filing).map(({ event_types, item_texts }) => {
      const text = Object.values(item_texts)
        .map((item) => item.slice(140))
        .join("\n")
      return { events: event_types, given: Classifier.classify(Article.make("", text)).labels.map(({ type }) => type) }
    })
    for (const event of ["earnings", "leadership_change"] as const) {
      const wanted = results.filter(({ events }) => events.includes(event))
      const given = results.filter(({ given }) => given.includes(event))
      const right = wanted.filter(({ given }) => given.includes(event)).length
      expect((2 * right) / (wanted.length + given.length), event).toBeGreaterThan(0.7)
    }
  })

  it("finds the companies that releases name with a ticker", () => {
    const named = lines("press_releases_labelled.jsonl", Release).flatMap(({ text, tickers, title }) =>
      tickers.map(({ name }) => ({ name, article: Article.make(title, text) }))
    )
    const found = named.filter(
      ({ article, name }) => Watchlist.make(Entity.companies([name]).companies).find(article).length > 0
    )
    expect(found.length / named.length).toBeGreaterThan(0.9)
  })
})
