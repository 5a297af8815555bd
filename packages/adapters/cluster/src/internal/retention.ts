import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import { RunStateError, UnknownRunError } from "../ClusterError.ts"
import type { Status } from "../StoredRun.ts"
import type { Database } from "./database.ts"
import { makeReads } from "./reads.ts"
import { makeSettleLeft } from "./settleLeft.ts"

const removable: ReadonlyArray<Status> = ["succeeded", "failed", "cancelled", "needsDecision", "deadLetter", "planChanged"]

/** How many runs are removed in one transaction. */
const atOnce = 100

/** Removes what is stored of runs. */
export const makeRetention = (database: Database) => {
  const { dialect, sql, transaction } = database
  const reads = makeReads(database)
  const settleLeft = makeSettleLeft(database)

  /** A fork reads what its origin has stored for as long as it goes on. */
  const openForks = (origin: Fragment): Fragment => sql`SELECT f.id FROM aria_runs f WHERE f.forked_from = ${origin} AND f.ended IS NULL`

  const clear = (ids: ReadonlyArray<string>): Effect.Effect<void, SqlError> =>
    Effect.gen(function* () {
      // What they hold of limits that others share would be held for ever.
      yield* settleLeft(ids)
      const regions = yield* sql<{ readonly account_id: string }>`SELECT DISTINCT account_id FROM aria_regions WHERE ${sql.in("run_id", ids)}`
      for (const table of ["aria_units", "aria_events", "aria_spends", "aria_regions"]) yield* sql`DELETE FROM ${sql(table)} WHERE ${sql.in("run_id", ids)}`
      yield* sql`DELETE FROM aria_runs WHERE ${sql.in("id", ids)}`
      if (regions.length === 0) return
      yield* sql`DELETE FROM aria_accounts WHERE ${sql.in("id", regions.map(({ account_id }) => account_id))}
        AND NOT EXISTS (SELECT 1 FROM aria_regions g WHERE g.account_id = aria_accounts.id)`
    })

  return {
    remove: (id: string): Effect.Effect<void, UnknownRunError | RunStateError | SqlError> =>
      transaction(
        Effect.gen(function* () {
          const row = yield* reads.locked(id)
          if (row === undefined) return yield* new UnknownRunError({ runId: id })
          const refuse = (status: string) => new RunStateError({ runId: id, operation: "remove", status, allowed: removable })
          // One that was cancelled before anybody has taken it waits for nobody.
          const isWithdrawn = row.status === "queued" && Number(row.cancel) === 1
          if (!removable.includes(row.status) && !isWithdrawn) return yield* refuse(row.status)
          const [fork] = yield* sql<{ readonly id: string }>`${openForks(sql`${id}`)} LIMIT 1`
          if (fork !== undefined) return yield* refuse(`${row.status}, and "${fork.id}", which is a fork of it, has not ended`)
          yield* clear([id])
        })
      ),

    prune: (endedBefore: number): Effect.Effect<number, SqlError> => {
      // Those that somebody resumes in this moment are left alone.
      const some = transaction(
        Effect.gen(function* () {
          const rows = yield* sql<{ readonly id: string }>`SELECT r.id FROM aria_runs r WHERE r.ended < ${endedBefore} AND r.status <> 'needsDecision'
            AND NOT EXISTS (${openForks(sql`r.id`)}) ORDER BY r.ended LIMIT ${atOnce} ${sql.literal(dialect === "pg" ? "FOR UPDATE OF r SKIP LOCKED" : "")}`
          if (rows.length > 0) yield* clear(rows.map(({ id }) => id))
          return rows.length
        })
      )
      const all = (before: number): Effect.Effect<number, SqlError> => Effect.flatMap(some, (removed) => (removed === 0 ? Effect.succeed(before) : all(before + removed)))
      return all(0)
    }
  }
}
