import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import type { Database } from "./database.ts"
import { host, isAlive } from "./host.ts"
import type { RunRow } from "./reads.ts"
import { makeSettleLeft } from "./settleLeft.ts"

/** Who carries out which run, and for how long: one row a worker, which it renews, and its id in each of its runs. */
export const makeClaims = (database: Database, known: () => ReadonlyArray<string>) => {
  const { dialect, now, rows, sql, transaction } = database
  const settleLeft = makeSettleLeft(database)

  return {
    /** Begins or renews the lease of a worker. */
    renew: (worker: string, leaseMillis: number, state: "active" | "draining", name: string): Effect.Effect<void, SqlError> =>
      Effect.asVoid(sql`
        INSERT INTO aria_workers (id, lease, started, state, name, host, pid, plans)
        VALUES (${worker}, ${now} + ${leaseMillis}, ${now}, ${state}, ${name}, ${host ?? null}, ${process.pid}, ${JSON.stringify(known())})
        ON CONFLICT (id) DO UPDATE SET lease = excluded.lease, state = excluded.state, plans = excluded.plans`),

    /** Ends the leases of workers whose processes were here and are gone: nobody has to wait for those. */
    bury: Effect.gen(function* () {
      if (host === undefined) return
      const neighbours = yield* sql<{ readonly id: string; readonly pid: number }>`SELECT id, pid FROM aria_workers WHERE host = ${host} AND lease > ${now}`
      const dead = neighbours.flatMap(({ id, pid }) => (isAlive(Number(pid)) ? [] : [id]))
      if (dead.length > 0) yield* sql`UPDATE aria_workers SET lease = 0 WHERE ${sql.in("id", dead)}`
    }),

    /** Ends it; its runs are free at once, and did not die. */
    leave: (worker: string): Effect.Effect<void, SqlError> =>
      transaction(
        Effect.gen(function* () {
          yield* sql`UPDATE aria_runs SET owner = NULL, status = 'queued' WHERE owner = ${worker}`
          yield* sql`DELETE FROM aria_workers WHERE id = ${worker}`
        })
      ),

    /** Runs that nobody carries out, or a worker whose lease has run out; in the order in which they are to start. */
    claim: (worker: string, plans: ReadonlyArray<{ readonly plan: string; readonly version: string }>, limit: number): Effect.Effect<ReadonlyArray<RunRow>, SqlError> =>
      Effect.gen(function* () {
        // Not as a join: those that are queued are to be read in their order, and no further than needed.
        const isKnown = sql`((r.plan, r.plan_version) IN (SELECT p.plan, p.version FROM ${rows(JSON.stringify(plans), [["plan", "text"], ["version", "text"]])} p)) IS TRUE`
        const inOrder = (most: number) => sql`ORDER BY r.priority DESC, r.created LIMIT ${most}`
        // Two lookups, each along an index, instead of one that goes through all open runs: all workers ask this all the time.
        const left = (most: number) => sql`SELECT r.id FROM aria_runs r WHERE ${isKnown} AND r.owner IS NOT NULL AND r.owner <> ${worker}
          AND r.owner NOT IN (SELECT w.id FROM aria_workers w WHERE w.lease > (SELECT ${now})) ${inOrder(most)}`
        const queued = (most: number) => sql`SELECT r.id FROM aria_runs r WHERE ${isKnown} AND r.ended IS NULL AND r.status = 'queued' ${inOrder(most)}`
        // Most of the time there is none, and a look costs less than a lock.
        if ((yield* sql`SELECT id FROM (${left(1)}) l UNION ALL SELECT id FROM (${queued(1)}) q`).length === 0) return []
        const takenOf = (free: Fragment) => sql<RunRow>`
              UPDATE aria_runs SET owner = ${worker}, status = 'running', fence = fence + 1, begun = COALESCE(begun, ${now}),
                deaths = CASE WHEN owner IS NULL THEN deaths WHEN (SELECT COUNT(*) FROM aria_units u WHERE u.run_id = aria_runs.id) > units_seen THEN 1 ELSE deaths + 1 END,
                units_seen = (SELECT COUNT(*) FROM aria_units u WHERE u.run_id = aria_runs.id)
              WHERE id IN (${free} ${sql.literal(dialect === "pg" ? "FOR UPDATE OF r SKIP LOCKED" : "")}) RETURNING *`
        return yield* transaction(
          Effect.gen(function* () {
            // What was begun goes first.
            const begun = yield* takenOf(left(limit))
            const fresh = begun.length < limit ? yield* takenOf(queued(limit - begun.length)) : []
            const taken = [...begun, ...fresh]
            if (taken.length > 0) yield* settleLeft(taken.map(({ id }) => id))
            return taken.sort((a, b) => Number(b.priority) - Number(a.priority) || Number(a.created) - Number(b.created))
          })
        )
      }),

    /** The runs of a worker. */
    owned: (worker: string): Effect.Effect<ReadonlyArray<Pick<RunRow, "id" | "fence">>, SqlError> => sql<Pick<RunRow, "id" | "fence">>`SELECT id, fence FROM aria_runs WHERE owner = ${worker}`,

    /** Which of its runs a worker is to stop. */
    cancelled: (worker: string): Effect.Effect<ReadonlyArray<string>, SqlError> =>
      Effect.map(sql<{ readonly id: string }>`SELECT id FROM aria_runs WHERE owner = ${worker} AND cancel = 1`, (found) => found.map(({ id }) => id)),

    /** Workers that nobody will hear of again. */
    forget: sql`DELETE FROM aria_workers WHERE lease < ${now} - 3600000`
  }
}

export type Claims = ReturnType<typeof makeClaims>
