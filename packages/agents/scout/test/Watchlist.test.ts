import { describe, expect, it } from "@effect/vitest"
import * as Article from "@aria/agents-scout/Article"
import * as Entity from "@aria/agents-scout/Entity"
import * as Watchlist from "@aria/agents-scout/Watchlist"

const watch = (...entities: ReadonlyArray<Entity.Entity>) => Watchlist.make(Entity.companies(entities).companies)
const found = (entity: Entity.Entity, title: string, text = "") => {
  const watchlist = watch(entity)
  const names = watchlist.find(Article.make(title, text)).map(({ company }) => company.name)
  // The quick look must never say no where the careful one says yes.
  if (names.length > 0) expect(watchlist.mayConcern(title, text)).toBe(true)
  return names.length > 0
}

type Case = readonly [entity: Entity.Entity, title: string, text?: string]
const padded = ([entity, title, text = ""]: Case) => [entity, title, text] as const

describe("Watchlist names", () => {
  const yes: ReadonlyArray<Case> = [
    ["Acme Corp", "Acme Corp. raises $5 million"],
    ["Acme Corp", "Acme raises $5 million"],
    ["Acme", "Acme Corporation raises $5 million"],
    ["Acme Corp", "Acme Inc. raises $5 million"],
    ["Acme", "Why investors like Acme's new plan"],
    ["Acme", "Why investors like Acme\u2019s new plan"],
    ["acme corp", "Acme raises $5 million"],
    ["ACME CORP", "Acme raises $5 million"],
    ["Acme", "ACME ANNOUNCES RESULTS"],
    ["Acme", "Investors bought shares of Acme, the maker of anvils"],
    ["Acme", "Acme Group posts a loss"],
    ["Acme", "Acme Europe GmbH opens an office"],
    ["Acme", "Acme CEO steps down"],
    ["Acme", "The Acme-owned chain grew"],
    ["Muller AG", "Müller AG wächst weiter"],
    ["Müller AG", "Muller grows again"],
    ["Société Générale S.A.", "Societe Generale reports results"],
    ["Philips N.V.", "Royal view: shares of Philips rose"],
    ["Ｆｕｊｉ Works", "Fuji Works, a printer, grew"],
    ["AT&T", "AT&T expands fiber"],
    ["Johnson & Johnson", "Johnson and Johnson settles lawsuit"],
    ["Rolls-Royce", "Rolls Royce wins engine order"],
    ["eBay", "eBay cuts fees"],
    ["IBM", "IBM cuts fees"],
    ["3M", "3M settles"],
    ["Amazon", "Amazon.com said on Monday it would open a warehouse"],
    ["Worthington Industries, Inc.", "WORTHINGTON INDUSTRIES INC files report"],
    ["東芝", "株式会社東芝は新製品を発表した"],
    ["Yandex", "Shares of Yandex N.V. fell"],
    ["Target", "Target names new finance chief"],
    ["Target", "Retail news", "Shoppers at Target spent more, the company said."],
    ["Block, Inc.", "Block said revenue rose"],
    ["Apple", "Apple Unveils New Phone"],
    [{ name: "Acme", tickers: ["NASDAQ:ACME"] }, "Anvil maker (NASDAQ: ACME) gains"],
    [{ name: "Acme Anvils", tickers: ["acme"] }, "Traders pile into $ACME again"],
    [{ name: "Polymetals", tickers: ["ASX: POL"] }, "Miner (ASX:POL) gains"],
    [{ name: "Acme", aliases: ["Roadrunner Traps"] }, "Roadrunner Traps raises money"],
    [{ name: "Acme Anvils", domains: ["acme.example.com"] }, "See www.acme.example.com for more"]
  ]
  it.each(yes.map(padded))("%j is named in: %s", (entity, title, text) => {
    expect(found(entity, title, text)).toBe(true)
  })

  const no: ReadonlyArray<Case> = [
    ["Acme Corp", "Acme Robotics raises $5 million"],
    ["Acme Corp", "Robots", "The round for Acme Widgetry was led by a fund."],
    ["Beta Inc", "Alphabeta grows"],
    ["Beta Inc", "Investors bought Alpha Beta Inc shares"],
    ["Beta Inc", "The betas are out"],
    ["Acme Inc", "Acme GmbH eröffnet Büro"],
    ["Acme", "Acme & Sons opens a shop"],
    ["Acme", "The acme of perfection"],
    ["IBM", "Ibm is not how it is written"],
    ["Gap", "A gap in the market"],
    ["Target", "The target is 40 percent"],
    ["target", "The target is 40 percent"],
    ["Target", "Target Date Funds Explained"],
    ["Apple", "Apple prices rise as harvest fails"],
    ["Block", "Block Party Season Begins"],
    ["Ford", "Harrison Ford turns 80", "The actor Harrison Ford turned 80."],
    ["Ford", "Profile", "Later Mr. Ford said he agreed."],
    ["Delta", "Alpha Delta Energy Raises $5M"],
    ["Johnson", "Johnson & Johnson settles"],
    [{ name: "Polymetals", tickers: ["ASX:POL"] }, "Other one (NYSE: POL) gains"],
    [{ name: "Acme Anvils", tickers: ["ACME"] }, "Note: the ACME of perfection"],
    [{ name: "Acme Anvils", domains: ["acme.com"] }, "Mail press@notacme.com or visit acme.com.example.org"]
  ]
  it.each(no.map(padded))("%j is not named in: %s", (entity, title, text) => {
    expect(found(entity, title, text)).toBe(false)
  })

  it("resolves a doubtful headline by the text", () => {
    expect(found("Acme", "Acme Widgetry Raises $5M", "Acme Widgetry, a start-up, said it raised money.")).toBe(false)
    expect(found("Acme", "Analysts Like Acme Shareplan", "The offer by Acme, the anvil maker, is new.")).toBe(true)
  })

  it("gives a longer watched name precedence", () => {
    const watchlist = watch("Acme", "Acme Robotics")
    const names = watchlist.find(Article.make("Acme Robotics opens plant", "")).map(({ company }) => company.name)
    expect(names).toEqual(["Acme Robotics"])
  })

  it("gives a name that two watched companies share to the one that is named in full", () => {
    const watchlist = watch("Acme Inc", "Acme GmbH")
    const names = (title: string, text = "") =>
      watchlist.find(Article.make(title, text)).map(({ company }) => company.name)
    expect(watchlist.ambiguous).toEqual(["Acme"])
    expect(names("Acme opens plant")).toEqual([])
    expect(names("Acme opens plant", "Acme GmbH opened a plant.")).toEqual(["Acme GmbH"])
    expect(names("Acme Inc. and Acme GmbH part")).toEqual(["Acme Inc", "Acme GmbH"])
  })

  it("puts a company that is given twice together", () => {
    const { companies, repeated } = Entity.companies([
      "Acme Corp",
      { name: "ACME Corporation", tickers: ["acme"] },
      "Acme GmbH"
    ])
    expect(companies.map(({ name }) => name)).toEqual(["Acme Corp", "Acme GmbH"])
    expect(companies[0]?.tickers).toEqual(["ACME"])
    expect(repeated).toEqual(["ACME Corporation"])
  })

  it("tells the subject from who is merely mentioned, and news from boilerplate", () => {
    const text = "Beta opened a plant.\n\nAbout Acme\nAcme makes anvils. Acme is old."
    const [acme] = watch("Acme").find(Article.make("Beta Opens Plant", text))
    expect(new Set(acme?.mentions.map(({ zone }) => zone))).toEqual(new Set(["boilerplate"]))
    const both = watch("Acme", "Beta").find(Article.make("Acme acquires Beta", ""))
    expect(both.map(({ company, mentions }) => [company.name, mentions[0]?.subject])).toEqual([
      ["Acme", true],
      ["Beta", false]
    ])
  })
})
