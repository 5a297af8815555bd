/**
 * Where signals come from: news feeds, wires, filings. A service without I/O; adapters implement it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { buildAll } from "./internal/buildAll.ts"

/**
 * One published text, as its source gave it: markup removed, entities decoded, dates in UTC.
 *
 * @category models
 * @since 0.1.0
 */
export class SignalItem extends Schema.Class<SignalItem>("@aria/connectors/SignalSource/SignalItem")({
  /** Stable within its source: the feed's own id where it has one, else its address, else a hash of its text. */
  id: Schema.String,
  /** The name of the source that it was read from, as in its `SourceReport`. */
  source: Schema.String,
  title: Schema.String,
  /** Plain text, `""` where the source gives a title only. */
  text: Schema.String,
  url: Schema.optionalKey(Schema.String),
  /** Left out where the source gives none, or one that is no date. */
  publishedAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  /** BCP 47, where the source says. */
  language: Schema.optionalKey(Schema.String)
}) {}

/**
 * Something about a source that a reader should know and that did not stop the reading.
 *
 * @category models
 * @since 0.1.0
 */
export class SourceWarning extends Schema.Class<SourceWarning>("@aria/connectors/SignalSource/SourceWarning")({
  source: Schema.String,
  /** The `id` or title of the item concerned, where it is one. */
  item: Schema.optionalKey(Schema.String),
  message: Schema.String
}) {}

/**
 * Why a source gave nothing at all.
 *
 * @category errors
 * @since 0.1.0
 */
export class SourceError extends Schema.TaggedError<SourceError>()("SourceError", {
  source: Schema.String,
  reason: Schema.Literals([
    "notFound",
    "unreachable",
    "httpStatus",
    "timeout",
    "tooLarge",
    "notAFeed",
    "addressRefused",
    "unreadable"
  ]),
  /** A sentence: what was received and what is allowed or what to do. */
  message: Schema.String
}) {}

/**
 * What one source came to: its items, or why there are none.
 *
 * @category models
 * @since 0.1.0
 */
export const SourceReport = Schema.Union([
  Schema.TaggedStruct("read", {
    source: Schema.String,
    items: Schema.Array(SignalItem),
    warnings: Schema.Array(SourceWarning)
  }),
  Schema.TaggedStruct("down", { source: Schema.String, error: SourceError })
])
/**
 * @category models
 * @since 0.1.0
 */
export type SourceReport = typeof SourceReport.Type

/**
 * What to read. Sources that can search use `terms`; feeds give all that they have.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  /** Names to look for; a source may return items without them. */
  readonly terms?: ReadonlyArray<string> | undefined
}

/**
 * A set of sources that are read together. `read` never fails: a source that is down is one of its reports.
 *
 * @category services
 * @since 0.1.0
 */
export class SignalSource extends Context.Service<
  SignalSource,
  {
    readonly read: (request: Request) => Effect.Effect<ReadonlyArray<SourceReport>>
  }
>()("@aria/connectors/SignalSource/SignalSource") {}

/**
 * Always the same reports, or reports made from the request: a source for tests, and for signals that were read elsewhere.
 *
 * **Example**
 *
 * ```ts
 * const Signals = SignalSource.layerOf([{ _tag: "read", source: "wire", items: [item], warnings: [] }])
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerOf = (
  reports: ReadonlyArray<SourceReport> | ((request: Request) => ReadonlyArray<SourceReport>)
): Layer.Layer<SignalSource> =>
  Layer.succeed(SignalSource)({
    read: (request) => Effect.sync(() => (typeof reports === "function" ? reports(request) : reports))
  })

/**
 * Several sets of sources as one: all are read at the same time, their reports come in the order of the list.
 *
 * @category combinators
 * @since 0.1.0
 */
export const combine = (sources: ReadonlyArray<SignalSource["Service"]>): SignalSource["Service"] => ({
  read: (request) =>
    Effect.map(
      Effect.forEach(sources, (source) => source.read(request), { concurrency: "unbounded" }),
      (reports) => reports.flat()
    )
})

/**
 * `combine` for layers: feeds and filings and a database behind one `SignalSource`. It fails where one of them cannot be built.
 *
 * **Example**
 *
 * ```ts
 * const Signals = SignalSource.layerCombined([Feeds.layer({ sources }), SignalSource.layerOf(reports)])
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerCombined = <L extends Layer.Layer<SignalSource, unknown, unknown>>(
  layers: ReadonlyArray<L>
): Layer.Layer<SignalSource, Layer.Error<L>, Exclude<Layer.Services<L>, Scope.Scope>> =>
  Layer.effect(SignalSource)(Effect.map(buildAll(SignalSource, layers), combine))

/**
 * The items of all reports that have some, in order. What was down is left out: look at the reports for that.
 *
 * @category getters
 * @since 0.1.0
 */
export const items = (reports: ReadonlyArray<SourceReport>): ReadonlyArray<SignalItem> =>
  reports.flatMap((report) => (report._tag === "read" ? report.items : []))
