/**
 * What Scout reports: an event at a watched company, with where it was read and how its score came about.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The kinds of event. `other` is company news of another kind (a dividend, an annual meeting, drill results); `none` is
 * no event (an interview, a guide, an opinion).
 *
 * @category schemas
 * @since 0.1.0
 */
export const SignalType = Schema.Literals([
  "acquisition",
  "funding",
  "leadership_change",
  "hiring",
  "partnership",
  "product_launch",
  "regulatory",
  "clinical_trial",
  "earnings",
  "expansion",
  "award",
  "other",
  "none"
])
/**
 * @category models
 * @since 0.1.0
 */
export type SignalType = typeof SignalType.Type

/**
 * Who read: the rules, or a language model.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Reader = Schema.Literals(["rules", "model"])
/**
 * @category models
 * @since 0.1.0
 */
export type Reader = typeof Reader.Type

const Part = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

/**
 * One label with the classifier's confidence, 0 to 1. An article may carry several.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Label = Schema.Struct({ type: SignalType, confidence: Part })
/**
 * @category models
 * @since 0.1.0
 */
export type Label = typeof Label.Type

/**
 * A sentence, or with a model a part of it, copied character for character: `item[field].slice(start, start + text.length) === text`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Quote = Schema.Struct({
  text: Schema.String,
  /** The item that it stands in: `source` and `item` are those of one of the signal's sources. */
  source: Schema.String,
  item: Schema.String,
  field: Schema.Literals(["title", "text"]),
  /** In UTF-16 units from the beginning of the field. */
  start: Schema.Int
})
/**
 * @category models
 * @since 0.1.0
 */
export type Quote = typeof Quote.Type

/**
 * One place where the story was read.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Provenance = Schema.Struct({
  source: Schema.String,
  /** The item's `id` within the source. */
  item: Schema.String,
  headline: Schema.String,
  url: Schema.optionalKey(Schema.String),
  publishedAt: Schema.optionalKey(Schema.DateTimeUtcFromString)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Provenance = typeof Provenance.Type

/**
 * The four factors of a score, each 0 to 1 and rounded to four places, and what the recency was computed from.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ScoreParts = Schema.Struct({
  authority: Part,
  recency: Part,
  mention: Part,
  typeWeight: Part,
  /** Days between publication and now, rounded to four places; left out where no source gives a date. */
  ageDays: Schema.optionalKey(Schema.Finite),
  /** How the score follows from the parts, in words. */
  formula: Schema.String
})
/**
 * @category models
 * @since 0.1.0
 */
export type ScoreParts = typeof ScoreParts.Type

/**
 * One story about one company, however many sources told it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Signal = Schema.Struct({
  /** The watched company's name as the payload gave it. */
  company: Schema.String,
  type: SignalType,
  /** All labels, the most confident first. */
  labels: Schema.Array(Label),
  /** Whether labels or summary are a model's. A model may have been there and failed: then it is the rules. */
  readBy: Reader,
  headline: Schema.String,
  /**
   * Sentences of the text, unchanged, at most about 400 characters; `""` where the source gave a headline only. Where a model
   * read it: at most three sentences in its words, each with its quote behind it in brackets.
   */
  summary: Schema.String,
  quote: Quote,
  /** Every place where the story was read, oldest first. */
  sources: Schema.NonEmptyArray(Provenance),
  /** The earliest date that a source gives. */
  publishedAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  /** When Scout saw it. */
  detectedAt: Schema.DateTimeUtcFromString,
  /** The product of the parts, rounded to four places. */
  score: Part,
  scoreParts: ScoreParts
})
/**
 * @category models
 * @since 0.1.0
 */
export type Signal = typeof Signal.Type

/**
 * What became of one source: `ok` gave items, `empty` answered without any, `down` gave an error.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SourceStatus = Schema.Struct({
  source: Schema.String,
  status: Schema.Literals(["ok", "empty", "down"]),
  /** How many items it gave, watched or not. */
  items: Schema.Int,
  error: Schema.optionalKey(Schema.Struct({ reason: Schema.String, message: Schema.String }))
})
/**
 * @category models
 * @since 0.1.0
 */
export type SourceStatus = typeof SourceStatus.Type

/**
 * Something that a reader should know and that stopped nothing.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Warning = Schema.Struct({
  source: Schema.optionalKey(Schema.String),
  item: Schema.optionalKey(Schema.String),
  message: Schema.String
})
/**
 * @category models
 * @since 0.1.0
 */
export type Warning = typeof Warning.Type
