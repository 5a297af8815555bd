/**
 * What receipts cost, in a process of its own: `node --expose-gc receipts.ts '{"kind":"perform","size":500}'`. Files are in the
 * folder for temporary files.
 */
import { Approval, AuditLog, ReceiptStore, SideEffect, SqlStore } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { median } from "../median.ts"
import { timed } from "../timing.ts"

const { kind, rounds = 5, size } = JSON.parse(process.argv[2] ?? "{}")
const folder = mkdtempSync(join(tmpdir(), "aria-receipts-"))

const Note = Schema.Struct({ title: Schema.String, start: Schema.String, attendees: Schema.Array(Schema.String) })
const input = { title: "Minutes of the meeting", start: "2026-11-23T10:00:00Z", attendees: ["ada@example.com", "bob@example.com"] }
/** Does nothing: what is measured is the receipt. */
const Write = SideEffect.make("notes.write", { input: Note, success: Schema.String, call: (_, { receiptId }) => Effect.succeed(receiptId) })

let made = 0
const writes = Effect.suspend(() =>
  Effect.forEach(Array.from({ length: size }, () => `note ${made++}`), (key) => Write.perform({ key, input }), { discard: true })
).pipe(SideEffect.allow(["notes.write"]))

const medianOf = <E, R>(effect: Effect.Effect<unknown, E, R>) =>
  Effect.gen(function* () {
    const millis: Array<number> = []
    for (let round = 0; round < rounds; round++) millis.push(yield* timed(effect))
    return median(millis)
  })

const perform = Effect.andThen(
  writes,
  Effect.map(medianOf(writes), (millis) => console.log(JSON.stringify({ millisPerWrite: millis / size })))
)

/** A log of `size` entries, as the store writes it, in one transaction. */
const verify = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const store = yield* ReceiptStore.ReceiptStore
  const event: AuditLog.Event = { what: "done", receiptId: "0".repeat(64), kind: "notes.write", inputHash: "f".repeat(64), userId: "ada", runId: "run-1", taskId: "write" }
  let head = AuditLog.genesis
  yield* sql.withTransaction(
    Effect.gen(function* () {
      for (let count = 0; count < size; count++) {
        const { head: next, sealed } = AuditLog.seal(head, 1_795_000_000_000 + count, event)
        head = next
        yield* sql`INSERT INTO aria_audit ${sql.insert({ seq: head.seq, ...sealed })}`
      }
      yield* sql`UPDATE aria_audit_head SET seq = ${head.seq}, hash = ${head.hash}`
    })
  )
  const whole = Effect.flatMap(AuditLog.verify(store.audit), ({ seq }) => (seq === size ? Effect.void : Effect.die(new Error(`${seq} entries were verified`))))
  yield* whole
  const millis = yield* medianOf(whole)
  console.log(JSON.stringify({ entriesPerSecond: (size * 1_000) / millis }))
})

const file = Layer.provideMerge(SqlStore.layer, SqliteClient.layer({ filename: join(folder, "aria.db") }))
const program: Effect.Effect<void, unknown> =
  kind === "verify"
    ? Effect.provide(verify, file)
    : Effect.provide(perform, Layer.mergeAll(Approval.layerApproveAll("ada"), kind === "memory" ? ReceiptStore.layerMemory : file))

await Effect.runPromise(Effect.ensuring(program, Effect.sync(() => rmSync(folder, { recursive: true, force: true }))))
