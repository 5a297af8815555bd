/**
 * The agent that puts what Scout found in order, as the findings that a brief is written from. It is no model: it sorts, groups and
 * leaves out what is said twice, and every statement keeps its sources and a quotation.
 */
import { Scout, Signal } from "@aria/agents-scout"
import { Agent, Progress } from "@aria/orchestrator-core"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** What to write about. */
export const Payload = Schema.Struct({
  /** The watched companies, in the order of the brief; those nobody writes about are named as such. */
  companies: Schema.Array(Schema.String),
  /** What Scout found, however it was divided among tasks. */
  found: Schema.Array(Scout.Success)
})
export type Payload = typeof Payload.Type

const report = {
  text: Schema.String,
  publishedAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  score: Schema.Finite,
  quote: Signal.Quote,
  /** What a model said of it, each sentence with its own quotation in brackets; left out where none did. */
  summary: Schema.optionalKey(Schema.String),
  sources: Schema.NonEmptyArray(Signal.Provenance)
}

/** One thing that happened, with where it can be read and the words it rests on. */
export const Statement = Schema.Struct({
  type: Signal.SignalType,
  ...report,
  /** The same kind of news of the same days, perhaps the same story: set apart, because nobody knows. */
  also: Schema.Array(Schema.Struct(report))
})
export type Statement = typeof Statement.Type

/** Findings: companies as they were given, the newest statement of each first. */
export const Success = Schema.Struct({
  companies: Schema.Array(Schema.Struct({ company: Schema.String, statements: Schema.NonEmptyArray(Statement) })),
  /** Watched, read about, and nothing found. */
  quiet: Schema.Array(Schema.String),
  sources: Schema.Array(Signal.SourceStatus),
  warnings: Schema.Array(Signal.Warning)
})
export type Success = typeof Success.Type

/** How far apart two reports of one story may be, in milliseconds. */
const sameDays = 3 * 24 * 60 * 60 * 1000

const time = ({ publishedAt }: Pick<Statement, "publishedAt">): number =>
  publishedAt === undefined ? -Infinity : DateTime.toEpochMillis(publishedAt)

const newestFirst = (a: Statement, b: Statement): number =>
  time(a) === time(b) ? b.score - a.score || (a.text < b.text ? -1 : 1) : time(b) - time(a)

const distinct = <A>(values: ReadonlyArray<A>, key: (value: A) => string): Array<A> => [
  ...new Map(values.map((value) => [key(value), value])).values()
]

const told = ({ headline, publishedAt, quote, readBy, score, sources, summary }: Signal.Signal) => ({
  text: headline,
  score,
  quote,
  sources,
  ...(readBy === "rules" || summary === "" ? {} : { summary }),
  ...(publishedAt === undefined ? {} : { publishedAt })
})

/** Statements of one company, newest first; the best told report of what may be one story stands for the others. */
const statements = (signals: ReadonlyArray<Signal.Signal>): ReadonlyArray<Statement> => {
  const found: Array<Statement> = []
  for (const signal of signals.toSorted((a, b) => b.score - a.score)) {
    const report = told(signal)
    const index = found.findIndex(({ type, ...other }) => type === signal.type && Math.abs(time(other) - time(report)) <= sameDays)
    const same = found[index]
    if (same === undefined) found.push({ type: signal.type, ...report, also: [] })
    else found[index] = { ...same, also: [...same.also, report] }
  }
  return found.sort(newestFirst)
}

/** The findings themselves, from whatever part of the findings there is. */
export const compose = ({ companies, found }: Payload): Success => {
  const signals = found.flatMap((each) => each.signals)
  const named = distinct([...companies, ...signals.map(({ company }) => company)], (name) => name)
  const about = (name: string) => statements(signals.filter(({ company }) => company === name))
  return {
    companies: named.flatMap((company) => {
      const [first, ...others] = about(company)
      return first === undefined ? [] : [{ company, statements: [first, ...others] as const }]
    }),
    quiet: named.filter((name) => about(name).length === 0),
    sources: distinct(
      found.flatMap((each) => each.sources),
      ({ source }) => source
    ),
    warnings: distinct(
      found.flatMap((each) => each.warnings),
      ({ item = "", message, source = "" }) => JSON.stringify([source, item, message])
    )
  }
}

export class Brief extends Agent.make("Brief", {
  description: "Puts what Scout found in order: statements by company, each with its sources and a quotation.",
  payload: Payload,
  success: Success
}) {
  static readonly layer = this.toLayer(
    Effect.fn("Brief.run")(function* (payload) {
      const brief = compose(payload)
      const statements = brief.companies.reduce((sum, each) => sum + each.statements.length, 0)
      yield* Progress.report(`Put in order ${statements} statements about ${brief.companies.length} companies`)
      return brief
    })
  )
}
