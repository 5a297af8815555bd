/** A brief as a person reads it. Pure; only addresses may be wider than asked, because a broken address cannot be followed. */
import type { Draft } from "@aria/agents-scribe"
import { CanonicalUrl } from "@aria/agents-scout"
import type * as Brief from "./Brief.ts"
import * as BriefRequest from "./BriefRequest.ts"
import * as Cells from "./Cells.ts"

const { day, sourceName } = BriefRequest

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

/** More warnings of the same words than this are said once. */
const mostAlike = 3

const warning = ({ item, message, source }: Brief.Success["warnings"][number]): string =>
  [source === undefined ? "" : sourceName(source), item?.split(":").at(-1) ?? "", message].filter((part) => part !== "").join(": ")

/** Why a model failed is said where its cost is, once and not of every item. */
const withoutReason = (message: string): string =>
  message
    .replace(/^The model failed \(.*\); the rules read it\.$/s, "The model failed; the rules read it.")
    .replace(/^(Written from the template, because the model gave no draft\.).*$/s, "$1")

/** Each warning as a sentence; those that many items share, once. */
const warnings = (all: Brief.Success["warnings"]): ReadonlyArray<string> => {
  const told = all.map((each) => ({ ...each, message: withoutReason(each.message) }))
  const byMessage = Map.groupBy(told, ({ message }) => message)
  return Array.from(byMessage, ([message, alike]) => (alike.length > mostAlike ? [`${Cells.count(alike.length, "item")}: ${message}`] : alike.map(warning)))
    .flat()
    .map(Cells.clean)
}

/** Lines of at most `columns` cells: what Scribe wrote, each statement with the findings behind it; without a draft the findings. */
export const render = (
  brief: Brief.Success,
  { colors, columns }: { readonly columns: number; readonly colors: boolean },
  draft?: Draft.Draft
): ReadonlyArray<string> => {
  const paint = Cells.paint(colors)
  const indent = (cells: number, text: string) => Cells.wrap(text, columns - cells).map((line) => " ".repeat(cells) + line)
  const dateOf = ({ publishedAt }: Pick<Brief.Statement, "publishedAt">) => (publishedAt === undefined ? "no date   " : day(publishedAt))
  const placed = (sources: Brief.Statement["sources"]) => places(sources).map((place) => `            ${paint.dim(place)}`)
  const kindOf = ({ score, type }: Brief.Statement) => `${type.replaceAll("_", " ")}, score ${score.toFixed(2)}`
  const evidence = ({ also, quote, sources }: Brief.Statement): ReadonlyArray<string> => [
    ...indent(12, `“${Cells.clean(quote.text)}”`),
    ...placed(sources),
    ...also.flatMap((other) => [...indent(12, `also ${dateOf(other).trimEnd()}: ${Cells.clean(other.text)}`), ...placed(other.sources)])
  ]
  /** A finding that stands for itself, under its own headline. */
  const finding = (statement: Brief.Statement): ReadonlyArray<string> => {
    const [first = "", ...more] = Cells.wrap(Cells.clean(statement.text), columns - 12)
    return [
      `${paint.cyan(dateOf(statement))}  ${paint.bold(first)}`,
      ...more.map((line) => `            ${paint.bold(line)}`),
      `            ${kindOf(statement)}`,
      ...(statement.summary === undefined ? [] : indent(12, Cells.clean(statement.summary))),
      ...evidence(statement)
    ]
  }
  /** What a model wrote, above what it rests on. */
  const told = ({ findings, text }: BriefRequest.Written): ReadonlyArray<string> => [
    ...Cells.wrap(Cells.clean(text), columns).map(paint.bold),
    ...findings.flatMap((one) => [`${paint.cyan(dateOf(one))}  ${kindOf(one)}`, ...evidence(one)])
  ]
  const company = (name: string, blocks: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => [
    "",
    `${paint.bold(Cells.clean(name))} ${paint.dim(`(${blocks.length})`)}`,
    ...blocks.flatMap((block) => ["", ...block])
  ]
  const { sections, unsaid } = draft === undefined ? { sections: [], unsaid: brief.companies } : BriefRequest.written(brief, draft)
  const byModel = draft?.writtenBy === "model"
  const quiet = brief.quiet.slice(0, mostQuiet).map(Cells.clean).join(", ")
  const others = brief.quiet.length - mostQuiet
  const down = brief.sources.filter(({ status }) => status === "down").length
  const read = `From ${Cells.count(brief.sources.length - down, "source")}${down > 0 ? `; ${down} could not be read` : ""}`
  const warned = warnings([...brief.warnings, ...(draft?.warnings ?? []).map((message) => ({ message }))])
  return [
    ...Cells.wrap(BriefRequest.heading(brief), columns).map(paint.bold),
    `${read}${byModel ? "; written by a model, each statement above what it rests on" : ""}`,
    ...sections.flatMap(({ heading, statements }) =>
      company(heading, byModel ? statements.map(told) : statements.flatMap(({ findings }) => findings.map(finding)))
    ),
    ...(draft !== undefined && unsaid.length > 0 ? ["", ...Cells.wrap(`The ${byModel ? "model" : "draft"} says nothing of these:`, columns)] : []),
    ...unsaid.flatMap(({ company: name, statements }) => company(name, statements.map(finding))),
    ...(quiet === "" ? [] : ["", ...Cells.wrap(`No signal about ${quiet}${others > 0 ? ` and ${others} others` : ""}.`, columns)]),
    ...(warned.length > 0
      ? [
          "",
          paint.yellow(Cells.count(brief.warnings.length + (draft?.warnings.length ?? 0), "warning")),
          ...warned.flatMap((each) => indent(4, each).map((line, index) => (index === 0 ? `  - ${line.trimStart()}` : line)))
        ]
      : [])
  ]
}
