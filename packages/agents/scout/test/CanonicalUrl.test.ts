import { describe, expect, it } from "@effect/vitest"
import { canonicalUrl, hostOf, isWithin } from "@aria/agents-scout/CanonicalUrl"

describe("CanonicalUrl", () => {
  it.each([
    "https://news.example.com/story/1",
    "http://news.example.com/story/1",
    "https://www.news.example.com/story/1/",
    "https://m.news.example.com/story/1",
    "https://amp.news.example.com/story/1",
    "https://news.example.com/story/1/amp",
    "https://news.example.com/amp/story/1",
    "https://news.example.com:443/story/1#top",
    "http://news.example.com:80/story//1",
    "https://user:secret@news.example.com/story/1",
    "HTTPS://News.Example.COM/story/1?utm_source=rss&utm_medium=feed&fbclid=1",
    " https://news.example.com/story/1/index.html "
  ])("%s is one page", (address) => {
    expect(canonicalUrl(address)).toBe("news.example.com/story/1")
  })

  it("keeps what tells pages apart", () => {
    expect(canonicalUrl("https://example.com/a?id=2&page=1")).toBe(canonicalUrl("https://example.com/a?page=1&id=2"))
    expect(canonicalUrl("https://example.com/a?id=2")).not.toBe(canonicalUrl("https://example.com/a?id=3"))
    expect(canonicalUrl("https://example.com/A")).not.toBe(canonicalUrl("https://example.com/a"))
    expect(canonicalUrl("https://example.com:8080/a")).not.toBe(canonicalUrl("https://example.com/a"))
  })

  it.each([
    "https://example.com",
    "https://example.com/",
    "https://www.example.com/?utm_source=x",
    "mailto:a@example.com",
    "",
    "no address"
  ])("%j is the address of no page", (address) => {
    expect(canonicalUrl(address)).toBeUndefined()
  })

  it("knows hosts", () => {
    expect(hostOf("https://www.Acme.com/x")).toBe("acme.com")
    expect(isWithin("ir.acme.com", "acme.com")).toBe(true)
    expect(isWithin("notacme.com", "acme.com")).toBe(false)
  })
})
