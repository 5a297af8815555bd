import { Cluster, Runs } from "@aria/adapter-cluster"
import { Agent, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Schema from "effect/Schema"
import { clientOf } from "../../../../packages/adapters/cluster/test/postgres.ts"
import { versionOf } from "../../install.ts"
import { type Contestant, repeat, until } from "../Contestant.ts"
import { counted, halt, isHalted, last, stepsRun, trivial } from "../steps.ts"

class Step extends Agent.make("Step", { description: "Does next to nothing", payload: { n: Schema.Int }, success: Schema.Int }) {
  static readonly layer = this.toLayer(({ n }) => Effect.promise(() => trivial(n)))
}

class Last extends Agent.make("Last", { description: "Where the process is killed", payload: { n: Schema.Int }, success: Schema.Int }) {
  static readonly layer = this.toLayer(({ n }) => Effect.promise(() => last(n)))
}

const Three = Plan.make("three", { version: "1", input: Schema.Struct({ n: Schema.Int }) }, ({ n }) => {
  const a = Task.make("a", Step, { payload: { n } })
  const b = Task.make("b", Step, { dependsOn: [a], payload: ({ a }) => ({ n: a }) })
  const c = Task.make("c", Step, { dependsOn: [b], payload: ({ b }) => ({ n: b }) })
  return [c]
})

const Long = Plan.make("long", { version: "1", input: Schema.Struct({ steps: Schema.Int }) }, ({ steps }) => {
  let before = Task.make("step-0", Step, { payload: { n: 0 } })
  for (let n = 1; n < steps; n++) {
    const id: string = `step-${n}`
    before = Task.make(id, Step, { dependsOn: [before], payload: { n } }) as typeof before
  }
  return [Task.make("last", Last, { dependsOn: [before], payload: { n: steps } })]
})

const layer = (url: string) =>
  Cluster.layer({ plans: [Three, Long], concurrency: 100 }).pipe(
    Layer.provideMerge([Step.layer, Last.layer]),
    Layer.provide(clientOf(url)),
    Layer.orDie
  )

let runtime: ManagedRuntime.ManagedRuntime<Layer.Success<ReturnType<typeof layer>>, never>

/** Plans on the engine that keeps a journal of its own, with its lease and all else on their defaults. */
export const contestant: Contestant = {
  name: "ARIA",
  version: versionOf("../../packages/adapters/cluster"),
  start: async (url) => {
    runtime = ManagedRuntime.make(layer(url))
    await runtime.context()
  },
  run: (times, atOnce) => counted(() => repeat(times, atOnce, (n) => runtime.runPromise(Orchestrator.run(Three, { n })))),
  begin: async (id, steps) => {
    halt()
    await runtime.runPromise(Effect.flatMap(Runs.Runs, (runs) => runs.submit({ plan: "long", input: { steps }, id })))
    await until(isHalted)
  },
  ended: async (id) => {
    await until(() => runtime.runPromise(Effect.flatMap(Runs.Runs, (runs) => Effect.map(runs.get(id), ({ endedAt }) => endedAt !== undefined))))
    return stepsRun()
  },
  stop: () => runtime.dispose()
}
