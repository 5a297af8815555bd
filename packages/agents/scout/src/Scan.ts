/**
 * From items to signals: what Scout does between reading its sources and choosing what to report. Pure, but that it lets
 * other fibers run now and then, and for what a model reads where there is one.
 *
 * @since 0.1.0
 */
import type * as SignalSource from "@aria/connectors/SignalSource"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Article from "./Article.ts"
import { hostOf, isWithin } from "./CanonicalUrl.ts"
import * as Classifier from "./Classifier.ts"
import * as Deduplication from "./Deduplication.ts"
import type { Company } from "./Entity.ts"
import type * as ModelReader from "./ModelReader.ts"
import * as Score from "./Score.ts"
import type { Provenance, Quote, Signal, Warning } from "./Signal.ts"
import type { Mention, Watchlist } from "./Watchlist.ts"

/**
 * One article about one company, before it is merged with others that tell the same.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sighting extends Deduplication.Story {
  readonly read: SignalSource.SignalItem
  readonly article: Article.Article
  readonly classification: Classifier.Classification
  readonly mentions: ReadonlyArray<Mention>
  readonly authority: number
  readonly mention: number
  /** What a model made of it, where one read it. */
  readonly reading?: ModelReader.Reading
}

/**
 * How long a summary is at most, in UTF-16 units; it ends with a whole sentence.
 *
 * @category constants
 * @since 0.1.0
 */
export const summaryLength = 400

/**
 * The watched companies that one item concerns. An item on a company's own site concerns it wherever it is named.
 *
 * @category scanning
 * @since 0.1.0
 */
export const sightings = (watchlist: Watchlist, item: SignalSource.SignalItem): ReadonlyArray<Sighting> => {
  if (!watchlist.mayConcern(item.title, item.text)) return []
  const article = Article.make(item.title, item.text)
  const found = watchlist.find(article)
  if (found.length === 0) return []
  const classification = Classifier.classify(article)
  return found.map(({ company, mentions }) => ({
    company: company.name,
    companyNames: company.names,
    type: classification.type,
    types: classification.labels.map((label) => label.type),
    title: item.title,
    text: item.text,
    url: item.url,
    publishedAt: item.publishedAt === undefined ? undefined : DateTime.toEpochMillis(item.publishedAt),
    source: item.source,
    item: item.id,
    read: item,
    article,
    classification,
    mentions,
    authority: Score.authority(item.source, item.url, company),
    mention: ownSite(item.url, company)
      ? Math.max(Score.mention(mentions), Score.mentionWeights.lead)
      : Score.mention(mentions)
  }))
}

const ownSite = (url: string | undefined, company: Company): boolean => {
  const host = url === undefined ? undefined : hostOf(url)
  return host !== undefined && company.domains.some((domain) => isWithin(host, domain))
}

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** The best told one first: the highest authority, the clearest mention, the surest label, then the earliest. */
const byQuality = (left: Sighting, right: Sighting): number =>
  right.authority - left.authority ||
  right.mention - left.mention ||
  (right.classification.labels[0]?.confidence ?? 0) - (left.classification.labels[0]?.confidence ?? 0) ||
  (left.publishedAt ?? Infinity) - (right.publishedAt ?? Infinity) ||
  byText(left.title, right.title) ||
  byText(left.source, right.source) ||
  byText(left.item, right.item)

/**
 * What a model quoted; else the sentence that names the company: in the opening if there is one, because it says more
 * than the headline.
 *
 * @category scanning
 * @since 0.1.0
 */
export const quote = (sighting: Sighting): Quote => {
  const { article, mentions, reading } = sighting
  if (reading?.quote !== undefined) {
    const { field, start, text } = reading.quote
    return { text, source: sighting.source, item: sighting.item, field, start }
  }
  const best =
    mentions.find(({ subject, zone }) => zone === "lead" && subject) ??
    mentions.find(({ zone }) => zone === "lead") ??
    mentions.find(({ zone }) => zone === "title") ??
    mentions[0]
  const sentence = best?.sentence ?? article.title
  return {
    text: sentence.text,
    source: sighting.source,
    item: sighting.item,
    field: sentence.zone === "title" ? "title" : "text",
    start: sentence.start
  }
}

const summary = (article: Article.Article): string => {
  let text = ""
  for (const sentence of article.sentences) {
    if (sentence.zone === "boilerplate") continue
    if (text !== "" && text.length + sentence.text.length > summaryLength) break
    text = text === "" ? sentence.text : `${text} ${sentence.text}`
  }
  return text
}

const provenance = (sighting: Sighting): Provenance => ({
  source: sighting.source,
  item: sighting.item,
  headline: sighting.title,
  ...(sighting.url === undefined ? {} : { url: sighting.url }),
  ...(sighting.read.publishedAt === undefined ? {} : { publishedAt: sighting.read.publishedAt })
})

/** One place is named once, however often a source repeats it. */
const places = (group: ReadonlyArray<Sighting>): Array<Provenance> => {
  const seen = new Map<string, Provenance>()
  for (const sighting of group) {
    const key = JSON.stringify([sighting.source, sighting.item, sighting.url ?? ""])
    if (!seen.has(key)) seen.set(key, provenance(sighting))
  }
  return [...seen.values()]
}

/**
 * One signal from the articles that tell one story. Authority and mention are the best among them, the date is the
 * earliest; headline, labels, summary and quote are those of the best told article.
 *
 * @category scanning
 * @since 0.1.0
 */
export const toSignal = (group: ReadonlyArray<Sighting>, now: number): Signal | undefined => {
  const best = [...group].sort(byQuality)[0]
  const [first, ...others] = places(group)
  if (best === undefined || first === undefined) return undefined
  const dates = group.flatMap(({ publishedAt }) => (publishedAt === undefined ? [] : [publishedAt]))
  const publishedAt = dates.length === 0 ? undefined : dates.reduce((left, right) => Math.min(left, right))
  const scored = Score.score({
    authority: best.authority,
    mention: group.reduce((most, { mention }) => Math.max(most, mention), 0),
    type: best.type,
    publishedAt,
    now
  })
  return {
    company: best.company,
    type: best.type,
    labels: best.classification.labels,
    readBy: best.reading === undefined ? "rules" : "model",
    headline: best.title.trim(),
    summary: best.reading?.summary ?? summary(best.article),
    quote: quote(best),
    sources: [first, ...others],
    ...(publishedAt === undefined ? {} : { publishedAt: DateTime.makeUnsafe(publishedAt) }),
    detectedAt: DateTime.makeUnsafe(now),
    ...scored
  }
}

const byScore = (left: Signal, right: Signal): number =>
  right.score - left.score ||
  byText(left.company, right.company) ||
  byText(left.headline, right.headline) ||
  byText(left.type, right.type) ||
  byText(left.sources[0].item, right.sources[0].item) ||
  byText(left.sources[0].source, right.sources[0].source)

/** The items that can come to this score with the right label, each with all companies that it concerns. */
const candidates = (
  found: ReadonlyArray<Sighting>,
  now: number,
  minScore: number
): ReadonlyArray<ModelReader.Candidate> => {
  const byItem = new Map<
    SignalSource.SignalItem,
    { article: Article.Article; companies: Array<string>; promise: number }
  >()
  for (const { article, authority, company, mention, publishedAt, read } of found) {
    const { score } = Score.score({ authority, mention, type: "acquisition", publishedAt, now })
    const known = byItem.get(read) ?? { article, companies: [], promise: 0 }
    byItem.set(read, { ...known, companies: [...known.companies, company], promise: Math.max(known.promise, score) })
  }
  return [...byItem].flatMap(([item, candidate]) => (candidate.promise < minScore ? [] : [{ item, ...candidate }]))
}

/** The sighting as the model read it; what it said nothing of stays with the rules. */
const reread = (sighting: Sighting, reading: ModelReader.Reading | undefined): Sighting => {
  if (reading === undefined) return sighting
  if (reading.labels === undefined) return { ...sighting, reading }
  const { labels } = reading
  const [{ type }] = labels
  return {
    ...sighting,
    reading,
    type,
    types: labels.map((label) => label.type),
    classification: { ...sighting.classification, type, labels }
  }
}

const PAUSE_EVERY = 200
const CLOCK_SKEW = 86_400_000

/**
 * All signals in the items, the highest score first, whatever the order of the items. With a `model`, it reads the items that
 * can come to its `minScore`.
 *
 * @category scanning
 * @since 0.1.0
 */
export const scan = Effect.fnUntraced(function* (
  watchlist: Watchlist,
  items: ReadonlyArray<SignalSource.SignalItem>,
  options: {
    readonly now: number
    readonly since?: DateTime.Utc | undefined
    readonly model?: { readonly reader: ModelReader.Reader; readonly minScore: number } | undefined
  }
) {
  const since = options.since === undefined ? -Infinity : DateTime.toEpochMillis(options.since)
  const found: Array<Sighting> = []
  const warnings: Array<Warning> = []
  for (const [index, item] of items.entries()) {
    if (index % PAUSE_EVERY === PAUSE_EVERY - 1) yield* Effect.yieldNow
    const published = item.publishedAt === undefined ? undefined : DateTime.toEpochMillis(item.publishedAt)
    if (published !== undefined && published < since) continue
    const seen = sightings(watchlist, item)
    const warn = (message: string) => warnings.push({ source: item.source, item: item.id, message })
    if (item.text.length > Article.maxLength) {
      warn(`The text has ${item.text.length} characters; the first ${Article.maxLength} were read.`)
    }
    if (seen.length > 0 && published !== undefined && published > options.now + CLOCK_SKEW) {
      warn(`Its date, ${new Date(published).toISOString()}, lies in the future; it counts as published now.`)
    }
    found.push(...seen)
  }
  let stories = found
  if (options.model !== undefined) {
    const { minScore, reader } = options.model
    const read = yield* reader.read(candidates(found, options.now, minScore))
    stories = found.map((sighting) => reread(sighting, read.readings.get(sighting.read)))
    warnings.push(...read.warnings)
  }
  const signals = Deduplication.group(stories).flatMap((group) => toSignal(group, options.now) ?? [])
  return { signals: signals.sort(byScore), warnings }
})
