/** Connections that end in the middle of anything: the database ends them while a worker goes on. */
import { Cluster } from "@aria/adapter-cluster"
import { Agent, Approval, Budget, Orchestrator, Plan, Run, SideEffect, SqlStore, Task } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, References, Schema } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { clientOf, database } from "../postgres.ts"

class Busy extends Agent.make("Busy", { description: "Writes all the time.", payload: { name: Schema.String }, success: Schema.Finite }) {
  static readonly layer = this.toLayer(({ name }) =>
    Effect.gen(function* () {
      let sum = 0
      for (let index = 0; index < 12; index++) {
        sum += yield* Run.step(`${name} ${index}`, { success: Schema.Finite }, Effect.succeed(index))
        yield* Budget.reserve({ tokens: 10, calls: 1 }, ({ settle }) => Effect.andThen(Effect.sleep(3), settle({ outputTokens: 5, calls: 1 })))
      }
      return sum
    })
  )
}

const task = <const Name extends string>(name: Name) => Task.make(name, Busy, { payload: { name } })
const plan = Plan.make("busy", [task("a"), task("b"), task("c"), task("d")])

const ended = (sql: SqlClient) => sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`

it.live(
  "a worker whose connections are ended again and again carries out its runs, and counts everything once",
  () =>
    Effect.gen(function* () {
      const { url } = yield* database()
      const worker = Cluster.layer({ plans: [plan], userLimits: { tokens: 10_000 }, pollInterval: 50 }).pipe(Layer.provideMerge(Busy.layer), Layer.provideMerge(clientOf(url)))
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient
        const killer = Effect.gen(function* () {
          const own = yield* SqlClient
          yield* Effect.forEach(Array.from({ length: 15 }), () => Effect.delay(Effect.exit(ended(own)), 60), { discard: true })
        }).pipe(Effect.provide(clientOf(url, { maxConnections: 1 }), { local: true }), Effect.ignore)
        yield* Effect.forkScoped(killer)
        const results = yield* Effect.all(Array.from({ length: 6 }, () => Orchestrator.run(plan)), { concurrency: "unbounded" })
        for (const result of results) expect([result.allSucceeded, result.usage.tokens, result.usage.calls]).toEqual([true, 240, 48])
        // Those that were not told of an end yet ask again.
        const rows = sql<{ readonly used_tokens: number; readonly held_tokens: number }>`SELECT used_tokens, held_tokens FROM aria_accounts`
        expect(yield* Effect.retry(rows, { times: 100 })).toEqual([{ used_tokens: 1_440, held_tokens: 0 }])
      }).pipe(Effect.scoped, Effect.provide(worker), Effect.provideService(References.MinimumLogLevel, "Error"))
    }),
  60_000
)

it.live(
  "a receipt that cannot be written because the connection has ended fails, and does not die",
  () =>
    Effect.gen(function* () {
      const { url } = yield* database()
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient
        const Write = SideEffect.make("notes.write", { input: Schema.Finite, success: Schema.Finite, settleAfter: 0, call: Effect.succeed, verify: (input) => Effect.succeed(SideEffect.done(input)) })
        const killer = Effect.provide(Effect.flatMap(SqlClient, (own) => Effect.forEach(Array.from({ length: 40 }), () => Effect.delay(Effect.exit(ended(own)), 15), { discard: true })), clientOf(url, { maxConnections: 1 }), { local: true })
        yield* Effect.forkScoped(Effect.ignore(killer))
        const exits = yield* Effect.forEach(
          Array.from({ length: 150 }, (_, index) => index),
          (index) => Effect.exit(Write.perform({ key: `key ${index}`, input: index })),
          { concurrency: 4 }
        )
        expect(exits.flatMap((exit) => (exit._tag === "Failure" && exit.cause.reasons.some(({ _tag }) => _tag === "Die") ? [String(exit.cause)] : []))).toEqual([])
        expect(exits.some(({ _tag }) => _tag === "Failure")).toBe(true)
        expect(yield* Effect.retry(sql`SELECT 1 AS one`, { times: 100 })).toEqual([{ one: 1 }])
      }).pipe(
        SideEffect.allow(["*"]),
        Effect.scoped,
        Effect.provide(Layer.mergeAll(Approval.layerApproveAll("ada"), SqlStore.layer).pipe(Layer.provideMerge(clientOf(url))))
      )
    }),
  60_000
)
