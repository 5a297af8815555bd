import type { Account } from "@aria/orchestrator-core/Journal"
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Database } from "./database.ts"
import type { NoRoom, SettleRecord, SpendRecord } from "./records.ts"

interface Row {
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
const shortage = (account: Account, row: Row, request: Amounts): NoRoom | undefined => {
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

/** Accounts that several workers share, inside one transaction that has locked them. */
export const make = ({ dialect, rows, sql }: Database) => {
  const state = new Map<string, Row>()

  const change = (id: string, used: Amounts, held: Amounts): Effect.Effect<void, SqlError> =>
    Effect.gen(function* () {
      const row = state.get(id)!
      const next: Row = {
        id,
        used_tokens: Number(row.used_tokens) + used.tokens,
        used_calls: Number(row.used_calls) + used.calls,
        used_micro_usd: Number(row.used_micro_usd) + used.micro_usd,
        held_tokens: Number(row.held_tokens) + held.tokens,
        held_calls: Number(row.held_calls) + held.calls,
        held_micro_usd: Number(row.held_micro_usd) + held.micro_usd
      }
      state.set(id, next)
      yield* sql`UPDATE aria_accounts SET used_tokens = ${next.used_tokens}, used_calls = ${next.used_calls}, used_micro_usd = ${next.used_micro_usd},
        held_tokens = ${next.held_tokens}, held_calls = ${next.held_calls}, held_micro_usd = ${next.held_micro_usd} WHERE id = ${id}`
    })

  const none: Amounts = { tokens: 0, calls: 0, micro_usd: 0 }
  const minus = ({ calls, micro_usd, tokens }: Amounts): Amounts => ({ tokens: -tokens, calls: -calls, micro_usd: -micro_usd })

  return {
    /** All that the transaction will touch, in one order for all, so that no two wait for each other. */
    lock: (accounts: ReadonlyArray<Pick<Account, "id">>): Effect.Effect<void, SqlError> =>
      Effect.gen(function* () {
        const ids = JSON.stringify(Array.from(new Set(accounts.map(({ id }) => id))).sort().map((id) => ({ id })))
        yield* sql`INSERT INTO aria_accounts (id, used_tokens, used_calls, used_micro_usd, held_tokens, held_calls, held_micro_usd)
          SELECT id, 0, 0, 0, 0, 0, 0 FROM ${rows(ids, [["id", "text"]])} g ${sql.literal(dialect === "pg" ? "" : "WHERE true")} ON CONFLICT (id) DO NOTHING`
        const found = yield* sql<Row>`SELECT * FROM aria_accounts WHERE id IN (SELECT id FROM ${rows(ids, [["id", "text"]])} g) ORDER BY id
          ${sql.literal(dialect === "pg" ? "FOR UPDATE" : "")}`
        for (const row of found) state.set(row.id, row)
      }),

    /** Settles those that are open still: a batch may be written twice where nobody knows whether the first time counted. */
    settle: (settles: ReadonlyArray<SettleRecord>, columns: (of: Pick<SpendRecord, "usage">) => Readonly<Record<string, number>>): Effect.Effect<void, SqlError> =>
      Effect.gen(function* () {
        for (const { accounts, id, reserved, usage } of settles) {
          const changed =
            usage === undefined
              ? yield* sql`DELETE FROM aria_spends WHERE id = ${id} AND state = 'open' RETURNING id`
              : yield* sql`UPDATE aria_spends SET ${sql.update({ state: "settled", ...columns({ usage }) })} WHERE id = ${id} AND state = 'open' RETURNING id`
          if (changed.length === 0) continue
          const used = usage === undefined ? none : amountsOf(usage)
          for (const account of accounts) yield* change(account.id, used, minus(amountsOf(reserved)))
        }
      }),

    /** Takes room in all accounts of a spend or in none. What was spent already is taken whether there is room or not. */
    take: (spend: SpendRecord): Effect.Effect<NoRoom | undefined, SqlError> =>
      Effect.gen(function* () {
        const there = yield* sql`SELECT 1 FROM aria_spends WHERE id = ${spend.id}`
        if (there.length > 0) return undefined
        const amounts = amountsOf(spend.usage)
        if (spend.state === "open") {
          for (const account of spend.accounts) {
            const refusal = shortage(account, state.get(account.id)!, amounts)
            if (refusal !== undefined) return refusal
          }
        }
        for (const { id } of spend.accounts) yield* change(id, spend.state === "open" ? none : amounts, spend.state === "open" ? amounts : none)
        return undefined
      })
  }
}
