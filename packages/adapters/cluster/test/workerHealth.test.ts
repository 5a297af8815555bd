import { Cluster, Health, Runs } from "@aria/adapter-cluster"
import { Agent, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import { SqlClient } from "effect/sql/SqlClient"
import { ask } from "./workerProcess.ts"

class Echo extends Agent.make("Echo", {
  description: "Says it again",
  success: Schema.String,
  payload: { text: Schema.String }
}) {
  static readonly layer = this.toLayer(({ text }) => Effect.succeed(text))
}
class Fails extends Agent.make("Fails", {
  description: "Fails",
  payload: {},
  success: Schema.Void,
  error: Schema.String
}) {
  static readonly layer = this.toLayer(() => Effect.fail("no"))
}
const works = Plan.make("works", [
  Task.make("first", Echo, { payload: { text: "a" } }),
  Task.make("second", Echo, { payload: { text: "b" } })
])
const fails = Plan.make("fails", [Task.make("only", Fails, { payload: {} })])

const sqlite = SqliteClient.layer({ filename: ":memory:" })
const worker = Cluster.layer({ plans: [works, fails], name: "the first one" }).pipe(
  Layer.provideMerge(Layer.mergeAll(Echo.layer, Fails.layer, sqlite))
)
/** Metrics of this test alone. */
const alone = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => Effect.provideService(self, Metric.MetricRegistry, new Map()))

/** The value of one line of the metrics. */
const valueOf = (text: string, line: string): number | undefined => {
  const found = text.split("\n").find((one) => one.startsWith(`${line} `))
  return found === undefined ? undefined : Number(found.slice(line.length + 1))
}

describe("Health", () => {
  it.live("listens at this machine alone, and says how the worker is", () =>
    Effect.gen(function* () {
      const { port, url } = yield* Health.serve()
      expect(url).toBe(`http://127.0.0.1:${port}`)
      const health = yield* ask(url, "/health")
      expect([health.status, health.type]).toEqual([200, "application/json"])
      expect(JSON.parse(health.text)).toMatchObject({
        status: "ok",
        state: "active",
        runs: 0,
        plans: ["works 1", "fails 1"]
      })
      const ready = yield* ask(url, "/ready?verbose")
      expect([ready.status, JSON.parse(ready.text)]).toEqual([200, expect.objectContaining({ status: "ready" })])
      expect(JSON.parse(ready.text).leaseMillis).toBeGreaterThan(0)
      expect(yield* ask(url, "/ready", "HEAD")).toMatchObject({ status: 200, text: "" })
      expect(yield* ask(url, "/ready", "POST")).toMatchObject({ status: 405 })
      expect(yield* ask(url, "/")).toMatchObject({ status: 404, text: "There is /health, /ready, /metrics\n" })
    }).pipe(Effect.provide(worker), Effect.scoped, alone)
  )

  it.live("counts what the worker did, and what the store has", () =>
    Effect.gen(function* () {
      const { url } = yield* Health.serve()
      yield* Orchestrator.run(works)
      yield* Orchestrator.run(works)
      yield* Orchestrator.run(fails)
      const runs = yield* Runs.Runs
      const id = yield* runs.submit({ plan: "works" })
      yield* runs.wait(id)
      const sql = yield* SqlClient
      yield* sql`UPDATE aria_runs SET status = 'deadLetter' WHERE id = ${id}`
      const { text, type } = yield* ask(url, "/metrics")
      expect(type).toBe("text/plain; version=0.0.4; charset=utf-8")
      expect(valueOf(text, 'aria_cluster_runs_ended{status="succeeded"}')).toBe(3)
      expect(valueOf(text, 'aria_cluster_runs_ended{status="failed"}')).toBe(1)
      expect(valueOf(text, 'aria_cluster_runs_claimed{run="new"}')).toBe(1)
      expect(valueOf(text, 'aria_cluster_rows{kind="units"}')).toBe(7)
      expect(valueOf(text, 'aria_cluster_rows{kind="starts"}')).toBe(4)
      expect(valueOf(text, 'aria_cluster_store_runs{status="deadLetter"}')).toBe(1)
      expect(valueOf(text, 'aria_cluster_store_runs{status="queued"}')).toBe(0)
      expect(valueOf(text, "aria_cluster_store_queue_age")).toBe(0)
      expect(valueOf(text, "aria_cluster_ready")).toBe(1)
      expect(valueOf(text, "aria_cluster_runs_here")).toBe(0)
      expect(valueOf(text, "aria_cluster_lease")).toBeGreaterThan(0)
      expect(valueOf(text, "aria_cluster_batch_rows_count")).toBe(valueOf(text, "aria_cluster_batch_duration_count"))
      expect(valueOf(text, "aria_cluster_batch_rows_sum")).toBeGreaterThanOrEqual(7 + 4 + 4)
      // What core counts is there as well, and nothing twice.
      expect(valueOf(text, 'aria_runs{plan="works",result="succeeded"}')).toBe(3)
      const families = text.split("\n").filter((line) => line.startsWith("# TYPE "))
      expect(new Set(families).size).toBe(families.length)
    }).pipe(Effect.provide(worker), Effect.scoped, alone)
  )

  it.live("leaves the store uncounted where it is told to", () =>
    Effect.gen(function* () {
      const { url } = yield* Health.serve({ countsStore: false })
      const { text } = yield* ask(url, "/metrics")
      expect(text).not.toContain("aria_cluster_store")
      expect(valueOf(text, "aria_cluster_ready")).toBe(1)
    }).pipe(Effect.provide(worker), Effect.scoped, alone)
  )

  it.live("is not ready once the worker drains, and gone with its scope", () =>
    Effect.gen(function* () {
      const cluster = yield* Cluster.Cluster
      const { url } = yield* Effect.scoped(
        Effect.gen(function* () {
          const endpoints = yield* Health.serve()
          yield* cluster.drain
          const { status, text } = yield* ask(endpoints.url, "/ready")
          expect([status, JSON.parse(text).reason]).toEqual([503, "draining"])
          return endpoints
        })
      )
      const gone = yield* Effect.promise(() =>
        fetch(url).then(
          () => "there",
          (error) => error.cause.code
        )
      )
      expect(gone).toBe("ECONNREFUSED")
    }).pipe(Effect.provide(worker), alone)
  )

  it.live("of a client has no lease, and is ready while its database answers", () =>
    Effect.gen(function* () {
      const { url } = yield* Health.serve()
      const { status, text } = yield* ask(url, "/ready")
      expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ status: "ready", leaseMillis: null })])
      expect((yield* ask(url, "/metrics")).text).not.toContain("aria_cluster_lease")
      const sql = yield* SqlClient
      yield* sql`DROP TABLE aria_cluster_formats`
      expect(JSON.parse((yield* ask(url, "/ready")).text)).toMatchObject({ status: "notReady", reason: "database" })
    }).pipe(Effect.provide(Cluster.layerClient({ plans: [] }).pipe(Layer.provideMerge(sqlite))), Effect.scoped, alone)
  )

  it.live("refuses what cannot be", () =>
    Effect.gen(function* () {
      const messages = yield* Effect.forEach(
        [
          { port: -1 },
          { port: 1.5 },
          { port: NaN },
          { port: 65_536 },
          { timeout: 0 },
          { timeout: Infinity },
          { timeout: "soon" as never },
          { host: "" },
          { host: " " },
          { host: "192.0.2.7" }
        ],
        (options) => Effect.map(Effect.flip(Health.serve(options)), ({ message }) => message)
      )
      for (const message of messages.slice(0, 4)) expect(message).toContain("a whole number from 0 to 65535")
      for (const message of messages.slice(4, 7)) expect(message).toContain("a finite duration from 1 millisecond")
      for (const message of messages.slice(7, 9)) expect(message).toContain("an address or a name")
      expect(messages[9]).toContain('this machine does not have that address; "127.0.0.1" is this machine alone')
    }).pipe(Effect.provide(worker), Effect.scoped, alone)
  )
})
