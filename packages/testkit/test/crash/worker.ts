/** A process that performs actions until it has done all, or is killed: `node worker.ts <folder> <from> <to>`. */
import * as Approval from "@aria/orchestrator-core/Approval"
import * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as SqlStore from "@aria/orchestrator-core/SqlStore"
import * as SqliteClient from "@aria/sqlite/SqliteClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { appendFileSync } from "node:fs"
import { join } from "node:path"
import { leaseMillis, makeWrite } from "./notes.ts"

const [folder = "", from = "0", to = "0"] = process.argv.slice(2)
const keys = Array.from({ length: Number(to) - Number(from) }, (_, index) => `note ${Number(from) + index}`)
// Each process in an order of its own.
const order = keys.map((key) => [Math.random(), key] as const).sort(([a], [b]) => a - b)

const pause = Effect.suspend(() => (Math.random() < 0.5 ? Effect.void : Effect.sleep(Math.random() * 4)))
const Write = makeWrite(join(folder, "world"), pause)

const program = Effect.gen(function* () {
  process.stdout.write("ready\n")
  yield* SideEffect.settle(Write)
  yield* Effect.forEach(
    order,
    ([, key]) =>
      // Who looks too early is told that nobody can tell yet.
      Effect.retry(Write.perform({ key, input: `text of ${key}` }), { while: (error) => error._tag === "SideEffectUnknownError", schedule: Schedule.spaced("50 millis") }).pipe(
        Effect.tap((text) => Effect.sync(() => appendFileSync(join(folder, "told"), `${JSON.stringify({ id: text, key })}\n`)))
      ),
    { concurrency: 4, discard: true }
  )
})

await Effect.runPromise(
  program.pipe(
    SideEffect.allow(["notes.write"]),
    Effect.provideService(ReceiptStore.Lease, Duration.millis(leaseMillis)),
    Effect.provide(Layer.mergeAll(Approval.layerApproveAll("ada"), Layer.provide(SqlStore.layer, SqliteClient.layer({ filename: join(folder, "aria.db"), busyTimeout: "30 seconds" }))))
  )
)
