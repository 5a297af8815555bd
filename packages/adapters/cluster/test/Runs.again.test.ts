import { Agent, Approval, Orchestrator, Plan, ReceiptStore, SideEffect, SqlStore, Task, Usage } from "@aria/orchestrator-core"
import { Cluster } from "@aria/adapter-cluster"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema, Stream } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { stores } from "./stores.ts"
import { at, client, Echo, Echo2, EchoError, Fan, Line, One, runs, spending, until, withId, worker, World } from "./workbench.ts"

const counted = (calls: number, tokens = 0) => Usage.make({ calls, outputTokens: tokens })

class Lost extends Schema.TaggedError<Lost>()("Lost", { ambiguous: Schema.Boolean }) {}

/** Writes to the outside, and does not hear whether it arrived. */
class Sender extends Agent.make("Sender", {
  description: "Sends a note",
  payload: { note: Schema.String },
  success: Schema.String,
  error: Schema.Union([Lost, SideEffect.Failure]),
  dependencies: [Approval.Approval]
}) {}

describe.each(stores)("Runs in $name, once more", ({ make }) => {
  it.live("what failed is done again and nothing else, and what was spent stays spent", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => spending(10, text.startsWith("b") ? Effect.fail(new EchoError({ text })) : Effect.succeed(text))
      const here = yield* worker(store, world)
      const first = yield* Orchestrator.run(Line, { name: "x" }).pipe(withId("r"), at(here))
      expect([first.failedCount, first.usage]).toEqual([1, counted(2, 20)])
      const told = yield* Stream.runCollect(runs(here).tail("r"))
      world.does = (text) => spending(10, Effect.succeed(`${text}!`))
      yield* runs(here).resume("r")
      const second = yield* runs(here).wait("r")
      expect(yield* second.outputs).toEqual({ c: "c after b after a x!!" })
      expect(world.called).toEqual(["a x", "b after a x", "b after a x", "c after b after a x!"])
      // The attempt that failed was paid for.
      expect(second.usage).toEqual(counted(4, 40))
      expect(second.results.map(({ taskId, usage }) => [taskId, usage.calls])).toEqual([["a", 1], ["b", 2], ["c", 1]])
      expect((yield* runs(here).inspect("r")).usage).toEqual(counted(4, 40))
      expect(yield* runs(here).get("r")).toMatchObject({ status: "succeeded", lives: 2 })
      // Whoever had heard all of it hears what is new, and has missed nothing.
      const all = yield* Stream.runCollect(runs(here).tail("r"))
      const news = yield* Stream.runCollect(runs(here).tail("r", { from: told.at(-1)!.seq + 1 }))
      expect([...told.slice(0, -1), ...news].map(({ _tag, seq }) => [seq, _tag])).toEqual(all.map(({ _tag, seq }) => [seq, _tag]))
      expect(news.map(({ _tag }) => _tag)).toContain("complete")
      expect(all.filter(({ _tag }) => _tag === "RunEnded")).toHaveLength(1)
      expect(all.at(-1)?._tag).toBe("RunEnded")
      const seqs = all.map(({ seq }) => seq)
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
      expect(new Set(seqs).size).toBe(seqs.length)
    })
  )

  it.live("the budget of a run goes on when it is resumed", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => spending(40, text.startsWith("b") ? Effect.fail(new EchoError({ text })) : Effect.succeed(text))
      const here = yield* worker(store, world, { runLimits: { tokens: 100 } })
      yield* Orchestrator.run(Line, { name: "x" }).pipe(withId("r"), at(here))
      world.does = (text) => spending(40, Effect.succeed(text))
      yield* runs(here).resume("r")
      const result = yield* runs(here).wait("r")
      const [, outcome] = result.results
      expect(outcome).toMatchObject({ _tag: "failed", error: { _tag: "BudgetExceededError", owner: "run", limit: 100, used: 80, requested: 40 } })
      expect(result.usage.tokens).toBe(80)
    })
  )

  it.live("a cancelled run can go on; one that succeeded, waits or runs cannot be resumed", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => (text.startsWith("b") ? Effect.never : Effect.succeed(text))
      const front = yield* client(store)
      yield* runs(front).submit({ plan: "line", input: { name: "x" }, id: "r" })
      expect(yield* Effect.flip(runs(front).resume("r"))).toMatchObject({
        _tag: "RunStateError",
        message: 'The run "r" is queued; resume is for runs that are failed or cancelled or needsDecision or planChanged or deadLetter'
      })
      yield* worker(store, world)
      yield* world.begun("b after a x")
      expect(yield* Effect.flip(runs(front).resume("r"))).toMatchObject({ _tag: "RunStateError", status: "running" })
      yield* runs(front).cancel("r")
      yield* runs(front).wait("r")
      world.does = (text) => Effect.succeed(`${text}!`)
      yield* runs(front).resume("r")
      expect(yield* (yield* runs(front).wait("r")).outputs).toEqual({ c: "c after b after a x!!" })
      expect(yield* Effect.flip(runs(front).resume("r"))).toMatchObject({ _tag: "RunStateError", status: "succeeded" })
      expect(world.called.filter((text) => text.startsWith("a"))).toHaveLength(1)
    })
  )

  it.live("a doubtful side effect parks the run; settled and resumed it goes on, and a fork shares what was done", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      let sent = 0
      let isLost = true
      const Send = SideEffect.make("note.send", {
        input: Schema.Struct({ note: Schema.String }),
        success: Schema.String,
        error: Lost,
        call: ({ note }) => Effect.suspend(() => (sent++, isLost ? Effect.fail(new Lost({ ambiguous: true })) : Effect.succeed(`sent ${note}`)))
      })
      const sender = Sender.toLayer(({ note }) => Send.perform({ key: "note", input: { note } }))
      const Letter = Plan.make("letter", { version: "1", input: Schema.Struct({ name: Schema.String }) }, ({ name }) => {
        const before = Task.make("before", Echo, { payload: { text: name } })
        return [Task.make("send", Sender, { dependsOn: [before], payload: { note: "hello" } })]
      })
      const outside = Layer.mergeAll(Layer.orDie(SqlStore.layer.pipe(Layer.provide(store))), Approval.layerApproveAll("ada"))
      const here = yield* worker(store, world, { plans: [Letter] }, Layer.mergeAll(world.agents, sender.pipe(Layer.provideMerge(outside)))).pipe(SideEffect.allow(["note.*"]))
      yield* runs(here).submit({ plan: "letter", input: { name: "x" }, id: "r" })
      yield* runs(here).wait("r")
      expect(yield* runs(here).get("r")).toMatchObject({ status: "needsDecision" })
      expect(sent).toBe(1)
      // Nothing is tried that somebody has to decide on.
      yield* runs(here).resume("r")
      yield* runs(here).wait("r")
      expect(sent).toBe(1)
      expect((yield* runs(here).get("r")).status).toBe("needsDecision")
      const receipts = here as unknown as Context.Context<ReceiptStore.ReceiptStore>
      const doubts = yield* SideEffect.doubtful().pipe(Effect.provideContext(receipts))
      expect(doubts).toHaveLength(1)
      yield* SideEffect.resolve(doubts[0]!.id, { _tag: "done", success: "sent hello" }, "ada").pipe(Effect.provideContext(receipts))
      isLost = false
      yield* runs(here).resume("r")
      const result = yield* runs(here).wait("r")
      expect(yield* result.outputs).toEqual({ send: "sent hello" })
      expect((yield* runs(here).get("r")).status).toBe("succeeded")
      expect([sent, world.called]).toEqual([1, ["x"]])
      // Another input: the task before is done again, the note is not sent again.
      yield* runs(here).fork("r", { id: "f", input: { name: "y" } })
      expect(yield* (yield* runs(here).wait("f")).outputs).toEqual({ send: "sent hello" })
      expect([sent, world.called]).toEqual([1, ["x", "y"]])
    })
  )

  it.live("a fork takes over what is made from the same, for nothing, and does the rest", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => spending(10, Effect.succeed(`${text}!`))
      const here = yield* worker(store, world)
      yield* Orchestrator.run(Fan, { names: ["x", "y"] }).pipe(withId("r"), at(here))
      const same = yield* runs(here).fork("r")
      expect(same).not.toBe("r")
      const again = yield* runs(here).wait(same)
      expect(yield* again.outputs).toEqual({ items: ["x!", "y!"], fixed: "fixed!" })
      expect(again.usage).toEqual(Usage.zero)
      expect(again.results.map(({ usage }) => usage.calls)).toEqual([0, 0, 0, 0])
      expect((yield* runs(here).inspect(same)).usage).toEqual(Usage.zero)
      expect(world.called).toHaveLength(3)
      expect(yield* runs(here).get(same)).toMatchObject({ forkedFrom: "r", plan: "fan", status: "succeeded" })

      const other = yield* runs(here).fork("r", { input: { names: ["y", "z"] }, id: "other" })
      const result = yield* runs(here).wait(other)
      expect(yield* result.outputs).toEqual({ items: ["y!", "z!"], fixed: "fixed!" })
      expect(world.called.slice(3)).toEqual(["z"])
      expect(result.usage).toEqual(counted(1, 10))
      const events = yield* Stream.runCollect(runs(here).tail(other))
      expect(events.filter(({ _tag }) => _tag === "complete").length).toBe(4)

      // A fork of a fork finds what that one has taken over.
      yield* runs(here).fork("other", { id: "third" })
      expect((yield* runs(here).wait("third")).usage).toEqual(Usage.zero)
      expect(world.called).toHaveLength(4)
      expect(yield* Effect.flip(runs(here).fork("r", { id: "other", input: { names: [] } }))).toMatchObject({ _tag: "RunConflictError", differs: "input" })
      // It is as the other one was, but for what is given.
      const [before, likeIt, apart] = [yield* runs(here).get("r"), yield* runs(here).get("third"), yield* runs(here).get(yield* runs(here).fork("r", { userId: "eve", tags: { why: "test" }, priority: 3 }))]
      expect([likeIt.userId, likeIt.tags, likeIt.priority]).toEqual([before.userId, before.tags, before.priority])
      expect([apart.userId, apart.tags, apart.priority]).toEqual(["eve", { why: "test" }, 3])
      expect(yield* Effect.flip(runs(here).fork("r", { userId: " " }))).toMatchObject({ _tag: "InvalidPlanError" })
      // The first one is as it was.
      expect((yield* runs(here).inspect("r")).usage).toEqual(counted(3, 30))
    })
  )

  it.live("nothing is taken over from another version of an agent or of a policy", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const b = Task.make("b", Echo, { payload: { text: "b" } })
      const Pair = Plan.make("pair", [Task.make("a", Echo, { payload: { text: "a" } }), b])
      const Agent2 = Plan.make("pair", [Task.make("a", Echo2, { payload: { text: "a" } }), Task.make("b", Echo2, { payload: { text: "b" } })])
      const Policy2 = Plan.make("pair", [Task.make("a", Echo, { payload: { text: "a" }, policyVersion: "2" }), b])
      const here = yield* worker(store, world, { plans: [Pair] })
      yield* Orchestrator.run(Pair).pipe(withId("r"), Effect.provide(world.agents), at(here))
      world.called.length = 0
      const { register } = Context.get(here, Cluster.Cluster)
      yield* register(Policy2).pipe(Effect.provide(world.agents))
      yield* runs(here).fork("r", { id: "policy" })
      yield* runs(here).wait("policy")
      expect(world.called).toEqual(["a"])
      yield* register(Agent2).pipe(Effect.provide(world.agents2))
      yield* runs(here).fork("r", { id: "agent" })
      yield* runs(here).wait("agent")
      expect(world.called).toEqual(["a", "a", "b"])
    })
  )

  it.live("ended runs are removed one by one or by age, and nothing is left of them; those under way stay", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => (text === "stays" ? Effect.never : spending(1, Effect.succeed(text)))
      const here = yield* worker(store, world)
      for (const id of ["1", "2", "3"]) yield* Orchestrator.run(One, { text: id }).pipe(withId(id), at(here))
      yield* Orchestrator.start(One, { text: "stays" }).pipe(withId("4"), at(here))
      yield* world.begun("stays")
      expect(yield* Effect.flip(runs(here).remove("4"))).toMatchObject({ _tag: "RunStateError", operation: "remove", status: "running" })
      yield* runs(here).remove("1")
      expect(yield* Effect.flip(runs(here).get("1"))).toMatchObject({ _tag: "UnknownRunError" })
      expect(yield* Effect.flip(runs(here).remove("1"))).toMatchObject({ _tag: "UnknownRunError" })
      const { endedAt } = yield* runs(here).get("3")
      expect(yield* runs(here).prune({ endedBefore: 0 })).toBe(0)
      expect(yield* runs(here).prune({ endedBefore: endedAt! + 1 })).toBe(2)
      expect((yield* runs(here).list()).map(({ id }) => id)).toEqual(["4"])
      const sql = Context.get(here, SqlClient)
      for (const table of ["aria_units", "aria_events", "aria_spends"]) {
        const rows = yield* sql<{ readonly run_id: string }>`SELECT DISTINCT run_id FROM ${sql(table)}`
        expect(rows.filter(({ run_id }) => run_id !== "4")).toEqual([])
      }
      // The id is free again.
      yield* Orchestrator.run(One, { text: "other" }).pipe(withId("1"), at(here))
    })
  )

  it.live("a run leaves as lines of JSON", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const here = yield* worker(store, world)
      yield* Orchestrator.run(Line, { name: "x" }).pipe(withId("r"), at(here))
      const lines = (yield* Stream.runCollect(runs(here).export("r"))).map((line) => JSON.parse(JSON.stringify(line)))
      expect(lines[0]).toMatchObject({ kind: "run", run: { id: "r", status: "succeeded" }, input: { name: "x" }, result: { runId: "r" } })
      expect(lines.filter(({ kind }) => kind === "unit").map(({ unit }) => unit.key)).toEqual(["a", "b", "c"])
      const events = yield* Stream.runCollect(runs(here).tail("r"))
      expect(lines.filter(({ kind }) => kind === "event")).toHaveLength(events.length)
      expect(yield* Effect.flip(Stream.runCollect(runs(here).export("none")))).toMatchObject({ _tag: "UnknownRunError" })
    })
  )

  it.live("a fork may have no input where its origin has some", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const Maybe = Plan.make("maybe", { version: "1", input: Schema.NullOr(Schema.String) }, (name) => [Task.make("only", Echo, { payload: { text: name ?? "nobody" } })])
      const here = yield* worker(store, world, { plans: [Maybe] })
      yield* Orchestrator.run(Maybe, "x").pipe(withId("r"), at(here))
      yield* runs(here).fork("r", { id: "same" })
      yield* runs(here).fork("r", { id: "none", input: null })
      expect(yield* (yield* runs(here).wait("same")).outputs).toEqual({ only: "x!" })
      expect(yield* (yield* runs(here).wait("none")).outputs).toEqual({ only: "nobody!" })
    })
  )

  it.live("workers and accounts can be looked at, and an account begun anew", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => spending(30, text === "hold" ? Effect.as(world.gate("hold"), text) : Effect.succeed(text))
      const here = yield* worker(store, world, { name: "first", userLimits: { tokens: 100 }, limits: { usd: 10 } })
      const there = yield* worker(store, world, { name: "second", userLimits: { tokens: 100 }, limits: { usd: 10 } })
      const workers = yield* runs(here).workers
      expect(workers.map(({ name, runs, state }) => [name, state, runs])).toEqual([["first", "active", 0], ["second", "active", 0]])
      const asAda = (text: string, context: typeof here) => runs(context).submit({ plan: "one", input: { text }, userId: "ada" })
      yield* Effect.flatMap(asAda("done", here), runs(here).wait)
      const held = yield* asAda("hold", there)
      yield* world.begun("hold")
      const accounts = yield* until(runs(here).accounts, (all) => all.some(({ held }) => held.tokens > 0))
      expect(accounts.find(({ id }) => id === "user:ada")).toEqual({ id: "user:ada", used: { tokens: 30, calls: 1, usd: 0 }, held: { tokens: 30, calls: 1, usd: 0 } })
      expect(accounts.map(({ id }) => id)).toEqual(["orchestrator", "user:ada"])
      expect((yield* runs(here).workers).reduce((sum, { runs }) => sum + runs, 0)).toBe(1)
      yield* runs(here).resetAccount("user:ada")
      expect((yield* runs(here).accounts).find(({ id }) => id === "user:ada")).toMatchObject({ used: { tokens: 0 }, held: { tokens: 30 } })
      yield* world.open("hold")
      yield* runs(here).wait(held)
      expect((yield* runs(here).accounts).find(({ id }) => id === "user:ada")).toMatchObject({ used: { tokens: 30 }, held: { tokens: 0 } })
    })
  )
})
