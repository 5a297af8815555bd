/**
 * What may be spent. `Budget.limit` puts a limit around any effect, `Budget.reserve` asks before a call is made.
 *
 * Regions nest: a call counts in every region around it, in its task, its run, its user and its orchestrator, and is
 * made only when all of them have room. At every instant `used + held <= limit + overrun`, where `overrun` is what a
 * provider reported beyond its reservation.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { limitsOf } from "./internal/amounts.ts"
import { BudgetExceededError, InvalidLimitError } from "./internal/budgetErrors.ts"
import { Current } from "./internal/budgetNode.ts"
import { limited } from "./internal/budgetRegion.ts"
import type * as ledgers from "./internal/ledger.ts"
import { validateLimits } from "./internal/limits.ts"
import * as spending from "./internal/spending.ts"
import * as Usage from "./Usage.ts"

export {
  /**
   * A call that was refused because a limit would have been passed. It was not made.
   *
   * @category errors
   * @since 0.1.0
   */
  BudgetExceededError,
  /**
   * A limit, cap or count that nothing could be run with: 0, negative, not finite, or not whole where it must be.
   *
   * @category errors
   * @since 0.1.0
   */
  InvalidLimitError
}

/**
 * What may be spent at most; what is left out is not limited. Tokens and calls are whole numbers from 1, `usd` is an
 * amount in US dollars from 0.000001.
 *
 * @category models
 * @since 0.1.0
 */
export const Limits = Schema.Struct({
  tokens: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  calls: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  usd: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0.000001)))
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Limits {
  readonly tokens?: number | undefined
  readonly calls?: number | undefined
  readonly usd?: number | undefined
}

/**
 * The most that one call can take: what is reserved before it is made. `tokens` stands for input and output together
 * where they are not known apart.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  readonly tokens?: number | undefined
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly calls?: number | undefined
  readonly usd?: number | undefined
}

/**
 * A reservation that was admitted. It is settled or released once; where nobody does it, it settles at the reserved
 * amount, because a call whose answer was lost may have been charged.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reservation {
  /** Records what the provider reported; what goes beyond the reservation is overrun, and refuses what follows. */
  readonly settle: (usage: Usage.Input) => Effect.Effect<void>
  /** Gives the whole reservation back: only for a request that was provably not sent. */
  readonly release: Effect.Effect<void>
}

/**
 * How one ledger stands; what a region is when it leaves the process.
 *
 * @category models
 * @since 0.1.0
 */
export class LedgerState extends Schema.Class<LedgerState>("@aria/orchestrator-core/Budget/LedgerState")({
  owner: Schema.Literals(["region", "call", "task", "run", "user", "orchestrator"]),
  name: Schema.String,
  limits: Limits,
  usage: Usage.Usage,
  held: Schema.Struct({ tokens: Schema.Natural, calls: Schema.Natural, usd: Schema.Finite }),
  overrun: Schema.Struct({ tokens: Schema.Natural, calls: Schema.Natural, usd: Schema.Finite })
}) {}

/**
 * The limits, or an `InvalidLimitError` that names the field.
 *
 * @category validation
 * @since 0.1.0
 */
export const validate: (limits: Limits, name?: string) => Effect.Effect<Limits, InvalidLimitError> = validateLimits

/**
 * Runs an effect inside a limit. A call that would pass it is refused: the effect is interrupted, its finalizers run,
 * and the region fails with `BudgetExceededError`. Inside a run a refusal by an outer region ends the task that asked,
 * so that the run keeps what other tasks have done.
 *
 * @example
 * ```ts
 * const cheap = program.pipe(Budget.limit({ tokens: 200_000, usd: 2.5 }))
 * ```
 *
 * @category regions
 * @since 0.1.0
 */
export const limit: (
  limits: Limits,
  options?: { readonly name?: string | undefined }
) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | BudgetExceededError | InvalidLimitError, R> = limited

/**
 * Reserves the most that a call can take, in all ledgers at once, then makes the call.
 *
 * What can never fit is refused at once; what would fit once others settle waits, first come, first served, without a
 * permit. A refused call is never made and never returns: the region or task ends with `BudgetExceededError`. Beneath
 * an open reservation nothing waits. Outside any region or run it costs nothing and admits everything.
 *
 * @example
 * ```ts
 * Budget.reserve({ inputTokens: 800, outputTokens: 400, calls: 1, usd: 0.01 }, (reservation) =>
 *   Effect.tap(callTheModel, ({ usage }) => reservation.settle(usage))
 * )
 * ```
 *
 * @category reservations
 * @since 0.1.0
 */
export const reserve: <A, E, R>(
  request: Request,
  use: (reservation: Reservation) => Effect.Effect<A, E, R>
) => Effect.Effect<A, E, R> = spending.reserve

/**
 * As `reserve`, for code that adapts (a smaller answer, a cheaper model): it never waits, and where there is no room
 * now it fails with `BudgetExceededError` instead of ending the region.
 *
 * @category reservations
 * @since 0.1.0
 */
export const tryReserve: <A, E, R>(
  request: Request,
  use: (reservation: Reservation) => Effect.Effect<A, E, R>
) => Effect.Effect<A, E | BudgetExceededError, R> = spending.tryReserve

/**
 * Records what could not be reserved, after the fact. It may overrun a limit once; where a limit was used up before,
 * the usage is recorded and the region or task ends with `BudgetExceededError`.
 *
 * @category reservations
 * @since 0.1.0
 */
export const charge: (usage: Usage.Input) => Effect.Effect<void> = spending.charge

/**
 * What is left before the tightest limit around here; `Infinity` where there is none. Never negative.
 *
 * @category queries
 * @since 0.1.0
 */
export const remaining: Effect.Effect<{ readonly tokens: number; readonly calls: number; readonly usd: number }> = Effect.map(
  Current,
  (node) => {
    const left = (dimension: ledgers.Dimension) =>
      (node?.ledgers ?? []).reduce(
        (least, { held, limit, used }) => Math.min(least, Math.max(0, limit[dimension] - used[dimension] - held[dimension])),
        Infinity
      )
    return { tokens: left("tokens"), calls: left("calls"), usd: left("microUsd") / 1_000_000 }
  }
)

/** @internal */
export const ledgerState = ({ held, kind, limit, name, overrun, usage }: ledgers.Ledger): LedgerState =>
  new LedgerState({
    owner: kind,
    name,
    limits: limitsOf(limit),
    usage,
    held: { tokens: held.tokens, calls: held.calls, usd: held.microUsd / 1_000_000 },
    overrun: { tokens: overrun.tokens, calls: overrun.calls, usd: overrun.microUsd / 1_000_000 }
  })

/**
 * All ledgers around here as data, innermost first, so that another process can enforce them.
 *
 * @category queries
 * @since 0.1.0
 */
export const capture: Effect.Effect<ReadonlyArray<LedgerState>> = Effect.map(Current, (node) => (node?.ledgers ?? []).map(ledgerState))
