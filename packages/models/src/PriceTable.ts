/**
 * What models cost, as data: a table that can be extended, replaced and read from a file.
 *
 * @since 0.1.0
 */
import * as Usage from "@aria/orchestrator-core/Usage"
import * as Effect from "effect/Effect"
import { format } from "effect/Formatter"
import * as Schema from "effect/Schema"
import { publishedPrices } from "./internal/publishedPrices.ts"

const Usd = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThanOrEqualTo(1_000_000))

const rates = {
  /** US dollars per million input tokens. */
  input: Usd,
  /** Per million output tokens. */
  output: Usd,
  /** Per million input tokens read from the provider's cache. Default: `input`. */
  cachedInput: Schema.optionalKey(Usd),
  /** Per million input tokens written to the provider's cache. Default: `input`. */
  cacheWrite: Schema.optionalKey(Usd),
  /** Per million output tokens of reasoning. Default: `output`. */
  reasoning: Schema.optionalKey(Usd)
}

/**
 * The price of one model, in US dollars per million tokens.
 *
 * @category models
 * @since 0.1.0
 */
export const Price = Schema.Struct({
  ...rates,
  /** US dollars for each call, whatever its length. Default 0. */
  call: Schema.optionalKey(Usd),
  /** Other rates for the whole of a call whose input has more tokens than this. */
  above: Schema.optionalKey(
    Schema.Array(Schema.Struct({ inputTokens: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)), ...rates }))
  )
})
/**
 * @category models
 * @since 0.1.0
 */
export type Price = typeof Price.Type

/**
 * Prices by `"provider/model"`. Names are compared as they are: a dated version is a model of its own.
 *
 * @category models
 * @since 0.1.0
 */
export type PriceTable = Readonly<Record<string, Price>>

/**
 * A price that no sum can be made of: negative, not a number, infinite, or of a wrong type.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidPriceError extends Schema.TaggedError<InvalidPriceError>()("InvalidPriceError", {
  /** As in the table. */
  model: Schema.String,
  /** What is wrong, with the path to the field and the value. */
  problem: Schema.String
}) {
  override get message(): string {
    return `The price of "${this.model}" cannot be used: ${this.problem}. Prices are US dollars per million tokens, from 0 to 1,000,000`
  }
}

const decode = Schema.decodeUnknownEffect(Price, { onExcessProperty: "error" })

/** @internal */
export const validate = (model: string, price: unknown): Effect.Effect<Price, InvalidPriceError> =>
  Effect.mapError(
    decode(price),
    (error) =>
      new InvalidPriceError({
        model,
        problem: `${error.message.replaceAll(/\s+/g, " ")}, received ${format(price).slice(0, 200)}`
      })
  )

/**
 * A table out of data of any origin: an object in code, a file, configuration. Errors: `InvalidPriceError` for the first entry
 * that is none.
 *
 * @example
 * ```ts
 * const mine = PriceTable.make({ "openai/gpt-mine": { input: 0.4, output: 1.6 } })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  prices: Readonly<Record<string, unknown>>
): Effect.fn.Return<PriceTable, InvalidPriceError> {
  const table: Record<string, Price> = Object.create(null)
  for (const [model, price] of Object.entries(prices)) {
    if (!/^[^/\s]+\/\S+$/.test(model)) {
      return yield* new InvalidPriceError({ model, problem: `its name is not of the form "provider/model"` })
    }
    table[model] = yield* validate(model, price)
  }
  return table
})

/**
 * All entries of both; where both have a price, the second's.
 *
 * @category combinators
 * @since 0.1.0
 */
export const merge = (self: PriceTable, that: PriceTable): PriceTable => Object.assign(Object.create(null), self, that)

/**
 * The price of a model, if the table has one.
 *
 * @category getters
 * @since 0.1.0
 */
export const find = (self: PriceTable, provider: string, model: string): Price | undefined => {
  const key = `${provider}/${model}`
  return Object.hasOwn(self, key) ? self[key] : undefined
}

/**
 * A model that costs nothing: on one's own machine, say.
 *
 * @category constants
 * @since 0.1.0
 */
export const free: Price = { input: 0, output: 0 }

/**
 * Some models' list prices, and when they were looked up: see `publishedAt`. They change without a word, and are no offer: for
 * limits in money that matter, give a table of your own contract.
 *
 * Only models whose input and output price is the same in two published tables are here.
 *
 * @category constants
 * @since 0.1.0
 */
export const published: PriceTable = Object.assign(Object.create(null), publishedPrices)

/**
 * When the tables behind `published` were last changed, as a date.
 *
 * @category constants
 * @since 0.1.0
 */
export const publishedAt = "2026-05-16"

/**
 * The tokens of one call, told apart. `cachedInputTokens` and `cacheWriteTokens` are parts of `inputTokens`, `reasoningTokens` is
 * a part of `outputTokens`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tokens {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cachedInputTokens?: number | undefined
  readonly cacheWriteTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
}

type Rates = Omit<Price, "call" | "above">

/** Dollars per million tokens are micro-dollars per token. */
const microUsd = (amount: number): number => Usage.microUsdFromUsd(amount / 1_000_000)

const ratesFor = (price: Price, inputTokens: number): Rates => {
  let found: Rates & { readonly inputTokens?: number } = price
  for (const step of price.above ?? []) {
    if (inputTokens > step.inputTokens && step.inputTokens >= (found.inputTokens ?? 0)) found = step
  }
  return found
}

const exact = (price: Price, tokens: Tokens): number => {
  const { cacheWrite, cachedInput, input, output, reasoning } = ratesFor(price, tokens.inputTokens)
  const cached = Math.min(tokens.cachedInputTokens ?? 0, tokens.inputTokens)
  const written = Math.min(tokens.cacheWriteTokens ?? 0, tokens.inputTokens - cached)
  const thought = Math.min(tokens.reasoningTokens ?? 0, tokens.outputTokens)
  return (
    (tokens.inputTokens - cached - written) * input +
    cached * (cachedInput ?? input) +
    written * (cacheWrite ?? input) +
    (tokens.outputTokens - thought) * output +
    thought * (reasoning ?? output) +
    (price.call ?? 0) * 1_000_000
  )
}

/**
 * What a call cost, in whole micro-dollars, rounded up.
 *
 * @category conversions
 * @since 0.1.0
 */
export const cost = (price: Price, tokens: Tokens): number => microUsd(exact(price, tokens))

/**
 * The most that a call of at most so many tokens can cost, in whole micro-dollars: nothing read from a cache where that is cheaper,
 * everything written to it where that is dearer, at the dearest rates that its length can reach.
 *
 * @category conversions
 * @since 0.1.0
 */
export const bound = (price: Price, most: { readonly inputTokens: number; readonly outputTokens: number }): number => {
  const reachable: Array<Rates> = [
    price,
    ...(price.above ?? []).filter(({ inputTokens }) => most.inputTokens > inputTokens)
  ]
  const input = Math.max(
    ...reachable.map((rates) => Math.max(rates.input, rates.cachedInput ?? 0, rates.cacheWrite ?? 0))
  )
  const output = Math.max(...reachable.map((rates) => Math.max(rates.output, rates.reasoning ?? 0)))
  return microUsd(most.inputTokens * input + most.outputTokens * output + (price.call ?? 0) * 1_000_000)
}
