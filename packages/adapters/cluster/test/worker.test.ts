import { Cluster, Runs } from "@aria/adapter-cluster"
import { SqliteClient } from "@aria/sqlite"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { clientOf, database, own } from "./postgres.ts"
import { urlOf } from "./postgresServer.ts"
import { plans, type Said, saidIn } from "./workerPlan.ts"
import { ask, folder, until, worker } from "./workerProcess.ts"

interface Store {
  readonly name: string
  readonly open: (folder: string) => Effect.Effect<string, never, Scope.Scope>
}
const stores: ReadonlyArray<Store> = [
  { name: "SQLite", open: (folder) => Effect.succeed(join(folder, "aria.db")) },
  { name: "Postgres", open: () => Effect.map(database(), ({ url }) => url) }
]

/** Hands in runs and looks at them, and carries out none. */
const client = (store: string) => {
  const inStore = store.startsWith("postgres:")
    ? Layer.orDie(clientOf(store))
    : Layer.orDie(SqliteClient.layer({ filename: store }))
  return Cluster.layerClient({ plans, pollInterval: 50 }).pipe(Layer.provide(inStore))
}

const twice = (said: ReadonlyArray<Said>): ReadonlyArray<string> => {
  const all = said.map(({ run, task, what }) => `${what} ${run} ${task}`)
  return all.filter((one, index) => all.indexOf(one) !== index)
}

describe.each(stores)("a worker on $name", ({ open }) => {
  it.live(
    "that is asked to end gives its runs to another one, between their tasks, and nothing runs twice",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const store = yield* open(path)
        const first = yield* worker({ store })
        const url = yield* first.url
        yield* Effect.gen(function* () {
          const runs = yield* Runs.Runs
          const input = { folder: path, millis: 60_000 }
          const ids = yield* Effect.forEach(["chain", "nested", "chain", "nested", "chain"], (plan) =>
            runs.submit({ plan, input })
          )
          const begun = Effect.sync(() => saidIn(path))
          yield* until(begun, (said) => new Set(said.map(({ run }) => run)).size === ids.length)
          const second = yield* worker({ store })
          yield* second.url
          first.child.kill("SIGTERM")
          yield* until(ask(url, "/ready"), ({ status }) => status === 503)
          writeFileSync(join(path, "go"), "")
          expect(yield* first.ended).toMatchObject({ code: 0, signal: null })

          const results = yield* Effect.forEach(ids, (id) => runs.wait(id), { concurrency: "unbounded" })
          expect(results.map(({ allSucceeded }) => allSucceeded)).toEqual(ids.map(() => true))
          const said = saidIn(path)
          expect(twice(said)).toEqual([])
          expect(said).toHaveLength(ids.length * 4 * 2)
          expect(new Set(said.map(({ worker }) => worker))).toEqual(new Set([first.pid, second.pid]))
          // It has left; the other one has nobody's death on its list.
          expect((yield* runs.workers).map(({ state }) => state)).toEqual(["active"])
          expect((yield* Effect.forEach(ids, runs.get)).map(({ lives }) => lives >= 1)).toEqual(ids.map(() => true))
        }).pipe(Effect.provide(client(store)))
      }).pipe(Effect.scoped),
    60_000
  )

  it.live(
    "frees each run as soon as its own task has ended, and is not ready meanwhile",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const slow = yield* folder
        const store = yield* open(path)
        const first = yield* worker({ store })
        const url = yield* first.url
        yield* Effect.gen(function* () {
          const runs = yield* Runs.Runs
          const long = yield* runs.submit({ plan: "single", input: { folder: slow, millis: 60_000 } })
          const short = yield* runs.submit({ plan: "nested", input: { folder: path, millis: 60_000 } })
          yield* until(
            Effect.sync(() => [saidIn(path).length, saidIn(slow).length]),
            ([one = 0, other = 0]) => one > 0 && other > 0
          )
          expect(yield* ask(url, "/ready")).toMatchObject({ status: 200 })
          const second = yield* worker({ store })
          yield* second.url
          first.child.kill("SIGTERM")
          const draining = yield* until(ask(url, "/ready"), ({ status }) => status === 503)
          expect(JSON.parse(draining.text)).toMatchObject({ status: "notReady", reason: "draining", state: "draining" })
          expect(yield* ask(url, "/health")).toMatchObject({ status: 200 })
          writeFileSync(join(path, "go"), "")

          // The first one still waits for the long task, and the other one goes on with the short ones.
          expect((yield* runs.wait(short)).allSucceeded).toBe(true)
          expect(new Set(saidIn(path).map(({ worker }) => worker))).toEqual(new Set([first.pid, second.pid]))
          expect((yield* runs.get(long)).status).toBe("running")
          expect(first.child.exitCode).toBe(null)
          writeFileSync(join(slow, "go"), "")
          expect(yield* first.ended).toMatchObject({ code: 0 })
          expect((yield* runs.wait(long)).allSucceeded).toBe(true)
          expect(saidIn(slow).map(({ what }) => what)).toEqual(["begins", "ends"])
          expect(twice(saidIn(path))).toEqual([])
        }).pipe(Effect.provide(client(store)))
      }).pipe(Effect.scoped),
    60_000
  )

  it.live(
    "ends at once with a second signal, and another one takes its run when the lease is over",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const store = yield* open(path)
        const first = yield* worker({ store, lease: 1_000 })
        yield* first.url
        yield* Effect.gen(function* () {
          const runs = yield* Runs.Runs
          const id = yield* runs.submit({ plan: "single", input: { folder: path, millis: 60_000 } })
          yield* until(
            Effect.sync(() => saidIn(path)),
            (said) => said.length > 0
          )
          first.child.kill("SIGINT")
          // As npm and a terminal do: both together are one.
          yield* Effect.sleep(100)
          first.child.kill("SIGINT")
          yield* Effect.sleep(700)
          expect(first.child.exitCode).toBe(null)
          first.child.kill("SIGTERM")
          const { code, errors } = yield* first.ended
          expect(code).toBe(143)
          expect(errors).toContain("others take its runs when its lease ends")
          writeFileSync(join(path, "go"), "")
          yield* worker({ store, lease: 1_000 })
          expect((yield* runs.wait(id)).allSucceeded).toBe(true)
          expect((yield* runs.get(id)).lives).toBeGreaterThanOrEqual(2)
        }).pipe(Effect.provide(client(store)))
      }).pipe(Effect.scoped),
    60_000
  )
})

describe("a worker that cannot start says why and ends with 1", () => {
  it.live(
    "a port that is taken",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const server = createServer()
        yield* Effect.acquireRelease(
          Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
          () => Effect.sync(() => server.close())
        )
        const { port } = server.address() as AddressInfo
        const process = yield* worker({ store: join(path, "aria.db"), health: { port } })
        expect(yield* process.ended).toEqual({
          code: 1,
          signal: null,
          errors: `This worker cannot run: Health and metrics cannot be served at port ${port} of 127.0.0.1: another process listens there; give each worker of a machine its own port, or 0 for a free one\n`
        })
      }).pipe(Effect.scoped),
    60_000
  )

  it.live(
    "a port and an address that cannot be",
    () =>
      Effect.gen(function* () {
        const store = join(yield* folder, "aria.db")
        const port = yield* worker({ store, health: { port: 70_000 } })
        const address = yield* worker({ store, health: { host: "192.0.2.7" } })
        expect((yield* port.ended).errors).toContain("70000")
        const { code, errors } = yield* address.ended
        expect([code, errors]).toEqual([1, expect.stringContaining("this machine does not have that address")])
      }).pipe(Effect.scoped),
    60_000
  )

  it.live(
    "a database that is not there, and a folder that is not there",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const postgres = yield* worker({ store: "postgres://nobody:secret-word@127.0.0.1:9/none" })
        const file = yield* worker({ store: join(path, "missing", "aria.db") })
        const { code, errors } = yield* postgres.ended
        expect(code).toBe(1)
        expect(errors).toContain("ECONNREFUSED 127.0.0.1:9")
        expect(errors).not.toContain("secret-word")
        const ended = yield* file.ended
        expect([ended.code, ended.errors]).toEqual([1, expect.stringContaining("missing")])
      }).pipe(Effect.scoped),
    60_000
  )
})

it.live(
  "a worker whose database goes away is not ready, then cut off, and comes back with it",
  () =>
    Effect.gen(function* () {
      const server = yield* own()
      const process = yield* worker({ store: urlOf(server), lease: 1_500, health: { timeout: 200 } })
      const url = yield* process.url
      const ready = Effect.map(ask(url, "/ready"), ({ status, text }) => ({ status, ...JSON.parse(text) }))
      const before = yield* ready
      expect(before).toMatchObject({ status: "ready", state: "active" })
      yield* Effect.promise(() => server.stop())
      expect(yield* until(ready, ({ reason }) => reason !== undefined)).toMatchObject({
        status: "notReady",
        reason: "database"
      })
      expect(yield* until(ready, ({ reason }) => reason !== "database")).toMatchObject({ reason: "cutOff" })
      expect(yield* ask(url, "/health")).toMatchObject({ status: 200 })
      const metrics = yield* until(
        Effect.map(ask(url, "/metrics"), ({ text }) => text),
        (text) => text.includes('aria_cluster_failures{what="lease"}')
      )
      expect(metrics).toContain("aria_cluster_ready 0")
      expect(metrics).not.toContain("aria_cluster_store_runs")
      yield* Effect.promise(() => server.start())
      const after = yield* until(ready, ({ status }) => status === "ready")
      // Others may have had its runs: it is another worker from here on.
      expect(after.worker).not.toBe(before.worker)
    }).pipe(Effect.scoped),
  60_000
)
