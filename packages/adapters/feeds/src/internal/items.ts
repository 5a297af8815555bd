/** Fields as written → signal items, with a warning for everything that had to be left out. */
import { SignalSource } from "@aria/connectors"
import * as DateTime from "effect/DateTime"
import { createHash } from "node:crypto"
import { parseDate } from "./dates.ts"
import { resolveLink } from "./links.ts"
import { toText, toTitle } from "./plainText.ts"
import type { RawFeed, RawItem } from "./rawFeed.ts"

export interface Built {
  readonly items: ReadonlyArray<SignalSource.SignalItem>
  readonly warnings: ReadonlyArray<SignalSource.SourceWarning>
}

const quote = (value: string) => JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)

const hash = (...parts: ReadonlyArray<string>) =>
  createHash("sha256").update(parts.join("\u0000")).digest("hex").slice(0, 16)

/** BCP 47 as far as its outward form goes; feeds also write "en_US". */
const languageOf = (value: string | undefined): string | undefined => {
  const tag = value?.trim().replaceAll("_", "-")
  return tag !== undefined && /^[a-z]{2,8}(-[a-z\d]{1,8})*$/i.test(tag) ? tag : undefined
}

export const build = (feed: RawFeed, source: string, baseUrl: string | undefined): Built => {
  const warnings: Array<SignalSource.SourceWarning> = []
  const warn = (message: string, item?: string) => {
    warnings.push(
      new SignalSource.SourceWarning(
        item === undefined || item === "" ? { source, message } : { source, item, message }
      )
    )
  }
  for (const message of feed.warnings) warn(message)
  const home = feed.link === undefined ? undefined : resolveLink(feed.link.href, feed.link.base, baseUrl)
  const base = baseUrl ?? home
  const items = new Map<string, SignalSource.SignalItem>()
  let hashed = 0
  let shared = 0

  const dateOf = (raw: RawItem, name: string): DateTime.Utc | undefined => {
    for (const written of raw.dates) {
      const millis = parseDate(written)
      if (millis !== undefined) return DateTime.makeUnsafe(millis)
      warn(`${quote(written)} is not a date that can be read; it was left out`, name)
    }
    return undefined
  }

  const urlOf = (raw: RawItem, name: string): string | undefined => {
    if (raw.link === undefined) return undefined
    const url = resolveLink(raw.link.href, raw.link.base, base)
    if (url === undefined)
      warn(`${quote(raw.link.href)} is not a web address, or a relative one without a base; it was left out`, name)
    return url
  }

  feed.items.forEach((raw, index) => {
    const title = raw.title === undefined ? "" : toTitle(raw.title)
    const text = raw.text === undefined ? "" : toText(raw.text)
    const name = raw.id ?? raw.link?.href ?? title.slice(0, 200)
    if (title === "" && text === "") {
      warn(`broken item: number ${index + 1} has neither a title nor a text; it was left out`, name)
      return
    }
    const url = urlOf(raw, name)
    const publishedAt = dateOf(raw, name)
    const language = languageOf(raw.language) ?? languageOf(feed.language)
    let id = raw.id ?? url
    if (id === undefined) {
      hashed++
      id = hash(title, text)
    }
    const same = items.get(id)
    if (same !== undefined) {
      if (same.title === title && same.text === text) {
        warn("appears more than once in this feed; it was taken once", name)
        return
      }
      // losing an item because its feed repeats ids would be worse than an id that the feed did not give
      id = `${id}#${hash(title, text)}`
      if (items.has(id)) {
        warn("appears more than once in this feed; it was taken once", name)
        return
      }
      shared++
    }
    items.set(
      id,
      new SignalSource.SignalItem({
        id,
        source,
        title,
        text,
        ...(url === undefined ? {} : { url }),
        ...(publishedAt === undefined ? {} : { publishedAt }),
        ...(language === undefined ? {} : { language })
      })
    )
  })
  if (hashed > 0)
    warn(
      `${hashed} item${hashed === 1 ? " has" : "s have"} neither an id nor an address; the id is made from the text and changes with it`
    )
  if (shared > 0) {
    warn(
      `${shared} item${shared === 1 ? " has" : "s have"} the id of another item; a hash of the text was added to ${shared === 1 ? "it" : "them"}`
    )
  }
  if (feed.seen > feed.items.length)
    warn(`the feed has ${feed.seen} items; the first ${feed.items.length} were taken (maxItems)`)
  return { items: [...items.values()], warnings }
}
