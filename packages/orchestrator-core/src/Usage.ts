/**
 * What was spent: tokens, calls and money.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/** How many micro-dollars one dollar has; money is counted in whole micro-dollars so that sums are exact. */
const microPerUsd = 1_000_000

/**
 * What a call, a task or a run spent. Sums are exact: every field is a whole number.
 *
 * `cachedInputTokens` are part of `inputTokens`, `reasoningTokens` are part of `outputTokens`.
 *
 * @category models
 * @since 0.1.0
 */
export class Usage extends Schema.Class<Usage>("@aria/orchestrator-core/Usage/Usage")({
  inputTokens: Schema.Natural,
  outputTokens: Schema.Natural,
  cachedInputTokens: Schema.Natural,
  reasoningTokens: Schema.Natural,
  /** Exchanges with a provider: model calls and requests of connectors. */
  calls: Schema.Natural,
  /** Money in millionths of a US dollar. */
  microUsd: Schema.Natural
}) {
  /** Input and output tokens together. */
  get tokens(): number {
    return this.inputTokens + this.outputTokens
  }
  /** Money in US dollars. */
  get usd(): number {
    return this.microUsd / microPerUsd
  }
}

/**
 * What `Usage.make` and `Budget.charge` take: every field may be left out and is 0 then; `usd` is an amount in dollars
 * and is rounded up to whole micro-dollars.
 *
 * @category models
 * @since 0.1.0
 */
export interface Input {
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly cachedInputTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
  readonly calls?: number | undefined
  readonly usd?: number | undefined
  readonly microUsd?: number | undefined
}

/**
 * The part of an amount that is noise. An amount that was written in decimals is off by at most 2^-53 of it, each multiplication and each
 * addition by as much again; so this is what a sum of a few thousand amounts needs, and of $500,000 it is half a micro-dollar.
 */
const noise = 1e-12

/**
 * US dollars as whole micro-dollars, rounded up so that money is never undercounted. Only what is within a part in 10^12 above a whole
 * number is noise of floating point, and no money.
 *
 * @category conversions
 * @since 0.1.0
 */
export const microUsdFromUsd = (usd: number): number => {
  const micro = usd * microPerUsd
  const nearest = Math.round(micro)
  // 0.07 * 1e6 is 70000.00000000001.
  return Math.abs(micro - nearest) <= noise * nearest ? nearest : Math.ceil(micro)
}

/**
 * A usage from those fields that are known. Throws where a field is negative or not a whole number.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (input: Input): Usage =>
  new Usage({
    inputTokens: input.inputTokens ?? 0,
    outputTokens: input.outputTokens ?? 0,
    cachedInputTokens: input.cachedInputTokens ?? 0,
    reasoningTokens: input.reasoningTokens ?? 0,
    calls: input.calls ?? 0,
    microUsd: (input.microUsd ?? 0) + microUsdFromUsd(input.usd ?? 0)
  })

/**
 * Nothing spent.
 *
 * @category constructors
 * @since 0.1.0
 */
export const zero: Usage = make({})

/**
 * The sum of two usages.
 *
 * @category combinators
 * @since 0.1.0
 */
export const add = (self: Usage, that: Usage): Usage =>
  that === zero
    ? self
    : self === zero
      ? that
      : new Usage({
          inputTokens: self.inputTokens + that.inputTokens,
          outputTokens: self.outputTokens + that.outputTokens,
          cachedInputTokens: self.cachedInputTokens + that.cachedInputTokens,
          reasoningTokens: self.reasoningTokens + that.reasoningTokens,
          calls: self.calls + that.calls,
          microUsd: self.microUsd + that.microUsd
        })

/**
 * The sum of all.
 *
 * @category combinators
 * @since 0.1.0
 */
export const sum = (usages: Iterable<Usage>): Usage => {
  let total = zero
  for (const usage of usages) total = add(total, usage)
  return total
}

/**
 * Whether nothing was spent.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isZero = (self: Usage): boolean => self === zero || (self.tokens === 0 && self.calls === 0 && self.microUsd === 0)
