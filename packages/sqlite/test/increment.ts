/** Adds one to a counter in a file, many times: `node increment.ts <file> <times>`. A process of its own in the tests. */
import { SqliteClient } from "@aria/sqlite"
import * as Effect from "effect/Effect"
import { SqlClient } from "effect/sql"

const [filename = "", times = "0"] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)`
  yield* sql`INSERT INTO counter VALUES (1, 0) ON CONFLICT DO NOTHING`
  const increment = sql.withTransaction(
    Effect.gen(function* () {
      const [row] = yield* sql<{ n: number }>`SELECT n FROM counter`
      yield* Effect.yieldNow
      yield* sql`UPDATE counter SET n = ${(row?.n ?? Number.NaN) + 1}`
    })
  )
  for (let count = 0; count < Number(times); count++) yield* increment
})

await Effect.runPromise(Effect.provide(program, SqliteClient.layer({ filename, busyTimeout: "30 seconds" })))
