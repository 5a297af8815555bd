import type { Account } from "@aria/orchestrator-core/Journal"
import * as Usage from "@aria/orchestrator-core/Usage"
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import * as accounts from "./accounts.ts"
import type { Database } from "./database.ts"

/** What runs had reserved that nobody carries out any more was spent, as far as anybody can tell. Part of a transaction. */
export const makeSettleLeft = (database: Database): ((runs: ReadonlyArray<string>) => Effect.Effect<void, SqlError>) => {
  const { sql } = database
  return (ids) =>
    Effect.gen(function* () {
      const left = yield* sql<{ readonly id: string; readonly accounts: string; readonly input_tokens: number; readonly output_tokens: number; readonly calls: number; readonly micro_usd: number }>`
        SELECT id, accounts, input_tokens, output_tokens, calls, micro_usd FROM aria_spends WHERE state = 'open' AND ${sql.in("run_id", ids)} ORDER BY id`
      const shared = left.flatMap((row) => {
        const list: ReadonlyArray<Account> = JSON.parse(row.accounts)
        if (list.length === 0) return []
        const usage = Usage.make({
          inputTokens: Number(row.input_tokens),
          outputTokens: Number(row.output_tokens),
          calls: Number(row.calls),
          microUsd: Number(row.micro_usd)
        })
        return [{ id: row.id, accounts: list, reserved: usage, usage }]
      })
      if (shared.length > 0) {
        const ledger = accounts.make(database)
        yield* ledger.lock(shared.flatMap(({ accounts }) => accounts))
        // At what is in their rows already.
        yield* ledger.settle(shared, (settled) => sql<{ readonly id: string }>`UPDATE aria_spends SET state = 'settled' WHERE state = 'open' AND ${sql.in("id", settled.map(({ id }) => id))} RETURNING id`)
        yield* ledger.store
      }
      if (left.length > shared.length) yield* sql`UPDATE aria_spends SET state = 'settled' WHERE state = 'open' AND ${sql.in("run_id", ids)}`
    })
}
