import { Cluster, Worker } from "@aria/adapter-cluster"
import { Agent, Plan, Task } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted, Schema } from "effect"
import { tmpdir } from "node:os"
import { join } from "node:path"

class Echo extends Agent.make("Echo", {
  description: "Says it again",
  payload: { text: Schema.String },
  success: Schema.String
}) {
  static readonly layer = this.toLayer(({ text }) => Effect.succeed(text))
}
const Say = Plan.make("say", { version: "1", input: Schema.Struct({ text: Schema.String }) }, ({ text }) => [
  Task.make("echo", Echo, { payload: { text } })
])

const url = process.env["DATABASE_URL"]
const store =
  url === undefined
    ? SqliteClient.layer({ filename: join(tmpdir(), "aria-workers.db") })
    : PgClient.layer({ url: Redacted.make(url), maxConnections: 3 })

// Start as many of these as you like, on any number of machines.
Worker.main(Cluster.layer({ plans: [Say], concurrency: 20, maxRuns: 40 }).pipe(Layer.provide([Echo.layer, store])))

// Whoever deploys sends this; here it comes by itself.
setTimeout(() => process.kill(process.pid, "SIGTERM"), 2_000)
