/** Stores for runs of the demo: a SQLite file, and a database of a real Postgres; and the demo in a folder that uses one. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import * as cli from "./cli.ts"

interface Server extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
}

export const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** The server of this file of tests, started when it begins. */
export const postgres = () => {
  let server: Server | undefined
  beforeAll(async () => {
    // The one that the tests of the durable engine start: part of no package.
    const path = new URL("../../../packages/adapters/cluster/test/postgresServer.ts", import.meta.url).href
    const servers: { readonly startPostgres: () => Promise<Server> } = await import(path)
    server = await servers.startPostgres()
  }, 120_000)
  afterAll(() => server?.[Symbol.asyncDispose](), 60_000)
  return () => {
    if (server === undefined) throw new Error("Postgres is not there")
    return server
  }
}

/** A new, empty database; its address with the password. */
export const database = async ({ host, password, port, username }: Server): Promise<string> => {
  const { PgClient } = await import("@effect/sql-pg")
  const { SqlClient } = await import("effect/sql/SqlClient")
  const [Effect, Redacted] = await Promise.all([import("effect/Effect"), import("effect/Redacted")])
  const url = (name: string) => `postgres://${username}:${password}@${host}:${port}/${name}`
  const name = `demo_${crypto.randomUUID().replaceAll("-", "")}`
  const made = Effect.flatMap(SqlClient, (sql) => sql`CREATE DATABASE ${sql(name)}`)
  await Effect.runPromise(Effect.provide(made, PgClient.layer({ url: Redacted.make(url("postgres")), maxConnections: 1 })))
  return url(name)
}

/** The demo in a folder of its own, where the environment says which store it uses. */
export const demoWith = (store: string) => {
  const folder = mkdtempSync(join(tmpdir(), "aria-demo-durable-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const start = (...args: ReadonlyArray<string>) => cli.startCommand(process.execPath, [cli.main, ...args], folder, { ARIA_STORE: store })
  const run = (...args: ReadonlyArray<string>): Promise<cli.Ended> => start(...args).ended
  const output = async (...args: ReadonlyArray<string>): Promise<string> => {
    const { code, stderr, stdout } = await run(...args)
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr}`)
    return stdout
  }
  /** What is said of the runs. */
  const runs = async (): Promise<ReadonlyArray<{ readonly id: string; readonly status: string; readonly lives: number }>> =>
    JSON.parse(await output("runs", "list", "--json"))
  /** Waits until the newest run is so. */
  const until = async (status: string) => {
    while (true) {
      const [run] = await runs()
      if (run?.status === status) return run
      await pause(200)
    }
  }
  /** Waits until so many questions are open. */
  const asked = async (questions: number) => {
    while ((await run("approvals", "list")).stdout.match(/^[0-9a-f]{10} /gm)?.length !== questions) await pause(200)
  }
  return { folder, start, run, output, runs, until, asked }
}

/** Without what takes another time in each run. */
export const timeless = (text: string): string => text.replace(/ +[\d.]+ m?s /g, " T ").replace(/^(\d+ tasks: .*?) +T.*$/gm, "$1")
