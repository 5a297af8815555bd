import { Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Cause, Context, Effect, Exit, Scope } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { stores } from "./stores.ts"
import { at, client, Echo, Line, One, runs, type Services, until, withId, worker, World } from "./workbench.ts"

/** A task with an id that the database of this test keeps nothing of. */
const Bad = Plan.make("bad", [Task.make("first", Echo, { payload: { text: "first" } }), Task.make("unwanted", Echo, { payload: { text: "unwanted" } })])

/** From now on the database answers, and refuses rows: as one does that has no room, or may only be read. */
const refuse = (context: Context.Context<Services>, name: "SQLite" | "Postgres", table: string, when: string) => {
  const sql = Context.get(context, SqlClient)
  return name === "SQLite"
    ? sql`CREATE TRIGGER refusing BEFORE INSERT ON ${sql(table)} WHEN ${sql.literal(`NEW.${when}`)} BEGIN SELECT RAISE(ABORT, 'there is no room'); END`
    : sql`ALTER TABLE ${sql(table)} ADD CONSTRAINT "there is no room" CHECK (NOT (${sql.literal(when)}))`
}

describe.each(stores)("$name refuses rows", ({ make, name }) => {
  it.live("whoever hands in or starts a run hears that it is not stored", () =>
    Effect.gen(function* () {
      const store = yield* make
      const front = yield* client(store)
      const here = yield* worker(store, new World())
      yield* refuse(front, name, "aria_runs", "id LIKE 'no %'")
      const error = yield* Effect.flip(runs(front).submit({ plan: "one", input: { text: "x" }, id: "no 1" }))
      expect(error).toMatchObject({ _tag: "ClusterStoreError", reason: "failed" })
      expect(error.message).toContain("The run could not be handed in: The run no 1 is not stored: ")
      expect(error.message).toContain("there is no room")
      const exit = yield* Effect.exit(Orchestrator.start(One, { text: "x" }).pipe(withId("no 2"), at(here)))
      expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toMatchObject({ _tag: "ClusterStoreError" })
      expect(yield* runs(front).list()).toEqual([])
      expect(yield* runs(front).submit({ plan: "one", input: { text: "x" }, id: "yes" })).toBe("yes")
      expect((yield* runs(front).wait("yes")).allSucceeded).toBe(true)
    })
  )

  it.live("a run that cannot be stored is a dead letter with what the database said, and the others go on", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const here = yield* worker(store, world, { plans: [Bad, Line] })
      yield* refuse(here, name, "aria_units", "key = 'unwanted'")
      yield* runs(here).submit({ plan: "bad", id: "bad" })
      yield* runs(here).submit({ plan: "line", input: { name: "x" }, id: "good" })
      const error = yield* Effect.flip(runs(here).wait("bad"))
      expect(error).toMatchObject({ _tag: "DeadRunError", runId: "bad" })
      expect(error.message).toContain("the database does not keep what it wrote: ")
      expect(error.message).toContain("there is no room")
      expect((yield* runs(here).wait("good")).allSucceeded).toBe(true)
      expect(yield* runs(here).get("bad")).not.toHaveProperty("worker")
      expect(world.called.filter((text) => text === "unwanted")).toHaveLength(1)
      yield* until(Effect.map(runs(here).workers, ([one]) => one?.runs), (count) => count === 0)
      // Mended, it goes on.
      const sql = Context.get(here, SqlClient)
      yield* name === "SQLite" ? sql`DROP TRIGGER refusing` : sql`ALTER TABLE aria_units DROP CONSTRAINT "there is no room"`
      yield* runs(here).resume("bad")
      expect((yield* runs(here).wait("bad")).allSucceeded).toBe(true)
    })
  )

  it.live("a worker that has ended says so to whoever hands something in", () =>
    Effect.gen(function* () {
      const store = yield* make
      const scope = yield* Scope.make()
      const gone = yield* Scope.provide(client(store), scope)
      const front = yield* client(store)
      yield* Scope.close(scope, Exit.void)
      const error = yield* Effect.flip(runs(gone).submit({ plan: "one", input: { text: "x" }, id: "late" }))
      expect(error).toMatchObject({ _tag: "ClusterStoreError", message: "The run could not be handed in: The run late is not stored: this worker has ended" })
      expect(yield* runs(front).list()).toEqual([])
    })
  )
})
