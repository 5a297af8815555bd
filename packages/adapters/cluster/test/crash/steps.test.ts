/** Steps of a task that is called more than once, with and without the end of its worker in between. */
import { Cluster, Runs } from "@aria/adapter-cluster"
import { Agent, Orchestrator, Plan, Run, Task } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Schema } from "effect"

class Trouble extends Schema.TaggedError<Trouble>()("Trouble", {}) {}

class Steps extends Agent.make("Steps", { description: "Makes steps.", payload: { round: Schema.Natural }, success: Schema.Array(Schema.String), error: Trouble }) {}

const retried = Plan.make("retried", [Task.make("task", Steps, { payload: { round: 1 }, policy: (call) => Effect.retry(call, { times: 3 }) })])
const repeated = Plan.make("repeated", [
  Task.iterate("task", Steps, { initial: { round: 1 }, next: (_, round) => (round < 3 ? Option.some({ round: round + 1 }) : Option.none()), maxIterations: 5 })
])

const on = (handler: (payload: { readonly round: number }) => Effect.Effect<ReadonlyArray<string>, Trouble>) =>
  Cluster.layer({ plans: [retried, repeated], pollInterval: 20 }).pipe(Layer.provideMerge(Steps.toLayer(handler)))

it.live("a step that succeeded is not done again by another attempt, one that failed is", () => {
  const done: Array<string> = []
  let attempts = 0
  const step = (name: string, effect: Effect.Effect<string, Trouble>) => Run.step(name, { success: Schema.String, error: Trouble }, Effect.andThen(Effect.sync(() => done.push(name)), effect))
  const handler = () =>
    Effect.gen(function* () {
      attempts++
      const first = yield* step("first", Effect.sync(() => `made by attempt ${attempts}`))
      const second = yield* step("second", attempts < 2 ? new Trouble() : Effect.succeed("fine"))
      if (attempts < 3) return yield* new Trouble()
      return [first, second]
    })
  return Effect.gen(function* () {
    const { task } = yield* (yield* Orchestrator.run(retried)).outputs
    expect(task).toEqual(["made by attempt 1", "fine"])
    expect(done).toEqual(["first", "second", "second"])
  }).pipe(Effect.provide(Layer.provide(on(handler), SqliteClient.layer({ filename: ":memory:" }))))
})

it.live("a failure of a step that is stored is given to one attempt, in another life as in the first one", () => {
  let calls = 0
  const handler = (isSecondLife: boolean) => () =>
    Effect.gen(function* () {
      const value = yield* Run.step(
        "step",
        { success: Schema.String, error: Trouble },
        Effect.suspend(() => (++calls === 1 ? Effect.fail(new Trouble()) : isSecondLife ? Effect.succeed(`call ${calls}`) : Effect.never))
      )
      return [value]
    })
  return Effect.gen(function* () {
    // The first worker fails once, and is given up while it tries again.
    const id = yield* Effect.gen(function* () {
      const runs = yield* Runs.Runs
      const id = yield* runs.submit({ plan: "retried" })
      yield* Effect.repeat(Effect.sleep(10), { until: () => calls >= 2 })
      return id
    }).pipe(Effect.provide(Cluster.layer({ plans: [retried], pollInterval: 20, drainTimeout: 0 }).pipe(Layer.provide(Steps.toLayer(handler(false))))))
    const result = yield* Effect.flatMap(Runs.Runs, (runs) => runs.wait(id)).pipe(Effect.provide(on(handler(true))))
    expect(yield* result.outputs).toEqual({ task: ["call 3"] })
  }).pipe(Effect.provide(SqliteClient.layer({ filename: ":memory:" })))
})

it.live("each iteration has steps of its own, which another life finds again", () => {
  const done: Array<string> = []
  const handler = (isSecondLife: boolean) => ({ round }: { readonly round: number }) =>
    Effect.gen(function* () {
      const value = yield* Run.step("step", { success: Schema.String }, Effect.sync(() => `${done.push(`${isSecondLife ? "second" : "first"} life, round ${round}`)}: ${round}`))
      return round === 3 && !isSecondLife ? yield* Effect.never : [value]
    })
  return Effect.gen(function* () {
    const id = yield* Effect.gen(function* () {
      const runs = yield* Runs.Runs
      const id = yield* runs.submit({ plan: "repeated" })
      while (!(yield* runs.inspect(id)).units.some(({ key }) => key.includes("#iteration/3#step"))) yield* Effect.sleep(10)
      return id
    }).pipe(Effect.provide(Cluster.layer({ plans: [repeated], pollInterval: 20, drainTimeout: 0 }).pipe(Layer.provide(Steps.toLayer(handler(false))))))
    const result = yield* Effect.flatMap(Runs.Runs, (runs) => runs.wait(id)).pipe(Effect.provide(on(handler(true))))
    expect(yield* result.outputs).toEqual({ task: ["3: 3"] })
    expect(done).toEqual([1, 2, 3].map((round) => `first life, round ${round}`))
  }).pipe(Effect.provide(SqliteClient.layer({ filename: ":memory:" })))
})
