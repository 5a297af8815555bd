import { Budget, Plan, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { stores } from "./stores.ts"
import { Echo, Echo2, givenUp, runs, until, worker, World } from "./workbench.ts"

const held = (there: Parameters<typeof runs>[0]) => Effect.map(runs(there).accounts, (all) => all.find(({ id }) => id === "user:ada")?.held.tokens)

describe.each(stores)("what a run holds that stands still in $name", ({ make, name }) => {
  it.live("is spent where the database does not keep what another of its tasks came to", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => (text === "holds" ? Budget.reserve({ tokens: 30, calls: 1 }, () => Effect.never) : Effect.andThen(world.gate("bad"), Effect.succeed(text)))
      const Both = Plan.make("both", [Task.make("holds", Echo, { payload: { text: "holds" } }), Task.make("bad", Echo, { payload: { text: "bad" } })])
      const here = yield* worker(store, world, { plans: [Both], userLimits: { tokens: 100 } })
      const sql = Context.get(here, SqlClient)
      yield* name === "SQLite"
        ? sql`CREATE TRIGGER refusing BEFORE INSERT ON aria_units WHEN NEW.key = 'bad' BEGIN SELECT RAISE(ABORT, 'there is no room'); END`
        : sql`ALTER TABLE aria_units ADD CONSTRAINT "there is no room" CHECK (key <> 'bad')`
      yield* runs(here).submit({ plan: "both", id: "r", userId: "ada" })
      yield* until(held(here), (tokens) => tokens === 30)
      yield* world.open("bad")
      yield* until(runs(here).get("r"), ({ status }) => status === "deadLetter")
      yield* Effect.sleep(300)
      expect((yield* runs(here).accounts).find(({ id }) => id === "user:ada")).toMatchObject({ used: { tokens: 30, calls: 1 }, held: { tokens: 0, calls: 0 } })
    })
  )

  it.live("is spent where its plan has changed", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => (text === "holds" ? Budget.reserve({ tokens: 30, calls: 1 }, () => Effect.never) : Effect.succeed(text))
      const planOf = (agent: typeof Echo | typeof Echo2) => Plan.make("pair", [Task.make("holds", Echo, { payload: { text: "holds" } }), Task.make("a", agent as typeof Echo, { payload: { text: "a" } })])
      const limits = { userLimits: { tokens: 100 } }
      const first = yield* worker(store, world, { plans: [planOf(Echo)], lease: "1 minute", ...limits })
      yield* runs(first).submit({ plan: "pair", id: "r", userId: "ada" })
      yield* until(runs(first).inspect("r"), ({ units }) => units.length === 1)
      yield* until(held(first), (tokens) => tokens === 30)
      yield* givenUp(first)
      const there = yield* worker(store, world, { plans: [planOf(Echo2)], ...limits }, Layer.merge(world.agents, world.agents2))
      yield* until(runs(there).get("r"), ({ status }) => status === "planChanged")
      yield* Effect.sleep(300)
      expect((yield* runs(there).accounts).find(({ id }) => id === "user:ada")).toMatchObject({ held: { tokens: 0, calls: 0 } })
    })
  )
})
