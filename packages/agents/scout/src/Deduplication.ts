/**
 * Puts the articles together that tell one story about one company. Two companies are never put together.
 *
 * @since 0.1.0
 */
import { canonicalUrl } from "./CanonicalUrl.ts"
import { type Fingerprint, fingerprint, jaccard, without } from "./internal/fingerprint.ts"
import type { SignalType } from "./Signal.ts"

/**
 * An article about a company, as far as it is compared.
 *
 * @category models
 * @since 0.1.0
 */
export interface Story {
  /** The watched company's name. */
  readonly company: string
  /** Its names and aliases: they say nothing about the story and are not compared. */
  readonly companyNames: ReadonlyArray<string>
  readonly type: SignalType
  readonly types: ReadonlyArray<SignalType>
  readonly title: string
  readonly text: string
  readonly url: string | undefined
  /** Milliseconds since 1970. */
  readonly publishedAt: number | undefined
  readonly source: string
  readonly item: string
}

/**
 * The days that the articles of one story lie apart at most.
 *
 * @category constants
 * @since 0.1.0
 */
export const windowDays = 5

/**
 * How much of two headlines' telling words must agree (Jaccard).
 *
 * @category constants
 * @since 0.1.0
 */
export const headlineSimilarity = 0.5

/** A group under way. Of members with one headline and address only the first is compared: thousands of copies cost no more. */
class Group<S extends Story> {
  readonly members: Array<S> = []
  private readonly compared = new Map<string, Prepared<S>>()
  private earliest = Infinity

  accepts(next: Prepared<S>): boolean {
    if ((next.story.publishedAt ?? -Infinity) - this.earliest > windowDays * day) return false
    let similar = false
    for (const member of this.compared.values()) {
      if (member.print.exact !== next.print.exact && contradict(member.print, next.print)) return false
      similar ||= same(member, next)
    }
    return similar
  }

  add(next: Prepared<S>): void {
    this.members.push(next.story)
    // Stories come oldest first.
    this.earliest = Math.min(this.earliest, next.story.publishedAt ?? Infinity)
    const key = JSON.stringify([next.print.exact, next.url ?? "", next.story.type])
    if (!this.compared.has(key)) this.compared.set(key, next)
  }
}

const day = 86_400_000

interface Prepared<S extends Story> {
  readonly story: S
  readonly url: string | undefined
  readonly print: Fingerprint
  readonly key: string
}

const overlap = (left: Story, right: Story): boolean =>
  left.type === right.type || left.types.includes(right.type) || right.types.includes(left.type)

const contradict = (left: Fingerprint, right: Fingerprint): boolean =>
  without(left.figures, right.figures).length > 0 && without(right.figures, left.figures).length > 0

/** Every word that one headline has alone stands in the other article: the same people, places and companies. */
const covered = (words: ReadonlyArray<string>, by: Fingerprint): boolean =>
  words.every((word) => word.length > 2 && by.vocabulary.has(word))

/** Whether two articles tell one story, given that their figures do not contradict each other. */
const same = <S extends Story>(left: Prepared<S>, right: Prepared<S>): boolean => {
  const a = left.print
  const b = right.print
  if (a.exact === b.exact && a.exact.includes(" ")) return a.words.size > 0 || overlap(left.story, right.story)
  const headlines = jaccard(a.words, b.words)
  const openings = a.shingles.size > 0 && b.shingles.size > 0 ? jaccard(a.shingles, b.shingles) : 0
  const kin = overlap(left.story, right.story)
  if (left.url !== undefined && left.url === right.url && (kin || headlines >= 0.2 || openings >= 0.5)) return true
  if (!kin) return false
  const onlyA = without(a.words, b.words)
  const onlyB = without(b.words, a.words)
  if (onlyA.length === 0 || onlyB.length === 0) {
    const amount = [...a.figures].some((figure) => b.figures.has(figure))
    return headlines >= 0.6 || amount || openings >= 0.5
  }
  const one = covered(onlyA, b)
  const other = covered(onlyB, a)
  return (one && other && headlines >= 0.2) || ((one || other) && (headlines >= headlineSimilarity || openings >= 0.4))
}

const orderKey = (story: Story): string =>
  JSON.stringify([
    String(story.publishedAt ?? 9e15).padStart(17, "0"),
    story.company,
    story.title,
    story.url ?? "",
    story.source,
    story.item,
    story.type,
    story.text.slice(0, 2_000)
  ])

/**
 * Groups stories. The result depends on the stories alone, not on their order: groups come oldest first, and the stories
 * of a group too.
 *
 * **Details**
 *
 * Only stories of the same company that lie at most {@link windowDays} days apart are compared. They are one
 *
 * - if their headlines are equal;
 * - else only if their figures do not contradict each other ("$20M" and "$50M", "Q1" and "Q2"), and they have one
 *   canonical address and a type or words in common;
 * - or they share a type, and either one headline's telling words contain the other's, or they are similar and what
 *   differs stands in the other's text. So "Acme opens store in Austin" and "… in Dallas" stay two, and so do deals with different partners.
 *
 * A story joins a group only if it contradicts none of its members.
 *
 * @category grouping
 * @since 0.1.0
 */
export const group = <S extends Story>(stories: ReadonlyArray<S>): ReadonlyArray<ReadonlyArray<S>> => {
  const prepared = stories
    .map((story): Prepared<S> => ({
      story,
      url: story.url === undefined ? undefined : canonicalUrl(story.url),
      print: fingerprint(story.title, story.text, story.companyNames),
      key: orderKey(story)
    }))
    .sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
  const groups: Array<Group<S>> = []
  // Where to look for stories that might be the same: by the words that they share, by address, by having no words.
  const index = new Map<string, Set<number>>()
  for (const next of prepared) {
    const keys = keysOf(next)
    const candidates = new Set(keys.flatMap((key) => [...(index.get(key) ?? [])]))
    let joined = [...candidates]
      .sort((left, right) => left - right)
      .find((candidate) => groups[candidate]?.accepts(next))
    joined ??= groups.push(new Group()) - 1
    groups[joined]?.add(next)
    for (const key of keys) {
      const known = index.get(key)
      if (known === undefined) index.set(key, new Set([joined]))
      else known.add(joined)
    }
  }
  return groups.map(({ members }) => members)
}

const keysOf = <S extends Story>({ print, story, url }: Prepared<S>): Array<string> => {
  const company = story.company
  const keys = [...print.words, ...print.figures].map((word) => `${company}\n${word}`)
  keys.push(`${company}\nexact\n${print.exact}`)
  if (print.words.size === 0) keys.push(`${company}\nplain\n${story.type}`)
  if (url !== undefined) keys.push(`${company}\nurl\n${url}`)
  return keys
}
