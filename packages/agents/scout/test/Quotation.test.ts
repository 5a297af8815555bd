import * as Quotation from "@aria/agents-scout/Quotation"
import { describe, expect, it } from "@effect/vitest"
import { random } from "./random.ts"

const found = (text: string, quote: string): string | undefined => {
  const place = Quotation.locate(Quotation.make(text), quote)
  return place === undefined ? undefined : text.slice(place.start, place.end)
}

describe("Quotation", () => {
  it("stand word for word, white space apart", () => {
    const text = "Acme  Corp.\n\nhas acquired\tBeta\u00a0Robotics for $40 million."
    expect(found(text, "has acquired Beta Robotics")).toBe("has acquired\tBeta\u00a0Robotics")
    expect(found(text, "  Acme Corp. has\n acquired ")).toBe("Acme  Corp.\n\nhas acquired")
    expect(found(text, text)).toBe(text)
    expect(found(text, "has bought Beta Robotics")).toBeUndefined()
    expect(found(text, "Has acquired Beta Robotics")).toBeUndefined()
    expect(found(text, "has acquired ... for $40 million")).toBeUndefined()
    expect(found(text, "has acquired Beta Robotics for $4")).toBeUndefined()
    expect(found(text, "as acquired Beta Robotics")).toBeUndefined()
  })

  it("are looked for further on where they are part of a longer word", () => {
    expect(found("unacquired Beta Inc, acquired Beta Inc", "acquired Beta")).toBe("acquired Beta")
    expect(Quotation.locate(Quotation.make("unacquired Beta Inc, acquired Beta Inc"), "acquired Beta")?.start).toBe(21)
  })

  it("need words enough to show something, unless they are the whole", () => {
    expect(found("the deal of the year", "the")).toBeUndefined()
    expect(found("the deal was announced this year", "announced")).toBeUndefined()
    expect(found("the deal was announced this year", "announced this")).toBe("announced this")
    expect(found("the deal of the year", ". , -")).toBeUndefined()
    expect(found("the deal of the year", "")).toBeUndefined()
    expect(found("", "")).toBeUndefined()
    expect(found(" New CEO ", "New CEO")).toBe("New CEO")
    expect(found("アクメ社がベータ社を買収した。", "アクメ社がベータ社を買収")).toBe("アクメ社がベータ社を買収")
    expect(found("Acme \ud83d\ude80 grows quickly", "\ude80 grows quickly")).toBeUndefined()
  })

  it("are found wherever they are cut between words, and never where a word differs", () => {
    const words = [
      "Acme",
      "\u00e9cole",
      "e\u0301tude",
      "\ud83d\ude80",
      "$40",
      "million.",
      "Corp.,",
      "买收",
      "of",
      "(NYSE:",
      "A)"
    ]
    const gaps = [" ", "  ", "\n", "\r\n\r\n", "\t", "\u00a0", " \u2003 "]
    for (let seed = 1; seed <= 2_000; seed++) {
      const next = random(seed)
      const pick = (from: ReadonlyArray<string>) => from[next(from.length)] ?? ""
      const chosen = Array.from({ length: 4 + next(20) }, () => pick(words))
      const text = chosen.reduce((before, word) => `${before}${pick(gaps)}${word}`)
      const from = next(chosen.length - 3)
      const part = chosen.slice(from, from + 3 + next(chosen.length - from))
      const quote = part.reduce((before, word) => `${before}${pick(gaps)}${word}`)
      const got = found(text, quote)
      if ((quote.match(/[\p{L}\p{N}]/gu)?.length ?? 0) < 8) continue
      expect(got === undefined ? undefined : Quotation.spaced(got), `seed ${seed}`).toBe(Quotation.spaced(quote))
      const changed = [...part.slice(0, -1), "Zorblatt"].join(" ")
      expect(found(text, changed), `seed ${seed}`).toBeUndefined()
    }
  })
})
