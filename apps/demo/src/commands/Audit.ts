/** `audit`: the log of what was done to the outside world, and whether it still hangs together. */
import { AuditLog, ReceiptStore } from "@aria/orchestrator-core"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Command, Flag } from "effect/cli"
import * as Cells from "../Cells.ts"
import * as DataFile from "../DataFile.ts"
import * as ShortId from "../ShortId.ts"
import * as Store from "../Store.ts"

const expected = Flag.String("expect").pipe(
  Flag.filterMap(
    (text) => {
      const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
      return seq === undefined || hash === undefined ? Option.none() : Option.some<AuditLog.Head>({ seq: Number(seq), hash })
    },
    () => "a head as audit verify prints it, 12:3fa2…"
  ),
  Flag.withMetavar("HEAD"),
  Flag.withDescription("A head that was noted earlier: the log has to contain it"),
  Flag.optional
)

const verify = Command.make("verify", { data: DataFile.flag, store: Store.flag, expected }, ({ data, expected, store }) =>
  Effect.gen(function* () {
    const { audit } = yield* ReceiptStore.ReceiptStore
    const head = yield* AuditLog.verify(audit, { expected: Option.getOrUndefined(expected) })
    yield* Console.log(`The audit log holds: ${Cells.count(head.seq, "entry", "entries")}. Head ${head.seq}:${head.hash}`)
  }).pipe(Effect.provide(Store.recordsOf({ data, store })))
).pipe(Command.withDescription("Checks the chain of hashes from the first entry to the last, and prints its head to note elsewhere"))

const line = (entry: AuditLog.Entry): string =>
  [
    String(entry.seq).padStart(6),
    new Date(entry.at).toISOString(),
    Cells.left(entry.what, 8),
    ShortId.short(entry.receiptId),
    entry.kind,
    ...(entry.by === undefined ? [] : [`by ${Cells.clean(entry.by)}`]),
    ...(entry.reason === undefined ? [] : [`(${Cells.clean(entry.reason)})`])
  ].join("  ")

const list = Command.make("list", { data: DataFile.flag, store: Store.flag }, ({ data, store }) =>
  Effect.gen(function* () {
    const { audit } = yield* ReceiptStore.ReceiptStore
    yield* Stream.runForEach(audit, (sealed) => Effect.flatMap(AuditLog.decode(sealed), (entry) => Console.log(line(entry))))
  }).pipe(Effect.provide(Store.recordsOf({ data, store })))
).pipe(Command.withDescription("Prints the log, the oldest entry first"))

export const command = Command.make("audit").pipe(
  Command.withDescription("The log of what was done, and by whom"),
  Command.withSubcommands([verify, list])
)
