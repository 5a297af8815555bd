import { Cluster } from "@aria/adapter-cluster"
import { Agent, Orchestrator, Plan, Run, Task } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { Deferred, Effect, Layer, Schema } from "effect"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const found = Deferred.makeUnsafe<void>()

class Scout extends Agent.make("Scout", {
  description: "Finds",
  payload: { company: Schema.String },
  success: Schema.String
}) {
  static readonly layer = this.toLayer(({ company }) =>
    Effect.as(Effect.log("Scout works"), `${company} opens a plant`)
  )
}
class Scribe extends Agent.make("Scribe", {
  description: "Writes",
  payload: { found: Schema.String },
  success: Schema.String
}) {
  static readonly layer = this.toLayer(({ found: text }) =>
    Deferred.succeed(found, undefined).pipe(
      Effect.andThen(Effect.log("Scribe works")),
      Effect.andThen(Effect.sleep("300 millis")),
      Effect.as(`Brief: ${text}`)
    )
  )
}
const Brief = Plan.make("brief", { version: "1", input: Schema.Struct({ company: Schema.String }) }, ({ company }) => {
  const scout = Task.make("scout", Scout, { payload: { company } })
  return [Task.make("scribe", Scribe, { dependsOn: [scout], payload: ({ scout }) => ({ found: scout }) })]
})

// The only difference to a run in memory: Cluster.layer instead of Orchestrator.layer, and where it is stored.
const filename = join(mkdtempSync(join(tmpdir(), "aria-")), "aria.db")
const Durable = Cluster.layer({ plans: [Brief], drainTimeout: 0 }).pipe(
  Layer.provideMerge(Layer.mergeAll(Scout.layer, Scribe.layer, SqliteClient.layer({ filename })))
)

// The process ends while Scribe works ...
const first = Effect.gen(function* () {
  yield* Orchestrator.start(Brief, { company: "Acme" }).pipe(Run.configure({ id: "brief-of-monday" }))
  yield* Deferred.await(found)
})
await Effect.runPromise(Effect.provide(first, Durable))

// ... and another one asks for the same run: what Scout found is there, and is not paid twice.
const second = Orchestrator.run(Brief, { company: "Acme" }).pipe(Run.configure({ id: "brief-of-monday" }))
const result = await Effect.runPromise(Effect.provide(second, Durable))
console.log(result.successCount, await Effect.runPromise(result.outputs))
