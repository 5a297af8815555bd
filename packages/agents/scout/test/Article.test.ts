import { describe, expect, it } from "@effect/vitest"
import * as Article from "@aria/agents-scout/Article"
import * as Classifier from "@aria/agents-scout/Classifier"
import * as Entity from "@aria/agents-scout/Entity"
import * as Watchlist from "@aria/agents-scout/Watchlist"
import { random } from "./random.ts"

const zones = (text: string) => Article.make("", text).sentences.map(({ text, zone }) => [zone, text])

describe("Article", () => {
  it("splits sentences, not abbreviations", () => {
    expect(
      zones("Acme Inc. said so. Dr. Lee of the U.S. Army agreed! \u201cWhy?\u201d Because.").map(([, text]) => text)
    ).toEqual(["Acme Inc. said so.", "Dr. Lee of the U.S. Army agreed!", "\u201cWhy?\u201d", "Because."])
  })

  it("leaves the dateline of a wire out", () => {
    const text = "BOSTON, May 8, 2025 (GLOBE NEWSWIRE) -- Acme opened a plant. It is big."
    expect(zones(text)[0]).toEqual(["lead", "Acme opened a plant."])
  })

  it.each([
    "About Acme\nAcme makes anvils.",
    "About Acme Acme is a maker of anvils.",
    "Forward-Looking Statements\nThis may not happen.",
    "Safe Harbor Statement: this may not happen.",
    "Media Contact\nAnn Lee",
    "Contact Details: Ann Lee",
    "For more information, visit us.",
    "###\nAcme makes anvils.",
    "View source version on wire.example.com: https://wire.example.com/1",
    "Cautionary Note Regarding Forward-Looking Statements. Acme expects."
  ])("takes all from %j on for boilerplate", (end) => {
    const found = zones(`Acme opened a plant. It is big.\n\n${end}`)
    expect(found.slice(0, 2).map(([zone]) => zone)).toEqual(["lead", "lead"])
    expect(new Set(found.slice(2).map(([zone]) => zone))).toEqual(new Set(["boilerplate"]))
  })

  it("keeps news that begins with About", () => {
    expect(
      zones("Acme opened a plant. About 400 people work there. About half of them are new.").map(([zone]) => zone)
    ).toEqual(["lead", "lead", "lead"])
  })

  it("gives every sentence word for word, whatever the text (500 random texts)", () => {
    const pieces = [
      "Acme Corp. ",
      "a\u0301",
      "\u{1d400}",
      "\n",
      ". ",
      "\u2019s ",
      "\ufb01",
      "\u2122",
      "x".repeat(700),
      " ",
      "Z\u00fcrich ",
      "!",
      "\u3000",
      "\r\n",
      "A. B. "
    ]
    for (let seed = 1; seed <= 500; seed++) {
      const next = random(seed)
      const text = Array.from({ length: next(40) }, () => pieces[next(pieces.length)]).join("")
      let last = 0
      for (const sentence of Article.make("", text).sentences) {
        expect(text.slice(sentence.start, sentence.end), `seed ${seed}`).toBe(sentence.text)
        expect(sentence.start, `seed ${seed}`).toBeGreaterThanOrEqual(last)
        last = sentence.end
      }
    }
  })

  it.each([
    ["words", "Acme acquires beta "],
    ["capitals", "Acme Corp Acme Inc "],
    ["no space at all", "A"],
    ["dots", ". "],
    ["abbreviations", "U.S. Inc. "],
    ["brackets", "(NASDAQ: "],
    ["dates", "jan 1 - "],
    ["digits", "$1,000,000"],
    ["marks", "a\u0301"],
    ["blank", " "]
  ])("reads one line of ten megabytes in no time: %s", (_, piece) => {
    const text = piece.repeat(Math.ceil(10_000_000 / piece.length))
    const watchlist = Watchlist.make(
      Entity.companies(["Acme Corp", { name: "Target", tickers: ["TGT"], domains: ["target.com"] }]).companies
    )
    const started = performance.now()
    const article = Article.make(text, text)
    watchlist.mayConcern(text, text)
    watchlist.find(article)
    Classifier.classify(article)
    expect(article.truncated).toBe(true)
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})
