/** What a model has cost and still holds, task by task while they run, and what went wrong with it. */
import { Budget, Run, Usage } from "@aria/orchestrator-core"
import type { PriceTable } from "@aria/models"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** How one task stands now. */
export interface Standing {
  readonly usage: Usage.Usage
  /** Reserved by calls that are under way. */
  readonly held: { readonly tokens: number; readonly usd: number }
}

/** Calls that failed for the same reason, after all retries. */
export interface Trouble {
  readonly message: string
  readonly calls: number
}

export interface Spending {
  /** As it was given: `"provider/model"`. */
  readonly model: string
  /** Nothing where it is not known: then no amount of money says anything. */
  readonly price: PriceTable.Price | undefined
  /** The day of the published list that the price is from; nothing where the user gave it. */
  readonly listed: string | undefined
  readonly limits: { readonly tokens: number | undefined; readonly usd: number | undefined }
  /** The tasks that have called the model, by id. */
  readonly tasks: () => ReadonlyMap<string, Standing>
  readonly troubles: () => ReadonlyArray<Trouble>
}

/** That of the run; nothing where there is no model. */
export const Current: Context.Reference<Spending | undefined> = Context.Reference("@aria/demo/Spending", {
  defaultValue: (): Spending | undefined => undefined
})

/** What several tasks hold together. */
export const held = (tasks: ReadonlyMap<string, Standing["held"]>): Standing["held"] => {
  let [tokens, microUsd] = [0, 0]
  for (const held of tasks.values()) {
    tokens += held.tokens
    microUsd += Math.round(held.usd * 1_000_000)
  }
  return { tokens, usd: microUsd / 1_000_000 }
}

/** The spending, and the two ways to note something in it. */
export const make = (of: Pick<Spending, "limits" | "listed" | "model" | "price">) => {
  const standings = new Map<string, () => Standing>()
  const troubles = new Map<string, number>()
  const spending: Spending = {
    ...of,
    tasks: () => new Map(Array.from(standings, ([task, standing]) => [task, standing()])),
    troubles: () => Array.from(troubles, ([message, calls]) => ({ message, calls }))
  }
  /** The task that this is part of calls the model: its ledger can be read from now on, whenever somebody looks. */
  const calling = Effect.contextWith((context: Context.Context<never>) =>
    Effect.sync(() => {
      const task = Option.match(Context.get(context, Run.Current), { onNone: () => undefined, onSome: ({ path, taskId }) => path[0] ?? taskId })
      if (task === undefined || standings.has(task)) return
      standings.set(task, () => {
        const ledgers = Effect.runSyncWith(context)(Budget.capture)
        const own = ledgers.find(({ name, owner }) => owner === "task" && name === task)
        return own === undefined ? { usage: Usage.zero, held: { tokens: 0, usd: 0 } } : { usage: own.usage, held: own.held }
      })
    })
  )
  const failed = (message: string) =>
    Effect.sync(() => {
      troubles.set(message, (troubles.get(message) ?? 0) + 1)
    })
  return { spending, calling, failed }
}
