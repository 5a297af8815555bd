import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Hold } from "../Journal.ts"
import type * as Usage from "../Usage.ts"
import type { BudgetNode } from "./budgetNode.ts"
import { JournalRef } from "./journal.ts"
import { shared } from "./journalAccounts.ts"
import { RunInfoRef } from "./runInfo.ts"
import { keyOf, PlaceRef } from "./unitKey.ts"

/** Where the run that this is part of is stored: its journal and the place of the task in it. */
const stored = Effect.contextWith((context: Context.Context<never>) => {
  const journal = Context.get(context, JournalRef)
  const info = Context.get(context, RunInfoRef)
  if (journal === undefined || info._tag === "None") return Effect.succeed(undefined)
  return Effect.succeed({ journal, key: Context.get(context, PlaceRef)?.key ?? keyOf(info.value.path) })
})

/** The reservation as the journal keeps it; none where nothing is stored. */
export const holdOf = (node: BudgetNode, worst: Usage.Usage, isPatient: boolean): Effect.Effect<Hold | undefined> =>
  Effect.map(stored, (place) =>
    place === undefined ? undefined : place.journal.reserve({ key: place.key, accounts: shared(node), worst, isPatient })
  )

export const storeCharge = (node: BudgetNode, usage: Usage.Usage): Effect.Effect<void> =>
  Effect.flatMap(stored, (place) =>
    place === undefined ? Effect.void : place.journal.charge({ key: place.key, accounts: shared(node), usage })
  )
