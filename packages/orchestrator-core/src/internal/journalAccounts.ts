import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Account } from "../Journal.ts"
import { type BudgetNode, child, Current } from "./budgetNode.ts"
import { amountsOf, limitsOf } from "./amounts.ts"
import { Ledger } from "./ledger.ts"
import { randomUUID } from "./uuid.ts"

/** Regions have no name of their own that is the same in another process: they get one when it is asked for. */
const regionIds = new WeakMap<Ledger, string>()

const regionId = (ledger: Ledger): string => {
  let id = regionIds.get(ledger)
  if (id === undefined) {
    id = `region:${randomUUID()}`
    regionIds.set(ledger, id)
  }
  return id
}

const accountOf = (ledger: Ledger): Account | undefined => {
  const { kind, limit, limited, name } = ledger
  if (!limited) return undefined
  const limits = limitsOf(limit)
  switch (kind) {
    case "orchestrator":
      return { id: "orchestrator", owner: kind, name, limits }
    case "user":
      return { id: `user:${name}`, owner: kind, name, limits }
    case "region":
      return { id: regionId(ledger), owner: kind, name, limits }
    default:
      return undefined
  }
}

/** Those outside the outermost run: what is inside belongs to one process at a time. */
export const shared = (node: BudgetNode | undefined): ReadonlyArray<Account> => {
  const ledgers = node?.ledgers ?? []
  let outermost = -1
  for (const [index, { kind }] of ledgers.entries()) if (kind === "run") outermost = index
  return ledgers.slice(outermost + 1).flatMap((ledger) => accountOf(ledger) ?? [])
}

export const around: Effect.Effect<ReadonlyArray<Account>> = Effect.map(Current, shared)

export const within =
  (accounts: ReadonlyArray<Account>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.updateContext(self, (context: Context.Context<R>) => {
      let node = Context.get(context, Current)
      // Those of users and of the orchestrator are made by whoever carries out the run.
      for (const { id, limits, name } of accounts.toReversed().filter(({ owner }) => owner === "region")) {
        const ledger = new Ledger("region", name, amountsOf(limits))
        regionIds.set(ledger, id)
        node = child(node, ledger)
      }
      return Context.add(context, Current, node)
    })
