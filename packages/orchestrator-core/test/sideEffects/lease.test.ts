import { expect, it } from "@effect/vitest"
import { Approval, AuditLog, type Receipt, ReceiptStore, SideEffect } from "@aria/orchestrator-core"
import { Context, Duration, Effect, Exit, Fiber, Layer, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"

type Store = ReceiptStore.ReceiptStore["Service"]

class LostAnswerError extends Schema.TaggedError<LostAnswerError>()("LostAnswerError", { ambiguous: Schema.Boolean }) {}

/** A store over the one in memory, as another process has it: with a lock of its own, and changed where a test says so. */
const other = (change: (store: Store) => Partial<Store> = () => ({})) =>
  Effect.map(ReceiptStore.ReceiptStore, (store) => Effect.provideService(ReceiptStore.ReceiptStore, { ...store, ...change(store) }))

const notes = { input: Schema.String, success: Schema.String, error: LostAnswerError }
const give = SideEffect.allow(["notes.create"])
const yes = Layer.mergeAll(ReceiptStore.layerMemory, Approval.layerApproveAll("ada"))

/** A call that lasts until it is let go, and says how it ended. */
const makeSlow = (settleAfter: Duration.Input = 0) => {
  const ends: Array<string> = []
  const CreateNote = SideEffect.make("notes.create", {
    ...notes,
    settleAfter,
    call: (text) => Effect.onExit(Effect.as(Effect.sleep("100 seconds"), text), (exit) => Effect.sync(() => ends.push(Exit.isSuccess(exit) ? "done" : "ended")))
  })
  return { ends, create: give(CreateNote.perform({ key: "a", input: "text" })) }
}
const failing = () => new ReceiptStore.ReceiptStoreError({ operation: "renew", message: "the store does not answer" })

it.effect("a call that lasts longer than its lease keeps it", () =>
  Effect.gen(function* () {
    const { create, ends } = makeSlow()
    const fiber = yield* Effect.forkChild(create)
    yield* TestClock.adjust("90 seconds")
    const elsewhere = yield* other()
    expect(yield* elsewhere(SideEffect.doubtful())).toEqual([])
    const second = yield* Effect.forkChild(elsewhere(create))
    yield* TestClock.adjust("20 seconds")
    expect([yield* Fiber.join(fiber), yield* Fiber.join(second), ends]).toEqual(["text", "text", ["done"]])
  }).pipe(Effect.provide(yes))
)

it.effect.each([
  ["fail", (): Effect.Effect<boolean, ReceiptStore.ReceiptStoreError> => Effect.fail(failing())],
  ["give no answer", (): Effect.Effect<boolean, ReceiptStore.ReceiptStoreError> => Effect.never]
] as const)("a call whose renewals %s is ended with its lease, before anybody may do it again", ([, renew]) =>
  Effect.gen(function* () {
    const { create, ends } = makeSlow()
    const fiber = yield* Effect.forkChild(Effect.flip((yield* other(() => ({ renew })))(create)))
    yield* TestClock.adjust("29 seconds")
    expect([ends, yield* (yield* other())(SideEffect.doubtful())]).toEqual([[], []])
    yield* TestClock.adjust("1 second")
    expect(ends).toEqual(["ended"])
    expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "SideEffectUnknownError", doubt: "ownerLost" })
    expect(yield* SideEffect.doubtful()).toMatchObject([{ state: "unknown", doubt: "ownerLost", endedAt: 30_000 }])
  }).pipe(Effect.provide(yes))
)

it.effect("renewals that fail for a while cost nothing", () =>
  Effect.gen(function* () {
    const { create, ends } = makeSlow()
    let count = 0
    const often = yield* other(({ renew }) => ({ renew: (...args) => (++count % 5 === 0 ? renew(...args) : Effect.fail(failing())) }))
    const fiber = yield* Effect.forkChild(often(create))
    yield* TestClock.adjust("100 seconds")
    expect([yield* Fiber.join(fiber), ends]).toEqual(["text", ["done"]])
  }).pipe(Effect.provide(yes))
)

it.effect("a call that was taken for lost is ended", () =>
  Effect.gen(function* () {
    const { create, ends } = makeSlow()
    const fiber = yield* Effect.forkChild(Effect.flip(create))
    yield* TestClock.adjust("5 seconds")
    const store = yield* ReceiptStore.ReceiptStore
    const [receipt] = yield* store.list({})
    const lost: Receipt.Receipt = { ...receipt!, state: "unknown", doubt: "ownerLost", endedAt: 5_000, version: 2 }
    yield* store.put(lost, 1, { what: "unknown", receiptId: lost.id, kind: lost.kind, inputHash: lost.inputHash, userId: lost.userId })
    yield* TestClock.adjust("5 seconds")
    expect(ends).toEqual(["ended"])
    expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "SideEffectUnknownError" })
  }).pipe(Effect.provide(yes))
)

it.effect("a lease is as long as ReceiptStore.Lease says", () =>
  Effect.gen(function* () {
    const { create, ends } = makeSlow()
    const short = Effect.provideService(ReceiptStore.Lease, Duration.seconds(2))
    const fiber = yield* Effect.forkChild(Effect.exit(short((yield* other(() => ({ renew: () => Effect.fail(failing()) })))(create))))
    yield* TestClock.adjust("1999 millis")
    expect(ends).toEqual([])
    yield* TestClock.adjust("1 millis")
    expect(ends).toEqual(["ended"])
    yield* Fiber.join(fiber)
  }).pipe(Effect.provide(yes))
)

it.effect.each([Duration.zero, Duration.millis(99), Duration.infinity, Duration.seconds(-1)])("a lease of %s is none, and nothing is done", (lease) =>
  Effect.gen(function* () {
    const { create } = makeSlow()
    const exit = yield* Effect.exit(Effect.provideService(create, ReceiptStore.Lease, lease))
    expect(String(exit)).toContain("allowed is a finite duration from 100 milliseconds")
    expect(yield* (yield* ReceiptStore.ReceiptStore).list({})).toEqual([])
  }).pipe(Effect.provide(yes))
)

it.effect("an outcome whose writing was not answered is written once", () =>
  Effect.gen(function* () {
    let lose = true
    const losing = yield* other(({ put }) => ({
      put: (receipt, expected, event) =>
        Effect.tap(put(receipt, expected, event), () => {
          if (receipt.state === "calling" || !lose) return Effect.void
          lose = false
          return Effect.fail(new ReceiptStore.ReceiptStoreError({ operation: "write", message: "the answer was lost" }))
        })
    }))
    const create = give(SideEffect.make("notes.create", { ...notes, call: Effect.succeed }).perform({ key: "a", input: "text" }))
    const fiber = yield* Effect.forkChild(losing(create))
    yield* TestClock.adjust("1 second")
    expect(yield* Fiber.join(fiber)).toBe("text")
    const { audit } = yield* ReceiptStore.ReceiptStore
    const entries = yield* Effect.forEach(yield* Stream.runCollect(audit), AuditLog.decode)
    expect(entries.map(({ what }) => what)).toEqual(["intended", "done"])
  }).pipe(Effect.provide(yes))
)

it.effect("a call that had ended when its caller was interrupted is written down as it ended", () =>
  Effect.gen(function* () {
    let fiber: Fiber.Fiber<unknown, unknown> | undefined
    const CreateNote = SideEffect.make("notes.create", { ...notes, call: (text) => Effect.sync(() => (fiber?.interruptUnsafe(), text)) })
    const create = give(CreateNote.perform({ key: "a", input: "text" }))
    fiber = yield* Effect.forkChild(create)
    const exit = yield* Effect.exit(Fiber.join(fiber))
    expect(Exit.hasInterrupts(exit)).toBe(true)
    expect(yield* (yield* ReceiptStore.ReceiptStore).list({})).toMatchObject([{ state: "done", success: "text" }])
  }).pipe(Effect.provide(yes))
)

it.effect("what was not there when it was looked for, and came before the answer did, is not done again", () =>
  Effect.gen(function* () {
    const arrived: Array<string> = []
    const CreateNote = SideEffect.make("notes.create", {
      ...notes,
      settleAfter: "1 minute",
      // It arrives 50 seconds after the answer was given up.
      call: (text) =>
        Effect.andThen(
          Effect.forkDetach(Effect.andThen(Effect.sleep("50 seconds"), Effect.sync(() => arrived.push(text)))),
          Effect.fail(new LostAnswerError({ ambiguous: true }))
        ),
      verify: (text) =>
        Effect.suspend(() => {
          const found = arrived.includes(text)
          return Effect.as(Effect.sleep("30 seconds"), found ? SideEffect.done(text) : SideEffect.notDone)
        })
    })
    const create = give(CreateNote.perform({ key: "a", input: "text" }))
    const first = yield* Effect.forkChild(Effect.exit(create))
    yield* TestClock.adjust("40 seconds")
    const settling = yield* Effect.forkChild(SideEffect.settle(CreateNote))
    yield* TestClock.adjust("30 seconds")
    expect(yield* Fiber.join(settling)).toMatchObject([{ state: "unknown" }])
    yield* Fiber.join(first)
    const again = yield* Effect.forkChild(create)
    yield* TestClock.adjust("1 minute")
    expect([yield* Fiber.join(again), arrived]).toEqual(["text", ["text"]])
  }).pipe(Effect.provide(yes))
)

it.effect("a lost call is found behind many that live, whatever the limit", () =>
  Effect.gen(function* () {
    const CreateNote = SideEffect.make("notes.create", { ...notes, call: () => Effect.never })
    const perform = (key: string) => give(CreateNote.perform({ key, input: "text" }))
    const living = yield* Effect.forEach(["a", "b", "c"], (key) => Effect.forkChild(perform(key)))
    yield* TestClock.adjust("1 second")
    const store = yield* ReceiptStore.ReceiptStore
    const context = Context.make(ReceiptStore.ReceiptStore, { ...store, renew: () => Effect.never, put: (receipt, ...rest) => (receipt.state === "calling" ? store.put(receipt, ...rest) : Effect.never) })
    yield* Effect.forkDetach(Effect.provideContext(perform("d"), Context.add(context, Approval.Approval, yield* Approval.Approval)))
    yield* TestClock.adjust("1 minute")
    expect(yield* SideEffect.doubtful({ limit: 1 })).toMatchObject([{ key: "d", state: "unknown" }])
    yield* Effect.forEach(living, Fiber.interrupt)
  }).pipe(Effect.provide(yes))
)
