import { describe, expect, it, onTestFinished, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SqlClient } from "effect/sql/SqlClient"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { clientOf, database, layer, own, shared } from "./postgres.ts"
import { isRunning, postmasterOf, sleep } from "./postgresFolder.ts"
import { startPostgres, urlOf } from "./postgresServer.ts"

const inDatabase = (url: string) => Effect.provide(clientOf(url), { local: true })
const failureOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => "it did not fail", String)
/** Where the servers of one test have their folders, away from those of other runs. */
const ownTemporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "aria-sweep-"))
  chmodSync(folder, 0o755)
  vi.stubEnv("TMPDIR", folder)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })
  return folder
}

describe("Postgres for tests", () => {
  it.live("is real, syncs what it commits, and every layer has a database of its own", () =>
    Effect.gen(function* () {
      const rows = Effect.gen(function* () {
        const sql = yield* SqlClient
        yield* sql`CREATE TABLE things (id int PRIMARY KEY)`
        yield* sql`INSERT INTO things VALUES (1)`
        const [settings] = yield* sql<{ readonly fsync: string; readonly database: string }>`
          SELECT current_setting('fsync') AS fsync, current_database() AS database`
        return settings
      })
      // The second one would find the table of the first.
      const one = yield* Effect.provide(rows, layer, { local: true })
      const other = yield* Effect.provide(rows, layer, { local: true })
      expect([one?.fsync, other?.fsync]).toEqual(["on", "on"])
      expect(one?.database).not.toBe(other?.database)
    })
  )

  it.live("copies a database, and drops what a test made although someone is connected", () =>
    Effect.gen(function* () {
      const names = yield* Effect.scoped(
        Effect.gen(function* () {
          const made = yield* database()
          yield* Effect.flatMap(SqlClient, (sql) => sql`CREATE TABLE kept AS SELECT 7 AS n`).pipe(inDatabase(made.url))
          const copy = yield* database({ template: made.name })
          const read = Effect.flatMap(SqlClient, (sql) => sql`SELECT n FROM kept`).pipe(inDatabase(copy.url))
          expect(yield* read).toEqual([{ n: 7 }])
          const sleeping = Effect.flatMap(SqlClient, (sql) => sql`SELECT pg_sleep(600)`).pipe(inDatabase(copy.url))
          yield* Effect.forkDetach(Effect.exit(sleeping))
          return [made.name, copy.name]
        })
      )
      const left = yield* Effect.flatMap(
        SqlClient,
        (sql) => sql`SELECT datname FROM pg_database WHERE ${sql.in("datname", names)}`
      ).pipe(inDatabase(urlOf(yield* shared)))
      expect(left).toEqual([])
    })
  )

  it.live(
    "keeps what was committed and nothing else when the power fails, at the same address",
    () =>
      Effect.gen(function* () {
        const server = yield* own({ settings: { max_connections: 17 } })
        const { url } = yield* database({ on: server })
        yield* Effect.gen(function* () {
          const sql = yield* SqlClient
          yield* sql`CREATE TABLE things (id int PRIMARY KEY)`
          yield* sql`INSERT INTO things VALUES (1)`
          const cut = Effect.gen(function* () {
            yield* sql`INSERT INTO things VALUES (2)`
            yield* Effect.promise(() => server.stop("immediate"))
            yield* sql`INSERT INTO things VALUES (3)`
          })
          expect((yield* Effect.exit(sql.withTransaction(cut)))._tag).toBe("Failure")
        }).pipe(inDatabase(url))
        expect((yield* Effect.exit(Effect.flatMap(SqlClient, (sql) => sql`SELECT 1`).pipe(inDatabase(url))))._tag).toBe(
          "Failure"
        )

        yield* Effect.promise(() => server.start())
        expect(yield* Effect.promise(() => failureOf(server.start()))).toMatch(/running already/)
        yield* Effect.gen(function* () {
          const sql = yield* SqlClient
          expect(yield* sql`SELECT id FROM things`).toEqual([{ id: 1 }])
          expect(yield* sql`SHOW max_connections`).toEqual([{ max_connections: "17" }])
        }).pipe(inDatabase(url))
      }),
    60_000
  )

  it("says what is wrong with a setting or the programs, and leaves nothing behind", async () => {
    const folder = ownTemporaryFolder()
    expect(await failureOf(startPostgres({ settings: { nonsense: "on" } }))).toMatch(
      /did not start: it ended with 1[^]*"nonsense"/
    )
    expect(await failureOf(startPostgres({ bin: "/nowhere" }))).toMatch(/\/nowhere\/postgres cannot be run/)
    expect(readdirSync(folder)).toEqual([])
  }, 60_000)

  it("is gone when the process that started it is killed, and so is its folder", async () => {
    const program = `
      import { startPostgres } from ${JSON.stringify(join(import.meta.dirname, "postgresServer.ts"))}
      const { folder } = await startPostgres()
      console.log(folder)
      setInterval(() => {}, 1_000)`
    const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    const folder = String((await once(child.stdout, "data"))[0]).trim()
    const server = postmasterOf(join(folder, "data"))
    expect(server).toMatchObject({ isReady: true })
    child.kill("SIGKILL")
    while (existsSync(folder)) await sleep(20)
    expect(isRunning(server?.pid ?? 0, folder)).toBe(false)
  }, 60_000)

  it("is swept away by the next one when even its supervisor was killed", async () => {
    ownTemporaryFolder()
    const lost = await startPostgres()
    const data = join(lost.folder, "data")
    const server = postmasterOf(data)
    process.kill(Number(readFileSync(join(lost.folder, "supervisor.pid"), "utf8")), "SIGKILL")
    await lost.close()
    expect(await failureOf(lost.stop())).toMatch(/it is closed/)
    expect(server).toMatchObject({ isReady: true })
    expect(postmasterOf(data)).toEqual(server)

    const next = await startPostgres()
    expect(isRunning(server?.pid ?? 0, lost.folder)).toBe(false)
    expect(existsSync(lost.folder)).toBe(false)
    // and the next one leaves alone what is in use
    await (await startPostgres()).close()
    expect(postmasterOf(join(next.folder, "data"))).toMatchObject({ isReady: true })
    await next.close()
    expect(existsSync(next.folder)).toBe(false)
  }, 60_000)
})
