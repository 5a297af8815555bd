/** Writes what other processes write as well: `node crmRace.ts <file> <times>`. Prints how many creations it won. */
import { LocalCrm } from "@aria/adapter-local"
import { Crm } from "@aria/connectors"
import { SqliteClient } from "@aria/sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const [filename = "", times = "0"] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const crm = yield* Crm.Crm
  yield* Effect.ignore(crm.create("account", { id: "shared", name: "Shared", employees: 0 }))
  const addOne = Effect.gen(function* () {
    const { employees, id, version } = yield* crm.get("account", "shared")
    yield* Effect.yieldNow
    yield* crm.update("account", { id, version, change: { employees: (employees ?? Number.NaN) + 1 } })
  })
  let won = 0
  for (let count = 0; count < Number(times); count++) {
    yield* Effect.retry(addOne, { while: (error) => error._tag === "StaleRecordError" })
    const created = Effect.as(crm.create("contact", { id: `contact ${count}`, name: String(process.pid), accountId: "shared" }), 1)
    won += yield* Effect.catchTag(created, "RecordExistsError", () => Effect.succeed(0))
  }
  console.log(won)
})

const Live = LocalCrm.layer.pipe(Layer.provide(SqliteClient.layer({ filename, busyTimeout: "30 seconds" })))
await Effect.runPromise(Effect.provide(program, Live))
