import type * as SignalSource from "@aria/connectors/SignalSource"
import * as Article from "../Article.ts"
import type * as ModelReader from "../ModelReader.ts"
import type { Shown } from "./modelRequest.ts"

/** Items that show the model the same are read once. */
export interface Same {
  readonly key: string
  readonly shown: Shown
  readonly promise: number
  readonly items: ReadonlyArray<SignalSource.SignalItem>
}

const shownOf = ({ article, companies, item }: ModelReader.Candidate, maxText: number): Shown => {
  const news = article.sentences.reduce(
    (end, { end: next, zone }) => (zone === "boilerplate" ? end : Math.max(end, next)),
    0
  )
  let text = item.text.slice(0, news)
  if (text.length > maxText) {
    // Cut between words, so that a quote of the last one is whole.
    const space = text.slice(0, maxText + 1).search(/\s\S*$/)
    text = text.slice(0, space > 0 ? space : maxText).replace(/[\ud800-\udbff]$/, "")
  }
  return { companies: [...companies].sort(), headline: item.title.slice(0, Article.titleLength), text }
}

export const byKey = (left: { readonly key: string }, right: { readonly key: string }): number =>
  left.key < right.key ? -1 : left.key > right.key ? 1 : 0

const itemKey = ({ id, source, title }: SignalSource.SignalItem): string => JSON.stringify([source, id, title])

/** What is read does not depend on the order of the candidates. */
export const gathered = (candidates: ReadonlyArray<ModelReader.Candidate>, maxText: number): ReadonlyArray<Same> => {
  const found = new Map<
    string,
    { readonly shown: Shown; promise: number; readonly items: Array<SignalSource.SignalItem> }
  >()
  for (const candidate of candidates) {
    const shown = shownOf(candidate, maxText)
    const key = JSON.stringify([shown.headline, shown.text, shown.companies])
    const same = found.get(key)
    if (same === undefined) found.set(key, { shown, promise: candidate.promise, items: [candidate.item] })
    else {
      same.promise = Math.max(same.promise, candidate.promise)
      same.items.push(candidate.item)
    }
  }
  return [...found]
    .map(([key, same]) => ({
      ...same,
      key,
      items: same.items.sort((left, right) => byKey({ key: itemKey(left) }, { key: itemKey(right) }))
    }))
    .sort(byKey)
}

export const batched = <A>(values: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size))
