import { Agent, Budget, Orchestrator, Plan, Progress, Run, Task } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Fiber, Layer, Option, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Book, inLife, Say, SayError, Stage } from "./book.ts"

/** As a test of a plan that is run in several lives. */
const lives = (name: string, test: (book: Book, stage: Stage) => Effect.Effect<unknown, unknown, Orchestrator.Orchestrator | Agent.Services<typeof Say>>) => {
  const stage = new Stage()
  return it.effect(name, () => test(new Book(), stage).pipe(Effect.provide(Layer.merge(Orchestrator.layer, stage.layer))))
}

const settled = Effect.gen(function* () {
  for (let turn = 0; turn < 20; turn++) yield* Effect.yieldNow
})

const Chain = (() => {
  const a = Task.make("a", Say, { payload: { text: "a" } })
  const b = Task.make("b", Say, { dependsOn: [a], payload: ({ a }) => ({ text: `b ${a}` }) })
  return Plan.make("chain", [b])
})()

lives("nothing goes on with a value before it is stored", (book, stage) =>
  Effect.gen(function* () {
    const gate = (book.gate = yield* Deferred.make<void>())
    const heard: Array<string> = []
    const fiber = yield* Effect.forkChild(
      Orchestrator.run(Chain).pipe(Progress.listen((event) => void heard.push("taskId" in event ? `${event._tag} ${event.taskId}` : event._tag)), inLife(book)),
      { startImmediately: true }
    )
    yield* settled
    expect([stage.called, [...book.units.keys()]]).toEqual([["a"], []])
    expect(heard).not.toContain("complete a")
    yield* Deferred.succeed(gate, undefined)
    yield* Fiber.join(fiber)
    expect(stage.called).toEqual(["a", "b a!"])
    expect([...book.units.keys()]).toEqual(["a", "b"])
  })
)

lives("what is stored is not done again, gives the same result, and counts once", (book, stage) =>
  Effect.gen(function* () {
    const spend = (text: string) => Effect.as(Budget.charge({ outputTokens: 5, calls: 1 }), `${text}!`)
    stage.does = (text) => (text === "last" ? Effect.andThen(spend(text), Effect.never) : spend(text))
    const Inner = Plan.make("inner", [Task.make("x", Say, { payload: { text: "x" } })])
    const first = Task.make("first", Say, { payload: { text: "first" } })
    const items = Task.forEach("items", Say, { dependsOn: [first], items: () => [{ text: "1" }, { text: "2" }], key: ({ text }) => text })
    const nested = Task.plan("nested", Inner, { dependsOn: [first] })
    const not = Task.make("not", Say, { dependsOn: [first], when: () => false, payload: { text: "not" } })
    const again = Task.iterate("again", Say, { initial: { text: "again" }, next: (_, iteration) => (iteration < 3 ? Option.some({ text: `again ${iteration}` }) : Option.none()), maxIterations: 5 })
    const plan = Plan.make("all", [Task.make("last", Say, { dependsOn: [items, nested, Task.optional(not), again], payload: { text: "last" } })])
    const handle = yield* Orchestrator.start(plan).pipe(inLife(book))
    while (!stage.called.includes("last")) yield* Effect.yieldNow
    yield* settled
    expect(book.spends).toHaveLength(8)
    const before = [...book.units.keys()].toSorted()
    expect(before).toEqual(["again", "first", "items#items", "items%2F1", "items%2F2", "nested", "nested/x", "not#when"])

    stage.called.length = 0
    stage.does = spend
    const result = yield* Orchestrator.run(plan).pipe(inLife(book))
    expect(stage.called).toEqual(["last"])
    expect(yield* result.outputs).toEqual({ last: "last!" })
    expect(result.results.map(({ _tag, attempts, taskId, usage }) => [taskId, _tag, attempts, usage.calls])).toEqual([
      ["first", "succeeded", 1, 1],
      ["items", "succeeded", 0, 2],
      ["items/1", "succeeded", 1, 1],
      ["items/2", "succeeded", 1, 1],
      ["nested", "succeeded", 0, 1],
      ["not", "skipped", 0, 0],
      ["again", "succeeded", 3, 3],
      // The attempt of the life before was paid for.
      ["last", "succeeded", 1, 2]
    ])
    expect([result.usage.calls, result.usage.tokens]).toEqual([9, 45])
    const whole = yield* Orchestrator.run(plan).pipe(inLife(book))
    expect(stage.called).toEqual(["last"])
    expect(whole.usage).toEqual(result.usage)
    expect(JSON.parse(JSON.stringify(whole.results))).toEqual(JSON.parse(JSON.stringify(result.results)))
    yield* handle.cancel
  })
)

lives("what failed is stored as it failed", (book, stage) =>
  Effect.gen(function* () {
    stage.does = (text) => Effect.fail(new SayError({ text }))
    const first = yield* Orchestrator.run(Chain).pipe(inLife(book))
    stage.does = () => Effect.succeed("fine")
    const second = yield* Orchestrator.run(Chain).pipe(inLife(book))
    expect(stage.called).toEqual(["a"])
    expect(second.results[0]).toMatchObject({ _tag: "failed", origin: "agent", error: new SayError({ text: "a" }) })
    expect(second.results).toEqual(first.results)
  })
)

lives("a stop stores nothing: the next life does it again", (book, stage) =>
  Effect.gen(function* () {
    stage.does = (text) => (text === "a" ? Effect.succeed("a!") : Effect.never)
    const handle = yield* Orchestrator.start(Chain).pipe(inLife(book))
    while (stage.called.length < 2) yield* Effect.yieldNow
    yield* handle.cancel
    expect([...book.units.keys()]).toEqual(["a"])
    stage.does = (text) => Effect.succeed(`${text}!`)
    expect((yield* Orchestrator.run(Chain).pipe(inLife(book))).allSucceeded).toBe(true)
    expect(stage.called).toEqual(["a", "b a!", "b a!"])
  })
)

class When extends Schema.TaggedError<When>()("When", { at: Schema.Date }) {}

lives("a step runs once, and its value or typed error is the same ever after", (book, stage) =>
  Effect.gen(function* () {
    let ran = 0
    const at = new Date("2026-11-23T00:00:00Z")
    const seen: Array<unknown> = []
    stage.does = () =>
      Effect.gen(function* () {
        seen.push(yield* Run.step("value", { success: Schema.Date }, Effect.sync(() => (ran++, at))))
        seen.push(yield* Effect.flip(Run.step("error", { success: Schema.Void, error: When }, Effect.suspend(() => (ran++, Effect.fail(new When({ at })))))))
        return yield* Effect.never
      })
    const plan = Plan.make("steps", [Task.make("a", Say, { payload: { text: "a" } })])
    for (const times of [1, 2]) {
      yield* Orchestrator.start(plan).pipe(inLife(book))
      while (seen.length < 2 * times) yield* Effect.yieldNow
    }
    expect(ran).toBe(2)
    expect(seen).toEqual([at, new When({ at }), at, new When({ at })])
    expect([...book.units.keys()]).toEqual(["a#step/value", "a#step/error"])
  })
)

class Ask extends Agent.make("Ask", { description: "Calls others", payload: { names: Schema.Array(Schema.String) }, success: Schema.Array(Schema.String), error: SayError }) {
  static readonly layer = this.toLayer(({ names }) =>
    Effect.forEach(names, (text) => Effect.orDie(Effect.catchTag(Say.run({ text }), "SayError", ({ text }) => Effect.succeed(`no ${text}`))), { concurrency: "unbounded" })
  )
}

lives("calls of other agents are told apart by what they are called with, equal ones by how many there are", (book, stage) =>
  Effect.gen(function* () {
    stage.does = (text) => (text === "bad" ? Effect.fail(new SayError({ text })) : Effect.as(Effect.sleep(text === "slow" ? 5 : 1), `${text}!`))
    const plan = (names: ReadonlyArray<string>) => Plan.make("ask", [Task.make("ask", Ask, { payload: { names: ["same", "slow", "same", "bad"] }, policyVersion: String(names.length) })])
    const run = Effect.provide(Orchestrator.run(plan([])), Ask.layer).pipe(inLife(book))
    const fiber = yield* Effect.forkChild(run, { startImmediately: true })
    yield* TestClock.adjust(10)
    const first = yield* Fiber.join(fiber)
    expect(yield* first.outputs).toEqual({ ask: ["same!", "slow!", "same!", "no bad"] })
    const calls = [...book.units].filter(([, { kind }]) => kind === "call")
    expect(calls).toHaveLength(4)
    // The task itself is lost: its calls are not made again, one for one.
    book.units.delete("ask")
    const [one] = calls.find(([key]) => key.endsWith("/2"))!
    book.units.delete(one)
    stage.called.length = 0
    const second = yield* Effect.forkChild(run, { startImmediately: true })
    yield* TestClock.adjust(10)
    expect(yield* (yield* Fiber.join(second)).outputs).toEqual({ ask: ["same!", "slow!", "same!", "no bad"] })
    expect(stage.called).toEqual(["same"])
  })
)

lives("runs that a handler starts keep apart what is theirs", (book, stage) =>
  Effect.gen(function* () {
    const Inner = Plan.make("inner", { version: "1", input: Schema.Struct({ text: Schema.String }) }, ({ text }) => [Task.make("only", Say, { payload: { text } })])
    stage.does = (text) => Effect.as(Budget.charge({ calls: 1 }), `${text}!`)
    class Starts extends Agent.make("Starts", { description: "Starts runs", payload: {}, success: Schema.Array(Schema.String) }) {}
    const rounds: Array<number> = []
    const starts = Starts.toLayer(() =>
      Effect.gen(function* () {
        const results = yield* Effect.forEach(["1", "2", "1"], (text) => Orchestrator.run(Inner, { text }))
        const outputs = yield* Effect.forEach(results, ({ outputs }) => outputs)
        // A run in a handler has spent what its own tasks have, in every life.
        expect(results.map(({ usage }) => usage.calls)).toEqual([1, 1, 1])
        if (rounds.push(1) === 1) return yield* Effect.never
        return outputs.map(({ only }) => only)
      }).pipe(Effect.orDie)
    )
    const plan = Plan.make("outer", [Task.make("outer", Starts, { payload: {} })])
    const run = Effect.provide(Orchestrator.start(plan), starts).pipe(inLife(book))
    yield* run
    while (rounds.length === 0) yield* Effect.yieldNow
    expect(stage.called).toEqual(["1", "2", "1"])
    expect(book.units.size).toBe(3)
    const result = yield* (yield* run).await
    expect(yield* result.outputs).toEqual({ outer: ["1!", "2!", "1!"] })
    expect(stage.called).toEqual(["1", "2", "1"])
    expect([result.usage.calls, result.results[0]!.usage.calls]).toEqual([3, 3])
  })
)

lives("a wait goes on where it was", (book, stage) =>
  Effect.gen(function* () {
    const woke: Array<number> = []
    stage.does = () => Effect.andThen(Run.sleep("pause", "10 seconds"), Effect.map(Clock.currentTimeMillis, (now) => (woke.push(now), "woke")))
    const plan = Plan.make("sleeper", [Task.make("a", Say, { payload: { text: "a" } })])
    yield* Orchestrator.start(plan).pipe(inLife(book))
    yield* TestClock.adjust("4 seconds")
    const second = yield* Orchestrator.start(plan).pipe(inLife(book))
    yield* TestClock.adjust("5999 millis")
    expect(book.units.has("a")).toBe(false)
    yield* TestClock.adjust(1)
    yield* second.await
    // One that is over is no wait at all.
    book.units.delete("a")
    yield* (yield* Orchestrator.start(plan).pipe(inLife(book))).await
    expect(woke.at(-1)).toBe(10_000)
    expect([...book.units.keys()]).toEqual(["a#step/sleep pause", "a"])
  })
)

lives("decisions are stored before anything follows from them, and another one is another hash", (book, stage) =>
  Effect.gen(function* () {
    let runs = true
    let names = ["1", "2"]
    const a = Task.make("a", Say, { when: () => runs, payload: { text: "a" } })
    const plan = Plan.make("decides", [a, Task.forEach("items", Say, { items: () => names.map((text) => ({ text })), key: ({ text }) => text })])
    yield* Orchestrator.run(plan).pipe(inLife(book))
    expect(book.log.indexOf("stored a#when")).toBeLessThan(book.log.indexOf("stored a"))
    expect(book.log.indexOf("stored items#items")).toBeLessThan(book.log.indexOf("stored items%2F1"))
    expect([book.units.get("a#when")?.value, book.units.get("items#items")?.value]).toEqual(["true", '["1","2"]'])
    runs = false
    names = ["1", "3"]
    const other = yield* Orchestrator.run(plan).pipe(inLife(book))
    expect(other.results.map((outcome) => (outcome._tag === "failed" && "received" in (outcome.error as object) ? (outcome.error as { readonly received: string }).received : outcome._tag))).toEqual(["changed: a#when", "changed: items#items"])
    expect(stage.called).toEqual(["a", "1", "2"])
  })
)

const odd = ["a/b", "a", "b", "a#b", "a%2Fb", "%", "%25", "#", "/", "//", "nul\0", "half \ud800", "half \udc00", "\ud83e\uddea", '"', "\\", "'", " a", "step/x", "a#step/x", "items", "a\u2028b"]

lives("keys are text that any database keeps, and no two are one, whatever the ids", (book, stage) =>
  Effect.gen(function* () {
    const Inner = Plan.make("inner", odd.map((id) => Task.make(id, Say, { payload: { text: `inner ${id}` } })) as [Task.Task<string, string, SayError, Agent.Services<typeof Say>>])
    stage.does = (text) => Run.step(text, { success: Schema.String }, Effect.succeed(text))
    const tasks = [
      Task.forEach("fan", Say, { items: () => odd.map((text) => ({ text })), key: ({ text }) => text }),
      ...odd.map((id) => Task.make(id, Say, { when: () => true, payload: { text: id } })),
      ...odd.map((id) => Task.plan(`plan ${id}`, Inner))
    ]
    const plan = Plan.make("odd", tasks as unknown as [Task.Task<string, string, SayError, Agent.Services<typeof Say>>])
    expect((yield* Orchestrator.run(plan).pipe(inLife(book))).allSucceeded).toBe(true)
    const n = odd.length
    // Items and their decision and steps; tasks, their decisions and steps; nested plans with tasks and steps.
    expect(book.units.size).toBe(1 + 2 * n + 3 * n + n + 2 * n * n)
    for (const key of book.units.keys()) expect([key, key.includes("\0"), key.isWellFormed()]).toEqual([key, false, true])
    stage.called.length = 0
    yield* Orchestrator.run(plan).pipe(inLife(book))
    expect(stage.called).toEqual([])
  })
)

it.effect("a stored value is for an equal agent, policy, payload and plan, and for no other", () =>
  Effect.gen(function* () {
    const stage = new Stage()
    const hashes = (task: Task.Any, layer: Layer.Layer<any, never, any> = stage.layer) =>
      Effect.gen(function* () {
        const book = new Book()
        yield* (Orchestrator.run(Plan.make("p", [task as Task.Task<string, unknown>])).pipe(inLife(book), Effect.provide(Layer.merge(Orchestrator.layer, layer))) as Effect.Effect<unknown>)
        return book.units.get("a")!.hash
      })
    const fields = { first: Schema.String, second: Schema.Finite, third: Schema.optionalKey(Schema.Date) }
    const make = (version: string) => Agent.make("Many", { description: "Many fields", version, payload: fields, success: Schema.String })
    const [Many, Many2] = [make("1"), make("2")]
    const many = Many.toLayer(() => Effect.succeed("x"))
    const at = new Date(0)
    const one = yield* hashes(Task.make("a", Many, { payload: { first: "x", second: 1, third: at } }), many)
    expect(one).toMatch(/^[0-9a-f]{64}$/)
    expect(yield* hashes(Task.make("a", Many, { payload: { third: new Date(0), second: 1, first: "x" } }), many)).toBe(one)
    expect(yield* hashes(Task.make("a", Many, { timeout: "1 hour", priority: 7, policy: Effect.retry({ times: 2 }), payload: { first: "x", second: 1, third: at } }), many)).toBe(one)
    const others = [
      yield* hashes(Task.make("a", Many, { payload: { first: "y", second: 1, third: at } }), many),
      yield* hashes(Task.make("a", Many, { payload: { first: "x", second: 1 } }), many),
      yield* hashes(Task.make("a", Many, { payload: { first: "x", second: 1, third: at }, policyVersion: "2" }), many),
      yield* hashes(Task.make("a", Many2, { payload: { first: "x", second: 1, third: at } }), Many2.toLayer(() => Effect.succeed("x"))),
      ...(yield* Effect.forEach(["1", "2"], (version) => hashes(Task.plan("a", Plan.make("inner", [Task.make("x", Say, { payload: { text: "x" } })], { version })))))
    ]
    expect(new Set([one, ...others]).size).toBe(others.length + 1)
  })
)
