/** Retained heap of waiting tasks, in a process of its own: `node --expose-gc heap.ts '{"kind":"goals","size":20000}'`. */
import { Agent, Orchestrator, Plan, Progress, Task } from "@aria/orchestrator-core"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { collect } from "../timing.ts"

/** Says that it has begun, and never ends. */
class Endless extends Agent.make("Endless", { description: "Never ends", payload: { n: Schema.Int }, success: Schema.Void }) {}

const heap = Effect.sync(() => {
  collect()
  return process.memoryUsage().heapUsed
})

/** Independent tasks, or one fan-out. */
const planOf = (kind: string, size: number) => {
  const made: ReadonlyArray<Task.Task<string, unknown, never, Agent.Services<typeof Endless>>> =
    kind === "goals"
      ? Array.from({ length: size }, (_, n) => Task.make(`task-${n}`, Endless, { payload: { n } }))
      : [Task.forEach("all", Endless, { items: () => Array.from({ length: size }, (_, n) => ({ n })), key: ({ n }) => String(n) })]
  const [first, ...rest] = made
  if (first === undefined) throw new Error("a plan needs a task")
  return Plan.make("waiting", [first, ...rest])
}

/** Starts a plan under a cap of one whose first task never ends, and weighs what the others hold meanwhile. */
const weigh = (kind: string, size: number) =>
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const endless = Endless.toLayer(() => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never))
    return yield* Effect.gen(function* () {
      const empty = yield* heap
      const plan = planOf(kind, size)
      const planned = yield* heap
      const fiber = yield* Effect.forkChild(Progress.listen(() => {})(Orchestrator.run(plan)))
      yield* Deferred.await(begun)
      yield* Effect.sleep("50 millis")
      const waiting = yield* heap
      yield* Fiber.interrupt(fiber)
      return { bytesWithPlan: (waiting - empty) / size, bytesOfEngine: (waiting - planned) / size }
    }).pipe(Effect.provide(Layer.merge(endless, Orchestrator.layerWith({ concurrency: 1 }))))
  })

const { kind, size } = JSON.parse(process.argv[2] ?? "{}")
await Effect.runPromise(
  Effect.gen(function* () {
    yield* weigh(kind, 1_000)
    console.log(JSON.stringify(yield* weigh(kind, size)))
  })
)
