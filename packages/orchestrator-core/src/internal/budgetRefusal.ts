import * as Effect from "effect/Effect"
import { BudgetExceededError } from "./budgetErrors.ts"
import { type BudgetNode, boundary } from "./budgetNode.ts"
import type * as ledgers from "./ledger.ts"

const inUnit = (dimension: ledgers.Dimension, amount: number): number => (dimension === "microUsd" ? amount / 1_000_000 : amount)

/** A refusal as the error that says which limit it was. */
export const exceeded = ({ dimension, ledger }: ledgers.Refusal, requested: ledgers.Amounts): BudgetExceededError =>
  new BudgetExceededError({
    owner: ledger.kind,
    scope: ledger.name,
    dimension: dimension === "microUsd" ? "usd" : dimension,
    limit: inUnit(dimension, ledger.limit[dimension]),
    used: inUnit(dimension, ledger.used[dimension]),
    held: inUnit(dimension, ledger.held[dimension]),
    requested: inUnit(dimension, requested[dimension])
  })

/** Ends what owns the limit; the caller never hears of it but by being interrupted. */
export const refuse = (node: BudgetNode, refusal: ledgers.Refusal, requested: ledgers.Amounts): Effect.Effect<never> =>
  Effect.suspend(() => endOwner(node, exceeded(refusal, requested), refusal.ledger))

/** A refusal that does not come from a ledger of this process ends the task. */
export const endOwner = (node: BudgetNode, error: BudgetExceededError, ledger?: ledgers.Ledger): Effect.Effect<never> => {
  const owner = boundary(node, ledger)
  if (owner === undefined) return Effect.die(error)
  owner.end?.(error)
  return gone
}

/** Interruptible even where the caller is not: it is left by interruption only. */
export const gone: Effect.Effect<never> = Effect.interruptible(Effect.never)
