import { describe, expect, it } from "@effect/vitest"
import * as Article from "@aria/agents-scout/Article"
import * as Classifier from "@aria/agents-scout/Classifier"
import { headlines } from "./headlines.ts"

const classify = (title: string, text = "") => Classifier.classify(Article.make(title, text))

describe("Classifier", () => {
  it.each(headlines.map(([label, title, opening = ""]) => [label, title, opening] as const))(
    "%s: %s",
    (label, title, opening) => {
      expect(classify(title, opening).type).toBe(label)
    }
  )

  it("does not take a company's name for an event", () => {
    const text = "Ore Ltd (ASX: ORE) today announced that Granite Acquisition Ltd (ASX: GAL) invests $4 million in it."
    const { features, type } = classify("Ore secures $4 million investment from Granite Acquisition", text)
    expect(type).toBe("funding")
    expect(features.filter((feature) => feature.type === "acquisition")).toEqual([])
  })

  it("does not take customer acquisition for an acquisition", () => {
    const { features, type } = classify("Five tips to lower your customer acquisition costs")
    expect(type).toBe("none")
    expect(features.filter((feature) => feature.type === "acquisition")).toEqual([])
  })

  it("takes a list for an honour and a post for a change of leadership", () => {
    expect(classify("Acme named to Inc. 5000 list for third year").type).toBe("award")
    expect(classify("Acme names Ann Lee president").type).toBe("leadership_change")
  })

  it("takes the date of results for other news", () => {
    expect(classify("Acme to report third quarter results on November 6").labels.map(({ type }) => type)).toEqual([
      "other"
    ])
  })

  it("reads no boilerplate", () => {
    const text =
      "Acme makes anvils.\n\nAbout Acme\nAcme acquired Beta, raised $5 million and won the Anvil of the Year award."
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
  })

  it("always gives a label", () => {
    expect(classify("").labels).toHaveLength(1)
  })
})
