import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { Limits } from "../Budget.ts"
import { amountsOf } from "./amounts.ts"
import type { BudgetExceededError, InvalidLimitError } from "./budgetErrors.ts"
import { child, Current } from "./budgetNode.ts"
import * as ledgers from "./ledger.ts"
import { validateLimits } from "./limits.ts"

/** A ledger of its own around an effect, which a refusal by that ledger ends. */
export const limited =
  (limits: Limits, options?: { readonly name?: string | undefined }) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | BudgetExceededError | InvalidLimitError, R> =>
    Effect.flatMap(validateLimits(limits), () =>
      Effect.contextWith((context: Context.Context<R>) => {
        const ledger = new ledgers.Ledger("region", options?.name ?? "", amountsOf(limits))
        const node = child(Context.get(context, Current), ledger)
        return Effect.callback<A, E | BudgetExceededError>((resume) => {
          let refused: BudgetExceededError | undefined
          let fiber: Fiber.Fiber<A, E> | undefined
          node.end = (error) => {
            refused ??= error
            fiber?.interruptUnsafe()
          }
          fiber = Effect.runForkWith(Context.add(context, Current, node))(self)
          if (refused !== undefined) fiber.interruptUnsafe()
          fiber.addObserver((exit) => {
            node.closed = true
            // What came to its end in the same instant is kept.
            resume(refused === undefined || Exit.isSuccess(exit) ? exit : Exit.fail(refused))
          })
          return Effect.suspend(() => Fiber.interrupt(fiber))
        })
      })
    )
