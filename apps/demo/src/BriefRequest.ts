/** What Scribe is asked to write of the findings, and which of them stands behind what it wrote. Pure. */
import { Steering } from "@aria/agents-scout"
import type { Draft, Request } from "@aria/agents-scribe"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type * as Brief from "./Brief.ts"
import * as Cells from "./Cells.ts"

/** Who writes: Scribe's template, or a model. */
export const Writer = Schema.Literals(["template", "model"])
export type Writer = typeof Writer.Type

export const day = (date: DateTime.Utc): string => DateTime.formatIsoDateUtc(date)

/** The last part of a path; of an address, its host. */
export const sourceName = (source: string): string => {
  if (/^https?:/i.test(source)) return URL.canParse(source) ? new URL(source).host : source
  return source.split(/[\\/]/).findLast((part) => part !== "") ?? source
}

/** What comes from outside, on one line and without what no text may have. */
const plain = (text: string): string => Cells.clean(text.toWellFormed())

const span = (brief: Brief.Success): string => {
  const days = brief.companies
    .flatMap(({ statements }) => statements.flatMap(({ publishedAt }) => (publishedAt === undefined ? [] : [day(publishedAt)])))
    .sort()
  const [first, last] = [days[0], days.at(-1)]
  return first === undefined || last === undefined ? "" : first === last ? `, ${first}` : `, ${first} to ${last}`
}

/** "Brief: 3 signals about 2 of 12 companies, 2025-01-01 to 2026-01-01". */
export const heading = (brief: Brief.Success): string => {
  const total = brief.companies.reduce((sum, { statements }) => sum + statements.length, 0)
  const watched = brief.companies.length + brief.quiet.length
  return `Brief: ${Cells.count(total, "signal")} about ${brief.companies.length} of ${Cells.count(watched, "company", "companies")}${span(brief)}`
}

/** The place where the quotation stands, as Scribe keeps it with what it writes. */
const sourceOf = ({ quote, sources }: Brief.Statement): Request.Source => {
  const { url } = sources.find(({ item, source }) => item === quote.item && source === quote.source) ?? sources[0]
  const text = plain(quote.text)
  return {
    title: plain(sourceName(quote.source)) || "a source",
    ...(url !== undefined && /^https?:\/\/[^\s\p{Cc}<>"]+$/iu.test(url) && url.isWellFormed() ? { url } : {}),
    ...(text === "" ? {} : { quote: text })
  }
}

const noteOf = (company: string, statement: Brief.Statement, writer: Writer): Request.Note => {
  const { publishedAt, summary = "", text } = statement
  const headline = plain(text) || "(without a headline)"
  const more = [plain(summary), publishedAt === undefined ? "" : `Published ${day(publishedAt)}.`].filter((part) => part !== "")
  return {
    text: writer === "template" ? headline : [headline, ...more].join("\n"),
    section: plain(company) || "(without a name)",
    sources: [sourceOf(statement)]
  }
}

/** Whether it seems to speak to a model: a model that writes does not see it, just as one that reads does not. */
const speaksToModel = ({ quote, summary = "", text }: Brief.Statement): boolean => [text, quote.text, summary].some(Steering.addressesModel)

/** What Scribe is asked. */
export const of = (brief: Brief.Success, writer: Writer) => ({
  communicationType: "document" as const,
  documentType: "digest" as const,
  goal: heading(brief),
  context: brief.companies.flatMap(({ company, statements }) =>
    statements.flatMap((statement) => (writer === "model" && speaksToModel(statement) ? [] : [noteOf(company, statement, writer)]))
  )
})

const keyOf = ({ quote, title, url }: Request.Source): string => JSON.stringify([title, url ?? null, quote ?? null])

/** One thing that Scribe wrote, with the findings that it rests on. */
export interface Written {
  readonly text: string
  readonly findings: readonly [Brief.Statement, ...ReadonlyArray<Brief.Statement>]
}

/**
 * A draft with its findings: what rests on none of them is left out, whoever wrote it. `unsaid` are the findings that it says nothing
 * of, by company.
 */
export const written = (
  brief: Brief.Success,
  draft: Draft.Draft
): {
  readonly sections: ReadonlyArray<{ readonly heading: string; readonly statements: ReadonlyArray<Written> }>
  readonly unsaid: Brief.Success["companies"]
} => {
  const known = new Map<string, Array<readonly [company: string, statement: Brief.Statement]>>()
  for (const { company, statements } of brief.companies) {
    for (const statement of statements) {
      const key = keyOf(sourceOf(statement))
      known.set(key, [...(known.get(key) ?? []), [plain(company), statement]])
    }
  }
  const said = new Set<Brief.Statement>()
  const find = (heading: string, text: string, source: Request.Source): ReadonlyArray<Brief.Statement> => {
    const all = known.get(keyOf(source)) ?? []
    const own = all.filter(([company]) => company === heading)
    // one article may tell of two companies in one sentence, and of one company twice
    const exact = own.filter(([, statement]) => plain(statement.text) === text)
    return (exact.length > 0 ? exact : own.length > 0 ? own : all).map(([, statement]) => statement)
  }
  const sections = draft.sections.flatMap(({ heading = "", statements }) => {
    const kept = statements.flatMap(({ sources, text }) => {
      const [first, ...others] = new Set(sources.flatMap((source) => find(heading, text, source)))
      if (first === undefined) return []
      for (const finding of [first, ...others]) said.add(finding)
      return [{ text, findings: [first, ...others] as const }]
    })
    return kept.length === 0 ? [] : [{ heading, statements: kept }]
  })
  const unsaid = brief.companies.flatMap(({ company, statements }) => {
    const [first, ...others] = statements.filter((statement) => !said.has(statement))
    return first === undefined ? [] : [{ company, statements: [first, ...others] as const }]
  })
  return { sections, unsaid }
}
