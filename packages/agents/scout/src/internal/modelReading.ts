import type * as ModelReader from "../ModelReader.ts"
import * as Quotation from "../Quotation.ts"
import type { Label, SignalType } from "../Signal.ts"
import type { Entries } from "./modelAnswer.ts"
import type { Shown } from "./modelRequest.ts"

const MOST_LABELS = 3
const MOST_STATEMENTS = 3
const STATEMENT_LENGTH = 200
const QUOTE_LENGTH = 300

type Entry = Entries[number]

interface Found {
  readonly field: "title" | "text"
  readonly start: number
  readonly text: string
}

const within = (field: Found["field"], source: Quotation.Quotable, quote: string): Found | undefined => {
  const place = Quotation.locate(source, quote)
  return place === undefined
    ? undefined
    : { field, start: place.start, text: source.text.slice(place.start, place.end) }
}

/** Labels with a quote, the surest first, each type once; events leave no room for `other` and `none`. */
const chosen = (
  labels: ReadonlyArray<Label & { readonly found: Found }>
): ReadonlyArray<Label & { readonly found: Found }> => {
  const sorted = [...labels].sort((left, right) => right.confidence - left.confidence)
  const seen = new Set<SignalType>()
  const once = sorted.filter(({ type }) => !seen.has(type) && seen.add(type).size > 0)
  const events = once.filter(({ type }) => type !== "other" && type !== "none")
  return events.length > 0 ? events.slice(0, MOST_LABELS) : once.slice(0, 1)
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

/**
 * What remains of an entry when everything is thrown away that does not stand word for word in the item, and a sentence
 * on what was.
 */
export const readingOf = (
  shown: Shown,
  entry: Entry
): { readonly reading: ModelReader.Reading | undefined; readonly problem: string | undefined } => {
  const headline = Quotation.make(shown.headline)
  const text = Quotation.make(shown.text)
  // The text says more than the headline, and where both say the same it is as good.
  const find = (quote: string) => within("text", text, quote) ?? within("title", headline, quote)
  const quoted = entry.events.flatMap(({ confidence, quote, type }) => {
    const found = confidence >= 0 && confidence <= 1 ? find(quote) : undefined
    return found === undefined ? [] : [{ type, confidence: Math.round(confidence * 10_000) / 10_000, found }]
  })
  const statements = entry.statements.flatMap(({ quote, text }) => {
    const said = Quotation.spaced(text)
    const found = find(quote)
    const isSaid = said !== "" && said.length <= STATEMENT_LENGTH
    return !isSaid || found === undefined || found.text.length > QUOTE_LENGTH ? [] : [{ said, found }]
  })
  const labels = chosen(quoted)
  const [first, ...others] = labels.map(({ confidence, type }): Label => ({ type, confidence }))
  const quote = labels[0]?.found
  const summary = statements
    .slice(0, MOST_STATEMENTS)
    .map(({ found, said }) => `${said} ("${Quotation.spaced(found.text)}")`)
    .join(" ")
  return {
    reading:
      first === undefined && summary === ""
        ? undefined
        : {
            ...(first === undefined || quote === undefined ? {} : { labels: [first, ...others], quote }),
            ...(summary === "" ? {} : { summary })
          },
    problem: problemOf({
      labels: entry.events.length + entry.misfits.events,
      droppedLabels: entry.events.length + entry.misfits.events - quoted.length,
      statements: entry.statements.length + entry.misfits.statements,
      droppedStatements: entry.statements.length + entry.misfits.statements - statements.length,
      keepsLabels: first !== undefined,
      keepsSummary: summary !== ""
    })
  }
}

const problemOf = (counts: {
  readonly labels: number
  readonly droppedLabels: number
  readonly statements: number
  readonly droppedStatements: number
  readonly keepsLabels: boolean
  readonly keepsSummary: boolean
}): string | undefined => {
  const dropped = [
    ...(counts.droppedLabels === 0 ? [] : [`${counts.droppedLabels} of ${counted(counts.labels, "label")}`]),
    ...(counts.droppedStatements === 0
      ? []
      : [`${counts.droppedStatements} of ${counted(counts.statements, "statement")}`])
  ].join(" and ")
  const ruled = [...(counts.keepsLabels ? [] : ["labels"]), ...(counts.keepsSummary ? [] : ["summary"])].join(" and ")
  if (dropped === "" && ruled === "") return undefined
  const what =
    dropped === ""
      ? "The model gave too little."
      : `Of what the model gave, ${dropped} were dropped: each needs a quote of two words or more, with at least ${Quotation.minLength} letters or digits, that stands word for word in the item, a statement at most ${STATEMENT_LENGTH} characters and a quote of at most ${QUOTE_LENGTH}, a label one of the types and a confidence from 0 to 1.`
  return ruled === "" ? what : `${what} Its ${ruled} come${ruled === "summary" ? "s" : ""} from the rules.`
}
