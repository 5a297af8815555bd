import { describe, expect, it } from "@effect/vitest"
import * as Entity from "@aria/agents-scout/Entity"
import * as Score from "@aria/agents-scout/Score"
import { SignalType } from "@aria/agents-scout/Signal"
import { random } from "./random.ts"

const day = 86_400_000
const [acme] = Entity.companies([{ name: "Acme", domains: ["acme.com"] }]).companies
const authority = (source: string, url?: string) => (acme === undefined ? 0 : Score.authority(source, url, acme))

describe("Score", () => {
  it("can be recomputed from its parts (1,000 random cases)", () => {
    for (let seed = 1; seed <= 1_000; seed++) {
      const next = random(seed)
      const now = 20_000 * day
      const publishedAt = next(10) === 0 ? undefined : now - next(400 * day) + day
      const type = SignalType.literals[next(SignalType.literals.length)] ?? "none"
      const { score, scoreParts } = Score.score({
        authority: next(1_001) / 1_000,
        mention: next(1_001) / 1_000,
        type,
        publishedAt,
        now
      })
      const product = scoreParts.authority * scoreParts.recency * scoreParts.mention * scoreParts.typeWeight
      expect(score, `seed ${seed}`).toBe(Math.round(product * 10_000) / 10_000)
      const recency = scoreParts.ageDays === undefined ? 0.75 : 0.5 + 0.5 * 2 ** (-Math.max(0, scoreParts.ageDays) / 14)
      expect(scoreParts.recency, `seed ${seed}`).toBe(Math.round(recency * 10_000) / 10_000)
      expect(score).toBeGreaterThanOrEqual(0)
      expect(score).toBeLessThanOrEqual(1)
    }
  })

  it("fades by half of its fading part in a half-life, and never further than to a half", () => {
    expect(Score.recency(0)).toBe(1)
    expect(Score.recency(Score.halfLifeDays)).toBe(0.75)
    expect(Score.recency(10_000)).toBe(0.5)
    expect(Score.recency(-3)).toBe(1)
    expect(Score.recency(undefined)).toBe(Score.undatedRecency)
  })

  it("believes authorities more than wires, wires more than strangers, strangers more than social networks", () => {
    expect(authority("any", "https://www.sec.gov/Archives/1")).toBe(1)
    expect(authority("any", "https://www.reuters.com/x")).toBe(0.95)
    expect(authority("any", "https://ir.acme.com/x")).toBe(0.9)
    expect(authority("GlobeNewswire")).toBe(0.9)
    expect(authority("any", "https://someone.example.org/x")).toBe(Score.defaultAuthority)
    expect(authority("any", "https://old.reddit.com/x")).toBe(0.5)
    expect(authority("any", "https://notsec.gov.example.com/x")).toBe(Score.defaultAuthority)
  })
})
