import { SqliteClient } from "@aria/sqlite"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { SqlClient } from "effect/sql"
import { type ChildProcess, spawn } from "node:child_process"
import { statSync } from "node:fs"
import { join } from "node:path"
import { newFile } from "./files.ts"

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

/** A process of its own; killed with the scope. */
const start = (script: string, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [join(import.meta.dirname, script), ...args])),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const ended = (child: ChildProcess): Effect.Effect<Ended> =>
  Effect.callback((resume) => {
    let stderr = ""
    child.stderr?.on("data", (data) => (stderr += String(data)))
    child.once("close", (code, signal) => resume(Effect.succeed({ code, signal, stderr })))
  })

const printed = (child: ChildProcess): Effect.Effect<string> =>
  Effect.callback((resume) => {
    child.stdout?.once("data", (data) => resume(Effect.succeed(String(data))))
    child.once("close", () => resume(Effect.succeed("ended without a word")))
  })

const within = <A, E>(filename: string, effect: Effect.Effect<A, E, SqlClient.SqlClient>) =>
  Effect.provide(effect, SqliteClient.layer({ filename }))

describe("several processes and one file", () => {
  it.effect(
    "lose no update, and meet no busy database",
    () =>
      Effect.gen(function* () {
        const filename = yield* newFile
        const children = yield* Effect.forEach([1, 2], () => start("increment.ts", filename, "300"))
        const ends = yield* Effect.forEach(children, ended, { concurrency: "unbounded" })
        expect(ends).toEqual([1, 2].map(() => ({ code: 0, signal: null, stderr: expect.not.stringContaining("rror") })))
        const rows = yield* within(
          filename,
          Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT n FROM counter`)
        )
        expect(rows).toEqual([{ n: 600 }])
      }),
    60_000
  )

  it.effect(
    "a writer that is killed in a transaction leaves the database as it was",
    () =>
      Effect.gen(function* () {
        const filename = yield* newFile
        yield* within(
          filename,
          Effect.gen(function* () {
            const sql = yield* SqlClient.SqlClient
            yield* sql`CREATE TABLE accounts (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL, note TEXT)`
            yield* sql`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
              INSERT INTO accounts (id, amount) SELECT i, 10 FROM n`
          })
        )
        const child = yield* start("hold.ts", filename)
        expect(yield* printed(child)).toBe("inside\n")
        expect(statSync(`${filename}-wal`).size).toBeGreaterThan(100_000)
        const end = yield* Effect.forkChild(ended(child), { startImmediately: true })
        child.kill("SIGKILL")
        expect(yield* Fiber.join(end)).toMatchObject({ signal: "SIGKILL" })
        yield* within(
          filename,
          Effect.gen(function* () {
            const sql = yield* SqlClient.SqlClient
            expect(yield* sql`PRAGMA integrity_check`).toEqual([{ integrity_check: "ok" }])
            const total = sql`SELECT count(*) AS count, sum(amount) AS total, count(note) AS notes FROM accounts`
            expect(yield* total).toEqual([{ count: 1000, total: 10_000, notes: 0 }])
            yield* sql.withTransaction(sql`UPDATE accounts SET amount = 0 WHERE id = 1`)
            expect(yield* total).toEqual([{ count: 1000, total: 9_990, notes: 0 }])
          })
        )
      }),
    60_000
  )
})
