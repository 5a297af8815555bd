import { Feed } from "@aria/adapter-feeds"
import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { rss } from "./servers.ts"

describe("hostile documents", () => {
  const quickly = (input: string, check: (result: ReturnType<typeof Feed.parse>) => void) => {
    const start = performance.now()
    const result = Feed.parse(input, { source: "test" })
    // a few hundred milliseconds each; seconds would be a hang
    expect(performance.now() - start).toBeLessThan(4_000)
    check(result)
  }
  const size = 10 * 1024 * 1024
  const within = (body: string) =>
    `<rss><channel><item><title>T</title><description>${body}</description></item></channel></rss>`

  it.each<[string, string]>([
    ["ten megabytes on one line", within("x ".repeat(size / 2))],
    ["entities only", within("&amp;lt;".repeat(size / 8))],
    ["unknown entities", within("&foobar;".repeat(size / 8))],
    ["opening brackets", within("&lt;".repeat(size / 4))],
    ["raw opening brackets", within("<".repeat(size))],
    ["escaped tags that never close", within("&lt;b&gt;".repeat(size / 9))],
    ["comments that never close", within("<!--".repeat(size / 4))],
    ["sections that never close", within("<![CDATA[".repeat(size / 9))],
    ["spaces", within(" ".repeat(size))],
    ["line ends", within("\n\r\n".repeat(size / 3))],
    ["attributes", `<rss><channel><item ${"a='b' ".repeat(size / 6)}><title>T</title></item></channel></rss>`],
    [
      "namespaces",
      `<rss ${Array.from({ length: 100_000 }, (_, i) => `xmlns:n${i}="u"`).join(" ")}><channel><item><title>T</title></item></channel></rss>`
    ],
    [
      "a thousand names for namespaces, again and again",
      `<rss ${Array.from({ length: 10_000 }, (_, i) => `xmlns:n${i}="u"`).join(" ")}><channel><item><title>T</title>${'<a xmlns:b="c"/>'.repeat(50_000)}</item></channel></rss>`
    ],
    ["crossed closings", within("<a></b></a>".repeat(size / 11))],
    ["a million empty items", `<rss><channel>${"<item/>".repeat(1_000_000)}</channel></rss>`],
    [
      "dates",
      `<rss><channel><item><title>T</title>${"<pubDate>Mon, Mon, Mon, 1 1 1</pubDate>".repeat(200_000)}</item></channel></rss>`
    ]
  ])("%s", (_, input) => {
    quickly(input, (result) => expect(Result.isSuccess(result)).toBe(true))
  })

  it("elements a million deep are refused, not searched", () => {
    quickly(`<rss><channel><item><title>${"<b>".repeat(1_000_000)}`, (result) =>
      expect(Result.isFailure(result)).toBe(true)
    )
    quickly(`{"items":[{"title":${"[".repeat(1_000_000)}`, (result) => expect(Result.isFailure(result)).toBe(true))
    quickly(`<html>${"<b>".repeat(1_000_000)}`, (result) => expect(Result.isFailure(result)).toBe(true))
  })

  it("entity bombs and external entities stay letters", () => {
    const levels = "abcdefghi".split("").map((c, i) => `<!ENTITY ${"bcdefghij"[i]} "${`&${c};`.repeat(10)}">`)
    const bomb = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "lol">${levels.join("")}<!ENTITY x SYSTEM "file:///etc/passwd">]>${rss("&j;&x;")}`
    quickly(bomb, (result) => {
      expect(Result.getOrThrow(result).items[0]?.title).toBe("&j;&x;")
    })
  })

  it("a feed is read at more than 1,000 items a second", () => {
    const text =
      "&lt;p&gt;Acme said that it raised &lt;b&gt;money&lt;/b&gt; &amp;amp; hired a chief executive.&lt;/p&gt;".repeat(
        20
      )
    const items = Array.from(
      { length: 1_000 },
      (_, i) =>
        `<item><title>Title ${i}</title><guid>${i}</guid><pubDate>Thu, 01 Jan 2004 19:48:21 GMT</pubDate><description>${text}</description></item>`
    )
    const input = Buffer.from(`<rss><channel>${items.join("")}</channel></rss>`)
    const start = performance.now()
    expect(Result.getOrThrow(Feed.parse(input, { source: "test" })).items).toHaveLength(1_000)
    expect(performance.now() - start).toBeLessThan(1_000)
  })

  it("reading takes time in proportion to size", () => {
    const time = (items: number) => {
      const input = rss(...Array.from({ length: items }, (_, i) => `Title ${i} &amp;lt;b&amp;gt;`))
      const runs = Array.from({ length: 5 }, () => {
        const start = performance.now()
        Feed.parse(input, { source: "test", maxItems: items, baseUrl: "https://e.example/" })
        return performance.now() - start
      })
      return Math.min(...runs)
    }
    time(500)
    const small = time(2_000)
    // eight times the work; quadratic would be 64 times
    expect(time(16_000)).toBeLessThan(Math.max(small, 2) * 24)
  })
})
