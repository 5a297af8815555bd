import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Request, Reservation } from "../Budget.ts"
import * as Usage from "../Usage.ts"
import type { BudgetExceededError } from "./budgetErrors.ts"
import { type BudgetNode, Current, isClosed } from "./budgetNode.ts"
import { endOwner, exceeded, gone, refuse } from "./budgetRefusal.ts"
import { storeCharge } from "./holds.ts"
import { Hooks } from "./hooks.ts"
import * as ledgers from "./ledger.ts"
import { open, reservationOf, useAdmitted } from "./reservation.ts"

/** Waits in the queue of the ledgers; gives the refusal, or nothing when admitted. */
const waitFor = (node: BudgetNode, amounts: ledgers.Amounts): Effect.Effect<ledgers.Refusal | undefined> =>
  Effect.suspend(() => {
    let state: "waiting" | "admitted" | "refused" = "waiting"
    let waiter: ledgers.Waiter | undefined
    const answer = Effect.callback<ledgers.Refusal | undefined>((resume) => {
      waiter = {
        request: amounts,
        ledgers: node.ledgers,
        settle: (refusal) => {
          state = refusal === undefined ? "admitted" : "refused"
          resume(Effect.succeed(refusal))
        }
      }
      ledgers.enqueue(waiter)
    })
    return Effect.flatMap(Hooks, (hooks) =>
      Effect.onExit(hooks.suspend("budget", answer), (exit) =>
        Effect.sync(() => {
          // Interrupted, be it after the answer and before it was heard: nothing was sent.
          if (Exit.isSuccess(exit)) return
          if (state === "waiting" && waiter !== undefined) ledgers.dequeue(waiter)
          else if (state === "admitted") ledgers.release(node.ledgers, amounts)
        })
      )
    )
  })

/** Asks, and waits where there may be room later; who is refused does not return. */
export const reserve = <A, E, R>(
  request: Request,
  use: (reservation: Reservation) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Current, (node) => {
    if (node === undefined) return use(open)
    const wanted = reservationOf(request)
    if (Effect.isEffect(wanted)) return wanted
    const { amounts, worst } = wanted
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        if (isClosed(node)) return gone
        const admitted = () =>
          useAdmitted(restore, node, amounts, worst, !node.reserved, use, (error) => endOwner(node, error))
        const admission = ledgers.request(node.ledgers, amounts, !node.reserved)
        switch (admission._tag) {
          case "admitted":
            return admitted()
          case "refused":
            return refuse(node, admission.refusal, amounts)
          case "wait":
            return Effect.flatMap(restore(waitFor(node, amounts)), (refusal) => {
              if (refusal !== undefined) return refuse(node, refusal, amounts)
              if (!isClosed(node)) return admitted()
              // Its task ended between the answer and here: a fiber that outlived it is not served.
              ledgers.release(node.ledgers, amounts)
              return gone
            })
        }
      })
    )
  })

/** Asks, and neither waits nor ends anybody. */
export const tryReserve = <A, E, R>(
  request: Request,
  use: (reservation: Reservation) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | BudgetExceededError, R> =>
  Effect.flatMap(Current, (node) => {
    if (node === undefined) return use(open)
    const wanted = reservationOf(request)
    if (Effect.isEffect(wanted)) return wanted
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend((): Effect.Effect<A, E | BudgetExceededError, R> => {
        if (isClosed(node)) return gone
        const admission = ledgers.request(node.ledgers, wanted.amounts, false)
        return admission._tag === "refused"
          ? Effect.fail(exceeded(admission.refusal, wanted.amounts))
          : useAdmitted(restore, node, wanted.amounts, wanted.worst, false, use, (error) => Effect.fail(error))
      })
    )
  })

/** Records without asking; what had no room left ends. */
export const charge = (usage: Usage.Input): Effect.Effect<void> =>
  Effect.flatMap(Current, (node) =>
    Effect.suspend(() => {
      if (node === undefined) return Effect.void
      const spent = Usage.make(usage)
      const refusal = ledgers.charge(node.ledgers, spent)
      const stored = storeCharge(node, spent)
      return refusal === undefined ? stored : Effect.andThen(stored, refuse(node, refusal, spent))
    })
  )
