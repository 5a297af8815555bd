/** What a store of receipts has to keep: receipts. */
import * as AuditLog from "@aria/orchestrator-core/AuditLog"
import type { Receipt } from "@aria/orchestrator-core/Receipt"
import { type Filter, ReceiptStore } from "@aria/orchestrator-core/ReceiptStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Random } from "./lawRandom.ts"
import { type Check, check, expect, expectSame, show } from "./receiptCheck.ts"
import { after, anyReceipt, eventOf, intent } from "./receiptSamples.ts"

type Store = ReceiptStore["Service"]

/** The entries of the log as data; fails where they do not hang together. */
export const entriesOf = (store: Store) =>
  Effect.gen(function* () {
    yield* AuditLog.verify(store.audit)
    const sealed = yield* Stream.runCollect(store.audit)
    return yield* Effect.forEach(sealed, AuditLog.decode)
  })

/** Puts a receipt that nothing stands against. */
export const putIn = (store: Store, receipt: Receipt, what: AuditLog.Event["what"] = "intended") =>
  Effect.flatMap(store.put(receipt, receipt.version - 1, eventOf(what, receipt)), (won) =>
    expect(won, () => `version ${receipt.version} of ${receipt.id} was refused and is the next one`)
  )

const fits = (receipt: Receipt, { kind, runId, states, userId }: Filter): boolean =>
  (states === undefined || states.includes(receipt.state)) &&
  (kind === undefined || kind === receipt.kind) &&
  (userId === undefined || userId === receipt.userId) &&
  (runId === undefined || runId === receipt.runId)

const inOrder = (a: Receipt, b: Receipt): number => a.intendedAt - b.intendedAt || (a.id < b.id ? -1 : 1)

const keeps = check<ReceiptStore>(
  "a receipt is given as it was put, and none where none was",
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const random = new Random(1)
    for (let count = 0; count < 60; count++) {
      const receipt = anyReceipt(random, String(count))
      yield* expectSame(yield* store.get(receipt.id), Option.none(), "before it was put")
      yield* putIn(store, receipt)
      yield* expectSame(yield* store.get(receipt.id), Option.some(receipt), "what was put")
      const next = { ...anyReceipt(random, String(count)), id: receipt.id, version: 2 }
      yield* putIn(store, next, "done")
      yield* expectSame(yield* store.get(receipt.id), Option.some(next), "what was put in its place")
    }
  })
)

const compares = check<ReceiptStore>(
  "a change to another version than the one that is there is refused, and writes nothing",
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const one = intent("one")
    const two = after(one, { state: "done", success: "ok" })
    const refused = (receipt: Receipt, expected: number) =>
      Effect.gen(function* () {
        const [before, log] = [yield* store.get(receipt.id), yield* entriesOf(store)]
        const won = yield* store.put(receipt, expected, eventOf("late", receipt))
        yield* expect(!won, () => `a put that expected version ${expected} took the place of ${show(before)}`)
        yield* expectSame(yield* store.get(receipt.id), before, `after a put that expected version ${expected}`)
        yield* expectSame(yield* entriesOf(store), log, `the log after a put that expected version ${expected}`)
      })
    yield* refused(intent("one", { version: 4 }), 3)
    yield* putIn(store, one)
    yield* refused(intent("one", { owner: "another" }), 0)
    yield* refused(intent("one", { version: 3 }), 2)
    yield* putIn(store, two, "done")
    yield* refused(intent("one", { version: 1 }), 0)
    yield* refused(after(one, { state: "unknown", doubt: "ownerLost" }), 1)
    yield* expectSame(yield* store.get(one.id), Option.some(two), "in the end")
  })
)

const races = check<ReceiptStore>(
  "of many who change the same version at once, one does",
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    let last = intent("one")
    for (let round = 0; round < 10; round++) {
      const rivals = Array.from({ length: 12 }, (_, rival) => ({ ...last, owner: `${round}: ${rival}`, version: round + 1 }))
      const won = yield* Effect.forEach(rivals, (receipt) => store.put(receipt, round, eventOf("intended", receipt, receipt.owner)), { concurrency: "unbounded" })
      yield* expect(won.filter((one) => one).length === 1, () => `${won.filter((one) => one).length} of 12 changed version ${round}`)
      last = rivals[won.indexOf(true)]!
      yield* expectSame(yield* store.get(last.id), Option.some(last), "the receipt of the one who won")
      const reasons = (yield* entriesOf(store)).map(({ reason }) => reason)
      yield* expectSame([reasons.length, reasons.at(-1)], [round + 1, last.owner], "entries of the log, and the last one")
    }
  })
)

const renews = check<ReceiptStore>(
  "a lease is renewed by its owner, for as long as the call is in flight, and that is no change",
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const receipt = intent("one")
    const renewed = (owner: string, until: number) => store.renew(receipt.id, owner, until)
    yield* expectSame(yield* renewed(receipt.owner, 40_000), false, "renewing what is not there")
    yield* putIn(store, receipt)
    yield* putIn(store, intent("other"))
    yield* expectSame(yield* renewed("another", 40_000), false, "renewing what is another's")
    yield* expectSame(yield* store.get(receipt.id), Option.some(receipt), "after another tried to renew it")
    yield* expectSame(yield* renewed(receipt.owner, 41_000), true, "renewing one's own")
    const held = { ...receipt, leaseUntil: 41_000 }
    yield* expectSame(yield* store.get(receipt.id), Option.some(held), "after it was renewed")
    const listed = yield* store.list({ states: ["calling"] })
    yield* expectSame(listed.find(({ id }) => id === receipt.id), held, "in the list, after it was renewed")
    yield* expectSame((yield* store.get(intent("other").id)), Option.some(intent("other")), "another receipt")
    yield* expectSame((yield* entriesOf(store)).length, 2, "entries after it was renewed")
    const done = after(receipt, { state: "done", leaseUntil: 31_000 })
    yield* putIn(store, done, "done")
    yield* expectSame(yield* store.get(receipt.id), Option.some(done), "a change after it was renewed")
    yield* expectSame(yield* renewed(receipt.owner, 50_000), false, "renewing what has ended")
    yield* expectSame(yield* store.get(receipt.id), Option.some(done), "after it was renewed too late")
  })
)

const lists = check<ReceiptStore>(
  "a list has what fits its filter, the oldest intents first, and no more than its limit",
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const random = new Random(2)
    const receipts = Array.from({ length: 80 }, (_, count) => anyReceipt(random, String(count)))
    yield* Effect.forEach(receipts, (receipt) => putIn(store, receipt), { discard: true })
    const states = ["calling", "done", "notDone", "unknown", "undone"] as const
    for (let count = 0; count < 150; count++) {
      const filter: Filter = {
        ...(random.chance(0.6) ? { states: states.filter(() => random.chance(0.4)) } : {}),
        ...(random.chance(0.4) ? { kind: random.pick(["notes.create", "mail.send", "notes"]) } : {}),
        ...(random.chance(0.4) ? { userId: random.pick(["ada", "o'neil", "nobody"]) } : {}),
        ...(random.chance(0.4) ? { runId: random.pick(["run-1", "run-2", "run-3"]) } : {}),
        ...(random.chance(0.4) ? { limit: random.between(0, 20) } : {})
      }
      const wanted = receipts.filter((receipt) => fits(receipt, filter)).sort(inOrder).slice(0, filter.limit ?? 1_000)
      const listed = yield* store.list(filter)
      yield* expectSame(listed.map(({ id }) => id), wanted.map(({ id }) => id), `the list of ${show(filter)}`)
      yield* expectSame(listed, wanted, `the list of ${show(filter)}`)
    }
  })
)

const limits = check<ReceiptStore>(
  "a list without a limit has 1,000",
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    yield* Effect.forEach(Array.from({ length: 1_003 }, (_, count) => intent(String(count), { intendedAt: count })), (receipt) => putIn(store, receipt), {
      discard: true
    })
    const listed = yield* store.list({})
    yield* expectSame([listed.length, listed[0]?.intendedAt, listed.at(-1)?.intendedAt], [1_000, 0, 999], "how many, the first and the last")
    yield* expectSame((yield* store.list({ limit: 2_000 })).length, 1_003, "how many of 2,000")
  })
)

export const checks: ReadonlyArray<Check<ReceiptStore>> = [keeps, compares, races, renews, lists, limits]
