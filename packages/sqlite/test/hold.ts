/** Writes inside a transaction that never ends: `node hold.ts <file>`. A process of its own in the tests, to be killed. */
import { SqliteClient } from "@aria/sqlite"
import * as Effect from "effect/Effect"
import { SqlClient } from "effect/sql"

const [filename = ""] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  // So small a cache that pages of the transaction reach the file.
  yield* sql`PRAGMA cache_size = 5`
  yield* sql.withTransaction(
    Effect.gen(function* () {
      yield* sql`UPDATE accounts SET amount = amount - 1, note = ${"x".repeat(500)}`
      yield* sql`DELETE FROM accounts WHERE id % 2 = 0`
      yield* Effect.sync(() => process.stdout.write("inside\n"))
      yield* Effect.sleep("1 hour")
    })
  )
})

await Effect.runPromise(Effect.provide(program, SqliteClient.layer({ filename })))
