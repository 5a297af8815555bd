/**
 * RSS 0.9x to 2.0, RSS 1.0 and Atom in one pass over the events of htmlparser2, which forgives broken XML, never expands a DTD's
 * entities and never opens an address.
 */
import { decodeHTML } from "entities"
import { Parser } from "htmlparser2"
import { type Capture, type Fields, firstText, firstValue, itemFields, itemOf, linkOf } from "./fields.ts"
import * as Namespaces from "./namespaces.ts"
import { NotAFeed, type RawFeed } from "./rawFeed.ts"

interface Frame {
  readonly name: string
  readonly namespaces: Namespaces.Namespaces
  readonly base: ReadonlyArray<string>
  readonly language: string | undefined
}

/** Feeds are about six deep; the parser's list of open elements makes much deeper documents slow. */
const maxDepth = 256
/** One field of one item. */
const maxRepeats = 64

const feedFields = new Set(["title", "link", "language", "dc:language"])

const escapeText = (text: string) => text.replace(/[&<>]/g, (c) => (c === "&" ? "&amp;" : c === "<" ? "&lt;" : "&gt;"))

/** Names such as `&eacute;` are not XML, and feeds use them. Markup characters stay as they are. */
const htmlEntities = (xml: string) =>
  xml.includes("&")
    ? xml.replace(/&[a-z][a-z\d]{1,31};/gi, (name) => {
        if (name === "&amp;" || name === "&lt;" || name === "&gt;" || name === "&quot;" || name === "&apos;")
          return name
        const decoded = decodeHTML(name)
        return /[<>&"']/.test(decoded) ? name : decoded
      })
    : xml

class Reader {
  readonly feed: RawFeed = { format: "rss", items: [], seen: 0, warnings: [] }
  readonly maxItems: number
  ending = false
  private root: string | undefined
  private readonly stack: Array<Frame> = []
  private capture: Capture | undefined
  private item:
    | {
        readonly depth: number
        readonly fields: Fields
        readonly attributes: Readonly<Record<string, string>>
        readonly base: ReadonlyArray<string>
        readonly language: string | undefined
      }
    | undefined
  private readonly feedFields: Fields = new Map()
  private preamble = ""

  constructor(maxItems: number) {
    this.maxItems = maxItems
  }

  open(rawName: string, attributes: Readonly<Record<string, string>>) {
    const parent = this.stack.at(-1)
    if (this.stack.length >= maxDepth)
      throw new NotAFeed(`a document with elements more than ${maxDepth} deep in one another`)
    const namespaces = Namespaces.declare(parent?.namespaces ?? Namespaces.initial, attributes)
    const name = Namespaces.resolve(namespaces, rawName)
    const ownBase = attributes["xml:base"]
    const frame: Frame = {
      name,
      namespaces,
      base: ownBase === undefined ? (parent?.base ?? []) : [...(parent?.base ?? []), ownBase],
      language: attributes["xml:lang"] ?? parent?.language
    }
    this.stack.push(frame)
    if (this.root === undefined) this.start(name, rawName, frame)
    if (this.capture !== undefined) this.nest(`<${name.slice(name.indexOf(":") + 1)}>`)
    else if (this.item !== undefined) {
      const level = this.stack.length - this.item.depth
      if ((level === 1 || (level === 2 && parent?.name === "media:group")) && itemFields.has(name))
        this.begin(frame, attributes)
    } else if (name === "item" || name === "entry") {
      this.feed.seen++
      if (this.feed.seen <= this.maxItems)
        this.item = {
          depth: this.stack.length,
          fields: new Map(),
          attributes,
          base: frame.base,
          language: frame.language
        }
    } else if (
      feedFields.has(name) &&
      (parent?.name === "channel" || parent?.name === "feed" || parent?.name === "rss")
    )
      this.begin(frame, attributes)
  }

  text(text: string) {
    if (this.capture !== undefined) this.capture.value += this.capture.nested ? escapeText(text) : text
    else if (this.root === undefined && this.preamble.length < 80) this.preamble += text.slice(0, 80)
  }

  close() {
    const frame = this.stack.at(-1)
    if (this.capture !== undefined) {
      if (this.capture.depth === this.stack.length) this.finish(this.capture)
      else if (frame !== undefined) this.nest(`</${frame.name.slice(frame.name.indexOf(":") + 1)}>`)
    } else if (this.item?.depth === this.stack.length) this.finishItem()
    this.stack.pop()
  }

  end() {
    if (this.root === undefined) {
      const text = this.preamble.replace(/\s+/g, " ").trim()
      throw new NotAFeed(text === "" ? "an empty document" : `text that begins with "${text.slice(0, 60)}"`)
    }
    const title = firstText(this.feed.format, this.feedFields, ["title"])
    const link = linkOf(this.feedFields)
    const language = firstValue(this.feedFields, ["language", "dc:language"]) ?? this.feed.language
    if (title !== undefined) this.feed.title = title
    if (link !== undefined) this.feed.link = link
    if (language !== undefined) this.feed.language = language
    return this.feed
  }

  private start(name: string, rawName: string, frame: Frame) {
    this.root = name
    if (frame.language !== undefined) this.feed.language = frame.language
    if (name === "rdf:rdf" || name === "rdf") this.feed.format = "rdf"
    else if (name === "feed" || name === "entry") this.feed.format = "atom"
    else if (name !== "rss" && name !== "channel")
      throw new NotAFeed(
        name.endsWith("html") ? "a web page" : `an XML document whose outermost element is <${rawName.slice(0, 60)}>`
      )
  }

  private begin(frame: Frame, attributes: Readonly<Record<string, string>>) {
    this.capture = {
      name: frame.name,
      attributes,
      base: frame.base,
      language: frame.language,
      depth: this.stack.length,
      value: "",
      nested: false
    }
  }

  private nest(tag: string) {
    const capture = this.capture!
    if (!capture.nested) {
      capture.value = escapeText(capture.value)
      capture.nested = true
    }
    capture.value += tag
  }

  private finish(capture: Capture) {
    this.capture = undefined
    if (this.ending) {
      this.feed.warnings.push(`the document ends inside a <${capture.name}>; that field was left out`)
      return
    }
    const fields = this.item?.fields ?? this.feedFields
    const list = fields.get(capture.name)
    if (list === undefined) fields.set(capture.name, [capture])
    else if (list.length < maxRepeats) list.push(capture)
  }

  private finishItem() {
    const { attributes, base, fields, language } = this.item!
    this.item = undefined
    this.feed.items.push(itemOf(this.feed.format, fields, attributes, base, language))
  }
}

export const readXml = (xml: string, maxItems: number): RawFeed => {
  const reader = new Reader(maxItems)
  const parser = new Parser(
    {
      onopentag: (name, attributes) => reader.open(name, attributes),
      ontext: (text) => reader.text(text),
      onclosetag: () => reader.close()
    },
    { xmlMode: true }
  )
  parser.write(htmlEntities(xml))
  reader.ending = true
  parser.end()
  return reader.end()
}
