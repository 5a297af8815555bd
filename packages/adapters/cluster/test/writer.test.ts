import { Usage } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { open } from "../src/internal/database.ts"
import { make } from "../src/internal/writer.ts"

const startOf = (id: string) => ({
  id,
  plan: "p",
  plan_version: "1",
  shape: "{}",
  input: "null",
  input_hash: "",
  user_id: "ada",
  priority: 0,
  options: "{}",
  origin: id,
  forked_from: null,
  status: "running" as const,
  owner: "worker",
  regions: []
})

const unit = { run: "r", fence: 1, key: "a", kind: "task", hash: null, value: "1" }

it.live("whoever waits for what is not written any more hears so when the writer ends, be it on its way or not", () =>
  Effect.gen(function* () {
    const database = yield* open
    const scope = yield* Scope.make()
    const writer = yield* Effect.provideService(make(database, () => Effect.void), Scope.Scope, scope)
    // Somebody has the one connection, and keeps it.
    const taken = yield* Deferred.make<void>()
    const holder = yield* Effect.forkChild((yield* SqlClient).withTransaction(Effect.andThen(Deferred.succeed(taken, undefined), Effect.never)))
    yield* Deferred.await(taken)
    const waiting = (key: string) => Effect.forkChild(Effect.uninterruptible(writer.unit({ ...unit, key })), { startImmediately: true })
    const onItsWay = yield* waiting("a")
    yield* Effect.sleep(10)
    const next = yield* waiting("b")
    yield* Scope.close(scope, Exit.void)
    const late = yield* waiting("c")
    expect(yield* Effect.forEach([onItsWay, next, late], Fiber.join)).toEqual([false, false, false])
    yield* Fiber.interrupt(holder)
  }).pipe(Effect.provide(SqliteClient.layer({ filename: ":memory:" })))
)

it.live("what is left to be written of a life that this worker has lost takes nothing from the one that it has begun since", () =>
  Effect.gen(function* () {
    const database = yield* open
    const sql = yield* SqlClient
    const writer = yield* make(database, () => Effect.void)
    const start = startOf("r")
    expect(yield* writer.start(start)).toBe(true)
    yield* sql`UPDATE aria_runs SET fence = 2`
    const spend = { run: "r", key: "a", state: "open" as const, accounts: [], usage: Usage.make({ inputTokens: 7, calls: 1 }) }
    const told: Array<string> = []
    writer.unitLazily({ ...unit, key: "lazily" }, () => told.push("lost"))
    const answers = yield* Effect.all(
      [writer.unit(unit), writer.spend({ ...spend, id: "one", fence: 1 }), writer.spend({ ...spend, id: "two", fence: 2 }), writer.unit({ ...unit, fence: 2, key: "b" }), writer.end({ run: "r", fence: 1, status: "failed", reason: null, result: "{}" })],
      { concurrency: "unbounded" }
    )
    expect([answers, told]).toEqual([[false, "lost", "written", true, false], ["lost"]])
    expect(yield* sql`SELECT key, fence FROM aria_units`).toEqual([{ key: "b", fence: 2 }])
    expect(yield* sql`SELECT id FROM aria_spends`).toEqual([{ id: "two" }])
    expect(yield* sql`SELECT status, owner FROM aria_runs`).toEqual([{ status: "running", owner: "worker" }])
  }).pipe(Effect.scoped, Effect.provide(SqliteClient.layer({ filename: ":memory:" })))
)

it.live("a batch that arrives when it was written again long ago puts no failure of a step in the place of its success", () =>
  Effect.gen(function* () {
    const database = yield* open
    const sql = yield* SqlClient
    const writer = yield* make(database, () => Effect.void)
    yield* writer.start(startOf("r"))
    const step = { ...unit, key: "a#step/s", kind: "step" }
    const [failure, success] = ['{"_tag":"Failure","failure":"no"}', '{"_tag":"Success","success":1}']
    const values = Effect.map(sql<{ readonly value: string }>`SELECT value FROM aria_units`, (rows) => rows.map(({ value }) => value))
    for (const [value, stands] of [[failure, failure], [success, success], [failure, success], [success, success]] as const) {
      expect(yield* writer.unit({ ...step, value })).toBe(true)
      expect(yield* values).toEqual([stands])
    }
    // In a later life it is another matter.
    yield* sql`UPDATE aria_runs SET fence = 2`
    expect(yield* writer.unit({ ...step, fence: 2, value: failure })).toBe(true)
    expect(yield* values).toEqual([failure])
  }).pipe(Effect.provide(SqliteClient.layer({ filename: ":memory:" })))
)
