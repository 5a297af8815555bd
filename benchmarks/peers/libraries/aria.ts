import { Agent, Orchestrator, Plan, Progress, Task } from "../../../packages/orchestrator-core/src/index.ts"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

class Noop extends Agent.make("Noop", { description: "Does nothing", payload: { n: Schema.Int }, success: Schema.Int }) {
  static readonly layer = this.toLayer(({ n }) => Effect.promise(async () => n))
}
const runtime = ManagedRuntime.make(Layer.merge(Noop.layer, Orchestrator.layer))

/** With a listener that hears all events, as in the bounds of this project. */
const run = (plan: Plan.Plan<string, unknown, never, Agent.Services<typeof Noop>>, size: number) => async () => {
  let heard = 0
  const result = await runtime.runPromise(Progress.listen(() => void heard++)(Orchestrator.run(plan)))
  return heard >= 3 * size ? result.successCount : 0
}

type NoopTask = Task.Task<string, unknown, never, Agent.Services<typeof Noop>>
const planOf = (tasks: ReadonlyArray<NoopTask>) => {
  const [first, ...rest] = tasks
  if (first === undefined) throw new Error("a plan needs a task")
  return Plan.make("noop", [first, ...rest])
}

export const fanOut = (size: number) => run(planOf(Array.from({ length: size }, (_, n) => Task.make(`task-${n}`, Noop, { payload: { n } }))), size)

export const chain = (size: number) => {
  const tasks: Array<NoopTask> = []
  for (let n = 0; n < size; n++) tasks.push(Task.make(`task-${n}`, Noop, { dependsOn: tasks.slice(-1), payload: { n } }))
  return run(planOf(tasks.slice(-1)), size)
}
