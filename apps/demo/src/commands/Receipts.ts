/** `receipts`: what was done to the outside world, what is in doubt, and the way back. */
import { CalendarAction, CrmAction } from "@aria/agents-operator"
import { type Receipt, ReceiptStore, SideEffect } from "@aria/orchestrator-core"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Argument, Command, Flag } from "effect/cli"
import { userInfo } from "node:os"
import * as Calendars from "../Calendars.ts"
import * as Cells from "../Cells.ts"
import * as DataFile from "../DataFile.ts"
import * as ShortId from "../ShortId.ts"
import * as Store from "../Store.ts"

const by = Flag.String("by").pipe(
  Flag.withMetavar("NAME"),
  Flag.withDescription("Who says so (default: your user name)"),
  Flag.withDefault(userInfo().username)
)

const words: Readonly<Record<Receipt.State, string>> = {
  calling: "under way",
  done: "done",
  notDone: "not done",
  unknown: "IN DOUBT",
  undone: "taken back"
}

const line = (receipt: Receipt.Receipt): string =>
  [
    ShortId.short(receipt.id),
    new Date(receipt.intendedAt).toISOString(),
    Cells.left(words[receipt.state], 10),
    Cells.clean(receipt.summary),
    ...(receipt.doubt === undefined ? [] : [`(${receipt.doubt})`])
  ].join("  ")

const print = (receipts: ReadonlyArray<Receipt.Receipt>, none: string) =>
  Console.log(receipts.length === 0 ? none : receipts.map(line).join("\n"))

const list = Command.make(
  "list",
  { data: DataFile.flag, store: Store.flag, doubtful: Flag.Boolean("doubtful").pipe(Flag.withDefault(false), Flag.withDescription("Only those in doubt")) },
  ({ data, doubtful, store }) =>
    Effect.gen(function* () {
      const inDoubt = yield* SideEffect.doubtful()
      if (doubtful) return yield* print(inDoubt, "Nothing is in doubt.")
      yield* print(yield* (yield* ReceiptStore.ReceiptStore).list({ limit: 10_000 }), "Nothing was done.")
    }).pipe(Effect.provide(Store.recordsOf({ data, store })))
).pipe(Command.withDescription("Lists what was done, the oldest first, and what is in doubt"))

const actions = [CalendarAction.create, CalendarAction.update, CalendarAction.remove, CrmAction.create, CrmAction.update, CrmAction.remove]

const withSystems = (given: Parameters<typeof Store.systemsOf>[0], calendar: Calendars.Choice) => Layer.provideMerge(Calendars.layer(calendar), Store.systemsOf(given))

const settle = Command.make("settle", { data: DataFile.flag, store: Store.flag, calendar: Calendars.flag }, ({ calendar, data, store }) =>
  Effect.gen(function* () {
    yield* print(yield* SideEffect.settle(actions), "Nothing was in doubt.")
  }).pipe(Effect.provide(withSystems({ data, store }, calendar)))
).pipe(Command.withDescription("Looks up what is in doubt, in the calendar and the CRM"))

const find = (id: string) =>
  Effect.gen(function* () {
    const receipts = yield* (yield* ReceiptStore.ReceiptStore).list({ limit: 100_000 })
    return yield* ShortId.find("receipt", receipts, (receipt) => receipt.id, id)
  })

const id = Argument.String("id").pipe(Argument.withDescription("The id of a receipt, or how it begins"))

const resolve = Command.make(
  "resolve",
  { id, verdict: Argument.Literals("verdict", ["done", "not-done"]), by, data: DataFile.flag, store: Store.flag },
  ({ by, data, id, store, verdict }) =>
    Effect.gen(function* () {
      const { id: receiptId } = yield* find(id)
      const settled = yield* SideEffect.resolve(receiptId, verdict === "done" ? { _tag: "done" } : { _tag: "notDone" }, by)
      yield* print([settled], "")
    }).pipe(Effect.provide(Store.recordsOf({ data, store })))
).pipe(Command.withDescription("Writes down what you found out about one that is in doubt"))

const undo = Command.make("undo", { id, by, data: DataFile.flag, store: Store.flag, calendar: Calendars.flag }, ({ by, calendar, data, id, store }) =>
  Effect.gen(function* () {
    const receipt = yield* find(id)
    yield* print([yield* SideEffect.undo(actions, receipt.id, by)], "")
  }).pipe(Effect.provide(withSystems({ data, store }, calendar)))
).pipe(Command.withDescription("Takes back what was done, within five minutes"))

export const command = Command.make("receipts").pipe(
  Command.withDescription("What was done to the calendar and the CRM, and what is in doubt"),
  Command.withSubcommands([list, settle, resolve, undo])
)
