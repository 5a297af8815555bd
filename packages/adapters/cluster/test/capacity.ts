/**
 * The figures of CAPACITY.md: `node test/capacity.ts`, a few minutes. Bytes and rows of runs of 20 tasks, what a worker without work asks
 * of Postgres, and how long the query that looks for work takes in a store of that size.
 */
import { Cluster } from "@aria/adapter-cluster"
import { Agent, Budget, Orchestrator, Plan, Progress, Task } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { clientOf, database, own } from "./postgres.ts"

/** As a call of a model: reserved and settled, a result of a kilobyte, two words on the way. */
class Work extends Agent.make("Work", {
  description: "Works",
  payload: { about: Schema.String },
  success: Schema.String
}) {
  static readonly layer = this.toLayer(({ about }) =>
    Budget.reserve({ inputTokens: 2_000, outputTokens: 800, calls: 1, usd: 0.01 }, (reservation) =>
      Effect.gen(function* () {
        yield* Progress.report({ message: "half" })
        yield* Effect.sleep("20 millis")
        yield* reservation.settle({ inputTokens: 1_500, outputTokens: 300, calls: 1, usd: 0.004 })
        return `${about}: ${"a result of some length. ".repeat(40)}`
      })
    )
  )
}

const twenty = Plan.make("twenty", { version: "1", input: Schema.Struct({ about: Schema.String }) }, ({ about }) => {
  const first = Task.make("first", Work, { payload: { about } })
  const middle = Task.forEach("middle", Work, {
    dependsOn: [first],
    items: () => Array.from({ length: 17 }, (_, index) => ({ about: `part ${index}` })),
    key: (payload) => payload.about
  })
  return [
    Task.make("last", Work, { dependsOn: [middle], payload: ({ middle }) => ({ about: `all of ${middle.length}` }) })
  ]
})

const many = (count: number, concurrency: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, index) => index),
    (index) => Orchestrator.run(twenty, { about: `run ${index}` }),
    { concurrency, discard: true }
  )

interface Claims {
  readonly claim: (
    worker: string,
    plans: ReadonlyArray<{ readonly plan: string; readonly version: string }>,
    limit: number
  ) => Effect.Effect<unknown, SqlError>
}
/** The very statements of a worker; no package can import them. */
const inside = async <A>(name: string): Promise<A> =>
  import(new URL(`../src/internal/${name}.ts`, import.meta.url).href)
const { makeClaims } = await inside<{ readonly makeClaims: (database: unknown) => Claims }>("claims")
const { open } = await inside<{ readonly open: Effect.Effect<unknown, SqlError, SqlClient> }>("database")

const count = (value: unknown): number => Number(value)
const show = (value: Readonly<Record<string, unknown>>) => Effect.sync(() => console.log(JSON.stringify(value)))

const worker = Cluster.layer({ plans: [twenty], concurrency: 1_000 })

const perRun = Effect.gen(function* () {
  const sql = yield* SqlClient
  const runs = 500
  const position = Effect.map(
    sql<{ readonly at: unknown; readonly commits: unknown }>`
    SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS at, (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()) AS commits`,
    ([row]) => ({ at: count(row?.at), commits: count(row?.commits) })
  )
  yield* many(50, 50)
  for (const concurrency of [1, 20, 100]) {
    const number = concurrency === 1 ? 50 : runs
    yield* Effect.sleep("1500 millis")
    const before = yield* position
    const began = performance.now()
    yield* many(number, concurrency)
    const seconds = (performance.now() - began) / 1_000
    yield* Effect.sleep("1500 millis")
    const after = yield* position
    yield* show({
      concurrency,
      runsPerSecond: number / seconds,
      walBytesPerRun: (after.at - before.at) / number,
      commitsPerRun: (after.commits - before.commits) / number
    })
  }
  yield* sql`VACUUM ANALYZE`
  const all = 50 + 50 + 2 * runs
  for (const table of ["aria_runs", "aria_units", "aria_events", "aria_spends"]) {
    const [row] =
      yield* sql`SELECT (SELECT COUNT(*) FROM ${sql(table)}) AS rows, pg_table_size(${table}::regclass) AS bytes, pg_indexes_size(${table}::regclass) AS indexes`
    yield* show({
      table,
      rowsPerRun: count(row?.["rows"]) / all,
      bytesPerRun: count(row?.["bytes"]) / all,
      indexBytesPerRun: count(row?.["indexes"]) / all
    })
  }
})

/** What a worker asks that has nothing to do. */
const idle = Effect.gen(function* () {
  const sql = yield* SqlClient
  const calls = Effect.map(
    sql`SELECT xact_commit AS commits FROM pg_stat_database WHERE datname = current_database()`,
    ([row]) => count(row?.["commits"])
  )
  yield* Effect.sleep("3 seconds")
  const before = yield* calls
  yield* Effect.sleep("20 seconds")
  yield* Effect.sleep("1500 millis")
  yield* show({ idleCommitsPerSecond: ((yield* calls) - before) / 21.5 })
})

/** A store with history, and a thousand workers that each have some runs. */
const large = (running: number, queued: number, ended: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    yield* sql`TRUNCATE aria_runs, aria_workers`
    yield* sql`INSERT INTO aria_workers (id, lease, started, state, name, host, pid)
      SELECT 'worker-' || i, EXTRACT(EPOCH FROM clock_timestamp()) * 1000 + 3600000, 0, 'active', 'w', NULL, 0 FROM generate_series(1, 1000) i`
    const insert = (from: number, to: number, status: string) => sql`
      INSERT INTO aria_runs (id, plan, plan_version, shape, input, input_hash, user_id, priority, options, origin, status, owner, fence, deaths, units_seen, cancel, created, ended, result)
      SELECT 'run-' || ${status}::text || '-' || i, 'twenty', '1', '[]', '{"about":"x"}', md5(i::text), 'user-' || i % 1000, 0, '{"tags":{}}', 'run-' || i, ${status}::text,
        CASE WHEN ${status}::text = 'running' THEN 'worker-' || (1 + i % 1000) END, 2, 0, 0, 0, 1700000000000 + i,
        CASE WHEN ${status}::text = 'succeeded' THEN 1700000000000 + i END, NULL FROM generate_series(${from}::int, ${to}::int) i`
    if (ended > 0) yield* insert(1, ended, "succeeded")
    if (running > 0) yield* insert(1, running, "running")
    if (queued > 0) yield* insert(1, queued, "queued")
    yield* sql`VACUUM ANALYZE`
    const claims = makeClaims(yield* open)
    const plans = [{ plan: "twenty", version: "1" }]
    const look = yield* median(
      claims.claim("worker-1", queued === 0 ? plans : [{ plan: "another", version: "1" }], 100)
    )
    const take = queued === 0 ? undefined : yield* median(claims.claim("worker-1", plans, 10))
    const prune = yield* median(
      sql`SELECT id FROM aria_runs WHERE ended < 1700000000500 AND status <> 'needsDecision' ORDER BY ended LIMIT 100`
    )
    yield* show({ running, queued, ended, lookMillis: look, takeTenMillis: take, pruneMillis: prune })
  })

/** Milliseconds, the round trip included. */
const median = <A, E>(self: Effect.Effect<A, E>): Effect.Effect<number, E> =>
  Effect.map(
    Effect.forEach(Array.from({ length: 15 }), () =>
      Effect.suspend(() => {
        const began = performance.now()
        return Effect.map(self, () => performance.now() - began)
      })
    ),
    (times) => times.sort((a, b) => a - b)[7] ?? 0
  )

const inSqlite = Effect.suspend(() => {
  const folder = mkdtempSync(join(tmpdir(), "aria-capacity-"))
  const filename = join(folder, "aria.db")
  const runs = 500
  return Effect.gen(function* () {
    const sql = yield* SqlClient
    const began = performance.now()
    yield* many(runs, 20)
    const seconds = (performance.now() - began) / 1_000
    yield* sql`PRAGMA wal_checkpoint(TRUNCATE)`
    yield* show({
      store: "SQLite",
      concurrency: 20,
      runsPerSecond: runs / seconds,
      bytesPerRun: statSync(filename).size / runs
    })
  }).pipe(
    Effect.provide(worker.pipe(Layer.provideMerge(Layer.merge(Work.layer, SqliteClient.layer({ filename }))))),
    Effect.ensuring(Effect.sync(() => rmSync(folder, { recursive: true })))
  )
})

const inPostgres = Effect.gen(function* () {
  const server = yield* own()
  const { url } = yield* database({ on: server })
  const provided = worker.pipe(Layer.provideMerge(Layer.merge(Work.layer, clientOf(url))))
  yield* Effect.provide(Effect.andThen(perRun, idle), provided)
  yield* Effect.forEach(
    [
      [0, 0, 0],
      [700, 0, 0],
      [7_000, 0, 0],
      [7_000, 0, 1_000_000],
      [7_000, 200_000, 1_000_000]
    ] as const,
    ([running, queued, ended]) => large(running, queued, ended),
    { discard: true }
  ).pipe(Effect.provide(clientOf(url)))
})

await Effect.runPromise(Effect.scoped(Effect.andThen(inSqlite, inPostgres)))
