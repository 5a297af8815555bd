/** Markup → plain text: tags out, entities decoded, blocks on lines of their own, everything that is not text (scripts, styles) gone. */
import { Parser } from "htmlparser2"
import type { Text } from "./rawFeed.ts"

const words = (list: string) => new Set(list.split(" "))

const blocks = words(
  "address article aside blockquote br caption center dd details dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol optgroup option p pre section summary table tbody tfoot thead tr ul"
)
const cells = words("td th")
const silent = words("script style template iframe object applet noembed noframes audio video canvas head title")
const inline = words(
  "a abbr acronym area b base basefont bdi bdo big blink body button cite code col colgroup data datalist del dfn dialog em embed font frame frameset html i img input ins kbd label link map mark marquee math meta meter noscript output param picture progress q rp rt ruby s samp select small source span strike strong sub sup svg textarea time tt u var wbr"
)
const known = new Set([...blocks, ...cells, ...silent, ...inline])

const tagLike = /<[/!]?([a-z][a-z0-9]{0,11})(?=[\s/>:])|<!--/gi
const entityLike = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/i

/** RSS does not say whether a text is markup; "if x<y" is not. */
const looksLikeMarkup = (value: string): boolean => {
  if (entityLike.test(value)) return true
  for (const match of value.matchAll(tagLike)) {
    if (match[1] === undefined || known.has(match[1].toLowerCase())) return true
  }
  return false
}

/** Feeds hold windows-1252 bytes as if they were Unicode; the control characters that they then are mean nothing else. */
const latin = new TextDecoder("windows-1252")

const tidy = (value: string): string =>
  value
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0080-\u009f]/g, (c) => latin.decode(Uint8Array.of(c.charCodeAt(0))))
    // controls, soft hyphens, zero-width characters: they break the search for names
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000e-\u001f\u007f\u00ad\u200b\u2060\ufeff]/g, "")

/** All but the single spaces, which are most of a text. */
const spaces = /[^\S ]\s*| \s+/g

const oneLine = (value: string): string => tidy(value).replace(spaces, " ").trim()

const lines = (value: string): string =>
  tidy(value)
    .split(/[\r\n]+/)
    .map((line) => line.replace(spaces, " ").trim())
    .filter((line) => line !== "")
    .join("\n")

class TooDeep extends Error {}

/** The parser keeps open elements in a list that it searches: without a limit a million `<b>` would take minutes. */
const maxDepth = 256

const strip = (html: string): string => {
  let out = ""
  let muted = 0
  let depth = 0
  let raw = false
  const closes = new Map<string, boolean>()
  // an <iframe> that is never closed would take the rest of the text with it
  const isSilent = (name: string): boolean => {
    if (!silent.has(name)) return false
    if (name === "script" || name === "style") return true
    let found = closes.get(name)
    if (found === undefined) {
      found = new RegExp(`</${name}`, "i").test(html)
      closes.set(name, found)
    }
    return found
  }
  const parser = new Parser({
    onopentagname(name) {
      if (++depth > maxDepth) throw new TooDeep()
      raw ||= name === "iframe" || name === "noembed" || name === "noframes"
      if (isSilent(name)) muted++
      else if (muted === 0 && blocks.has(name)) out += "\n"
      else if (muted === 0 && cells.has(name)) out += " "
    },
    onclosetag(name) {
      depth--
      if (isSilent(name)) muted = Math.max(0, muted - 1)
      else if (muted === 0 && blocks.has(name)) out += "\n"
    },
    ontext(text) {
      if (muted > 0) return
      const unmarked = raw ? text.replace(/<[^<>]*>/g, " ") : text
      // line ends within a text are spaces; only blocks make lines
      out += unmarked.includes("\n") || unmarked.includes("\r") ? unmarked.replace(/[\r\n]+/g, " ") : unmarked
    }
  })
  try {
    parser.end(html)
    return out
  } catch (error) {
    if (error instanceof TooDeep) return html.replace(/<[^<>]*>/g, " ")
    throw error
  }
}

const isMarkup = (text: Text): boolean =>
  text.kind === "html" ? /[<&]/.test(text.value) : text.kind === "unsure" && looksLikeMarkup(text.value)

/** Paragraphs on lines of their own. */
export const toText = (text: Text): string => lines(isMarkup(text) ? strip(text.value) : text.value)

/** All on one line. */
export const toTitle = (text: Text): string => oneLine(isMarkup(text) ? strip(text.value) : text.value)
