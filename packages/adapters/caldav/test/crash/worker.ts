/** A process that makes events until it has made all, or is killed: `node worker.ts <folder> <from> <to>`, the account in the environment. */
import { CalDav } from "@aria/adapter-caldav"
import { Approval, ReceiptStore, SideEffect, SqlStore } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { NodeHttpClient } from "@effect/platform-node"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { appendFileSync } from "node:fs"
import { join } from "node:path"
import { leaseMillis, Make } from "./events.ts"

const [folder = "", from = "0", to = "0"] = process.argv.slice(2)
const keys = Array.from({ length: Number(to) - Number(from) }, (_, index) => String(Number(from) + index))
// Each process in an order of its own.
const order = keys.map((key) => [Math.random(), key] as const).sort(([a], [b]) => a - b)

const program = Effect.gen(function* () {
  process.stdout.write("ready\n")
  yield* SideEffect.settle(Make)
  yield* Effect.forEach(
    order,
    ([, key]) =>
      Effect.retry(Make.perform({ key, input: key }), {
        while: (error) => error._tag === "SideEffectUnknownError",
        schedule: Schedule.spaced("50 millis")
      }).pipe(Effect.tap((title) => Effect.sync(() => appendFileSync(join(folder, "told"), `${title}\n`)))),
    { concurrency: 3, discard: true }
  )
})

const CalDavOfTest = CalDav.layerConfig({
  url: Config.String("CRASH_URL"),
  username: Config.String("CRASH_USER"),
  password: Config.Redacted("CRASH_PASSWORD")
})

await Effect.runPromise(
  program.pipe(
    SideEffect.allow(["calendar.create"]),
    Effect.provideService(ReceiptStore.Lease, Duration.millis(leaseMillis)),
    Effect.provide(
      Layer.mergeAll(
        Approval.layerApproveAll("ada"),
        Layer.provide(CalDavOfTest, NodeHttpClient.layerUndici),
        Layer.provide(
          SqlStore.layer,
          SqliteClient.layer({ filename: join(folder, "aria.db"), busyTimeout: "30 seconds" })
        )
      )
    )
  )
)
