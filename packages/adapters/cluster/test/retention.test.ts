import { Budget, Orchestrator } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Fiber, Stream } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { stores } from "./stores.ts"
import { at, client, Line, One, runs, spending, until, withId, worker, World } from "./workbench.ts"

const future = 4e12

describe.each(stores)("what is removed in $name", ({ make }) => {
  it.live("what is no number is refused, and nothing is removed", () =>
    Effect.gen(function* () {
      const store = yield* make
      const here = yield* worker(store, new World())
      const { list, prune, tail } = runs(here)
      yield* Orchestrator.run(One, { text: "x" }).pipe(withId("r"), at(here))
      const refusal = { _tag: "ClusterStoreError", reason: "invalid" }
      expect(yield* Effect.flip(prune({ endedBefore: Date.parse("in May") }))).toMatchObject({ ...refusal, message: "Runs.prune: endedBefore was NaN; allowed is a finite number" })
      expect(yield* Effect.flip(list({ createdBefore: NaN }))).toMatchObject(refusal)
      expect(yield* Effect.flip(list({ createdFrom: -Infinity }))).toMatchObject(refusal)
      expect(yield* Effect.flip(list({ limit: -1 }))).toMatchObject({ ...refusal, message: "Runs.list: limit was -1; allowed is a whole number from 0" })
      expect(yield* Effect.flip(Stream.runCollect(tail("r", { from: 0.5 })))).toMatchObject(refusal)
      expect(yield* list()).toHaveLength(1)
      expect(yield* prune({ endedBefore: future })).toBe(1)
      expect(yield* list()).toEqual([])
    })
  )

  it.live("a run that others read from stays for as long as they go on", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const here = yield* worker(store, world)
      const { fork, prune, remove, wait } = runs(here)
      yield* Orchestrator.run(Line, { name: "x" }).pipe(withId("r"), at(here))
      world.does = (text) => Effect.as(world.gate("later"), text)
      yield* fork("r", { id: "f", input: { name: "y" } })
      yield* world.begun("a y")
      const refused = yield* Effect.flip(remove("r"))
      expect(refused.message).toContain('The run "r" is succeeded, and "f", which is a fork of it, has not ended')
      expect(yield* prune({ endedBefore: future })).toBe(0)
      yield* world.open("later")
      yield* wait("f")
      expect(yield* prune({ endedBefore: future })).toBe(2)
    })
  )

  it.live("one that was cancelled before anybody took it can be removed; one that is queued cannot", () =>
    Effect.gen(function* () {
      const store = yield* make
      const front = yield* client(store)
      const { cancel, list, remove, submit } = runs(front)
      yield* submit({ plan: "one", input: { text: "x" }, id: "r" })
      expect(yield* Effect.flip(remove("r"))).toMatchObject({ _tag: "RunStateError", status: "queued" })
      yield* cancel("r")
      yield* remove("r")
      expect(yield* list()).toEqual([])
      expect(yield* Effect.flip(remove("r"))).toMatchObject({ _tag: "UnknownRunError" })
    })
  )

  it.live("the account of a region goes with the last run that is in it, and no sooner", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => spending(10, Effect.succeed(text))
      const here = yield* worker(store, world, { userLimits: { tokens: 1_000 } })
      const both = Effect.andThen(Orchestrator.run(One, { text: "x" }).pipe(withId("a")), Orchestrator.run(One, { text: "y" }).pipe(withId("b")))
      yield* both.pipe(Budget.limit({ tokens: 100 }), at(here))
      const kinds = Effect.map(runs(here).accounts, (all) => all.map(({ id, used }) => `${id.split(":")[0]} ${used.tokens}`).sort())
      expect(yield* kinds).toEqual(["region 20", "user 20"])
      yield* runs(here).remove("a")
      expect(yield* kinds).toEqual(["region 20", "user 20"])
      yield* runs(here).prune({ endedBefore: future })
      expect(yield* kinds).toEqual(["user 20"])
      expect(yield* Context.get(here, SqlClient)`SELECT * FROM aria_regions`).toEqual([])
    })
  )

  it.live("whoever waits for a run that nobody takes can give up; it is ended when somebody takes it", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const front = yield* client(store)
      const fiber = yield* Effect.forkChild(Orchestrator.run(One, { text: "x" }).pipe(withId("r"), at(front)), { startImmediately: true })
      yield* until(runs(front).list(), (list) => list.length === 1)
      yield* Fiber.interrupt(fiber)
      expect(yield* runs(front).get("r")).toMatchObject({ status: "queued", isCancelling: true })
      yield* worker(store, world)
      expect((yield* runs(front).wait("r")).results.map(({ _tag }) => _tag)).toEqual(["skipped"])
      expect(world.called).toEqual([])
    })
  )
})

// In SQLite one of the two is over before the other one begins.
it.live("one that is resumed in this moment stays", () =>
  Effect.gen(function* () {
    const store = yield* stores.find(({ name }) => name === "Postgres")!.make
    const here = yield* worker(store, new World())
    yield* Orchestrator.run(One, { text: "x" }).pipe(withId("r"), at(here))
    yield* Orchestrator.run(One, { text: "y" }).pipe(withId("s"), at(here))
    const other = yield* client(store)
    const sql = Context.get(other, SqlClient)
    yield* sql.withTransaction(
      Effect.gen(function* () {
        // As a resume has it.
        yield* sql`SELECT id FROM aria_runs WHERE id = 'r' FOR UPDATE`
        expect(yield* runs(here).prune({ endedBefore: future })).toBe(1)
      })
    )
    expect((yield* runs(here).list()).map(({ id }) => id)).toEqual(["r"])
  })
)
