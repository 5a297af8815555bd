import type { Company } from "../Entity.ts"
import { exchangeOf } from "./exchanges.ts"
import { foldText } from "./fold.ts"
import type { LegalForm } from "./legalForms.ts"
import { gap, type Line } from "./nameContext.ts"
import { ORDINARY_WORDS } from "./nameLexicon.ts"
import { isCapital, splitName } from "./words.ts"

type Case = "exact" | "capital" | "any"

interface PatternWord {
  readonly text: string
  readonly lower: string
  readonly case: Case
}

/** The words of a name without its legal form, with every company that has them. */
export interface Pattern {
  readonly words: ReadonlyArray<PatternWord>
  readonly owners: ReadonlyArray<{ readonly company: number; readonly form: LegalForm | undefined }>
  readonly ordinary: boolean
}

export interface Compiled {
  /** Longest first. */
  readonly byFirstWord: ReadonlyMap<string, ReadonlyArray<Pattern>>
  readonly quick: RegExp
  readonly symbols: RegExp | undefined
  readonly byTicker: ReadonlyMap<
    string,
    ReadonlyArray<{ readonly company: number; readonly exchange: string | undefined }>
  >
  readonly domains: RegExp | undefined
  readonly byDomain: ReadonlyMap<string, ReadonlyArray<number>>
  /** Names in scripts without spaces between words. */
  readonly substrings: ReadonlyArray<{ readonly value: string; readonly company: number }>
  readonly ambiguous: ReadonlyArray<string>
  /** Those of the given companies that share a bare name with another of them. */
  readonly sharers: (companies: ReadonlySet<number>) => ReadonlySet<number>
}

const CONNECTIVES = new Set([
  "of",
  "and",
  "&",
  "the",
  "de",
  "du",
  "des",
  "la",
  "le",
  "van",
  "von",
  "der",
  "et",
  "for",
  "y",
  "e"
])
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u
const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&")

const caseOf = (word: string, wholeName: string, loose: boolean): Case => {
  if (CONNECTIVES.has(word.toLowerCase())) return "any"
  const isUpper = word === word.toUpperCase() && word !== word.toLowerCase()
  const nameIsUpper = loose && wholeName === wholeName.toUpperCase()
  return isUpper && word.length <= 4 && !nameIsUpper ? "exact" : "capital"
}

const add = <K, V>(map: Map<K, Array<V>>, key: K, value: V): void => {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}

export const compile = (companies: ReadonlyArray<Company>): Compiled => {
  const patterns = new Map<
    string,
    { words: Array<PatternWord>; owners: Array<Pattern["owners"][number]>; ordinary: boolean }
  >()
  const byTicker = new Map<string, Array<{ company: number; exchange: string | undefined }>>()
  const byDomain = new Map<string, Array<number>>()
  const substrings: Array<{ value: string; company: number }> = []
  companies.forEach((company, index) => {
    for (const name of company.names) {
      const folded = foldText(name)
      if (UNSPACED.test(folded)) substrings.push({ value: folded.trim(), company: index })
      const { core, form } = splitName(folded)
      const loose = core.length > 1 || form !== undefined
      const key = core.map((word) => (word.lower === "and" ? "&" : word.lower)).join(" ")
      const pattern = patterns.get(key) ?? {
        words: core.map((word) => ({
          text: word.text,
          lower: word.lower === "and" ? "&" : word.lower,
          case: caseOf(word.text, folded, loose)
        })),
        owners: [],
        ordinary: false
      }
      const known = pattern.owners.some((owner) => owner.company === index && owner.form?.canonical === form?.canonical)
      if (!known) pattern.owners.push({ company: index, form })
      pattern.ordinary ||= core.length === 1 && (company.ordinaryWord ?? ORDINARY_WORDS.has(key))
      patterns.set(key, pattern)
    }
    for (const ticker of company.tickers) {
      const colon = ticker.indexOf(":")
      const exchange =
        colon < 0 ? undefined : (exchangeOf(ticker.slice(0, colon)) ?? ticker.slice(0, colon).toLowerCase())
      add(byTicker, ticker.slice(colon + 1), { company: index, exchange })
    }
    for (const domain of company.domains) add(byDomain, domain, index)
  })
  const byFirstWord = new Map<string, Array<Pattern>>()
  for (const pattern of patterns.values()) {
    const first = pattern.words[0]
    if (first !== undefined) add(byFirstWord, first.lower, pattern)
  }
  for (const list of byFirstWord.values()) list.sort((left, right) => right.words.length - left.words.length)
  const contested = [...patterns.values()].filter((pattern) => companiesOf(pattern).size > 1)
  const alternatives = [...byFirstWord.keys(), ...byTicker.keys(), ...byDomain.keys()].map(escape)
  return {
    byFirstWord,
    quick: quickly(
      alternatives,
      substrings.map(({ value }) => escape(value))
    ),
    symbols:
      byTicker.size === 0
        ? undefined
        : new RegExp(
            `(?:(?<![\\w$])\\$|\\b([A-Za-z]{2,14})\\s?:\\s?)(${[...byTicker.keys()].map(escape).join("|")})(?![\\w-])`,
            "gu"
          ),
    byTicker,
    domains:
      byDomain.size === 0
        ? undefined
        : new RegExp(
            `(?<![\\w@-])(?:[a-z0-9-]{1,63}\\.){0,4}?(${[...byDomain.keys()].map(escape).join("|")})(?![\\w-]|\\.\\w)`,
            "giu"
          ),
    byDomain,
    substrings,
    ambiguous: contested.map((pattern) => pattern.words.map((word) => word.text).join(" ")),
    sharers: (present) =>
      new Set(
        contested.flatMap((pattern) => {
          const here = [...companiesOf(pattern)].filter((company) => present.has(company))
          return here.length > 1 ? here : []
        })
      )
  }
}

// Without Unicode rules the engine is several times as fast, and ASCII names need none.
const quickly = (words: ReadonlyArray<string>, substrings: ReadonlyArray<string>): RegExp => {
  const ascii = words.filter((word) => /^[\w.'&\\-]+$/.test(word))
  const bounded = (list: ReadonlyArray<string>, before: string, after: string) =>
    list.length === 0 ? [] : [`${before}(?:${list.join("|")})${after}`]
  if (ascii.length === words.length && substrings.length === 0) {
    return new RegExp(bounded(words, "(?:\\b|_)", "(?![a-z0-9])").join(""), "i")
  }
  const parts = [...bounded(words, "(?<![\\p{L}\\p{N}])", "(?![\\p{L}\\p{N}])"), ...substrings]
  return new RegExp(parts.join("|"), "iu")
}

const companiesOf = (pattern: Pattern): Set<number> => new Set(pattern.owners.map((owner) => owner.company))

const fits = (word: PatternWord, written: string): boolean =>
  written === word.text ||
  word.case === "any" ||
  (word.case === "capital" && (isCapital(written) || /^\p{N}/u.test(written))) ||
  written.toLowerCase() === written.toUpperCase()

export const matches = (pattern: Pattern, line: Line, index: number): boolean => {
  if (pattern.ordinary && !isCapital(line.words[index]?.text ?? "")) return false
  for (let offset = 0; offset < pattern.words.length; offset++) {
    const expected = pattern.words[offset]
    const word = line.words[index + offset]
    if (expected === undefined || word === undefined) return false
    if (expected.lower !== (word.lower === "and" ? "&" : word.lower) || !fits(expected, word.text)) return false
    if (offset > 0 && !/^(?:\s{0,2}|[ ]?[-.,'/+][ ]?|\. )$/.test(gap(line, index + offset))) return false
  }
  return true
}

/** Whose name it is, given the legal form that the text has or has not; `sure` is false where only the bare name is shared. */
export const owner = (
  pattern: Pattern,
  form: LegalForm | undefined
): { readonly companies: ReadonlyArray<number>; readonly sure: boolean } | undefined => {
  const all = [...companiesOf(pattern)]
  if (form === undefined) return { companies: all, sure: all.length === 1 }
  const exact = pattern.owners.filter((one) => one.form?.canonical === form.canonical)
  if (exact.length > 0) return { companies: [...new Set(exact.map((one) => one.company))], sure: true }
  const near = pattern.owners.filter((one) => one.form === undefined || one.form.family === form.family)
  const companies = [...new Set(near.map((one) => one.company))]
  return companies.length === 1 ? { companies, sure: true } : undefined
}
