/**
 * Says what kind of event an article tells of: transparent rules, weighted and added up.
 *
 * @since 0.1.0
 */
import type { Article } from "./Article.ts"
import { maskNames } from "./internal/maskNames.ts"
import { DISTRACTORS, FILING } from "./internal/rule.ts"
import { RULES } from "./internal/rules.ts"
import type { Label, SignalType } from "./Signal.ts"

/**
 * A rule that was found in an article, with what it added to its label.
 *
 * @category models
 * @since 0.1.0
 */
export interface Feature {
  readonly rule: string
  readonly type: SignalType
  readonly weight: number
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Classification {
  readonly type: SignalType
  /** The most confident first; never empty. */
  readonly labels: ReadonlyArray<Label>
  /** Every rule that spoke, so that a reader can see why. */
  readonly features: ReadonlyArray<Feature>
}

/**
 * The confidence from which on an event's label is given.
 *
 * @category constants
 * @since 0.1.0
 */
export const threshold = 0.5

/**
 * What a second label needs, as a share of the first one's sum of weights: less where the headline speaks for it.
 *
 * @category constants
 * @since 0.1.0
 */
export const secondShare = { headline: 0.6, opening: 0.8 }

const LEAD_FIRST = 350
const WITHOUT_TITLE = 1.5
const REST = 0.4
const AGAIN = 0.5
const UNANNOUNCED = 0.8
const ANNOUNCES = /\b(?:announc\w+|today|pleased|proud|excited|reported|unveiled|launched|issued|entered into)\b/i
// A sum of 1 is even odds; a plain headline ("X acquires Y") has 2.4 and comes to 0.97.
const confidence = (sum: number): number => Math.round(10_000 / (1 + Math.exp(-2.5 * (sum - 1)))) / 10_000

// Full stops that end no sentence: rules do not read beyond one.
const STOPS = /\b(dr|mr|mrs|ms|prof|jr|sr|st|vs|inc|corp|ltd|co|no|[a-z])\.(?=\s)/g

const plain = (text: string, mask: (text: string) => string): string => {
  let read = mask(text).toLowerCase().replace(STOPS, "$1")
  for (const pattern of DISTRACTORS) read = read.replace(pattern, " ")
  return read
}

/**
 * Classifies an article by its headline and the opening of its news; boilerplate is never read.
 *
 * **Details**
 *
 * Names of companies ("Metals Acquisition Ltd") are taken out first. Each rule then adds its weight at most once: in the
 * headline, else in the first 350 characters (the weight for openings), else in the rest of the opening (0.4 of that);
 * what a headline says gains 0.4 of what its opening repeats. An opening counts 0.8 times if it announces nothing, and
 * 1.5 times without a headline. Of a label's weights the greatest counts in full, further ones by half, those against it
 * in full. The sum `s` becomes the confidence `1 / (1 + e^(-2.5 (s - 1)))`.
 *
 * Labels from {@link threshold} on are given, second ones only from a share of the first one's sum on
 * ({@link secondShare}). `other` and `none` are given only alone; a filing without an event is `other`.
 *
 * @category classification
 * @since 0.1.0
 */
export const classify = (article: Article): Classification => {
  const lead = article.sentences.filter((sentence) => sentence.zone === "lead").map((sentence) => sentence.folded)
  const mask = maskNames(lead)
  const title = plain(article.title.folded, mask)
  const opening = plain(lead.join("\n"), mask)
  const first = opening.slice(0, LEAD_FIRST)
  const rest = opening.slice(LEAD_FIRST)
  const scale = article.title.folded === "" ? WITHOUT_TITLE : ANNOUNCES.test(first) ? 1 : UNANNOUNCED
  const inTitle = new Set<SignalType>()
  const features: Array<Feature> = []
  for (const rule of RULES) {
    let weight = 0
    if (rule.title !== 0 && rule.pattern.test(title)) weight = rule.title
    if (weight > 0) inTitle.add(rule.label)
    const here =
      rule.lead === 0 ? 0 : rule.pattern.test(first) ? rule.lead : rule.pattern.test(rest) ? rule.lead * REST : 0
    // A headline and an opening that agree say more than either.
    weight = weight === 0 ? here * scale : weight + here * 0.4
    if (weight === 0) continue
    features.push({ rule: rule.id, type: rule.label, weight })
  }
  return decide(sumsOf(features), inTitle, features, FILING.test(opening))
}

/** The strongest rule counts in full; those that say the same again, by half. */
const sumsOf = (features: ReadonlyArray<Feature>): ReadonlyMap<SignalType, number> => {
  const strongest = new Map<SignalType, number>()
  for (const { type, weight } of features) strongest.set(type, Math.max(strongest.get(type) ?? 0, weight))
  const sums = new Map<SignalType, number>()
  for (const { type, weight } of features) {
    sums.set(type, (sums.get(type) ?? (strongest.get(type) ?? 0) * AGAIN) + (weight > 0 ? weight * AGAIN : weight))
  }
  return sums
}

const decide = (
  sums: ReadonlyMap<SignalType, number>,
  inTitle: ReadonlySet<SignalType>,
  features: ReadonlyArray<Feature>,
  filing: boolean
): Classification => {
  const ranked = [...sums].sort(
    ([leftType, left], [rightType, right]) => right - left || (leftType < rightType ? -1 : 1)
  )
  const noEvent = sums.get("none") ?? 0
  const events = ranked
    .filter(([type]) => type !== "none" && type !== "other")
    .map(([type, sum]) => [type, sum - 0.5 * noEvent] as const)
    .filter(([, sum]) => confidence(sum) >= threshold)
  const top = events[0]
  const other = (sums.get("other") ?? 0) - 0.5 * noEvent
  if (top === undefined || other > top[1] * 1.15) {
    const type = confidence(other) >= threshold || (filing && noEvent < 1) ? "other" : "none"
    const sure =
      type === "other"
        ? Math.max(threshold, confidence(other))
        : Math.max(confidence(noEvent), 1 - confidence(Math.max(0, other)))
    return { type, labels: [{ type, confidence: sure }], features }
  }
  const labels = events
    .filter(
      (event) =>
        event === top || event[1] >= top[1] * (inTitle.has(event[0]) ? secondShare.headline : secondShare.opening)
    )
    .map(([type, sum]) => ({ type, confidence: confidence(sum) }))
  return { type: top[0], labels, features }
}
