/** JSON Feed 1.0 and 1.1, and the documents that look like one. */
import * as Predicate from "effect/Predicate"
import { NotAFeed, type RawFeed, type RawItem, type Text } from "./rawFeed.ts"

const string = (value: unknown): string | undefined => {
  const text = Predicate.isNumber(value) ? String(value) : Predicate.isString(value) ? value.trim() : ""
  return text === "" ? undefined : text
}

const textOf = (item: Record<PropertyKey, unknown>): Text | undefined => {
  const html = string(item["content_html"])
  if (html !== undefined) return { value: html, kind: "html" }
  const plain = string(item["content_text"]) ?? string(item["summary"])
  return plain === undefined ? undefined : { value: plain, kind: "plain" }
}

const itemOf = (item: Record<PropertyKey, unknown>): RawItem => {
  const raw: RawItem = {
    dates: [string(item["date_published"]), string(item["date_modified"])].filter((date) => date !== undefined)
  }
  const id = string(item["id"])
  const title = string(item["title"])
  const text = textOf(item)
  const href = string(item["url"]) ?? string(item["external_url"])
  const language = string(item["language"])
  if (id !== undefined) raw.id = id
  if (title !== undefined) raw.title = { value: title, kind: "plain" }
  if (text !== undefined) raw.text = text
  if (href !== undefined) raw.link = { href, base: [] }
  if (language !== undefined) raw.language = language
  return raw
}

export const readJson = (json: string, maxItems: number): RawFeed => {
  let document: unknown
  try {
    document = JSON.parse(json)
  } catch (error) {
    throw new NotAFeed(`JSON that cannot be read (${String(error).slice(0, 120)})`)
  }
  if (!Predicate.isObject(document)) throw new NotAFeed("a JSON document that is no object")
  const feed: Record<PropertyKey, unknown> = { ...document }
  const items = feed["items"]
  if (!Array.isArray(items)) throw new NotAFeed("a JSON document without a list of items")
  const title = string(feed["title"])
  const href = string(feed["home_page_url"])
  const language = string(feed["language"])
  const raw: RawFeed = { format: "json", items: [], seen: items.length, warnings: [] }
  for (const item of items.slice(0, maxItems))
    raw.items.push(Predicate.isObject(item) ? itemOf({ ...item }) : { dates: [] })
  if (title !== undefined) raw.title = { value: title, kind: "plain" }
  if (href !== undefined) raw.link = { href, base: [] }
  if (language !== undefined) raw.language = language
  return raw
}
