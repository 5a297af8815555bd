import type { Runs } from "@aria/adapter-cluster"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import * as Statement from "effect/sql/Statement"
import { stores } from "./stores.ts"
import { client, runs } from "./workbench.ts"

describe.each(stores)("lists of many runs in $name", ({ make, name }) => {
  it.live("a filter goes along an index, and what a run was given or came to is left where it is", () =>
    Effect.gen(function* () {
      const store = yield* make
      const front = yield* client(store)
      const sql = Context.get(front, SqlClient)
      const [series, text] =
        name === "Postgres" ? ["generate_series(1, 20000) AS g(i)", "repeat('x', 300)"] : ["(WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 20000) SELECT i FROM g)", "printf('%.300c', 'x')"]
      yield* sql`INSERT INTO aria_runs (id, plan, plan_version, shape, input, input_hash, user_id, priority, options, origin, forked_from, status, fence, deaths, units_seen, cancel, created, begun, ended, result)
        SELECT 'r' || i, 'one', '1', '[]', '"' || ${sql.literal(text)} || '"', 'h', 'user ' || (i % 1000), 0, '{"tags":{},"accounts":[]}', 'r' || i, CASE WHEN i % 5000 = 0 THEN 'r1' ELSE NULL END,
          CASE WHEN i % 4000 = 0 THEN 'queued' WHEN i % 3000 = 0 THEN 'deadLetter' ELSE 'succeeded' END, 1, 0, 0, 0, i, i, CASE WHEN i % 4000 = 0 THEN NULL ELSE i END, 'null'
        FROM ${sql.literal(series)}`
      yield* sql`ANALYZE`
      const asked: Array<[string, ReadonlyArray<unknown>]> = []
      const listed = (filter: Runs.Filter) =>
        Effect.map(
          Effect.provideService(runs(front).list(filter), Statement.CurrentTransformer, (statement) => {
            asked.push(statement.compile() as [string, ReadonlyArray<unknown>])
            return Effect.succeed(statement)
          }),
          (found) => found.length
        )
      const filters: ReadonlyArray<readonly [Runs.Filter, number]> = [
        [{}, 100],
        [{ userId: "user 7" }, 20],
        [{ userId: "nobody" }, 0],
        [{ forkedFrom: "r1" }, 4],
        [{ status: ["queued", "running"] }, 5],
        [{ status: ["planChanged"] }, 0],
        [{ status: ["needsDecision", "deadLetter"] }, 5],
        [{ status: ["deadLetter"] }, 5]
      ]
      for (const [filter, count] of filters) {
        asked.length = 0
        expect([filter, yield* listed(filter)]).toEqual([filter, count])
        expect(asked).toHaveLength(1)
        const [text, parameters] = asked[0]!
        expect(text).not.toMatch(/\*|input|result|shape/)
        const plan = JSON.stringify(yield* sql.unsafe(`${name === "SQLite" ? "EXPLAIN QUERY PLAN" : "EXPLAIN"} ${text}`, parameters))
        expect([filter, plan]).toEqual([filter, expect.stringMatching(/aria_runs_(all|user|forks|open|stuck)/)])
        if (Object.keys(filter).length > 0) expect([filter, plan]).toEqual([filter, expect.not.stringMatching(/Seq Scan|SCAN|aria_runs_all/)])
      }
      // One that nothing can be found by is right all the same.
      expect(yield* listed({ status: ["queued", "deadLetter"] })).toBe(10)
    })
  )
})
