import { Cluster, Runs } from "@aria/adapter-cluster"
import { Agent, Plan, Task } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { Effect, Layer, Schema, Stream } from "effect"

class Scout extends Agent.make("Scout", {
  description: "Finds",
  payload: { company: Schema.String },
  success: Schema.String
}) {
  static readonly layer = this.toLayer(({ company }) => Effect.succeed(`${company} opens a plant`))
}
class Scribe extends Agent.make("Scribe", {
  description: "Writes",
  payload: { found: Schema.String, tone: Schema.String },
  success: Schema.String,
  error: Schema.String
}) {
  static readonly layer = this.toLayer(({ found, tone }) =>
    tone === "rude" ? Effect.fail("not in this house") : Effect.succeed(`${tone}: ${found}`)
  )
}
const Brief = Plan.make(
  "brief",
  { version: "1", input: Schema.Struct({ company: Schema.String, tone: Schema.String }) },
  ({ company, tone }) => {
    const scout = Task.make("scout", Scout, { payload: { company } })
    return [Task.make("scribe", Scribe, { dependsOn: [scout], payload: ({ scout }) => ({ found: scout, tone }) })]
  }
)

const program = Effect.gen(function* () {
  const runs = yield* Runs.Runs
  // Input is JSON: it may come from a queue, a web page or a command line.
  const id = yield* runs.submit({
    plan: "brief",
    input: { company: "Acme", tone: "rude" },
    userId: "ada",
    tags: { team: "sales" }
  })

  // Follows the run to its end. After a lost connection: tail(id, { from: 5 }) gives what comes after event 4.
  yield* Stream.runForEach(runs.tail(id), (event) =>
    Effect.log(event.seq, event._tag, "taskId" in event ? event.taskId : "")
  )
  const failed = yield* runs.get(id)
  console.log(failed.status)

  // With another input: what Scout found is taken over, because it was asked for the same.
  const fork = yield* runs.fork(id, { input: { company: "Acme", tone: "friendly" } })
  const result = yield* runs.wait(fork)
  console.log(result.successCount, yield* result.outputs)

  const { units, usage } = yield* runs.inspect(fork)
  console.log(
    units.map(({ key }) => key),
    usage.calls
  )
  for (const run of yield* runs.list({ status: ["failed"], userId: "ada" })) console.log(run.id === id, run.tags)

  // What ended before now is removed. With a schedule around it: retention.
  console.log(yield* runs.prune({ endedBefore: Date.now() + 1_000 }))
})

const Durable = Cluster.layer({ plans: [Brief] }).pipe(
  Layer.provide([Scout.layer, Scribe.layer, SqliteClient.layer({ filename: ":memory:" })])
)
await Effect.runPromise(Effect.provide(program, Durable))
