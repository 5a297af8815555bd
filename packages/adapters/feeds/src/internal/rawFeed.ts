/** What the readers of the formats hand over: fields as written, before dates, addresses and markup are understood. */

/** `unsure`: RSS, where a text may be markup or not. */
export interface Text {
  readonly value: string
  readonly kind: "plain" | "html" | "unsure"
}

export interface Link {
  readonly href: string
  /** What relative addresses are resolved against, outermost first. */
  readonly base: ReadonlyArray<string>
}

export interface RawItem {
  id?: string
  title?: Text
  text?: Text
  link?: Link
  /** In the order in which they are believed. */
  dates: Array<string>
  language?: string
}

export interface RawFeed {
  format: "rss" | "rdf" | "atom" | "json"
  title?: Text
  link?: Link
  language?: string
  items: Array<RawItem>
  /** How many items there were, those over the limit included. */
  seen: number
  warnings: Array<string>
}

/** Not a feed: what it is instead, as the end of "this is …". */
export class NotAFeed extends Error {
  readonly found: string
  constructor(found: string) {
    super(found)
    this.found = found
  }
}
