import { Runs } from "@aria/adapter-cluster"
import { Orchestrator, Plan, Progress, Task, Usage } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Schema, Stream } from "effect"
import { stores } from "./stores.ts"
import { at, client, Echo, EchoError, Fan, Line, One, runs, spending, until, withId, worker, World } from "./workbench.ts"

describe.each(stores)("Runs in $name", ({ make }) => {
  it.live("a run is handed in by name, carried out elsewhere, and its result has its types", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const front = yield* client(store)
      const id = yield* runs(front).submit({ plan: "line", input: { name: "x" }, userId: "ada", tags: { team: "one" }, priority: 3 })
      expect(yield* runs(front).get(id)).toMatchObject({ id, plan: "line", version: "1", status: "queued", userId: "ada", tags: { team: "one" }, lives: 0, isCancelling: false })
      yield* worker(store, world)
      const result = yield* runs(front).wait(id)
      expect(yield* result.outputs).toEqual({ c: "c after b after a x!!!" })
      expect(world.called).toEqual(["a x", "b after a x!", "c after b after a x!!"])
      const stored = yield* runs(front).get(id)
      expect(stored).toMatchObject({ status: "succeeded", lives: 1 })
      expect(stored).not.toHaveProperty("worker")
      expect(stored.endedAt).toBeGreaterThanOrEqual(stored.createdAt)
    })
  )

  it.live("a queued run that no worker can take says so, and one that somebody can take does not", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const front = yield* client(store)
      const { get, inspect, submit, workers } = runs(front)
      yield* submit({ plan: "line", input: { name: "x" }, id: "r" })
      expect((yield* get("r")).reason).toBe("no worker is there to take it")
      const other = yield* worker(store, world, { plans: [One] })
      expect((yield* inspect("r")).run.reason).toBe('the only worker does not know the plan "line" of version "1"')
      expect((yield* workers).map(({ plans }) => plans)).toEqual([["one 1"]])
      // It is busy with its one run.
      const busy = yield* worker(store, world, { maxRuns: 1 })
      world.does = (text) => Effect.as(world.gate("all"), text)
      yield* submit({ plan: "line", input: { name: "y" }, id: "waits" })
      yield* until(runs(other).list({ status: ["queued"] }), (queued) => queued.length === 1)
      const [waits] = yield* runs(busy).list({ status: ["queued"] })
      const shown = yield* get(waits!.id)
      expect([shown.status, shown.reason]).toEqual(["queued", undefined])
      yield* world.open("all")
      yield* runs(front).wait("r")
      expect(yield* get("r")).not.toHaveProperty("reason")
    })
  )

  it.live("an equal input is the same run, whatever the order of its fields; any other is a conflict that says what differs", () =>
    Effect.gen(function* () {
      const store = yield* make
      const Two = Plan.make("line", { version: "2", input: Schema.Struct({ name: Schema.String }) }, ({ name }) => [Task.make("a", Echo, { payload: { text: name } })])
      const Pair = Plan.make("pair", { version: "1", input: Schema.Struct({ x: Schema.String, y: Schema.String }) }, ({ x, y }) => [Task.make("a", Echo, { payload: { text: x + y } })])
      const front = yield* client(store, [Line, Two, One, Pair])
      const { submit } = runs(front)
      expect(yield* submit({ plan: "pair", input: { x: "1", y: "2" }, id: "p" })).toBe("p")
      expect(yield* submit({ plan: "pair", input: { y: "2", x: "1" }, id: "p" })).toBe("p")
      yield* submit({ plan: "line", version: "1", input: { name: "x" }, id: "r" })
      expect(yield* submit({ plan: "line", version: "1", input: { name: "x" }, id: "r" })).toBe("r")
      const conflict = (submission: Runs.Submission) => Effect.flip(submit({ ...submission, id: "r" }))
      expect(yield* conflict({ plan: "line", version: "1", input: { name: "y" } })).toMatchObject({
        _tag: "RunConflictError",
        differs: "input",
        message: 'The run "r" exists with the input {"name":"x"}, received {"name":"y"}: give this one another id, or fork the one that exists'
      })
      expect(yield* conflict({ plan: "line", version: "2", input: { name: "x" } })).toMatchObject({ _tag: "RunConflictError", differs: "version", stored: "1", received: "2" })
      expect(yield* conflict({ plan: "one", input: { text: "x" } })).toMatchObject({ _tag: "RunConflictError", differs: "plan", stored: "line", received: "one" })
      expect(yield* conflict({ plan: "line", version: "1", input: { name: "x" }, userId: "eve" })).toMatchObject({ _tag: "RunConflictError", differs: "user", stored: "anonymous", received: "eve" })
      expect((yield* runs(front).list()).length).toBe(2)
      // Of two versions nobody can tell which is meant.
      expect(yield* Effect.flip(submit({ plan: "line", input: { name: "x" } }))).toMatchObject({ _tag: "PlanNotRegisteredError" })
    })
  )

  it.live("one id is one run for all who start it, one after the other or at once", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const here = yield* worker(store, world)
      const there = yield* worker(store, world)
      const start = (context: typeof here) => Orchestrator.run(Line, { name: "x" }).pipe(withId("once"), at(context))
      const all = yield* Effect.all([start(here), start(here), start(there), start(here)], { concurrency: "unbounded" })
      all.push(yield* start(there))
      for (const result of all) expect(yield* result.outputs).toEqual({ c: "c after b after a x!!!" })
      expect(world.called.length).toBe(3)
      const other = yield* Effect.exit(Orchestrator.run(Line, { name: "y" }).pipe(withId("once"), at(there)))
      expect(JSON.stringify(other)).toContain("RunConflictError")
    })
  )

  it.live("the list is filtered by all that it knows, newest first", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => (text === "bad" ? Effect.fail(new EchoError({ text })) : Effect.succeed(text))
      const front = yield* client(store)
      const { fork, list, submit, wait } = runs(front)
      yield* submit({ plan: "one", input: { text: "good" }, id: "1", userId: "ada" })
      yield* submit({ plan: "one", input: { text: "bad" }, id: "2", userId: "bob" })
      yield* submit({ plan: "line", input: { name: "x" }, id: "3", userId: "bob" })
      yield* worker(store, world)
      yield* Effect.forEach(["1", "2", "3"], wait)
      const between = (yield* runs(front).get("3")).createdAt + 1
      yield* Effect.sleep(5)
      yield* fork("1", { id: "4" })
      yield* wait("4")
      const ids = (filter: Runs.Filter) => Effect.map(list(filter), (found) => found.map(({ id }) => id))
      expect(yield* ids({})).toEqual(["4", "3", "2", "1"])
      expect(yield* ids({ limit: 2 })).toEqual(["4", "3"])
      expect(yield* ids({ status: ["failed"] })).toEqual(["2"])
      expect(yield* ids({ status: ["failed", "succeeded"], userId: "bob" })).toEqual(["3", "2"])
      expect(yield* ids({ status: [] })).toEqual([])
      expect(yield* ids({ plan: "one" })).toEqual(["4", "2", "1"])
      expect(yield* ids({ userId: "ada" })).toEqual(["4", "1"])
      expect(yield* ids({ forkedFrom: "1" })).toEqual(["4"])
      expect(yield* ids({ createdFrom: between })).toEqual(["4"])
      expect(yield* ids({ createdBefore: between })).toEqual(["3", "2", "1"])
      expect(yield* ids({ userId: "nobody" })).toEqual([])
    })
  )

  it.live("a run can be looked into: what it was given, what it came to, what it spent", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => spending(10, Effect.succeed(`${text}!`))
      const here = yield* worker(store, world)
      yield* Orchestrator.run(Fan, { names: ["x", "y/z"] }).pipe(withId("fan"), at(here))
      const details = yield* runs(here).inspect("fan")
      expect(details.input).toEqual({ names: ["x", "y/z"] })
      expect(details.usage).toEqual(Usage.make({ outputTokens: 30, calls: 3 }))
      expect(details.units.map(({ key, kind }) => `${kind} ${key}`).sort()).toEqual(["decision items#items", "task fixed", "task items%2Fx", "task items%2Fy%2Fz"])
      expect(details.result).toMatchObject({ runId: "fan", plan: "fan" })
      // All of it can leave the process.
      expect(JSON.parse(JSON.stringify(details)).usage.calls).toBe(3)
    })
  )

  it.live("whoever follows from any number on hears the rest and nothing else, early or late, and as it was heard here", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => Effect.as(Progress.report(`at ${text}`), `${text}!`)
      const here = yield* worker(store, world)
      const front = yield* client(store)
      const heard: Array<Progress.Event> = []
      const early = yield* Effect.forkChild(Effect.exit(Effect.andThen(until(Effect.exit(runs(front).get("r")), ({ _tag }) => _tag === "Success"), Stream.runCollect(runs(front).tail("r")))))
      yield* Orchestrator.run(Line, { name: "x" }).pipe(Progress.listen((event) => void heard.push(event)), withId("r"), at(here))
      const all = yield* Stream.runCollect(runs(front).tail("r"))
      const texts = (events: ReadonlyArray<Progress.Event>) => events.map((event) => JSON.parse(JSON.stringify("result" in event ? { ...event, result: { ...event.result } } : event)))
      expect(texts(all)).toEqual(texts(heard))
      expect(all.at(-1)).toMatchObject({ _tag: "RunEnded" })
      expect(all.length).toBeGreaterThan(10)
      expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index))
      const followed = yield* Fiber.join(early)
      expect(followed._tag === "Success" ? texts(followed.value) : followed).toEqual(texts(heard))
      for (let from = 0; from <= all.length; from++) expect(texts(yield* Stream.runCollect(runs(front).tail("r", { from })))).toEqual(texts(heard.slice(from)))
      // Cut off in the middle, again and again.
      for (const step of [1, 2, 3, 5]) {
        const pieces: Array<Progress.Event> = []
        while (pieces.at(-1)?._tag !== "RunEnded") {
          pieces.push(...(yield* Stream.runCollect(Stream.take(runs(front).tail("r", { from: (pieces.at(-1)?.seq ?? -1) + 1 }), step))))
        }
        expect(texts(pieces)).toEqual(texts(heard))
      }
    })
  )
})
