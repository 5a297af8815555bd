/** What a web page says about itself, for the message that it is no feed. */
import { Parser } from "htmlparser2"
import { resolveLink } from "./links.ts"

export interface WebPage {
  readonly title: string
  readonly feeds: ReadonlyArray<string>
}

const feedType = /^application\/(rss\+xml|atom\+xml|rdf\+xml|feed\+json)|^text\/xml$/i

/** The head of a page is at its beginning; the rest is not looked at. */
const maxLength = 256 * 1024

export const isWebPage = (text: string): boolean =>
  /^\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[^]{0,2000}?-->\s*)?(?:<!doctype html|<html[\s>])/i.test(text.slice(0, 4096))

export const readWebPage = (html: string, address: string | undefined): WebPage => {
  const feeds = new Set<string>()
  let title = ""
  let inTitle = false
  let base = address
  let depth = 0
  const parser = new Parser({
    onopentag(name, attributes) {
      if (++depth > 256) parser.pause()
      if (name === "title") inTitle = title === ""
      if (name === "base" && attributes["href"] !== undefined)
        base = resolveLink(attributes["href"], [], address) ?? base
      if (
        name !== "link" ||
        !/\balternate\b/i.test(attributes["rel"] ?? "") ||
        !feedType.test(attributes["type"] ?? "")
      )
        return
      const href = attributes["href"]
      if (href !== undefined && feeds.size < 5) feeds.add(resolveLink(href, [], base) ?? href)
    },
    onclosetag(name) {
      depth--
      if (name === "title") inTitle = false
    },
    ontext(text) {
      if (inTitle) title += text
    }
  })
  parser.write(html.slice(0, maxLength))
  return { title: title.replace(/\s+/g, " ").trim().slice(0, 100), feeds: [...feeds] }
}
