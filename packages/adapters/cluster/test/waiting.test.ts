/** Runs that only wait, for answers and times: they hold up no worker that stops, and keep it from no other run. */
import { Cluster, Runs } from "@aria/adapter-cluster"
import { Agent, HumanInput, Plan, QuestionQueue, Run, Task } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { until } from "./workbench.ts"

const ways = ["sleeps", "asks", "sleeps beside work", "sleeps in a call", "asks in a nested run"] as const
type Way = (typeof ways)[number]

class Waiter extends Agent.make("Waiter", { description: "Waits.", payload: { way: Schema.Literals(ways), millis: Schema.Finite }, success: Schema.String, dependencies: [HumanInput.HumanInput] }) {}

class Caller extends Agent.make("Caller", { description: "Lets another one wait.", payload: { millis: Schema.Finite }, success: Schema.String, dependencies: [HumanInput.HumanInput] }) {}

const inner = Plan.make("inner", { version: "1", input: Schema.Struct({ millis: Schema.Finite }) }, ({ millis }) => [Task.make("task", Waiter, { payload: { way: "asks", millis } })])

const waits = Plan.make("waits", { version: "1", input: Schema.Struct({ way: Schema.Literals(ways), millis: Schema.Finite }) }, ({ millis, way }) => [
  way === "asks in a nested run"
    ? Task.plan("nested", inner, { input: { millis } })
    : way === "sleeps in a call"
      ? Task.make("task", Caller, { payload: { millis } })
      : Task.make("task", Waiter, { payload: { way, millis } })
])

/** What is written down of one test. */
const scene = () => {
  const done: Array<string> = []
  const sleep = (millis: number) => Effect.andThen(Effect.sync(() => done.push("sleeps")), Run.sleep("a while", millis))
  const handler = ({ millis, way }: { readonly millis: number; readonly way: Way }) =>
    Effect.gen(function* () {
      yield* Run.step("before", { success: Schema.Finite }, Effect.sync(() => done.push("before")))
      switch (way) {
        case "asks":
          return yield* Effect.orDie(Run.ask("word", { schema: Schema.String, prompt: "Which word?" }))
        case "sleeps beside work":
          yield* Effect.all([sleep(millis), Effect.never], { concurrency: "unbounded" })
          return ""
        default:
          yield* sleep(millis)
          return "slept"
      }
    })
  const worker = (options: Partial<Cluster.Options<[]>> = {}) =>
    Cluster.layer({ plans: [waits], pollInterval: 10, drainTimeout: "10 minutes", lease: "10 minutes", ...options }).pipe(
      Layer.provide(Caller.toLayer(({ millis }) => Effect.orDie(Waiter.run({ way: "sleeps", millis })))),
      Layer.provide(Waiter.toLayer(handler)),
      Layer.provide(HumanInput.layerQueue({ pollInterval: 10 }))
    )
  return { done, worker }
}

const store = Layer.merge(SqliteClient.layer({ filename: ":memory:" }), QuestionQueue.layerMemory)

const standing = Effect.flatMap(Cluster.Cluster, ({ standing }) => standing)

/** Until all that this worker carries out waits. */
const waiting = (runs: number) => until(standing, (now) => now.waiting === runs && now.runs === runs)

const answerAll = Effect.gen(function* () {
  const queue = yield* QuestionQueue.QuestionQueue
  const [asked] = yield* until(queue.list({ states: ["open"] }), (list) => list.length > 0)
  yield* queue.answer(asked!.question.id, { value: "please", by: "ada" })
})

it.live.each(["sleeps", "asks", "asks in a nested run", "sleeps in a call"] as const)("a worker that stops does not wait for one that %s, which waits on elsewhere", (way) => {
  const { done, worker } = scene()
  return Effect.gen(function* () {
    const id = yield* Effect.gen(function* () {
      const id = yield* (yield* Runs.Runs).submit({ plan: "waits", input: { way, millis: 400 } })
      yield* waiting(1)
      return id
    }).pipe(Effect.provide(worker()))
    // What the writer tells successes of steps by.
    const steps = yield* (yield* SqlClient)<{ readonly value: string }>`SELECT value FROM aria_units WHERE kind = 'step' AND key LIKE '%before'`
    expect(steps.map(({ value }) => value.startsWith('{"_tag":"Success"'))).toEqual([true])
    const result = yield* Effect.gen(function* () {
      const runs = yield* Runs.Runs
      expect((yield* runs.inspect(id)).run.status).not.toBe("ended")
      if (way.startsWith("asks")) {
        yield* waiting(1)
        yield* answerAll
      }
      return yield* runs.wait(id)
    }).pipe(Effect.provide(worker()))
    expect(yield* result.outputs).toEqual(way === "asks in a nested run" ? { nested: { task: "please" } } : { task: way === "asks" ? "please" : "slept" })
    // What was a step before the wait was not done again.
    expect(done.filter((one) => one === "before")).toHaveLength(1)
  }).pipe(Effect.provide(store))
})

it.live("one that sleeps in one of several branches is at work: it is given its time", () => {
  const { done, worker } = scene()
  return Effect.gen(function* () {
    const runs = yield* Runs.Runs
    yield* runs.submit({ plan: "waits", input: { way: "sleeps beside work", millis: 3_600_000 } })
    yield* until(Effect.sync(() => done.includes("sleeps")), (isThere) => isThere)
    yield* Effect.sleep(30)
    expect(yield* standing).toMatchObject({ runs: 1, waiting: 0 })
    const draining = yield* Effect.forkChild(Effect.flatMap(Cluster.Cluster, ({ drain }) => drain), { startImmediately: true })
    yield* Effect.sleep(30)
    expect(draining.pollUnsafe()).toBeUndefined()
    yield* Fiber.join(draining)
  }).pipe(Effect.provide(Layer.provideMerge(worker({ drainTimeout: 300 }), store)))
})

it.live("runs that only wait keep a worker from no other run, up to their own limit", () => {
  const { worker } = scene()
  return Effect.gen(function* () {
    const runs = yield* Runs.Runs
    const ids = yield* Effect.forEach([1, 2, 3, 4], () => runs.submit({ plan: "waits", input: { way: "sleeps", millis: 3_600_000 } }))
    yield* waiting(3)
    yield* Effect.sleep(100)
    expect(yield* standing).toMatchObject({ runs: 3, waiting: 3 })
    expect((yield* runs.inspect(ids[3]!)).run.status).toBe("queued")
  }).pipe(Effect.provide(Layer.provideMerge(worker({ maxRuns: 1, maxWaiting: 2 }), store)))
})
