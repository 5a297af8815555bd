import { describe, expect, it } from "@effect/vitest"
import * as Article from "../src/Article.ts"
import * as Classifier from "../src/Classifier.ts"
import { RULES } from "../src/internal/rules.ts"
import { headlines } from "./headlines.ts"

const classify = (title: string, text = "") => Classifier.classify(Article.make(title, text))

describe("Classifier", () => {
  it.each(headlines)("%s: %s", (label, title, opening) => {
    expect(classify(title, opening).type).toBe(label)
  })

  it("does not take a company's name for an event", () => {
    const text = "Ore Ltd (ASX: ORE) today announced that Granite Acquisition Ltd (ASX: GAL) invests $4 million in it."
    expect(classify("Ore secures $4 million investment from Granite Acquisition", text).type).toBe("funding")
  })

  it("does not take customer acquisition for an acquisition", () => {
    expect(classify("Five tips to lower your customer acquisition costs").type).toBe("none")
  })

  it("takes a list for an honour and a post for a change of leadership", () => {
    expect(classify("Acme named to Inc. 5000 list for third year").type).toBe("award")
    expect(classify("Acme names Ann Lee president").type).toBe("leadership_change")
  })

  it("takes the date of results for other news", () => {
    expect(classify("Acme to report third quarter results on November 6").labels.map(({ type }) => type)).toEqual(["other"])
  })

  it("reads no boilerplate", () => {
    const text = "Acme makes anvils.\n\nAbout Acme\nAcme acquired Beta, raised $5 million and won the Anvil of the Year award."
    const { features } = classify("Acme and its anvils", text)
    expect(features.filter(({ type }) => type === "acquisition" || type === "funding" || type === "award")).toEqual([])
  })

  it("gives several labels, the surest first", () => {
    const { labels } = classify("Acme acquires Beta and opens new plant in Ohio")
    expect(labels.map(({ type }) => type).sort()).toEqual(["acquisition", "expansion"])
    expect(labels[0]?.confidence).toBeGreaterThanOrEqual(labels[1]?.confidence ?? 0)
  })

  it("names the rules that spoke", () => {
    expect(classify("Acme acquires Beta").features.map(({ rule }) => rule)).toContain("acquisition/acquires")
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length)
  })

  it("always gives a label", () => {
    expect(classify("").labels).toHaveLength(1)
  })
})
