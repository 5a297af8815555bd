/**
 * A text taken apart: headline, news and boilerplate, in sentences that can be quoted word for word.
 *
 * @since 0.1.0
 */
import { foldText } from "./internal/fold.ts"
import { ABBREVIATIONS, ABOUT_START, BOILERPLATE_START, DATELINE } from "./internal/headings.ts"

/**
 * How much of a text is read, in UTF-16 units. News stands first; what follows this much is left out with a warning.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxLength = 100_000

/**
 * How much of a headline is read, in UTF-16 units.
 *
 * @category constants
 * @since 0.1.0
 */
export const titleLength = 1_000

/**
 * How much of the news counts as its opening, in UTF-16 units: the paragraphs that tell what happened.
 *
 * @category constants
 * @since 0.1.0
 */
export const leadLength = 1_000

/**
 * Where in an article a sentence stands.
 *
 * @category models
 * @since 0.1.0
 */
export type Zone = "title" | "lead" | "body" | "boilerplate"

/**
 * A sentence: `text` is `source.slice(start, end)` of the field that it stands in, `folded` is what rules read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sentence {
  readonly zone: Zone
  readonly text: string
  readonly folded: string
  readonly start: number
  readonly end: number
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Article {
  /** The headline as one sentence, whatever its punctuation. */
  readonly title: Sentence
  readonly sentences: ReadonlyArray<Sentence>
  /** Whether the text was longer than {@link maxLength}. */
  readonly truncated: boolean
}

const SENTENCE_LIMIT = 600
// A line break, or the end of a sentence: its mark, closing quotes and brackets, white space.
const BREAK = /[\r\n]+[\s]*|[.!?]["'\u2019\u201d)\]]{0,3}\s+/g
const BEFORE_STOP = /(?:^|[\s("'\u201c])([\p{L}.]{1,12})$/u

const endsSentence = (text: string, index: number, next: string): boolean => {
  if (text[index] !== ".") return true
  if (next !== "" && next === next.toLowerCase() && next !== next.toUpperCase()) return false
  const before = BEFORE_STOP.exec(text.slice(Math.max(0, index - 14), index))?.[1]?.toLowerCase()
  return before === undefined || !(before.length === 1 || ABBREVIATIONS.has(before))
}

const spans = (text: string): Array<readonly [start: number, end: number]> => {
  const found: Array<readonly [number, number]> = []
  let start = 0
  const close = (end: number) => {
    while (end - start > SENTENCE_LIMIT) {
      const space = text.lastIndexOf(" ", start + SENTENCE_LIMIT)
      const cut = space > start ? space : start + SENTENCE_LIMIT
      found.push([start, cut])
      start = cut
    }
    if (end > start) found.push([start, end])
  }
  for (const match of text.matchAll(BREAK)) {
    const end = match.index + match[0].length
    const isLine = match[0][0] === "\n" || match[0][0] === "\r"
    if (!isLine && !match[0].includes("\n") && !endsSentence(text, match.index, text[end] ?? "")) continue
    close(isLine ? match.index : match.index + match[0].trimEnd().length)
    start = end
  }
  close(text.length)
  return found
}

const sentence = (zone: Zone, source: string, from: number, to: number): Sentence | undefined => {
  let start = from
  let end = to
  while (start < end && (source[start] ?? "").trim() === "") start++
  while (end > start && (source[end - 1] ?? "").trim() === "") end--
  if (start === end) return undefined
  const text = source.slice(start, end)
  return { zone, text, folded: foldText(text), start, end }
}

/**
 * Takes a title and a text apart. Linear in their length.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (title: string, text: string): Article => {
  const read = text.length > maxLength ? text.slice(0, maxLength) : text
  const sentences: Array<Sentence> = []
  let news = 0
  let boilerplate = false
  for (const [from, to] of spans(read)) {
    const dateline =
      sentences.length < 4 ? (DATELINE.exec(read.slice(from, Math.min(to, from + 200)))?.[0].length ?? 0) : 0
    const zone: Zone = boilerplate ? "boilerplate" : news < leadLength ? "lead" : "body"
    const next = sentence(zone, read, from + dateline, to)
    if (next === undefined) continue
    if (!boilerplate && news > 0 && (ABOUT_START.test(next.folded) || BOILERPLATE_START.test(next.folded)))
      boilerplate = true
    sentences.push(boilerplate ? { ...next, zone: "boilerplate" } : next)
    news += to - from
  }
  const head = title.slice(0, titleLength)
  return {
    title: sentence("title", head, 0, head.length) ?? { zone: "title", text: "", folded: "", start: 0, end: 0 },
    sentences,
    truncated: text.length > maxLength
  }
}
