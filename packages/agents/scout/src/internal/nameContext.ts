import type { Word } from "./words.ts"
import { isCapital } from "./words.ts"
import { legalFormAt, type LegalForm } from "./legalForms.ts"
import { AFTER_NAME, BEFORE_NAME, COMPANY_NOUNS, COMPANY_VERBS, GENERIC_AFTER, REGIONS } from "./nameLexicon.ts"

/** A sentence as its words, with what depends on the whole of it. */
export interface Line {
  readonly text: string
  readonly words: ReadonlyArray<Word>
  readonly lower: ReadonlyArray<string>
  /** Whether most words are capitalised, so that capitals say nothing. */
  readonly titleCase: boolean
}

/** `maybe` counts only when the same article names the company beyond doubt elsewhere. */
export type Verdict = "yes" | "maybe" | "no"

export const worst = (...verdicts: ReadonlyArray<Verdict>): Verdict =>
  verdicts.reduce((left, right) => (left === "no" || right === "no" ? "no" : left === "maybe" ? left : right))

// Words that headlines leave small among capitals.
const SMALL = new Set([
  "with",
  "from",
  "into",
  "over",
  "that",
  "this",
  "than",
  "amid",
  "after",
  "upon",
  "through",
  "toward",
  "their"
])

export const makeLine = (text: string, words: ReadonlyArray<Word>): Line => {
  let long = 0
  let capitals = 0
  for (const word of words) {
    if (word.text.length < 4 || SMALL.has(word.text)) continue
    long++
    if (isCapital(word.text)) capitals++
  }
  return {
    text,
    words,
    lower: words.map((word) => word.lower),
    titleCase: long < 3 ? capitals === long : capitals >= long * 0.75
  }
}

export const gap = (line: Line, index: number): string => {
  const left = line.words[index - 1]
  const right = line.words[index]
  return left === undefined || right === undefined ? "\n" : line.text.slice(left.end, right.start)
}

const isJoined = (between: string): boolean => between === " " || between === "  " || between === "-"
const verbLike = (lower: string): boolean => lower.length > 3 && /(?:[^s]s|ed|ing)$/.test(lower)
const HONORIFICS = new Set(["mr", "mrs", "ms", "dr", "st", "sen", "gov", "gen", "prof", "sir", "rep", "judge"])
const TOP_LEVEL = new Set(["com", "ai", "io", "net", "org"])

export interface NameEnd {
  /** Index of the first word after the name. */
  readonly next: number
  readonly form: LegalForm | undefined
  /** The name ends here whatever follows: a possessive, a legal form, a domain ending. */
  readonly closed: boolean
}

/** Reads on after the words of a name: legal forms, "Group", a region, ".com", a possessive. */
export const readNameEnd = (line: Line, from: number): NameEnd => {
  const dotted = (index: number) => /^[./]\s?$/.test(gap(line, index))
  let next = from
  let form: LegalForm | undefined
  for (;;) {
    const last = line.words[next - 1]
    if (last !== undefined && line.text[last.end] === "'") return { next, form, closed: true }
    const between = gap(line, next)
    const word = line.words[next]
    if (word === undefined) return { next, form, closed: true }
    if (form === undefined && between === "." && TOP_LEVEL.has(word.lower))
      return { next: next + 1, form, closed: true }
    if (!isCapital(word.text) || !/^[\s,.]{1,3}$/.test(between) || between.includes("\n")) break
    const found = legalFormAt(line.lower, next, dotted)
    if (found !== undefined) {
      const end = line.words[next + found.length - 1]
      if (end !== undefined && line.text[end.end] === "-") break
      form ??= found.form
      next += found.length
      continue
    }
    const plain = between === " "
    if (form === undefined && plain && (GENERIC_AFTER.has(word.lower) || REGIONS.has(word.lower))) {
      next++
      continue
    }
    break
  }
  return { next, form, closed: form !== undefined }
}

/** Whether what follows leaves the name as it is, or makes it part of a longer one. */
export const judgeAfter = (line: Line, end: NameEnd, single: boolean): Verdict => {
  if (end.closed) return "yes"
  const word = line.words[end.next]
  if (word === undefined) return "yes"
  const between = gap(line, end.next)
  if (word.text === "&") return isCapital(line.words[end.next + 1]?.text ?? "") ? "no" : "yes"
  if (!isJoined(between) || !isCapital(word.text)) return "yes"
  if (between === "-") return "no"
  const following = line.lower[end.next + 1] ?? ""
  if (word.lower === "partners" || word.lower === "brothers") {
    return line.titleCase && /^(?:with|on|up|to|for|and)$/.test(following) ? "yes" : "no"
  }
  if (COMPANY_NOUNS.has(word.lower)) return "no"
  if (AFTER_NAME.has(word.lower)) return "yes"
  if (!line.titleCase) return "no"
  if (!single || verbLike(word.lower)) return "yes"
  return "maybe"
}

/** Whether what stands before leaves the name as it is, or makes it the end of a longer one. */
export const judgeBefore = (line: Line, index: number, single: boolean): Verdict => {
  const word = line.words[index - 1]
  const start = line.words[index]
  if (word === undefined || start === undefined) return "yes"
  const between = gap(line, index)
  if (/[@/]$/.test(line.text.slice(0, start.start)) || (between === "." && !isCapital(word.text))) return "no"
  if (word.text === "&") return "no"
  if (/^\.\s$/.test(between) && HONORIFICS.has(word.lower)) return "no"
  if (!isJoined(between) || !isCapital(word.text)) return "yes"
  if (BEFORE_NAME.has(word.lower) || COMPANY_VERBS.has(word.lower)) return "yes"
  if (COMPANY_NOUNS.has(word.lower)) return line.titleCase ? "maybe" : "no"
  if (AFTER_NAME.has(word.lower)) return "yes"
  if (line.titleCase) return verbLike(word.lower) || (!single && index > 1) ? "yes" : "maybe"
  return index === 1 ? "maybe" : "no"
}

/** Whether a name that is an ordinary word stands where only a company can. */
export const judgeOrdinary = (line: Line, index: number, end: NameEnd): Verdict => {
  if (end.form !== undefined || (end.closed && line.words[end.next] !== undefined && index > 0)) return "yes"
  const between = gap(line, end.next)
  if (/^\s?\([A-Z]/.test(between + (line.words[end.next]?.text ?? "")) && /^\s?\($/.test(between)) return "yes"
  if (COMPANY_VERBS.has(line.lower[end.next] ?? "") && isJoined(between)) return "yes"
  return line.titleCase || index === 0 || /[.!?:;"(]/.test(gap(line, index)) ? "maybe" : "yes"
}

/** Whether the company does what the sentence says: nothing but openers and other subjects stands before its name. */
export const isSubject = (line: Line, index: number): boolean => {
  if (index > 8) return false
  for (let before = 0; before < index; before++) {
    const lower = line.lower[before] ?? ""
    if (
      COMPANY_VERBS.has(lower) ||
      /^(?:by|with|from|against|to|of|for|on|at|in|via|vs|than|is|are|was|has|will)$/.test(lower)
    ) {
      return false
    }
    if (line.titleCase && before > 0 && AFTER_NAME.has(lower) && lower !== "and") return false
  }
  return true
}
