/** Which model reads and writes, where it is, and what it may spend: the flags, and which of them go together. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Flag } from "effect/cli"

/** What was asked for, where a model was. No key is part of it. */
export const Choice = Schema.Struct({
  /** `"provider/model"`. */
  name: Schema.String,
  baseUrl: Schema.UndefinedOr(Schema.String),
  /** A file. */
  prices: Schema.UndefinedOr(Schema.String),
  requestsPerMinute: Schema.UndefinedOr(Schema.Int),
  maxOutputTokens: Schema.Int,
  maxTokens: Schema.UndefinedOr(Schema.Int),
  /** In US dollars. */
  maxUsd: Schema.UndefinedOr(Schema.Finite)
})
export type Choice = typeof Choice.Type

/** Reasoning counts as well, and an answer that is cut off is of no use. */
const defaultMaxOutputTokens = 8192

const whole = (name: string) =>
  Flag.String(name).pipe(
    Flag.filterMap(
      (text) => Option.liftPredicate(Number(text), (value) => /^\d+$/.test(text) && Number.isSafeInteger(value) && value >= 1),
      () => "a whole number from 1, such as 50000"
    ),
    Flag.withMetavar("N")
  )

export const flags = {
  model: Flag.String("model").pipe(
    Flag.withAlias("m"),
    Flag.withMetavar("PROVIDER/MODEL"),
    Flag.withDescription("A language model that reads and writes, see MODELS (default: none)"),
    Flag.optional
  ),
  baseUrl: Flag.String("base-url").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("Where the model's server is, such as http://127.0.0.1:11434/v1"),
    Flag.optional
  ),
  maxTokens: whole("max-tokens").pipe(Flag.withDescription("Tokens that the model may use (default: no limit)"), Flag.optional),
  maxUsd: Flag.String("max-usd").pipe(
    Flag.filterMap(
      (text) => Option.liftPredicate(Number(text), (value) => /^\d*\.?\d+$/.test(text) && value >= 0.000001 && Number.isFinite(value)),
      () => "an amount in US dollars from 0.000001, such as 0.50"
    ),
    Flag.withMetavar("USD"),
    Flag.withDescription("US dollars that the model may cost (default: no limit)"),
    Flag.optional
  ),
  maxOutputTokens: whole("max-output-tokens").pipe(
    Flag.withDescription(`Tokens of one answer, reasoning included (default: ${defaultMaxOutputTokens})`),
    Flag.optional
  ),
  requestsPerMinute: whole("requests-per-minute").pipe(Flag.withDescription("Requests to the model in any minute (default: no limit)"), Flag.optional),
  prices: Flag.String("prices").pipe(Flag.withMetavar("FILE"), Flag.withDescription("Prices of models, see FILES (default: published ones)"), Flag.optional)
}

type Given = { readonly [Name in keyof typeof flags]: (typeof flags)[Name] extends Flag.Flag<infer A> ? A : never }

const limits = ["baseUrl", "maxTokens", "maxUsd", "maxOutputTokens", "requestsPerMinute", "prices"] as const

/** Flags that say something of a model where there is none, as they are written. */
export const withoutModel = (given: Given): ReadonlyArray<string> =>
  Option.isSome(given.model)
    ? []
    : limits.filter((name) => given[name]._tag === "Some").map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)

export const of = (given: Given): Choice | undefined =>
  Option.match(given.model, {
    onNone: () => undefined,
    onSome: (name) => ({
      name,
      baseUrl: Option.getOrUndefined(given.baseUrl),
      prices: Option.getOrUndefined(given.prices),
      requestsPerMinute: Option.getOrUndefined(given.requestsPerMinute),
      maxOutputTokens: Option.getOrElse(given.maxOutputTokens, () => defaultMaxOutputTokens),
      maxTokens: Option.getOrUndefined(given.maxTokens),
      maxUsd: Option.getOrUndefined(given.maxUsd)
    })
  })
