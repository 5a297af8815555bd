/**
 * Finds watched companies in articles: one precompiled matcher for all of them, linear in the length of the text.
 *
 * @since 0.1.0
 */
import { type Article, maxLength, type Sentence, titleLength, type Zone } from "./Article.ts"
import type { Company } from "./Entity.ts"
import { exchangeOf } from "./internal/exchanges.ts"
import { foldText } from "./internal/fold.ts"
import * as Context from "./internal/nameContext.ts"
import * as Patterns from "./internal/namePatterns.ts"
import { wordsOf } from "./internal/words.ts"

/**
 * One place where an article names a company.
 *
 * @category models
 * @since 0.1.0
 */
export interface Mention {
  readonly zone: Zone
  readonly sentence: Sentence
  /** Whether the sentence says what the company does, rather than naming it on the way. */
  readonly subject: boolean
}

/**
 * A watched company with every place where an article names it, in reading order.
 *
 * @category models
 * @since 0.1.0
 */
export interface Found {
  readonly company: Company
  readonly mentions: ReadonlyArray<Mention>
}

/**
 * The compiled matcher.
 *
 * @category models
 * @since 0.1.0
 */
export interface Watchlist {
  readonly companies: ReadonlyArray<Company>
  /** Names that several companies share but for their legal form: there, a name without its form counts for none. */
  readonly ambiguous: ReadonlyArray<string>
  /** Whether the text may name one of the companies: quick, and never wrong when it says no. */
  readonly mayConcern: (title: string, text: string) => boolean
  readonly find: (article: Article) => ReadonlyArray<Found>
}

interface Hit extends Mention {
  readonly company: number
  readonly verdict: Context.Verdict
}

/**
 * Compiles the names, aliases, tickers and domains of the companies.
 *
 * **Details**
 *
 * - Legal forms are optional on either side. Where both give one, they must be of the same family (Inc. and Corp., not
 *   Inc. and GmbH).
 * - A name counts as written: capital letters are needed, and all of them for short ones like "IBM".
 * - A longer name is another company: "Acme Robotics" and "Alpha Acme" are not Acme; "Acme Group", "Acme Europe" and
 *   "Acme's" are.
 * - A name that is an ordinary word needs a company's context: its form, a ticker, a verb such as "said", or a capital
 *   in the middle of a sentence.
 * - What is in doubt, as capitals are in a headline, counts only if the article names the company beyond doubt.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (companies: ReadonlyArray<Company>): Watchlist => {
  const compiled = Patterns.compile(companies)

  const names = (line: Context.Line, sentence: Sentence, hits: Array<Hit>): void => {
    let index = 0
    while (index < line.words.length) {
      let next = index + 1
      for (const pattern of compiled.byFirstWord.get(line.lower[index] ?? "") ?? []) {
        if (!Patterns.matches(pattern, line, index)) continue
        const end = Context.readNameEnd(line, index + pattern.words.length)
        const single = pattern.words.length === 1
        const owner = Patterns.owner(pattern, end.form)
        next = end.next
        if (owner === undefined) break
        const verdict = Context.worst(
          owner.sure ? "yes" : "maybe",
          Context.judgeBefore(line, index, single && end.form === undefined),
          Context.judgeAfter(line, end, single),
          pattern.ordinary ? Context.judgeOrdinary(line, index, end) : "yes"
        )
        if (verdict !== "no") {
          for (const company of owner.companies) {
            hits.push({ company, verdict, zone: sentence.zone, sentence, subject: Context.isSubject(line, index) })
          }
        }
        break
      }
      index = next
    }
  }

  const symbols = (sentence: Sentence, hits: Array<Hit>): void => {
    if (compiled.symbols === undefined) return
    for (const match of sentence.folded.matchAll(compiled.symbols)) {
      const exchange = match[1] === undefined ? undefined : exchangeOf(match[1])
      // "Note: ACME" is no exchange.
      if (match[1] !== undefined && exchange === undefined) continue
      for (const ticker of compiled.byTicker.get(match[2] ?? "") ?? []) {
        if (ticker.exchange !== undefined && exchange !== undefined && ticker.exchange !== exchange) continue
        hits.push({ company: ticker.company, verdict: "yes", zone: sentence.zone, sentence, subject: false })
      }
    }
  }

  const others = (sentence: Sentence, hits: Array<Hit>): void => {
    for (const text of compiled.substrings) {
      if (sentence.folded.includes(text.value)) {
        hits.push({ company: text.company, verdict: "yes", zone: sentence.zone, sentence, subject: false })
      }
    }
    if (compiled.domains === undefined) return
    for (const match of sentence.folded.matchAll(compiled.domains)) {
      for (const company of compiled.byDomain.get((match[1] ?? "").toLowerCase()) ?? []) {
        hits.push({ company, verdict: "yes", zone: sentence.zone, sentence, subject: false })
      }
    }
  }

  return {
    companies,
    ambiguous: compiled.ambiguous,
    mayConcern: (title, text) =>
      compiled.quick.test(foldText(title.slice(0, titleLength))) ||
      compiled.quick.test(foldText(text.slice(0, maxLength))),
    find: (article) => {
      const hits: Array<Hit> = []
      for (const sentence of [article.title, ...article.sentences]) {
        if (!compiled.quick.test(sentence.folded)) continue
        names(Context.makeLine(sentence.folded, wordsOf(sentence.folded)), sentence, hits)
        symbols(sentence, hits)
        others(sentence, hits)
      }
      const sure = new Set(hits.filter((hit) => hit.verdict === "yes").map((hit) => hit.company))
      const shared = compiled.sharers(sure)
      return companies.flatMap((company, index) => {
        if (!sure.has(index)) return []
        const mentions = hits
          // A bare name that two companies share belongs to the one that the article names in full.
          .filter((hit) => hit.company === index && (hit.verdict === "yes" || !shared.has(index)))
          .map(({ sentence, subject, zone }) => ({ zone, sentence, subject }))
        return [{ company, mentions }]
      })
    }
  }
}
