import { SqliteClient } from "@aria/sqlite"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { open } from "../src/internal/database.ts"
import { make } from "../src/internal/writer.ts"

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
