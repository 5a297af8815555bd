/** A brief as a person reads it. Pure; only addresses may be wider than asked, because a broken address cannot be followed. */
import { CanonicalUrl } from "@aria/agents-scout"
import * as DateTime from "effect/DateTime"
import type * as Brief from "./Brief.ts"
import * as Cells from "./Cells.ts"

const day = (date: DateTime.Utc): string => DateTime.formatIsoDateUtc(date)

/** The last part of a path; of an address, its host. */
const sourceName = (source: string): string => {
  if (/^https?:/i.test(source)) return URL.canParse(source) ? new URL(source).host : source
  return source.split(/[\\/]/).findLast((part) => part !== "") ?? source
}

/** The address as its publisher serves it, without parameters that only track its readers. */
const address = (url: string): string => {
  if (!URL.canParse(url)) return Cells.clean(url)
  const page = new URL(url)
  if (CanonicalUrl.canonicalUrl(url)?.includes("?") !== true) page.search = ""
  page.hash = ""
  return page.href
}

/** Where it can be read: each page once, and who told of it. */
const places = (sources: Brief.Statement["sources"]): ReadonlyArray<string> => {
  const pages = new Map<string, { readonly names: Set<string>; readonly url: string }>()
  for (const { source, url = "" } of sources) {
    const page = CanonicalUrl.canonicalUrl(url) ?? url
    const known = pages.get(page) ?? { names: new Set<string>(), url }
    known.names.add(Cells.clean(sourceName(source)))
    pages.set(page, known)
  }
  return Array.from(pages.values(), ({ names, url }) => [[...names].join(", "), address(url)].filter((part) => part !== "").join("  "))
}

/** The most names of companies without a signal. */
const mostQuiet = 24

const span = (brief: Brief.Success): string => {
  const days = brief.companies
    .flatMap(({ statements }) => statements.flatMap(({ publishedAt }) => (publishedAt === undefined ? [] : [day(publishedAt)])))
    .sort()
  const [first, last] = [days[0], days.at(-1)]
  return first === undefined || last === undefined ? "" : first === last ? `, ${first}` : `, ${first} to ${last}`
}

const warning = ({ item, message, source }: Brief.Success["warnings"][number]): string =>
  Cells.clean(
    [source === undefined ? "" : sourceName(source), item?.split(":").at(-1) ?? "", message].filter((part) => part !== "").join(": ")
  )

/** Lines of at most `columns` cells. */
export const render = (
  brief: Brief.Success,
  { colors, columns }: { readonly columns: number; readonly colors: boolean }
): ReadonlyArray<string> => {
  const paint = Cells.paint(colors)
  const indent = (cells: number, text: string) => Cells.wrap(text, columns - cells).map((line) => " ".repeat(cells) + line)
  const dateOf = ({ publishedAt }: Pick<Brief.Statement, "publishedAt">) => (publishedAt === undefined ? "no date   " : day(publishedAt))
  const placed = (sources: Brief.Statement["sources"]) => places(sources).map((place) => `            ${paint.dim(place)}`)
  const statement = ({ also, quote, score, sources, text, type, ...rest }: Brief.Statement): ReadonlyArray<string> => {
    const kind = type.replaceAll("_", " ")
    const [first = "", ...more] = Cells.wrap(Cells.clean(text), columns - 12)
    return [
      `${paint.cyan(dateOf(rest))}  ${paint.bold(first)}`,
      ...more.map((line) => `            ${paint.bold(line)}`),
      `            ${kind}, score ${score.toFixed(2)}`,
      ...indent(12, `“${Cells.clean(quote.text)}”`),
      ...placed(sources),
      ...also.flatMap((other) => [...indent(12, `also ${dateOf(other).trimEnd()}: ${Cells.clean(other.text)}`), ...placed(other.sources)])
    ]
  }
  const quiet = brief.quiet.slice(0, mostQuiet).map(Cells.clean).join(", ")
  const others = brief.quiet.length - mostQuiet
  const total = brief.companies.reduce((sum, { statements }) => sum + statements.length, 0)
  const watched = brief.companies.length + brief.quiet.length
  const down = brief.sources.filter(({ status }) => status === "down").length
  const heading = `Brief: ${Cells.count(total, "signal")} about ${brief.companies.length} of ${Cells.count(watched, "company", "companies")}${span(brief)}`
  const read = `From ${Cells.count(brief.sources.length - down, "source")}${down > 0 ? `; ${down} could not be read` : ""}`
  return [
    ...Cells.wrap(heading, columns).map(paint.bold),
    read,
    ...brief.companies.flatMap(({ company, statements }) => [
      "",
      `${paint.bold(Cells.clean(company))} ${paint.dim(`(${statements.length})`)}`,
      ...statements.flatMap((each) => ["", ...statement(each)])
    ]),
    ...(quiet === "" ? [] : ["", ...Cells.wrap(`No signal about ${quiet}${others > 0 ? ` and ${others} others` : ""}.`, columns)]),
    ...(brief.warnings.length > 0
      ? [
          "",
          paint.yellow(Cells.count(brief.warnings.length, "warning")),
          ...brief.warnings.flatMap((each) => indent(4, warning(each)).map((line, index) => (index === 0 ? `  - ${line.trimStart()}` : line)))
        ]
      : [])
  ]
}
