/** The elements of an item → its fields, in the order in which their names are believed. */
import type { Link, RawFeed, RawItem, Text } from "./rawFeed.ts"

/** One element with all that was in it. */
export interface Capture {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly base: ReadonlyArray<string>
  readonly language: string | undefined
  /** The length of the stack in which the element itself is the last. */
  readonly depth: number
  value: string
  /** It has elements of its own, so its text was escaped and reads as markup. */
  nested: boolean
}

const titles = ["title", "dc:title", "media:title", "itunes:title"]
const texts = [
  "content:encoded",
  "content",
  "xhtml:body",
  "body",
  "fullitem",
  "xhtml:div",
  "description",
  "summary",
  "dc:description",
  "itunes:summary",
  "media:description",
  "abstract"
]
const published = ["pubdate", "published", "issued", "dc:date", "dcterms:issued", "created", "dcterms:created"]
const updated = ["updated", "modified", "dcterms:modified", "lastbuilddate"]
const ids = ["guid", "id", "dc:identifier"]
const links = ["feedburner:origlink", "link"]
/** What is kept of an item; all else is passed over. */
export const itemFields = new Set([
  ...titles,
  ...texts,
  ...published,
  ...updated,
  ...ids,
  ...links,
  "dc:language",
  "language"
])

const attribute = (attributes: Readonly<Record<string, string>>, name: string): string | undefined => {
  if (Object.hasOwn(attributes, name)) return attributes[name]
  for (const key in attributes) if (key.toLowerCase() === name) return attributes[key]
  return undefined
}

const kindOf = (format: RawFeed["format"], { attributes, name, nested }: Capture): Text["kind"] | "skip" => {
  if (nested) return "html"
  const type = attribute(attributes, "type")?.trim().toLowerCase()
  if (type === undefined || type === "")
    return format === "atom" && !name.includes(":") && attribute(attributes, "mode") !== "escaped" ? "plain" : "unsure"
  if (type === "text" || type === "text/plain") return "plain"
  if (type === "html" || type === "xhtml" || type.includes("html")) return "html"
  return format === "atom" && !type.startsWith("text/") && !type.endsWith("xml") ? "skip" : "unsure"
}

const textOf = (format: RawFeed["format"], capture: Capture): Text | undefined => {
  // Atom 0.3 could hold any bytes; the ones that are text say so
  const base64 = attribute(capture.attributes, "mode") === "base64"
  const kind = base64 ? "unsure" : kindOf(format, capture)
  const value = base64 ? Buffer.from(capture.value, "base64").toString("utf8") : capture.value
  return kind === "skip" || value.trim() === "" ? undefined : { value, kind }
}

export type Fields = Map<string, Array<Capture>>

const all = (fields: Fields, names: ReadonlyArray<string>) => names.flatMap((name) => fields.get(name) ?? [])

export const firstText = (
  format: RawFeed["format"],
  fields: Fields,
  names: ReadonlyArray<string>
): Text | undefined => {
  for (const capture of all(fields, names)) {
    const text = textOf(format, capture)
    if (text !== undefined) return text
  }
  return undefined
}

export const firstValue = (fields: Fields, names: ReadonlyArray<string>): string | undefined =>
  all(fields, names)
    .map((capture) => capture.value.trim())
    .find((value) => value !== "")

/** An Atom link says what it leads to; an RSS link is its text; an RSS guid may be an address. */
export const linkOf = (fields: Fields): Link | undefined => {
  const candidates = all(fields, links).flatMap((capture) => {
    const rel = attribute(capture.attributes, "rel")?.trim().toLowerCase() ?? "alternate"
    const type = attribute(capture.attributes, "type")?.trim().toLowerCase() ?? "text/html"
    const href = (attribute(capture.attributes, "href") ?? capture.value).trim()
    const alternate = rel === "alternate" || rel.endsWith("/alternate") || rel.endsWith("#alternate")
    return alternate && href !== "" ? [{ href, base: capture.base, page: type.includes("html") }] : []
  })
  const found = candidates.find(({ page }) => page) ?? candidates[0]
  if (found !== undefined) return { href: found.href, base: found.base }
  const guid = fields.get("guid")?.[0]
  return guid !== undefined &&
    attribute(guid.attributes, "ispermalink")?.toLowerCase() !== "false" &&
    /^\s*https?:\/\//i.test(guid.value)
    ? { href: guid.value.trim(), base: guid.base }
    : undefined
}

export const itemOf = (
  format: RawFeed["format"],
  fields: Fields,
  attributes: Readonly<Record<string, string>>,
  base: ReadonlyArray<string>,
  language: string | undefined
): RawItem => {
  const about = attribute(attributes, "rdf:about") ?? attribute(attributes, "about")
  const href = attribute(attributes, "href")
  const title = firstText(format, fields, titles)
  const text = firstText(format, fields, texts)
  const id = firstValue(fields, ids) ?? about?.trim()
  const link =
    linkOf(fields) ??
    (href === undefined
      ? about !== undefined && /^https?:/i.test(about)
        ? { href: about, base }
        : undefined
      : { href, base })
  const said =
    firstValue(fields, ["dc:language", "language"]) ??
    all(fields, [...texts, ...titles]).find((capture) => capture.language !== undefined)?.language ??
    language
  const raw: RawItem = {
    dates: all(fields, [...published, ...updated])
      .map((capture) => capture.value.trim())
      .filter((date) => date !== "")
  }
  if (title !== undefined) raw.title = title
  if (text !== undefined) raw.text = text
  if (id !== undefined && id !== "") raw.id = id
  if (link !== undefined) raw.link = link
  if (said !== undefined && said !== "") raw.language = said
  return raw
}
