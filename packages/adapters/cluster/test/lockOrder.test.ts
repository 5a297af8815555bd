import { Usage } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { open } from "../src/internal/database.ts"
import { makeFlush } from "../src/internal/flush.ts"
import { emptyBatch } from "../src/internal/records.ts"
import { layer } from "./postgres.ts"

it.live("a batch and a take-over that meet at a run and at an account wait one for the other, and not both for each other", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const flush = makeFlush(yield* open)
    const start = { id: "r", plan: "p", plan_version: "1", shape: "[]", input: "null", input_hash: "", user_id: "ada", priority: 0, options: "{}", origin: "r", forked_from: null }
    yield* flush({ ...emptyBatch(), starts: [{ ...start, status: "running", owner: "w", regions: [] }] })
    const account = { id: "user:ada", owner: "user", name: "ada", limits: { tokens: 100 } } as const
    const spend = (id: string) => ({ run: "r", fence: 1, id, key: "a", state: "open" as const, accounts: [account], usage: Usage.make({ inputTokens: 1 }) })
    yield* flush({ ...emptyBatch(), spends: [spend("one")] })
    const hasRun = yield* Deferred.make<void>()
    const meeting = yield* Effect.forkChild(Effect.andThen(Deferred.await(hasRun), flush({ ...emptyBatch(), spends: [spend("two")] })), { startImmediately: true })
    yield* sql.withTransaction(
      Effect.gen(function* () {
        // As a claim has it: first the run, then what it shares.
        yield* sql`SELECT id FROM aria_runs WHERE id = 'r' FOR UPDATE`
        yield* Deferred.succeed(hasRun, undefined)
        yield* Effect.sleep(200)
        yield* sql`SELECT id FROM aria_accounts WHERE id = 'user:ada' FOR UPDATE`
      })
    )
    expect((yield* Fiber.join(meeting)).lost.size).toBe(0)
    expect(yield* sql`SELECT held_tokens FROM aria_accounts`).toEqual([{ held_tokens: 2 }])
  }).pipe(Effect.provide(layer))
)
