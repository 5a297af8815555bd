import type { Account } from "@aria/orchestrator-core/Journal"
import type { Usage } from "@aria/orchestrator-core/Usage"
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Database } from "./database.ts"
import type { NoRoom, SettleRecord, SpendRecord } from "./records.ts"

/** A row of `aria_accounts`. */
export interface AccountRow {
  readonly id: string
  readonly used_tokens: number
  readonly used_calls: number
  readonly used_micro_usd: number
  readonly held_tokens: number
  readonly held_calls: number
  readonly held_micro_usd: number
}

const dimensions = ["tokens", "calls", "micro_usd"] as const
type Dimension = (typeof dimensions)[number]

type Amounts = Readonly<Record<Dimension, number>>

export const amountsOf = ({ calls, microUsd, tokens }: { readonly tokens: number; readonly calls: number; readonly microUsd: number }): Amounts => ({ tokens, calls, micro_usd: microUsd })

const limitOf = ({ limits }: Account, dimension: Dimension): number =>
  dimension === "micro_usd" ? (limits.usd === undefined ? Infinity : Math.round(limits.usd * 1_000_000)) : limits[dimension] ?? Infinity

/** What has no room, and whether it ever will. */
const shortage = (account: Account, row: AccountRow, request: Amounts): NoRoom | undefined => {
  for (const dimension of dimensions) {
    const limit = limitOf(account, dimension)
    const used = Number(row[`used_${dimension}`])
    const held = Number(row[`held_${dimension}`])
    if (used < limit && used + held + request[dimension] <= limit) continue
    const unit = dimension === "micro_usd" ? 1_000_000 : 1
    return {
      account,
      dimension: dimension === "micro_usd" ? "usd" : dimension,
      used: used / unit,
      held: held / unit,
      isFinal: used >= limit || used + request[dimension] > limit
    }
  }
  return undefined
}

const none: Amounts = { tokens: 0, calls: 0, micro_usd: 0 }
const minus = ({ calls, micro_usd, tokens }: Amounts): Amounts => ({ tokens: -tokens, calls: -calls, micro_usd: -micro_usd })

const idsOf = (ids: Iterable<string>): string => JSON.stringify(Array.from(new Set(ids)).sort().map((id) => ({ id })))

const amountColumns = [
  ["used_tokens", "number"],
  ["used_calls", "number"],
  ["used_micro_usd", "number"],
  ["held_tokens", "number"],
  ["held_calls", "number"],
  ["held_micro_usd", "number"]
] as const

/**
 * Accounts that several workers share, inside one transaction that has locked them: counted here, and written once. A batch takes a few
 * statements, however many calls it is about, because all others wait for the lock meanwhile.
 */
export const make = ({ dialect, rows, sql }: Database) => {
  const state = new Map<string, AccountRow>()
  const changed = new Set<string>()

  const change = (id: string, used: Amounts, held: Amounts): void => {
    const row = state.get(id)!
    state.set(id, {
      id,
      used_tokens: Number(row.used_tokens) + used.tokens,
      used_calls: Number(row.used_calls) + used.calls,
      used_micro_usd: Number(row.used_micro_usd) + used.micro_usd,
      held_tokens: Number(row.held_tokens) + held.tokens,
      held_calls: Number(row.held_calls) + held.calls,
      held_micro_usd: Number(row.held_micro_usd) + held.micro_usd
    })
    changed.add(id)
  }

  /** In one order for all, so that no two wait for each other. */
  const read = (ids: string) =>
    Effect.map(
      sql<AccountRow>`SELECT * FROM aria_accounts WHERE id IN (SELECT id FROM ${rows(ids, [["id", "text"]])} g) ORDER BY id ${sql.literal(dialect === "pg" ? "FOR UPDATE" : "")}`,
      (found) => {
        for (const row of found) state.set(row.id, row)
      }
    )

  return {
    /** All that the transaction will touch. */
    lock: (accounts: ReadonlyArray<Pick<Account, "id">>): Effect.Effect<void, SqlError> =>
      Effect.gen(function* () {
        const ids = idsOf(accounts.map(({ id }) => id))
        yield* sql`INSERT INTO aria_accounts (id, used_tokens, used_calls, used_micro_usd, held_tokens, held_calls, held_micro_usd)
          SELECT id, 0, 0, 0, 0, 0, 0 FROM ${rows(ids, [["id", "text"]])} g ${sql.literal(dialect === "pg" ? "" : "WHERE true")} ON CONFLICT (id) DO NOTHING`
        yield* read(ids)
      }),

    /**
     * Settles those that are open still, with what `write` does: a batch may be written twice where nobody knows whether the first time
     * counted.
     */
    settle: (settles: ReadonlyArray<SettleRecord>, write: (settled: ReadonlyArray<Settled>) => Effect.Effect<ReadonlyArray<{ readonly id: string }>, SqlError>): Effect.Effect<void, SqlError> =>
      Effect.gen(function* () {
        const settled = settles.flatMap(({ id, usage }) => (usage === undefined ? [] : [{ id, usage }]))
        const released = settles.flatMap(({ id, usage }) => (usage === undefined ? [id] : []))
        const were = settled.length === 0 ? [] : yield* write(settled)
        const gone =
          released.length === 0
            ? []
            : yield* sql<{ readonly id: string }>`DELETE FROM aria_spends WHERE state = 'open' AND id IN (SELECT id FROM ${rows(idsOf(released), [["id", "text"]])} g) RETURNING id`
        const open = new Set([...were, ...gone].map(({ id }) => id))
        for (const { accounts, id, reserved, usage } of settles) {
          if (!open.has(id)) continue
          for (const account of accounts) change(account.id, usage === undefined ? none : amountsOf(usage), minus(amountsOf(reserved)))
        }
      }),

    /** Takes room in all accounts of a spend or in none; gives those that have none. What was spent already is taken whether there is room or not. */
    take: (spends: ReadonlyArray<SpendRecord>): Effect.Effect<ReadonlyMap<string, NoRoom>, SqlError> =>
      Effect.gen(function* () {
        const noRoom = new Map<string, NoRoom>()
        if (spends.length === 0) return noRoom
        const there = yield* sql<{ readonly id: string }>`SELECT id FROM aria_spends WHERE id IN (SELECT id FROM ${rows(idsOf(spends.map(({ id }) => id)), [["id", "text"]])} g)`
        const taken = new Set(there.map(({ id }) => id))
        for (const { accounts, id, state: kind, usage } of spends) {
          if (taken.has(id)) continue
          const amounts = amountsOf(usage)
          const isOpen = kind === "open"
          const refusal = isOpen ? accounts.map((account) => shortage(account, state.get(account.id)!, amounts)).find((one) => one !== undefined) : undefined
          if (refusal !== undefined) noRoom.set(id, refusal)
          else for (const account of accounts) change(account.id, isOpen ? none : amounts, isOpen ? amounts : none)
        }
        return noRoom
      }),

    /** Writes what has changed: the last thing to be done with them. */
    store: Effect.suspend((): Effect.Effect<unknown, SqlError> => {
      if (changed.size === 0) return Effect.void
      const json = JSON.stringify(Array.from(changed).sort().map((id) => state.get(id)))
      return sql`UPDATE aria_accounts SET used_tokens = g.used_tokens, used_calls = g.used_calls, used_micro_usd = g.used_micro_usd,
        held_tokens = g.held_tokens, held_calls = g.held_calls, held_micro_usd = g.held_micro_usd
        FROM ${rows(json, [["id", "text"], ...amountColumns])} g WHERE aria_accounts.id = g.id`
    })
  }
}

/** A call that came to something. */
export interface Settled {
  readonly id: string
  readonly usage: Usage
}
