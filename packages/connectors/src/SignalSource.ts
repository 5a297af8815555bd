/**
 * Where signals come from: news feeds, wires, filings. A service without I/O; adapters implement it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

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
