import { Agent, HumanInput, Journal, Orchestrator, Plan, Progress, QuestionQueue, Run, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { storing } from "../storing.ts"
import { only, open } from "./people.ts"

const Region = Schema.Literals(["EU", "US"])

class BusyError extends Schema.TaggedError<BusyError>()("BusyError", {}) {}

/** Asks which region, and may fail after it has heard it. */
class Asker extends Agent.make("Asker", {
  description: "Asks a person",
  payload: { name: Schema.String, failures: Schema.optionalKey(Schema.Natural), seconds: Schema.optionalKey(Schema.Natural) },
  success: Schema.String,
  error: Schema.Union([BusyError, HumanInput.UnansweredError]),
  dependencies: [HumanInput.HumanInput]
}) {
  static readonly layer = this.toLayer(
    Effect.fnUntraced(function* ({ failures = 0, name, seconds }) {
      const region = yield* Run.ask("region", {
        schema: Region,
        prompt: `Which region is ${name} in?`,
        expiresIn: seconds === undefined ? undefined : `${seconds} seconds`
      })
      const { attempt } = (yield* Run.Current).pipe((info) => (info._tag === "Some" ? info.value : { attempt: 1 }))
      if (attempt <= failures) return yield* new BusyError()
      return `${name}: ${region}`
    })
  )
}

class Worker extends Agent.make("Worker", { description: "Works", payload: {}, success: Schema.String }) {
  static readonly layer = this.toLayer(() => Effect.succeed("worked"))
}

class Planner extends Agent.make("Planner", {
  description: "Runs a plan that asks",
  payload: {},
  success: Schema.String,
  dependencies: [HumanInput.HumanInput, Orchestrator.Orchestrator]
}) {
  static readonly layer = this.toLayer(() =>
    Effect.map(Orchestrator.run(Plan.make("inner", [Task.make("inside", Asker, { payload: { name: "Acme" } })])), ({ results }) => String(results[0]?._tag))
  )
}

const agents = Planner.layer.pipe(Layer.provideMerge(Layer.mergeAll(Asker.layer, Worker.layer)))
const people = HumanInput.layerQueue({ pollInterval: "1 second" }).pipe(Layer.provideMerge(QuestionQueue.layerMemory))
const engine = (concurrency: number) => Layer.orDie(Orchestrator.layerWith({ concurrency }))
const at = (concurrency: number) => agents.pipe(Layer.provideMerge(engine(concurrency)), Layer.provideMerge(people))

const ask = (name: string, more?: { readonly failures?: number; readonly seconds?: number }) => Task.make(name, Asker, { payload: { name, ...more } })

const answer = (value: Schema.Json) =>
  Effect.gen(function* () {
    const { question } = yield* only
    yield* (yield* QuestionQueue.QuestionQueue).answer(question.id, { value, by: "bob" })
    yield* TestClock.adjust("1 second")
  })

/** Starts a plan; the events so far are in the list. */
const start = <A, E, R>(plan: Plan.Plan<string, A, E, R>) =>
  Effect.gen(function* () {
    const events: Array<Progress.Event> = []
    const fiber = yield* Effect.forkChild(
      Orchestrator.run(plan).pipe(Progress.listen((event) => void events.push(event)), Run.configure({ id: "run-1", userId: "ada" }))
    )
    yield* TestClock.adjust(1)
    return { fiber, events, ended: () => events.filter(Progress.isTerminal).map(({ taskId }) => taskId) }
  })

describe("a task that asks", () => {
  it.effect("holds no permit meanwhile: with one permit others run, and it goes on once somebody answers", () =>
    Effect.gen(function* () {
      const run = yield* start(Plan.make("p", [ask("Acme"), Task.make("work", Worker, { payload: {} })]))
      expect(run.ended()).toStrictEqual(["work"])
      expect((yield* only).question).toMatchObject({ name: "region", prompt: "Which region is Acme in?", userId: "ada", runId: "run-1", taskId: "Acme" })
      expect((yield* only).question).not.toHaveProperty("expiresAt")
      const waiting = run.events.filter(({ _tag }) => _tag === "waiting")
      expect(waiting).toMatchObject([{ taskId: "Acme", reason: 'answer to "region"' }])
      yield* answer("EU")
      const { results } = yield* Fiber.join(run.fiber)
      expect(results).toMatchObject([{ _tag: "succeeded", output: "Acme: EU" }, { _tag: "succeeded", output: "worked" }])
    }).pipe(Effect.provide(at(1)))
  )

  it.effect("hears the answer decoded, and one that does not fit is asked again", () =>
    Effect.gen(function* () {
      const run = yield* start(Plan.make("p", [ask("Acme")]))
      yield* answer("Mars")
      expect((yield* only).problem).toContain('"EU" | "US"')
      expect(run.fiber.pollUnsafe()).toBeUndefined()
      yield* answer("US")
      expect((yield* Fiber.join(run.fiber)).results).toMatchObject([{ output: "Acme: US" }])
    }).pipe(Effect.provide(at(1)))
  )

  it.effect("asks once, however often it is tried again", () =>
    Effect.gen(function* () {
      const task = Task.make("Acme", Asker, { payload: { name: "Acme", failures: 2 }, policy: (call) => Effect.retry(call, { times: 2 }) })
      const run = yield* start(Plan.make("p", [task]))
      yield* answer("EU")
      const { results } = yield* Fiber.join(run.fiber)
      expect(results).toMatchObject([{ output: "Acme: EU", attempts: 3 }])
      expect(yield* (yield* QuestionQueue.QuestionQueue).list({})).toHaveLength(1)
    }).pipe(Effect.provide(at(1)))
  )

  it.effect("fails with a typed error where nobody answers in time, and nothing else does", () =>
    Effect.gen(function* () {
      const run = yield* start(Plan.make("p", [ask("Acme", { seconds: 5 }), Task.make("work", Worker, { payload: {} })]))
      yield* TestClock.adjust("7 seconds")
      const { results } = yield* Fiber.join(run.fiber)
      expect(results).toMatchObject([{ _tag: "failed", error: { _tag: "UnansweredError", questionName: "region", reason: "expired" } }, { _tag: "succeeded" }])
    }).pipe(Effect.provide(at(1)))
  )

  it.effect("is asked for itself: two tasks, and a task of a nested run, each have their own question", () =>
    Effect.gen(function* () {
      const run = yield* start(Plan.make("p", [ask("Acme"), Task.make("Beta", Asker, { payload: { name: "Acme" } }), Task.make("nested", Planner, { payload: {} })]))
      const questions = yield* open
      expect(questions.map(({ question }) => question.taskId)).toStrictEqual(["Acme", "Beta", "inside"])
      expect(new Set(questions.map(({ question }) => question.id)).size).toBe(3)
      const queue = yield* QuestionQueue.QuestionQueue
      for (const { question } of questions) yield* queue.answer(question.id, { value: question.taskId === "Beta" ? "US" : "EU", by: "bob" })
      yield* TestClock.adjust("1 second")
      const { results } = yield* Fiber.join(run.fiber)
      expect(results).toMatchObject([{ output: "Acme: EU" }, { output: "Acme: US" }, { output: "succeeded" }])
    }).pipe(Effect.provide(at(1)))
  )

  it.effect("stops with its run: the question has nobody who waits", () =>
    Effect.gen(function* () {
      const run = yield* start(Plan.make("p", [ask("Acme")]))
      yield* Fiber.interrupt(run.fiber)
      expect(run.events.at(-1)).toMatchObject({ _tag: "RunEnded", result: { results: [{ _tag: "cancelled" }] } })
      const again = yield* start(Plan.make("p", [ask("Acme")]))
      // The same question of the same run: it is asked once.
      yield* answer("EU")
      expect((yield* Fiber.join(again.fiber)).results).toMatchObject([{ output: "Acme: EU" }])
    }).pipe(Effect.provide(at(1)))
  )

  it.effect("where results are stored, the answer is asked for once, and a person who would not answer is not asked again", () =>
    Effect.gen(function* () {
      const stored = new Map<string, string>()
      const journal = storing({
        unit: ({ key }, effect) =>
          Effect.suspend(() => (stored.has(key) ? Effect.succeed(stored.get(key)!) : Effect.tap(effect, (text) => Effect.sync(() => stored.set(key, text)))))
      })
      const region = Run.ask("region", { schema: Region, prompt: "Which?" }).pipe(Effect.provideService(Journal.Current, journal))
      let asked = 0
      const person = (reply: HumanInput.HumanInput["Service"]["ask"]) =>
        Layer.succeed(HumanInput.HumanInput)({ ask: (question, check) => Effect.suspend(() => (asked++, reply(question, check))) })
      const yes = person(() => Effect.succeed({ value: "EU", by: "bob", at: 0 }))
      const no = person(({ id, name }) => Effect.fail(new HumanInput.UnansweredError({ question: id, questionName: name, reason: "declined", message: "no" })))
      expect(yield* region.pipe(Effect.provide(yes))).toBe("EU")
      expect(yield* region.pipe(Effect.provide(no))).toBe("EU")
      expect(asked).toBe(1)
      stored.clear()
      expect(yield* Effect.flip(region.pipe(Effect.provide(no)))).toMatchObject({ reason: "declined" })
      expect(yield* Effect.flip(region.pipe(Effect.provide(yes)))).toMatchObject({ _tag: "UnansweredError", reason: "declined" })
      expect(asked).toBe(2)
    })
  )
})

describe("outside of a run", () => {
  it.effect("a question is the user's", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Asker.run({ name: "Acme" }).pipe(Run.configure({ userId: "cyd" })))
      yield* TestClock.adjust(1)
      const { question } = yield* only
      expect(question.userId).toBe("cyd")
      expect(question).not.toHaveProperty("runId")
      yield* answer("US")
      expect(yield* Fiber.join(fiber)).toBe("Acme: US")
    }).pipe(Effect.provide(at(1)))
  )

  it.effect.each(["soon", 0, -5, Number.NaN])("expiresIn %s is a mistake that is named", (expiresIn) =>
    Effect.gen(function* () {
      const thrown = yield* Effect.flip(
        Effect.catchDefect(Run.ask("region", { schema: Region, prompt: "Which?", expiresIn: expiresIn as never }), (defect) => Effect.fail(String(defect)))
      )
      expect(thrown).toContain('Run.ask("region"): expiresIn was')
    }).pipe(Effect.provide(people))
  )

  it.effect("an endless one stays open", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Run.ask("region", { schema: Region, prompt: "Which?", expiresIn: Infinity }), { startImmediately: true })
      expect((yield* only).question).not.toHaveProperty("expiresAt")
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(people))
  )
})
