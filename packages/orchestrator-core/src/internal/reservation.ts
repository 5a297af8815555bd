import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Request, Reservation } from "../Budget.ts"
import type { Hold } from "../Journal.ts"
import * as Usage from "../Usage.ts"
import { type BudgetExceededError, InvalidLimitError } from "./budgetErrors.ts"
import { type BudgetNode, Current, isClosed } from "./budgetNode.ts"
import { gone } from "./budgetRefusal.ts"
import { holdOf } from "./holds.ts"
import * as ledgers from "./ledger.ts"
import * as telemetry from "./telemetry.ts"

const invalidAmount = (name: string, received: number): Effect.Effect<never> =>
  Effect.die(new InvalidLimitError({ setting: name, received: String(received), allowed: "a finite number that is not negative" }))

/** What is reserved, as amounts and as the usage that it settles at where nothing is reported. */
export const reservationOf = (request: Request): { readonly amounts: ledgers.Amounts; readonly worst: Usage.Usage } | Effect.Effect<never> => {
  for (const field of ["tokens", "inputTokens", "outputTokens", "calls", "usd"] as const) {
    const amount = request[field] ?? 0
    if (!(Number.isFinite(amount) && amount >= 0)) return invalidAmount(`Budget.reserve: ${field}`, amount)
  }
  const inputTokens = Math.ceil(request.inputTokens ?? 0)
  const outputTokens = Math.ceil(request.outputTokens ?? 0)
  const tokens = Math.max(Math.ceil(request.tokens ?? 0), inputTokens + outputTokens)
  const worst = Usage.make({
    inputTokens,
    // What is not told apart counts as output, the dearer kind.
    outputTokens: tokens - inputTokens,
    calls: Math.ceil(request.calls ?? 0),
    usd: request.usd ?? 0
  })
  return { amounts: { tokens, calls: worst.calls, microUsd: worst.microUsd }, worst }
}

/** Where nothing is limited. */
export const open: Reservation = { settle: () => Effect.void, release: Effect.void }

const useReservation = <A, E, R>(
  node: BudgetNode,
  amounts: ledgers.Amounts,
  worst: Usage.Usage,
  hold: Hold | undefined,
  use: (reservation: Reservation) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.contextWith((services: Context.Context<R>) => {
  let isOpen = true
  telemetry.heldTokens(services, amounts.tokens)
  // Stored before whoever waits is told: what takes its place is stored after it.
  const once = (stored: (hold: Hold) => void, end: () => void) =>
    Effect.sync(() => {
      if (!isOpen) return
      isOpen = false
      telemetry.heldTokens(services, -amounts.tokens)
      if (hold !== undefined) stored(hold)
      end()
    })
  const settle = (usage: Usage.Usage) => once((hold) => hold.settle(usage), () => ledgers.settle(node.ledgers, amounts, usage))
  const reservation: Reservation = {
    settle: (usage) =>
      Effect.suspend(() => {
        // Nonsense throws here, and the reservation stays open: it settles at its worst.
        return settle(Usage.make(usage))
      }),
    release: once((hold) => hold.release(), () => ledgers.release(node.ledgers, amounts))
  }
  const beneath: BudgetNode = { ...node, parent: node, end: undefined, isTask: false, reserved: true }
  return Effect.onExit(Effect.provideService(Effect.suspend(() => use(reservation)), Current, beneath), () => settle(worst))
})

/** Admitted here; where the run is stored, the reservation is too, before the call is made. */
export const useAdmitted = <A, E, R, E2>(
  restore: <A2, E2, R2>(effect: Effect.Effect<A2, E2, R2>) => Effect.Effect<A2, E2, R2>,
  node: BudgetNode,
  amounts: ledgers.Amounts,
  worst: Usage.Usage,
  isPatient: boolean,
  use: (reservation: Reservation) => Effect.Effect<A, E, R>,
  refused: (error: BudgetExceededError) => Effect.Effect<never, E2>
): Effect.Effect<A, E | E2, R> =>
  Effect.flatMap(holdOf(node, worst, isPatient), (hold) => {
    const call = useReservation(node, amounts, worst, hold, (reservation) => restore(Effect.suspend(() => use(reservation))))
    if (hold === undefined) return call
    const giveUp = Effect.sync(() => {
      hold.release()
      ledgers.release(node.ledgers, amounts)
    })
    return Effect.matchCauseEffect(restore(hold.acquire), {
      onSuccess: () => (isClosed(node) ? Effect.andThen(giveUp, gone) : call),
      onFailure: (cause) =>
        Effect.andThen(giveUp, Option.match(Cause.findErrorOption(cause), { onNone: () => Effect.failCause(cause as Cause.Cause<never>), onSome: refused }))
    })
  })
