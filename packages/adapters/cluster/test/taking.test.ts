import { outline } from "@aria/orchestrator-core/Plan"
import { SqliteClient } from "@aria/sqlite"
import { expect, it } from "@effect/vitest"
import { Context, Effect } from "effect"
import { makeClaims } from "../src/internal/claims.ts"
import { open } from "../src/internal/database.ts"
import { make as makeLease } from "../src/internal/lease.ts"
import { recordOf } from "../src/internal/newRun.ts"
import { Registry } from "../src/internal/registry.ts"
import { Residents } from "../src/internal/residents.ts"
import { makeTaking } from "../src/internal/taking.ts"
import { make as makeWriter } from "../src/internal/writer.ts"
import { One } from "./workbench.ts"

it.live.each([false, true])("a run that was claimed is begun, but not by a worker that was cut off while it read what is stored: %s", (isCutOff) =>
  Effect.gen(function* () {
    const database = yield* open
    const writer = yield* makeWriter(database, () => Effect.void)
    const registry = new Registry()
    registry.add(One, Context.empty())
    const shape = yield* outline(One, { text: "x" })
    yield* writer.start(recordOf({ id: "r", plan: One, input: '{"text":"x"}', shape, userId: "ada", priority: 0, options: { tags: {}, accounts: [] } }, null))
    const claims = makeClaims(database, () => registry.names)
    const lease = yield* makeLease(claims, { isWorker: true, lease: 60_000, name: "test" }, Effect.void)
    yield* lease.renew
    // It is back as another worker when it has read.
    const before = lease.worker()
    let hasClaimed = false
    const begun: Array<string> = []
    const { look } = makeTaking({
      database,
      claims: { ...claims, claim: (...asked) => Effect.tap(claims.claim(...asked), () => Effect.sync(() => void (hasClaimed = true))) },
      lease: { ...lease, worker: () => (hasClaimed && isCutOff ? "another" : before) },
      registry,
      residents: new Residents(),
      writer,
      services: Context.empty(),
      settings: { lease: 60_000, maxRuns: 10, maxWaiting: 0, maxDeaths: 3, runTimeout: undefined },
      begin: ({ id }) => Effect.andThen(Effect.sync(() => begun.push(id)), Effect.interrupt)
    })
    yield* Effect.exit(look)
    expect(begun).toEqual(isCutOff ? [] : ["r"])
    // Nothing is written of a run that is another one's by now.
    expect(yield* database.sql`SELECT owner, status FROM aria_runs`).toEqual([{ owner: before, status: "running" }])
  }).pipe(Effect.provide(SqliteClient.layer({ filename: ":memory:" })))
)
