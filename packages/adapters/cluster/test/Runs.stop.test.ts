import { Cluster } from "@aria/adapter-cluster"
import { Agent, Orchestrator, Plan, Run, RunResult, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Context, Deferred, Effect, Exit, Fiber, Layer, Schema, Scope, Stream } from "effect"
import { stores } from "./stores.ts"
import { at, client, Echo, Echo2, EchoError, givenUp, Line, One, runs, until, withId, worker, World } from "./workbench.ts"

const tags = (result: RunResult.RunResult<unknown, unknown>) => result.results.map(({ _tag, taskId }) => `${taskId} ${_tag}`)
const status = (context: Parameters<typeof runs>[0], id: string) => Effect.map(runs(context).get(id), (run) => run.status)

/** A scope that ends before that of the test. */
const apart = Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))

describe.each(stores)("Runs in $name, stopped and taken over", ({ make }) => {
  it.live("a run is cancelled where it is carried out, from elsewhere, and before anybody carries it out", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => (text.startsWith("b") ? Effect.never : Effect.succeed(text))
      const front = yield* client(store)
      const { cancel, submit, wait } = runs(front)
      yield* submit({ plan: "line", input: { name: "queued" }, id: "queued" })
      yield* cancel("queued")
      expect(yield* runs(front).get("queued")).toMatchObject({ isCancelling: true, status: "queued" })
      const here = yield* worker(store, world)
      const queued = yield* wait("queued")
      expect(tags(queued)).toEqual(["a skipped", "b skipped", "c skipped"])
      expect(world.called).toEqual([])

      const handle = yield* Orchestrator.start(Line, { name: "x" }).pipe(withId("here"), at(here))
      yield* world.begun("b after a x")
      const cancelled = yield* handle.cancel
      expect(tags(cancelled)).toEqual(["a succeeded", "b cancelled", "c skipped"])

      yield* submit({ plan: "line", input: { name: "y" }, id: "elsewhere" })
      yield* world.begun("b after a y")
      yield* cancel("elsewhere")
      expect(tags(yield* wait("elsewhere"))).toEqual(["a succeeded", "b cancelled", "c skipped"])
      for (const id of ["queued", "here", "elsewhere"]) {
        expect(yield* runs(front).get(id)).toMatchObject({ status: "cancelled", isCancelling: false })
        // A second one changes nothing.
        yield* cancel(id)
        expect(yield* status(front, id)).toBe("cancelled")
      }
    })
  )

  it.live("whoever is interrupted in Orchestrator.run stops the run", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = () => Effect.never
      const here = yield* worker(store, world)
      const fiber = yield* Effect.forkChild(Orchestrator.run(One, { text: "x" }).pipe(withId("r"), at(here)))
      yield* world.begun("x")
      yield* Fiber.interrupt(fiber)
      expect(yield* until(status(here, "r"), (now) => now !== "running")).toBe("cancelled")
    })
  )

  it.live("what was stored does not run again at the next worker, and the one before writes nothing any more", () =>
    Effect.gen(function* () {
      const store = yield* make
      const [first, second] = [new World(), new World()]
      first.does = (text) => (text.startsWith("b") ? Effect.as(first.gate("b"), "from the first") : Effect.succeed(text))
      const here = yield* worker(store, first, { lease: "1 minute" })
      const handle = yield* Orchestrator.start(Line, { name: "x" }).pipe(withId("r"), at(here))
      yield* first.begun("b after a x")
      yield* givenUp(here)
      const there = yield* worker(store, second)
      const result = yield* runs(there).wait("r")
      expect(second.called).toEqual(["b after a x", "c after b after a x!"])
      yield* first.open("b")
      // Whoever waits at the first one gets what the second one has made.
      expect(yield* (yield* handle.await).outputs).toEqual(yield* result.outputs)
      expect(yield* result.outputs).toEqual({ c: "c after b after a x!!" })
      expect(first.called).toEqual(["a x", "b after a x"])
      expect(yield* runs(there).get("r")).toMatchObject({ status: "succeeded", lives: 2 })
      const events = yield* Stream.runCollect(runs(there).tail("r"))
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
      expect(events.filter((event) => event._tag === "complete").map((event) => event.taskId)).toEqual(["a", "b", "c"])
      expect(events.filter(({ _tag }) => _tag === "RunStarted" || _tag === "RunEnded").map(({ _tag }) => _tag)).toEqual(["RunStarted", "RunEnded"])
    })
  )

  it.live("who was taken over cannot end the run, whatever it comes to while another one carries it out", () =>
    Effect.gen(function* () {
      const store = yield* make
      const [first, second] = [new World(), new World()]
      first.does = () => Effect.as(first.gate("first"), "from the first")
      second.does = () => Effect.as(second.gate("second"), "from the second")
      const here = yield* worker(store, first, { lease: "1 minute", pollInterval: "1 minute" })
      const handle = yield* Orchestrator.start(One, { text: "x" }).pipe(withId("r"), at(here))
      yield* first.begun("x")
      yield* givenUp(here)
      const there = yield* worker(store, second)
      yield* second.begun("x")
      yield* first.open("first")
      // What it writes is refused, and then it carries out nothing any more.
      yield* until(Context.get(here, Cluster.Cluster).standing, ({ runs }) => runs === 0)
      expect(yield* runs(there).inspect("r")).toMatchObject({ run: { status: "running", lives: 2 }, units: [] })
      yield* second.open("second")
      expect(yield* (yield* runs(there).wait("r")).outputs).toEqual({ only: "from the second" })
      expect((yield* runs(there).inspect("r")).units.map(({ value }) => value)).toMatchObject([{ output: "from the second" }])
      const other = yield* client(store)
      expect(yield* (yield* runs(other).wait("r")).outputs).toEqual({ only: "from the second" })
      expect(handle.runId).toBe("r")
    })
  )

  it.live("the time that a run has goes on over a take-over", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = () => Effect.never
      const here = yield* worker(store, world)
      const begun = Date.now()
      yield* Orchestrator.start(One, { text: "x" }).pipe(Run.configure({ id: "r", timeout: "700 millis" }), at(here))
      yield* world.begun("x")
      yield* Effect.sleep(400)
      yield* givenUp(here)
      const there = yield* worker(store, world)
      const result = yield* runs(there).wait("r")
      expect(tags(result)).toEqual(["only timedOut"])
      // Not from the beginning again, and not before its time.
      const [outcome] = result.results
      expect(outcome!.endedAt - begun).toBeGreaterThanOrEqual(695)
      const events = yield* Stream.runCollect(runs(there).tail("r"))
      expect(events.filter((event) => event._tag === "timedOut")).toHaveLength(1)
      expect(yield* runs(there).get("r")).toMatchObject({ lives: 2, status: "failed" })
    })
  )

  it.live("the time of a run that was handed in counts from its first worker, and goes on over a take-over", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = () => Effect.never
      const here = yield* worker(store, world, { runTimeout: "700 millis" })
      yield* runs(here).submit({ plan: "one", input: { text: "x" }, id: "r" })
      yield* world.begun("x")
      yield* Effect.sleep(200)
      yield* givenUp(here)
      const there = yield* worker(store, world, { runTimeout: "700 millis" })
      const [outcome] = (yield* runs(there).wait("r")).results
      // What was left of it, and not all of it again.
      expect(outcome).toMatchObject({ _tag: "timedOut" })
      expect(outcome!._tag === "timedOut" && outcome!.timeoutMillis <= 500).toBe(true)
      const { begunAt, createdAt } = yield* runs(there).get("r")
      expect(begunAt).toBeGreaterThanOrEqual(createdAt)
    })
  )

  it.live("one that is started in a worker that stops is carried out elsewhere, and once", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = Effect.succeed
      const scope = yield* Scope.make()
      const here = yield* Effect.provideService(worker(store, world), Scope.Scope, scope)
      yield* Context.get(here, Cluster.Cluster).drain
      yield* Orchestrator.start(Line, { name: "x" }).pipe(withId("r"), at(here))
      const waits = yield* Effect.forkChild(Orchestrator.run(Line, { name: "y" }).pipe(at(here)), { startImmediately: true })
      yield* until(runs(here).list({ status: ["queued"] }), (queued) => queued.length === 2)
      const there = yield* worker(store, world)
      expect(yield* (yield* runs(there).wait("r")).outputs).toEqual({ c: "c after b after a x" })
      expect(yield* (yield* Fiber.join(waits)).outputs).toEqual({ c: "c after b after a y" })
      yield* Scope.close(scope, Exit.void)
      expect(world.called.toSorted()).toEqual(["a x", "a y", "b after a x", "b after a y", "c after b after a x", "c after b after a y"])
      expect((yield* runs(there).list()).map(({ lives }) => lives)).toEqual([1, 1])
    })
  )

  it.live("whose time is over before anybody takes it ends at once", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const front = yield* client(store)
      yield* Orchestrator.start(One, { text: "x" }).pipe(Run.configure({ id: "r", timeout: 1 }), at(front))
      yield* Effect.sleep(10)
      world.does = () => Effect.never
      yield* worker(store, world)
      expect(tags(yield* runs(front).wait("r"))).toEqual(["only timedOut"])
    })
  )

  it.live("runs are taken by priority, then by age; a worker takes as many as it may", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => Effect.as(world.gate(text), text)
      const front = yield* client(store)
      const submit = (text: string, priority: number) => Effect.andThen(runs(front).submit({ plan: "one", input: { text }, id: text, priority }), Effect.sleep(3))
      for (const [text, priority] of [["low", -1], ["first", 0], ["second", 0], ["high", 5]] as const) yield* submit(text, priority)
      yield* worker(store, world, { maxRuns: 1 })
      for (const text of ["high", "first", "second", "low"]) {
        yield* world.begun(text)
        const running = yield* runs(front).list({ status: ["running"] })
        expect(running.map(({ id }) => id)).toEqual([text])
        yield* world.open(text)
        yield* runs(front).wait(text)
      }
      expect(world.called).toEqual(["high", "first", "second", "low"])
    })
  )

  it.live("a worker that ends lets its tasks come to their end and gives the rest away; nothing runs twice", () =>
    Effect.gen(function* () {
      const store = yield* make
      const [first, second] = [new World(), new World()]
      first.does = (text) => (text.startsWith("a") ? Effect.as(first.gate("a"), text) : Effect.succeed(text))
      const scope = yield* apart
      const here = yield* worker(store, first, { drainTimeout: "1 minute", lease: "1 minute" }).pipe(Scope.provide(scope))
      const front = yield* client(store)
      yield* Orchestrator.start(Line, { name: "x" }).pipe(withId("r"), at(here))
      yield* first.begun("a x")
      const draining = yield* Effect.forkChild(Context.get(here, Cluster.Cluster).drain, { startImmediately: true })
      expect((yield* Context.get(here, Cluster.Cluster).standing).state).toBe("draining")
      yield* runs(front).submit({ plan: "one", input: { text: "later" }, id: "later" })
      yield* first.open("a")
      yield* Fiber.join(draining)
      yield* Scope.close(scope, Exit.void)
      expect(yield* runs(front).get("r")).toMatchObject({ status: "queued" })
      expect(yield* runs(front).workers).toEqual([])
      yield* worker(store, second)
      yield* runs(front).wait("later")
      expect(yield* (yield* runs(front).wait("r")).outputs).toEqual({ c: "c after b after a x!!" })
      expect(first.called).toEqual(["a x"])
      expect(second.called.toSorted()).toEqual(["b after a x", "c after b after a x!", "later"])
    })
  )

  it.live("a task that does not end in time is begun again elsewhere", () =>
    Effect.gen(function* () {
      const store = yield* make
      const [first, second] = [new World(), new World()]
      const interrupted = Deferred.makeUnsafe<void>()
      first.does = () => Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
      const scope = yield* apart
      const here = yield* worker(store, first, { drainTimeout: 10 }).pipe(Scope.provide(scope))
      yield* Orchestrator.start(One, { text: "x" }).pipe(withId("r"), at(here))
      yield* first.begun("x")
      yield* Scope.close(scope, Exit.void)
      yield* Deferred.await(interrupted)
      const there = yield* worker(store, second)
      expect(yield* (yield* runs(there).wait("r")).outputs).toEqual({ only: "x!" })
      // That was no death.
      expect(yield* runs(there).get("r")).toMatchObject({ lives: 2, status: "succeeded" })
    })
  )

  it.live("a run that kills its workers is given up, with what was running; it goes on when it is resumed", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => (text.startsWith("b") ? Effect.never : Effect.succeed(text))
      const front = yield* client(store)
      yield* runs(front).submit({ plan: "line", input: { name: "x" }, id: "r" })
      for (let life = 1; life <= 3; life++) {
        const here = yield* worker(store, world, { maxDeaths: 2, lease: "1 minute", pollInterval: "1 minute" })
        yield* world.begun("b after a x", life)
        // What was told is stored a little later.
        if (life === 1) yield* until(Effect.flatMap(Stream.runCollect(Stream.take(runs(front).tail("r"), 5)), Effect.succeed), (events) => events.length === 5)
        yield* givenUp(here)
      }
      const last = yield* worker(store, world, { maxDeaths: 2 })
      const error = yield* Effect.flip(runs(front).wait("r"))
      expect(error).toMatchObject({ _tag: "DeadRunError", runId: "r" })
      expect(error.message).toBe('The run "r" was given up: 3 workers in a row died with it without getting any further, while these of its tasks were under way: b. Runs.resume tries it again')
      expect(yield* runs(front).get("r")).toMatchObject({ status: "deadLetter", lives: 4 })
      world.does = (text) => Effect.succeed(`${text}!`)
      yield* runs(last).resume("r")
      expect(yield* (yield* runs(front).wait("r")).outputs).toEqual({ c: "c after b after a x!!" })
      expect(world.called.filter((text) => text.startsWith("a"))).toHaveLength(1)
    })
  )

  it.live("a plan that is not what it was stands still, says what differs, and goes on with the old one", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const front = yield* client(store)
      const Changed = Plan.make("line", { version: "1", input: Schema.Struct({ name: Schema.String }) }, ({ name }) => [
        Task.make("a", Echo, { payload: { text: name } }),
        Task.make("d", Echo, { payload: { text: name } })
      ])
      yield* runs(front).submit({ plan: "line", input: { name: "x" }, id: "r" })
      const scope = yield* apart
      yield* worker(store, world, { plans: [Changed] }).pipe(Scope.provide(scope))
      const error = yield* Effect.flip(runs(front).wait("r"))
      expect(error).toMatchObject({ _tag: "PlanChangedError", plan: "line", version: "1" })
      expect(error.message).toBe(
        'The plan "line" in version 1 is not what the run "r" was started with: it had the task "b: Echo after a"; it had the task "c: Echo after b"; it has the task "d: Echo" now. ' +
          "Deploy the plan that it was started with and resume it, or fork it; give a changed plan a new version"
      )
      expect(yield* status(front, "r")).toBe("planChanged")
      expect(world.called).toEqual([])
      yield* Scope.close(scope, Exit.void)
      yield* worker(store, world)
      yield* runs(front).resume("r")
      expect(yield* (yield* runs(front).wait("r")).outputs).toEqual({ c: "c after b after a x!!!" })
    })
  )

  it.live("a schema that has changed under the same version is a changed plan too, of a task as of the input", () =>
    Effect.gen(function* () {
      const store = yield* make
      const Old = Agent.make("Told", { description: "Tells", payload: {}, success: Schema.String })
      const New = Agent.make("Told", { description: "Tells", payload: {}, success: Schema.Struct({ text: Schema.String }) })
      const world = new World()
      world.does = (text) => (text === "x" ? Effect.never : Effect.succeed(text))
      const thenOf = <A, E, R>(told: Task.Task<"told", A, E, R>) => Plan.make("told", [Task.make("then", Echo, { dependsOn: [told], payload: { text: "x" } })])
      const [Before, After] = [thenOf(Task.make("told", Old, { payload: {} })), thenOf(Task.make("told", New, { payload: {} }))]
      const oldLayer = Old.toLayer(() => Effect.succeed("old"))
      const newLayer = New.toLayer(() => Effect.succeed({ text: "new" }))
      const scope = yield* apart
      const here = yield* worker(store, world, { plans: [Before, One], drainTimeout: 10 }, Layer.merge(world.agents, oldLayer)).pipe(Scope.provide(scope))
      yield* Orchestrator.run(One, { text: "done" }).pipe(withId("d"), at(here))
      yield* runs(here).submit({ plan: "told", id: "r" })
      yield* world.begun("x")
      yield* Scope.close(scope, Exit.void)
      const OtherInput = Plan.make("one", { version: "1", input: Schema.Struct({ text: Schema.Finite }) }, ({ text }) => [Task.make("only", Echo, { payload: { text: String(text) } })])
      const front = yield* client(store)
      const there = yield* worker(store, world, { plans: [After, OtherInput] }, Layer.merge(world.agents, newLayer))
      const error = yield* Effect.flip(runs(there).wait("r"))
      expect(error).toMatchObject({ _tag: "PlanChangedError", differences: ["what is stored of the task told does not fit its schema: that has changed, and the version has not"] })
      expect((yield* Effect.flip(runs(there).wait("d"))).message).toContain("its result does not fit the schemas of the plan")
      expect((yield* Stream.runCollect(runs(there).tail("d"))).at(-1)).toMatchObject({ _tag: "RunEnded" })
      // A fork does it again.
      world.does = Effect.succeed
      yield* runs(there).fork("r", { id: "f" })
      expect((yield* runs(there).wait("f")).results.map(({ _tag }) => _tag)).toEqual(["succeeded", "succeeded"])
      yield* runs(front).submit({ plan: "one", input: { text: "x" }, id: "i" })
      expect((yield* Effect.flip(runs(there).wait("i"))).message).toContain("its input does not fit the schema of the plan")
    })
  )

  it.live("a task whose agent has another version since it was stored is a changed plan too", () =>
    Effect.gen(function* () {
      const store = yield* make
      const [first, second] = [new World(), new World()]
      first.does = (text) => (text.startsWith("b") ? Effect.never : Effect.succeed(text))
      const here = yield* worker(store, first, { lease: "1 minute" })
      yield* Orchestrator.start(Line, { name: "x" }).pipe(withId("r"), at(here))
      yield* first.begun("b after a x")
      yield* givenUp(here)
      const Later = Plan.make("line", { version: "1", input: Schema.Struct({ name: Schema.String }) }, ({ name }) => {
        const a = Task.make("a", Echo2, { payload: { text: `a ${name}` } })
        const b = Task.make("b", Echo2, { dependsOn: [a], payload: ({ a }) => ({ text: `b after ${a}` }) })
        return [Task.make("c", Echo2, { dependsOn: [b], payload: ({ b }) => ({ text: `c after ${b}` }) })]
      })
      const there = yield* worker(store, second, { plans: [Later] })
      const error = yield* Effect.flip(runs(there).wait("r"))
      expect(error._tag).toBe("PlanChangedError")
      expect(error.message).toContain("the task a is stored for another agent, version, policy version or payload")
      expect(second.called).toEqual([])
    })
  )

  it.live("a failure ends what fails, and is stored as it is", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => (text.startsWith("b") ? Effect.fail(new EchoError({ text })) : Effect.succeed(text))
      const front = yield* client(store)
      yield* worker(store, world)
      const handle = yield* Orchestrator.start(Line, { name: "x" }).pipe(withId("r"), at(front))
      const result = yield* handle.await
      expect(tags(result)).toEqual(["a succeeded", "b failed", "c skipped"])
      const outcome = result.results[1]!
      expect(outcome._tag === "failed" && outcome.error).toEqual(new EchoError({ text: "b after a x" }))
      expect(yield* status(front, "r")).toBe("failed")
    })
  )
})
