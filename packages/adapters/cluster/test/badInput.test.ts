import { Cluster, ClusterError, type Runs } from "@aria/adapter-cluster"
import { Agent, Orchestrator, Plan, Run, Task } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { describe, expect, it } from "@effect/vitest"
import { Cause, Context, Effect, Exit, Layer, Option, Schema, Stream } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"
import { compileMysqlLike } from "./otherDialect.ts"
import * as postgres from "./postgres.ts"
import { stores } from "./stores.ts"
import { at, client, Echo, Line, One, runs, withId, worker, World } from "./workbench.ts"

/** How building a worker on a store fails. */
const refusal = (options: Partial<Cluster.Options<[]>>, store: Layer.Layer<SqlClient.SqlClient, unknown> = SqliteClient.layer({ filename: ":memory:" })) =>
  Effect.map(Effect.exit(Effect.scoped(Layer.build(Cluster.layer({ plans: [], ...options }).pipe(Layer.provide(store))))), (exit) =>
    Exit.isFailure(exit) ? Option.getOrUndefined(Cause.findErrorOption(exit.cause)) : "it was accepted"
  )

describe("options that no worker can have", () => {
  it.effect.each<[Partial<Cluster.Options<[]>>, string]>([
    [{ lease: 0 }, "Cluster: lease was 0; allowed is a finite duration from 1000 milliseconds"],
    [{ lease: 999 }, "Cluster: lease was 999; allowed is a finite duration from 1000 milliseconds"],
    [{ lease: NaN }, "Cluster: lease was NaN; allowed is a finite duration from 1000 milliseconds"],
    [{ lease: "Infinity" as never }, "Cluster: lease was Infinity; allowed is a finite duration from 1000 milliseconds"],
    [{ lease: -5_000 }, "Cluster: lease was -5000; allowed is a finite duration from 1000 milliseconds"],
    [{ lease: "soon" as never }, "Cluster: lease was soon; allowed is a finite duration from 1000 milliseconds"],
    [{ pollInterval: 9 }, "Cluster: pollInterval was 9; allowed is a finite duration from 10 milliseconds"],
    [{ pollInterval: Infinity }, "Cluster: pollInterval was Infinity; allowed is a finite duration from 10 milliseconds"],
    [{ drainTimeout: -1 }, "Cluster: drainTimeout was -1; allowed is a finite duration from 0 milliseconds"],
    [{ maxRuns: 0 }, "Cluster: maxRuns was 0; allowed is a whole number from 1"],
    [{ maxRuns: 1.5 }, "Cluster: maxRuns was 1.5; allowed is a whole number from 1"],
    [{ maxWaiting: -1 }, "Cluster: maxWaiting was -1; allowed is a whole number from 0"],
    [{ runTimeout: "soon" as never }, "Cluster: runTimeout was soon; allowed is a finite duration from 1 milliseconds"],
    [{ maxDeaths: NaN }, "Cluster: maxDeaths was NaN; allowed is a whole number from 1"]
  ])("%j: %s", ([options, message]) =>
    Effect.gen(function* () {
      const error = yield* refusal(options)
      expect(error).toMatchObject({ _tag: "InvalidLimitError", message })
    })
  )

  it.effect("the limits of an orchestrator are checked as well", () =>
    Effect.gen(function* () {
      expect(yield* refusal({ concurrency: 0 })).toMatchObject({ _tag: "InvalidLimitError" })
      expect(yield* refusal({ userLimits: { tokens: NaN } })).toMatchObject({ _tag: "InvalidLimitError" })
      expect(yield* refusal({ runTimeout: 0 })).toMatchObject({ _tag: "InvalidLimitError" })
    })
  )
})

describe("stores that no runs can be kept in", () => {
  it.live("a file in a folder that is not there, a server that is down", () =>
    Effect.gen(function* () {
      const file = yield* refusal({}, SqliteClient.layer({ filename: "/nowhere/at/all/runs.db" }))
      expect(file).toMatchObject({ _tag: "SqliteOpenError", reason: "directoryMissing" })
      const server = (yield* refusal({}, postgres.clientOf("postgres://aria:secret@127.0.0.1:9/aria"))) as Error
      expect(server).toMatchObject({ _tag: "ClusterStoreError", reason: "failed" })
      expect(server.message).toContain("The tables of runs could not be read or made")
      expect(server.message).toContain("ECONNREFUSED")
      expect(server.message).not.toContain("secret")
    })
  )

  it.live("another dialect", () =>
    Effect.gen(function* () {
      const other = Layer.effect(
        SqlClient.SqlClient,
        SqlClient.make({ acquirer: Effect.die("not used"), compiler: compileMysqlLike, driver: "mysql2", spanAttributes: [] }).pipe(Effect.provide(Reactivity.layer))
      )
      expect(yield* refusal({}, other)).toMatchObject({
        _tag: "ClusterStoreError",
        reason: "dialect",
        message: "Runs are kept in SQLite or Postgres, received a client of mysql2: provide one of those"
      })
    })
  )
})

describe.each(stores)("$name", ({ make }) => {
  it.live("a store of a newer version is left as it is", () =>
    Effect.gen(function* () {
      const store = yield* make
      const front = yield* client(store)
      const sql = Context.get(front, SqlClient.SqlClient)
      yield* sql`INSERT INTO aria_cluster_formats (format) VALUES (99)`
      expect(yield* refusal({}, store)).toMatchObject({
        _tag: "ClusterStoreError",
        reason: "newerFormat",
        message: expect.stringMatching(/^The tables of runs have format 99, this version knows up to \d+: use a newer @aria\/adapter-cluster; nothing was changed$/)
      })
    })
  )

  it.live("every operation on a run that there is not says so", () =>
    Effect.gen(function* () {
      const front = yield* client(yield* make)
      const { cancel, export: exported, fork, get, inspect, remove, resume, tail, wait } = runs(front)
      for (const operation of [get, inspect, wait, cancel, resume, fork, remove]) {
        const error: unknown = yield* Effect.flip(operation("nobody") as Effect.Effect<unknown, unknown>)
        expect(error).toMatchObject({ _tag: "UnknownRunError", runId: "nobody", message: 'There is no run "nobody" in this store: Runs.list shows those that there are; ended ones are gone after their retention' })
      }
      for (const stream of [tail("nobody"), exported("nobody")]) expect(yield* Effect.flip(Stream.runCollect(stream as Stream.Stream<unknown, unknown>))).toMatchObject({ _tag: "UnknownRunError" })
    })
  )

  it.live("a plan that nobody knows is refused, with those that are known", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const front = yield* client(store, [One])
      const error = yield* Effect.flip(runs(front).submit({ plan: "line", version: "1", input: { name: "x" } }))
      expect(error.message).toBe('The plan "line" in version 1 is not registered (one 1): add it to the plans of Cluster.layer, or call Cluster.register')
      expect((yield* Effect.flip(runs(front).submit({ plan: "none" }))).message).toBe('The plan "none" is not registered (one 1): add it to the plans of Cluster.layer, or call Cluster.register')
      const none = yield* client(store, [])
      expect((yield* Effect.flip(runs(none).submit({ plan: "none" }))).message).toContain("(no plan is)")
      const here = yield* worker(store, world, { plans: [One] })
      const exit = yield* Effect.exit(Orchestrator.run(Line, { name: "x" }).pipe(at(here)))
      expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toMatchObject({ _tag: "PlanNotRegisteredError", plan: "line", version: "1", registered: ["one 1"] })
      expect(yield* runs(front).list()).toEqual([])
      expect(new ClusterError.PlanNotRegisteredError({ plan: "line", version: "", registered: ["line 1", "line 2", "one 1"] }).message).toBe(
        'The plan "line" is registered in several versions (line 1, line 2): name one of them'
      )
      // Registered later, it is known.
      yield* Context.get(here, Cluster.Cluster).register(Line).pipe(Effect.provide(world.agents))
      expect((yield* Orchestrator.run(Line, { name: "x" }).pipe(at(here))).allSucceeded).toBe(true)
    })
  )

  it.live("a run that nobody here has a plan for can be looked at all the same", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const here = yield* worker(store, world)
      yield* Orchestrator.run(Line, { name: "x" }).pipe(withId("r"), at(here))
      const stranger = yield* client(store, [])
      expect((yield* runs(stranger).inspect("r")).run.status).toBe("succeeded")
      const result = yield* runs(stranger).wait("r")
      expect(yield* result.outputs).toEqual({ c: "c after b after a x!!!" })
      expect((yield* Stream.runCollect(runs(stranger).tail("r"))).at(-1)?._tag).toBe("RunEnded")
      expect(yield* Effect.flip(runs(stranger).fork("r"))).toMatchObject({ _tag: "PlanNotRegisteredError" })
    })
  )

  it.live("an input that does not fit or has no JSON is refused before anything starts", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const NotJson = Plan.make("not-json", { version: "1", input: Schema.Struct({ f: Schema.Any }) }, () => [Task.make("a", Echo, { payload: { text: "a" } })] as const)
      const NoInput = Plan.make("no-input", [Task.make("a", Echo, { payload: { text: "a" } })])
      const here = yield* worker(store, world, { plans: [NotJson, Line, NoInput] })
      const wrong = yield* Effect.flip(runs(here).submit({ plan: "line", input: { name: 7 } }))
      expect(wrong._tag).toBe("InvalidPlanError")
      expect(wrong.message).toContain("name")
      expect((yield* Effect.flip(runs(here).submit({ plan: "no-input", input: { name: "x" } }))).message).toBe('The plan "no-input" cannot be run: input: it takes none, leave it out')
      expect(yield* Effect.flip(runs(here).submit({ plan: "line" }))).toMatchObject({ _tag: "InvalidPlanError" })
      expect(yield* Effect.flip(runs(here).submit({ plan: "line", input: { name: "x", nmae: "y" } }))).toMatchObject({ _tag: "InvalidPlanError" })
      for (const f of [() => 1, 10n, undefined, Symbol.iterator]) {
        const error = yield* Effect.flip(Orchestrator.run(NotJson, { f }).pipe(at(here)))
        expect(error).toMatchObject({ _tag: "InvalidPlanError", plan: "not-json" })
        expect(error.message).toContain("cannot be stored as JSON")
      }
      expect(yield* runs(here).list()).toEqual([])
      expect(world.called).toEqual([])
    })
  )

  it.live("what a database cannot keep in an id, a user or a tag is refused or kept, and the worker goes on", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const here = yield* worker(store, world)
      const bad: ReadonlyArray<Partial<Runs.Submission>> = [
        { id: "" },
        { id: "  " },
        { id: "nul\0" },
        { id: "half \ud800" },
        { userId: "" },
        { userId: "nul\0" },
        { userId: "half \udc00" },
        { priority: NaN },
        { priority: Infinity }
      ]
      for (const part of bad) {
        const error = yield* Effect.flip(runs(here).submit({ plan: "one", input: { text: "x" }, ...part }))
        expect([part, error._tag]).toEqual([part, "InvalidPlanError"])
        expect(error.message).toContain(Object.keys(part)[0])
      }
      for (const options of [{ id: "nul\0" }, { userId: "half \ud800" }] satisfies ReadonlyArray<Run.Options>) {
        const error = yield* Effect.flip(Orchestrator.run(One, { text: "x" }).pipe(Run.configure(options), at(here)))
        expect(error).toMatchObject({ _tag: "InvalidPlanError" })
      }
      expect(yield* runs(here).list()).toEqual([])
      // Anything else is text.
      const text = "nul\0 half \ud800 quote ' \" back \\ slash / hash # percent % emoji 🧪"
      const id = "run / # % ' \" \\ 🧪"
      yield* runs(here).submit({ plan: "one", input: { text }, id, tags: { [text]: text }, userId: "a / ' 🧪" })
      const result = yield* runs(here).wait(id)
      expect(yield* result.outputs).toEqual({ only: `${text}!` })
      expect(yield* runs(here).get(id)).toMatchObject({ tags: { [text]: text }, userId: "a / ' 🧪" })
      expect((yield* runs(here).inspect(id)).input).toEqual({ text })
      expect((yield* Stream.runCollect(runs(here).tail(id))).at(-1)?._tag).toBe("RunEnded")
    })
  )

  it.live("task ids and keys of items are any text, in every life", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const odd = ["a/b", "a#b", "a%2Fb", "%", "'; DROP TABLE aria_units; --", "nul\0", "half \ud800", "🧪", '"', "\\", " ", "items#items"]
      const Odd = Plan.make("odd / # 🧪", { version: "1 / 🧪", input: Schema.Struct({}) }, () => {
        const items = Task.forEach("it#ems", Echo, { items: () => odd.map((text) => ({ text })), key: ({ text }) => text })
        return [Task.make("last", Echo, { dependsOn: [items], payload: (outputs) => ({ text: `${outputs["it#ems"].length}` }) })] as const
      })
      world.does = (text) => (text === String(odd.length) ? Effect.never : Effect.succeed(text))
      const here = yield* worker(store, world, { plans: [Odd], lease: "1 minute", concurrency: 3 })
      yield* Orchestrator.start(Odd, {}).pipe(withId("r"), at(here))
      yield* world.begun(String(odd.length))
      yield* Context.get(here, Cluster.Cluster).drain
      world.does = (text) => Effect.succeed(text)
      const there = yield* worker(store, world, { plans: [Odd] })
      const result = yield* runs(there).wait("r")
      expect(result.allSucceeded).toBe(true)
      expect(result.results.map(({ taskId }) => taskId)).toEqual(["it#ems", ...odd.map((text) => `it#ems/${text}`), "last"])
      expect(world.called.toSorted()).toEqual([...odd, String(odd.length), String(odd.length)].toSorted())
    })
  )

  it.live("a result that does not fit its schema, or is too large, is what the task came to; others go on", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => Effect.succeed(text === "large" ? "x".repeat(1_100_000) : text === "misfit" ? (7 as never) : text)
      const All = Plan.make("all", { version: "1", input: Schema.Struct({}) }, () => [
        Task.make("large", Echo, { payload: { text: "large" } }),
        Task.make("misfit", Echo, { payload: { text: "misfit" } }),
        Task.make("fine", Echo, { payload: { text: "fine" } })
      ] as const)
      const here = yield* worker(store, world, { plans: [All] })
      const result = yield* Orchestrator.run(All, {}).pipe(withId("r"), at(here))
      const [large, misfit, fine] = result.results
      expect(large).toMatchObject({ _tag: "failed", origin: "engine", error: { _tag: "OutputTooLargeError", allowed: 1_048_576 } })
      expect(misfit).toMatchObject({ _tag: "failed", origin: "engine", error: { _tag: "DefectError" } })
      expect(fine).toMatchObject({ _tag: "succeeded", output: "fine" })
      const stored = yield* runs(here).inspect("r")
      expect(stored.units).toHaveLength(3)
      expect(JSON.stringify(stored).length).toBeLessThan(100_000)
    })
  )
})

class Handle {
  readonly number = 1
}

/** A value of a class, which has no JSON. */
class Opaque extends Agent.make("Opaque", { description: "Takes what has no JSON", payload: { handle: Schema.instanceOf(Handle) }, success: Schema.Void }) {}

it.live("a payload that has no JSON is refused before the handler is called", () =>
  Effect.gen(function* () {
    let called = 0
    const Hidden = Plan.make("hidden", [Task.make("a", Opaque, { payload: { handle: new Handle() } })])
    const store = SqliteClient.layer({ filename: ":memory:" })
    const layer = Cluster.layer({ plans: [Hidden] }).pipe(Layer.provideMerge(Layer.merge(Opaque.toLayer(() => Effect.sync(() => void called++)), store)))
    const result = yield* Effect.provide(Orchestrator.run(Hidden), layer)
    expect(result.results).toMatchObject([{ _tag: "failed", error: { _tag: "InvalidPayloadError", agent: "Opaque", issues: [{ path: ["handle"] }] } }])
    expect(called).toBe(0)
  })
)
