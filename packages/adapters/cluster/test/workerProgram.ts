/** A worker as a process: `node workerProgram.ts OPTIONS`, the options as JSON. */
import { Cluster, type Health, Worker } from "@aria/adapter-cluster"
import { SqliteClient } from "@aria/sqlite"
import * as Layer from "effect/Layer"
import { clientOf } from "./postgres.ts"
import { plans, Stay } from "./workerPlan.ts"

export interface ProgramOptions {
  /** A URL of Postgres, or the path of a SQLite file. */
  readonly store: string
  readonly health?: Health.Options | false | undefined
  readonly lease?: number | undefined
  readonly pollInterval?: number | undefined
}

if (import.meta.main) {
  const { health, store, ...options } = JSON.parse(process.argv[2] ?? "") as ProgramOptions
  const client = store.startsWith("postgres:") ? clientOf(store) : SqliteClient.layer({ filename: store })
  Worker.main(Cluster.layer({ plans, ...options }).pipe(Layer.provide([Stay.layer, client])), { health })
}
