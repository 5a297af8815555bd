/** A transaction that does not go on: its process is frozen, or the network swallows what it says. */
import { SqlFailure } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { layer } from "./postgres.ts"

it.live(
  "what a transaction has locked that stands still is free for others, and whoever wakes up in it hears so",
  () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const transaction = SqlFailure.inTransaction(sql)
      yield* sql`CREATE TABLE things (id int PRIMARY KEY, n int)`
      yield* sql`INSERT INTO things VALUES (1, 0)`
      const hasIt = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      const frozen = yield* Effect.forkChild(
        transaction(
          Effect.gen(function* () {
            yield* sql`UPDATE things SET n = 1`
            yield* Deferred.succeed(hasIt, undefined)
            yield* Deferred.await(goOn)
            yield* sql`UPDATE things SET n = n + 1`
          })
        )
      )
      yield* Deferred.await(hasIt)
      yield* transaction(sql`UPDATE things SET n = n + 10`)
      yield* Deferred.succeed(goOn, undefined)
      expect((yield* Fiber.await(frozen))._tag).toBe("Failure")
      expect(yield* sql`SELECT n FROM things`).toEqual([{ n: 10 }])
      // Only transactions are hurried.
      expect(yield* sql`SELECT current_setting('idle_in_transaction_session_timeout') AS after`).toEqual([{ after: "0" }])
    }).pipe(Effect.provide(layer)),
  30_000
)
