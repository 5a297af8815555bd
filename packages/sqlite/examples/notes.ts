import { SqliteClient } from "@aria/sqlite"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const program = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)`
  yield* sql`INSERT INTO notes ${sql.insert([{ text: "call Acme" }, { text: "it's done'); DROP TABLE notes; --" }])}`

  // All or nothing: the second line is there already, so the first is not kept either.
  const twice = sql.withTransaction(
    Effect.forEach(["write the brief", "call Acme"], (text) => sql`INSERT INTO notes ${sql.insert({ text })}`)
  )
  const error = yield* Effect.flip(twice)
  console.log(error.reason._tag, error.message)

  const notes = yield* sql<{ readonly id: number; readonly text: string }>`SELECT id, text FROM notes ORDER BY id`
  for (const { id, text } of notes) console.log(id, text)
})

await Effect.runPromise(Effect.provide(program, SqliteClient.layer({ filename: ":memory:" })))
