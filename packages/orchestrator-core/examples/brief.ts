import { Agent, Budget, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { Effect, Schema } from "effect"

class Scout extends Agent.make("Scout", { description: "Watches a company", payload: { company: Schema.String }, success: Schema.String }) {
  static readonly layer = this.toLayer(({ company }) => Effect.succeed(`${company} ships`))
}
const signals = Task.forEach("signals", Scout, { items: () => [{ company: "Acme" }, { company: "Beta" }], key: ({ company }) => company })
const program = Orchestrator.run(Plan.make("watch", [signals])).pipe(Budget.limit({ tokens: 200_000, usd: 2.5 }))
const result = await Effect.runPromise(program.pipe(Effect.provide([Scout.layer, Orchestrator.layer])))
console.log(`${result.successCount} of ${result.results.length} tasks`, await Effect.runPromise(result.outputs))
