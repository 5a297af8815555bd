/**
 * The agent that watches companies: reads its sources, finds, classifies, scores, quotes and merges what concerns them.
 *
 * @since 0.1.0
 */
import * as SignalSource from "@aria/connectors/SignalSource"
import * as Agent from "@aria/orchestrator-core/Agent"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { AllSourcesDownError } from "./AllSourcesDownError.ts"
import * as Entity from "./Entity.ts"
import * as ModelReader from "./ModelReader.ts"
import * as Scan from "./Scan.ts"
import { Reader, Signal, SignalType, SourceStatus, Warning } from "./Signal.ts"
import * as Watchlist from "./Watchlist.ts"

/**
 * The score that a signal needs where the payload says nothing. 0.3 lets through what stands in a headline of any age,
 * and fresh news of an opening paragraph; it holds back passing mentions, boilerplate and what is no event.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultMinScore = 0.3

/**
 * What to watch for.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Payload = Schema.Struct({
  /** Names, or names with aliases, tickers and domains. A company given twice is watched once. */
  entities: Schema.NonEmptyArray(Entity.Entity),
  /** Only signals with one of these labels; empty or left out, all. */
  signalTypes: Schema.optional(Schema.Array(SignalType)),
  /** Only signals with this score or more, 0 to 1. Default {@link defaultMinScore}. */
  minScore: Schema.optional(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))),
  /** Only what was published at this time or later; what has no date stays. */
  since: Schema.optional(Schema.DateTimeUtcFromString),
  /** The time that ages are counted from. Default: the clock's. */
  now: Schema.optional(Schema.DateTimeUtcFromString),
  /** At most so many signals, the best ones; a whole number from 1. Default: all. */
  limit: Schema.optional(Schema.Int.check(Schema.isGreaterThan(0)))
})
/**
 * @category models
 * @since 0.1.0
 */
export type Payload = typeof Payload.Type

/**
 * What was found, what became of each source, and what a reader should know besides.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Success = Schema.Struct({
  /**
   * What Scout read with: `"rules"` from `Scout.layer`, `"model"` from `Scout.layerModel`. A stored result tells by it what it came
   * from, also where it has no signals; who read a single signal is in its `readBy`.
   */
  reader: Reader,
  /** The highest score first. */
  signals: Schema.Array(Signal),
  sources: Schema.Array(SourceStatus),
  warnings: Schema.Array(Warning)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Success = typeof Success.Type

const statusOf = (report: SignalSource.SourceReport): SourceStatus =>
  report._tag === "down"
    ? {
        source: report.source,
        status: "down",
        items: 0,
        error: { reason: report.error.reason, message: report.error.message }
      }
    : { source: report.source, status: report.items.length === 0 ? "empty" : "ok", items: report.items.length }

const payloadWarnings = (repeated: ReadonlyArray<string>, watchlist: Watchlist.Watchlist): Array<Warning> => [
  ...repeated.map((name) => ({ message: `"${name}" is given more than once; it is watched once.` })),
  ...watchlist.ambiguous.map((name) => ({
    message: `Several watched companies are called "${name}": the name alone counts for none of them. Give them aliases or tickers.`
  }))
]

const sourceWarnings = (reports: ReadonlyArray<SignalSource.SourceReport>): Array<Warning> =>
  reports.flatMap((report): Array<Warning> =>
    report._tag === "read"
      ? report.warnings.map(({ item, message, source }) => ({
          source,
          message,
          ...(item === undefined ? {} : { item })
        }))
      : [
          {
            source: report.source,
            message: `${report.source} is down (${report.error.reason}): ${report.error.message}`
          }
        ]
  )

const handler = (reader?: ModelReader.Reader) =>
  Effect.fn("Scout.run")(function* (payload: Payload) {
    const source = yield* SignalSource.SignalSource
    const now = payload.now === undefined ? yield* Clock.currentTimeMillis : DateTime.toEpochMillis(payload.now)
    const { companies, repeated } = Entity.companies(payload.entities)
    const watchlist = Watchlist.make(companies)
    yield* Progress.report(
      `Reading sources for ${companies.length} ${companies.length === 1 ? "company" : "companies"}`
    )
    const reports = yield* source.read({ terms: companies.flatMap((company) => company.names) })
    const sources = reports.map(statusOf)
    const [first, ...others] = sources.flatMap(({ error, source }) =>
      error === undefined ? [] : [{ source, ...error }]
    )
    if (first !== undefined && others.length + 1 === reports.length) {
      return yield* new AllSourcesDownError({ sources: [first, ...others] })
    }
    const items = reports.flatMap((report) => (report._tag === "read" ? report.items : []))
    yield* Progress.report({ message: `Looking through ${items.length} items`, fraction: 0.5 })
    const minScore = payload.minScore ?? defaultMinScore
    const model = reader === undefined ? undefined : { reader, minScore }
    const scan = yield* Scan.scan(watchlist, items, { now, since: payload.since, model })
    const wanted = new Set(payload.signalTypes ?? [])
    const signals = scan.signals.filter(
      (signal) =>
        signal.score >= minScore && (wanted.size === 0 || signal.labels.some((label) => wanted.has(label.type)))
    )
    yield* Progress.report({
      message: `Found ${signals.length} signals`,
      fraction: 1,
      data: { signals: signals.length }
    })
    return {
      reader: reader === undefined ? ("rules" as const) : ("model" as const),
      signals: signals.slice(0, payload.limit ?? signals.length),
      sources,
      warnings: [
        ...payloadWarnings(repeated, watchlist),
        ...(reports.length === 0 ? [{ message: "No source is configured, so nothing was read." }] : []),
        ...sourceWarnings(reports),
        ...scan.warnings
      ]
    }
  })

/**
 * Watches companies in news sources. Needs a `SignalSource`, and a model only with `layerModel`. Invents nothing: every
 * signal names its sources and quotes one of them word for word.
 *
 * **Details**
 *
 * Fails with `AllSourcesDownError` if every source is down; a source that is down beside others is a warning. A company
 * that nobody writes about gives no signals, which is a success.
 *
 * @example
 * ```ts
 * const found = yield* Scout.run({ entities: ["Acme Corp", { name: "Beta Inc", tickers: ["NYSE:BTA"] }] })
 * ```
 *
 * @category agents
 * @since 0.1.0
 */
export class Scout extends Agent.make("Scout", {
  description: "Watches companies in news sources: finds, classifies, scores and quotes what concerns them.",
  version: "2",
  payload: Payload,
  success: Success,
  error: AllSourcesDownError
}) {
  /**
   * Needs a `SignalSource`.
   *
   * @since 0.1.0
   */
  static readonly layer = this.toLayer(handler())

  /**
   * Needs a `SignalSource` and a `LanguageModel`, which says what kind of event an item tells of and what happened. Companies,
   * mentions, scores and merging stay with the rules, and so does every item that the model does not read: see `ModelReader`.
   *
   * **Details**
   *
   * What the model says counts only with a quote that stands word for word in the item; the quotes stand behind the sentences
   * of the summary. A model that fails is a warning. Errors, when it is made: `InvalidLimitError`.
   *
   * @example
   * ```ts
   * const scout = Scout.layerModel({ batchSize: 4 }).pipe(Layer.provide([sources, model]))
   * ```
   *
   * @since 0.1.0
   */
  static readonly layerModel = (options: ModelReader.Options = {}) =>
    this.toLayer(Effect.map(ModelReader.make(options), handler))
}
