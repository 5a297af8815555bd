/**
 * How much a signal matters: `score = authority × recency × mention × typeWeight`, each factor 0 to 1 and shown.
 *
 * - **authority**: the best source of the story. Authorities' own pages 1, news agencies 0.95, the company's own pages and
 *   press-release wires 0.9, other sources {@link defaultAuthority}, blogs and social networks 0.5.
 * - **recency**: `0.5 + 0.5 × 2^(−age / 14)` with the age in days: 1 when fresh, 0.75 after two weeks, never under 0.5.
 *   Age alone hides nothing; the payload's `since` does. Without a date 0.75; dates in the future count as now.
 * - **mention**: the best place where the story names the company, see {@link mentionWeights}.
 * - **typeWeight**: what kind of event it is, see {@link typeWeights}.
 *
 * Factors are rounded to four places before they are multiplied, the product after, so that anyone can recompute it.
 *
 * @since 0.1.0
 */
import { hostOf, isWithin } from "./CanonicalUrl.ts"
import type { Company } from "./Entity.ts"
import { BY_HOST, BY_NAME } from "./internal/authorities.ts"
import type { ScoreParts, SignalType } from "./Signal.ts"
import type { Mention } from "./Watchlist.ts"

/**
 * Days in which the part of recency that fades is halved.
 *
 * @category constants
 * @since 0.1.0
 */
export const halfLifeDays = 14

/**
 * The recency of a story without a date.
 *
 * @category constants
 * @since 0.1.0
 */
export const undatedRecency = 0.75

/**
 * The authority of a source that is not in the tables.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultAuthority = 0.8

const ownAuthority = 0.9

/**
 * How the score follows from its parts; part of every result.
 *
 * @category constants
 * @since 0.1.0
 */
export const formula = "score = authority * recency * mention * typeWeight; recency = 0.5 + 0.5 * 2^(-ageDays / 14)"

/**
 * The weight of each kind of event.
 *
 * @category constants
 * @since 0.1.0
 */
export const typeWeights: Readonly<Record<SignalType, number>> = {
  acquisition: 1,
  funding: 1,
  leadership_change: 0.95,
  regulatory: 0.95,
  clinical_trial: 0.95,
  earnings: 0.9,
  product_launch: 0.9,
  partnership: 0.9,
  expansion: 0.9,
  hiring: 0.85,
  award: 0.7,
  other: 0.6,
  none: 0.2
}

/**
 * The weight of each place where a company can be named: as the subject or on the way, in the headline or the opening; in
 * the rest at least twice, or once; only in boilerplate such as "About Acme".
 *
 * @category constants
 * @since 0.1.0
 */
export const mentionWeights = {
  titleSubject: 1,
  title: 0.9,
  leadSubject: 0.85,
  lead: 0.65,
  bodyTwice: 0.45,
  body: 0.3,
  boilerplate: 0.1
} as const

/**
 * Four decimal places.
 *
 * @category conversions
 * @since 0.1.0
 */
export const round = (value: number): number => Math.round(value * 10_000) / 10_000

/**
 * The authority of a source, by the host of the address, else by its name.
 *
 * @category scoring
 * @since 0.1.0
 */
export const authority = (source: string, url: string | undefined, company: Company): number => {
  const host = url === undefined ? undefined : hostOf(url)
  if (host !== undefined) {
    if (company.domains.some((domain) => isWithin(host, domain))) return ownAuthority
    for (let rest = host; rest.includes("."); rest = rest.slice(rest.indexOf(".") + 1)) {
      const known = BY_HOST.get(rest)
      if (known !== undefined) return known
    }
  }
  return BY_NAME.find(([name]) => name.test(source))?.[1] ?? defaultAuthority
}

/**
 * The recency of an age in days; `undefined` stands for a story without a date.
 *
 * @category scoring
 * @since 0.1.0
 */
export const recency = (ageDays: number | undefined): number =>
  ageDays === undefined ? undatedRecency : round(0.5 + 0.5 * 2 ** (-Math.max(0, ageDays) / halfLifeDays))

/**
 * The weight of the best mention.
 *
 * @category scoring
 * @since 0.1.0
 */
export const mention = (mentions: ReadonlyArray<Mention>): number => {
  const body = mentions.filter(({ zone }) => zone === "body").length
  const weights = mentions.map(({ subject, zone }) => {
    switch (zone) {
      case "title":
        return subject ? mentionWeights.titleSubject : mentionWeights.title
      case "lead":
        return subject ? mentionWeights.leadSubject : mentionWeights.lead
      case "body":
        return body > 1 ? mentionWeights.bodyTwice : mentionWeights.body
      case "boilerplate":
        return mentionWeights.boilerplate
    }
  })
  return weights.reduce<number>((most, weight) => Math.max(most, weight), 0)
}

/**
 * Puts the parts together. `publishedAt` and `now` are milliseconds since 1970.
 *
 * @category scoring
 * @since 0.1.0
 */
export const score = (options: {
  readonly authority: number
  readonly mention: number
  readonly type: SignalType
  readonly publishedAt: number | undefined
  readonly now: number
}): { readonly score: number; readonly scoreParts: ScoreParts } => {
  const ageDays =
    options.publishedAt === undefined ? undefined : round((options.now - options.publishedAt) / 86_400_000)
  const parts = {
    authority: round(options.authority),
    recency: recency(ageDays),
    mention: round(options.mention),
    typeWeight: typeWeights[options.type]
  }
  return {
    score: round(parts.authority * parts.recency * parts.mention * parts.typeWeight),
    scoreParts: { ...parts, ...(ageDays === undefined ? {} : { ageDays }), formula }
  }
}
