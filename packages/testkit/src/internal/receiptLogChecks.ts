/** What a store of receipts has to keep: the audit log, whoever is cut short, and what was written before. */
import * as AuditLog from "@aria/orchestrator-core/AuditLog"
import { ReceiptStore } from "@aria/orchestrator-core/ReceiptStore"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Random } from "./lawRandom.ts"
import { type Check, check, expect, expectSame, placed, SetClock } from "./receiptCheck.ts"
import { after, eventOf, intent } from "./receiptSamples.ts"
import { entriesOf, putIn } from "./receiptStoreChecks.ts"

const tells = check<ReceiptStore>(
  "the log has an entry for each change and each record, in order, with its time",
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const clock = new SetClock(0)
    yield* expectSame(yield* entriesOf(store), [], "a new log")
    yield* expectSame(yield* AuditLog.verify(store.audit), AuditLog.genesis, "the head of a new log")
    const receipt = intent("one", { runId: "run-1", taskId: "task" })
    const done = after(receipt, { state: "done" })
    const events: ReadonlyArray<AuditLog.Event> = [
      { ...eventOf("refused", receipt), by: "ada", reason: "it's \ud83d odd \u0000", runId: "run-1", taskId: "task" },
      eventOf("intended", receipt),
      eventOf("done", done, "because")
    ]
    yield* clock.at(1_000, store.record(events[0]!))
    yield* clock.at(2_500, store.put(receipt, 0, events[1]!))
    yield* clock.at(2_400, store.put(done, 1, events[2]!))
    const times = [1_000, 2_500, 2_400]
    let previous = AuditLog.genesis
    const wanted = events.map((event, index) => {
      const next = AuditLog.seal(previous, times[index]!, event)
      previous = next.head
      return next.sealed
    })
    yield* expectSame(Array.from(yield* Stream.runCollect(store.audit)), wanted, "the log")
    yield* expectSame(yield* AuditLog.verify(store.audit), previous, "its head")
  })
)

const chains = check<ReceiptStore>(
  "entries that many write at once hang together, and none is lost",
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const receipts = Array.from({ length: 120 }, (_, count) => intent(String(count)))
    yield* Effect.forEach(
      receipts,
      (receipt) =>
        Effect.all([putIn(store, receipt), store.record(eventOf("denied", receipt)), Effect.asVoid(store.put(receipt, 7, eventOf("late", receipt)))], {
          concurrency: "unbounded"
        }),
      { concurrency: 30, discard: true }
    )
    const entries = yield* entriesOf(store)
    const told = (what: AuditLog.Event["what"]) => entries.filter((entry) => entry.what === what).map(({ receiptId }) => receiptId).sort()
    const wanted = receipts.map(({ id }) => id).sort()
    yield* expectSame(told("intended"), wanted, "the actions that were intended, of the log")
    yield* expectSame(told("denied"), wanted, "the actions that were denied, of the log")
    yield* expectSame(entries.length, 240, "how many entries")
  })
)

const isLong = check<ReceiptStore>(
  "a long log is given whole, each time",
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const size = 2_345
    const receipt = intent("one")
    yield* Effect.forEach(Array.from({ length: size }, (_, count) => String(count)), (reason) => store.record(eventOf("denied", receipt, reason)), { discard: true })
    for (const time of ["once", "again"]) {
      const reasons = (yield* entriesOf(store)).map(({ reason }) => reason)
      yield* expectSame([reasons.length, reasons[0], reasons.at(-1)], [size, "0", String(size - 1)], `${time}: how many entries, the first and the last`)
    }
    const some = yield* Stream.runCollect(Stream.take(store.audit, 3))
    yield* expectSame(some.length, 3, "the first entries")
  })
)

const isWhole = check<ReceiptStore>(
  "who is interrupted has written the receipt and its entry, or neither",
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const random = new Random(3)
    for (let count = 0; count < 150; count++) {
      const receipt = intent(String(count))
      const fiber = yield* Effect.forkChild(store.put(receipt, 0, eventOf("intended", receipt)), { startImmediately: random.chance(0.5) })
      for (let turns = random.between(0, 4); turns > 0; turns--) yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      const put = Option.isSome(yield* store.get(receipt.id))
      const last = (yield* Stream.runCollect(store.audit)).filter(({ line }) => line.includes(receipt.id)).length
      yield* expect(last === (put ? 1 : 0), () => `a put that was interrupted left ${put ? "a" : "no"} receipt and ${last} entries`)
    }
    yield* entriesOf(store)
  })
)

const isKept = placed<ReceiptStore>("what was written is there when the store is opened again, and the log goes on", (within) =>
  Effect.gen(function* () {
    const receipt = intent("one")
    const noted = yield* within(
      Effect.gen(function* () {
        const store = yield* ReceiptStore
        yield* putIn(store, receipt)
        yield* store.renew(receipt.id, receipt.owner, 44_000)
        return yield* AuditLog.verify(store.audit)
      })
    )
    yield* within(
      Effect.gen(function* () {
        const store = yield* ReceiptStore
        yield* expectSame(yield* store.get(receipt.id), Option.some({ ...receipt, leaseUntil: 44_000 }), "the receipt")
        yield* putIn(store, after(receipt, { state: "done" }), "done")
        const head = yield* AuditLog.verify(store.audit, { expected: noted })
        yield* expectSame(head.seq, 2, "entries of the log")
      })
    )
  })
)

const isShared = placed<ReceiptStore>("several that share what they keep lose no change of each other", (within) =>
  Effect.gen(function* () {
    const each = 40
    const worker = (name: string) =>
      within(
        Effect.gen(function* () {
          const store = yield* ReceiptStore
          let won = 0
          while (won < each) {
            const stored = Option.getOrUndefined(yield* store.get(intent("one").id))
            const next = intent("one", { owner: name, attempts: (stored?.attempts ?? 0) + 1, version: (stored?.version ?? 0) + 1 })
            if (yield* store.put(next, next.version - 1, eventOf("intended", next, name))) won++
            else yield* store.record(eventOf("late", next, name))
          }
        })
      )
    yield* within(Effect.asVoid(ReceiptStore))
    yield* Effect.all([worker("a"), worker("b"), worker("c")], { concurrency: "unbounded" })
    yield* within(
      Effect.gen(function* () {
        const store = yield* ReceiptStore
        const stored = Option.getOrUndefined(yield* store.get(intent("one").id))
        yield* expectSame([stored?.attempts, stored?.version], [3 * each, 3 * each], "how often it was changed, by itself and by its version")
        const entries = yield* entriesOf(store)
        yield* expectSame(entries.filter(({ what }) => what === "intended").length, 3 * each, "entries of the log")
      })
    )
  })
)

export const checks: ReadonlyArray<Check<ReceiptStore>> = [tells, chains, isLong, isWhole, isKept, isShared]
