import { EngineLawSuite } from "@aria/testkit"
import { afterAll } from "@effect/vitest"
import { Effect, Layer, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { clientOf, database } from "./postgres.ts"
import { registering } from "./registering.ts"
import { Traffic } from "./watchedClient.ts"

/** The laws say nothing of a loss of power: no commit has to wait for the disk. */
const unsynced = Effect.gen(function* () {
  const { name, url } = yield* database()
  yield* Effect.flatMap(SqlClient, (sql) => sql`ALTER DATABASE ${sql(name)} SET synchronous_commit = off`).pipe(Effect.provide(clientOf(url), { local: true }))
  return clientOf(url)
})

const traffic = new Traffic()
const runtime = ManagedRuntime.make(traffic.layer(Layer.unwrap(unsynced)))
afterAll(() => runtime.dispose())

/** One database for all scenarios; each finds it empty. */
const emptied = Layer.effect(
  SqlClient,
  Effect.gen(function* () {
    const sql = yield* Effect.flatMap(runtime.contextEffect, (context) => Effect.provideContext(SqlClient, context))
    const tables = yield* sql<{ readonly name: string }>`
      SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE 'aria\\_%' AND tablename <> 'aria_cluster_formats'`
    for (const { name } of tables) yield* sql`DELETE FROM ${sql(name)}`
    return sql
  })
)

EngineLawSuite.make({ name: "stored in Postgres", layer: registering(emptied), storesReservations: true, untilQuiet: traffic.untilQuiet })
