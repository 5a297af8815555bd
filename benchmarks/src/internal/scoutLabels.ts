import { readFileSync } from "node:fs"

/** One labelled text, whichever file it came from. */
export interface LabelledText {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly labels: ReadonlyArray<string>
  readonly primary: string
  readonly ambiguous: boolean
}

/** What an 8-K's item numbers come to in Scout's labels. Items without an event of their own are `other`. */
const FILINGS: Readonly<Record<string, string>> = {
  earnings: "earnings",
  leadership_change: "leadership_change",
  acquisition_or_disposition_completed: "acquisition",
  debt_obligation: "funding",
  unregistered_equity_sale: "funding",
  delisting_notice: "regulatory"
}

// An item's heading gives its label away.
const HEADING = 140

const text = (value: unknown): string => (typeof value === "string" ? value : "")
const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])
const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {}

const parse = (row: Readonly<Record<string, unknown>>): LabelledText => {
  if (!("event_types" in row)) {
    return {
      id: text(row["id"]),
      title: text(row["title"]),
      text: text(row["text"]),
      labels: list(row["labels"]).map(text),
      primary: text(row["primary"]),
      ambiguous: row["ambiguous"] === true
    }
  }
  const events = [...new Set(list(row["event_types"]).map((event) => FILINGS[text(event)] ?? "other"))]
  const labels = events.length > 1 ? events.filter((label) => label !== "other") : events
  return {
    id: text(row["id"]),
    title: "",
    text: Object.values(fields(row["item_texts"]))
      .map((item) => text(item).slice(HEADING))
      .join("\n"),
    labels,
    primary: labels[0] ?? "other",
    // With several events, or with none that has a label, which one comes first is a matter of taste.
    ambiguous: labels.length > 1
  }
}

/** Reads a file of lines in the form of either labelled file. */
export const readLabelled = (path: string): ReadonlyArray<LabelledText> =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => parse(fields(JSON.parse(line))))
