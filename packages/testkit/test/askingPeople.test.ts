import { Agent, HumanInput, Orchestrator, Plan, Progress, QuestionQueue, Run, Task } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schedule, Schema } from "effect"
import * as workflows from "./workflowEngine.ts"

let handled = 0

/** Asks, twice over. */
class Asker extends Agent.make("Asker", {
  description: "Asks a person",
  payload: {},
  success: Schema.String,
  error: HumanInput.UnansweredError,
  dependencies: [HumanInput.HumanInput]
}) {
  static readonly layer = this.toLayer(
    Effect.fnUntraced(function* () {
      handled++
      const region = yield* Run.ask("region", { schema: Schema.Literals(["EU", "US"]), prompt: "Which region?" })
      const count = yield* Run.ask("count", { schema: Schema.Int, prompt: "How many?" })
      return `${region} ${count}`
    })
  )
}

class Worker extends Agent.make("Worker", { description: "Works", payload: {}, success: Schema.String }) {
  static readonly layer = this.toLayer(() => Effect.succeed("worked"))
}

const people = HumanInput.layerQueue({ pollInterval: "5 millis" }).pipe(Layer.provideMerge(QuestionQueue.layerMemory))
const plan = Plan.make("p", [Task.make("ask", Asker, { payload: {} }), Task.make("work", Worker, { payload: {} })])

/** Waits for the question of that name. */
const opened = (name: string) =>
  Effect.gen(function* () {
    const queue = yield* QuestionQueue.QuestionQueue
    const [first] = yield* queue.list({ states: ["open"], name })
    return first === undefined ? yield* Effect.fail("not yet" as const) : first.question
  }).pipe(Effect.retry(Schedule.spaced("5 millis")))

const engines = [
  ["in this process", Orchestrator.layerWith({ concurrency: 1 })],
  ["over workflows", workflows.layer({ concurrency: 1 })]
] as const

it.live.each(engines)("%s, who asks holds no permit, says so, and hears each answer once", ([, engine]) =>
  Effect.gen(function* () {
    handled = 0
    const queue = yield* QuestionQueue.QuestionQueue
    const events: Array<Progress.Event> = []
    const fiber = yield* Effect.forkChild(Orchestrator.run(plan).pipe(Progress.listen((event) => void events.push(event)), Run.configure({ id: "run-1", userId: "ada" })))
    const region = yield* opened("region")
    expect(region).toMatchObject({ runId: "run-1", taskId: "ask", userId: "ada" })
    // With one permit for all, the other task ends while the question is open.
    yield* Effect.suspend(() => (events.some((event) => event._tag === "complete" && event.taskId === "work") ? Effect.void : Effect.fail("not yet"))).pipe(
      Effect.retry(Schedule.spaced("5 millis"))
    )
    yield* queue.answer(region.id, { value: "EU", by: "bob" })
    const count = yield* opened("count")
    yield* queue.answer(count.id, { value: "many", by: "bob" })
    yield* opened("count")
    yield* queue.answer(count.id, { value: 3, by: "bob" })
    const { results } = yield* Fiber.join(fiber)
    expect(results).toMatchObject([{ _tag: "succeeded", output: "EU 3" }, { _tag: "succeeded", output: "worked" }])
    expect(events.flatMap((event) => (event._tag === "waiting" ? [event.reason] : []))).toStrictEqual(['answer to "region"', 'answer to "count"'])
    expect(yield* queue.list({})).toHaveLength(2)
    expect(handled).toBe(1)
  }).pipe(Effect.provide(Layer.mergeAll(Asker.layer, Worker.layer).pipe(Layer.provideMerge(Layer.orDie(engine)), Layer.provideMerge(people))))
)
