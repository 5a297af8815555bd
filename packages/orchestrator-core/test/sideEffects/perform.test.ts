import { expect, it } from "@effect/vitest"
import { Approval, AuditLog, Receipt, ReceiptStore, SideEffect } from "@aria/orchestrator-core"
import { Effect, Fiber, Layer, Option, Schema } from "effect"
import { TestClock } from "effect/testing"

class LostAnswerError extends Schema.TaggedError<LostAnswerError>()("LostAnswerError", { ambiguous: Schema.Boolean }) {}

/** A place outside: what arrives stays, and a call may fail before, after or instead of arriving. */
const makeOutside = () => {
  const notes: Array<{ readonly id: string; readonly title: string }> = []
  let next: "fine" | "refused" | "lost" | "hangs" | "dies" = "fine"
  const CreateNote = SideEffect.make("notes.create", {
    input: Schema.Struct({ title: Schema.String }),
    success: Schema.String,
    error: LostAnswerError,
    settleAfter: 0,
    summary: ({ title }) => `Write "${title}"`,
    undo: { within: "5 minutes", call: (_, id) => Effect.sync(() => void notes.splice(notes.findIndex((note) => note.id === id), 1)) },
    call: ({ title }, { receiptId }) =>
      Effect.gen(function* () {
        const how = next
        next = "fine"
        if (how === "refused") return yield* new LostAnswerError({ ambiguous: false })
        notes.push({ id: receiptId, title })
        if (how === "lost") return yield* new LostAnswerError({ ambiguous: true })
        if (how === "dies") return yield* Effect.die("bug")
        if (how === "hangs") return yield* Effect.never
        return receiptId
      })
  })
  return { notes, CreateNote, next: (how: typeof next) => void (next = how) }
}

const yes = Layer.mergeAll(ReceiptStore.layerMemory, Approval.layerApproveAll("ada"))
const run = SideEffect.allow(["notes.*"])
const title = { title: "Minutes" }

it.effect("does an action once, whoever asks for it again", () =>
  Effect.gen(function* () {
    const { CreateNote, notes } = makeOutside()
    const [one, two] = yield* Effect.all([CreateNote.perform({ key: "a", input: title }), CreateNote.perform({ key: "a", input: title })], {
      concurrency: 2
    })
    const again = yield* CreateNote.perform({ key: "a", input: title })
    expect(notes).toHaveLength(1)
    expect([two, again]).toStrictEqual([one, one])
  }).pipe(run, Effect.provide(yes))
)

it.effect("refuses a key that stands for another input", () =>
  Effect.gen(function* () {
    const { CreateNote, notes } = makeOutside()
    yield* CreateNote.perform({ key: "a", input: title })
    const error = yield* Effect.flip(CreateNote.perform({ key: "a", input: { title: "Other" } }))
    expect(error._tag).toBe("SideEffectConflictError")
    expect(notes).toHaveLength(1)
  }).pipe(run, Effect.provide(yes))
)

it.effect("tries again what was provably not done", () =>
  Effect.gen(function* () {
    const { CreateNote, next, notes } = makeOutside()
    next("refused")
    const error = yield* Effect.flip(CreateNote.perform({ key: "a", input: title }))
    expect(error._tag).toBe("LostAnswerError")
    yield* CreateNote.perform({ key: "a", input: title })
    expect(notes).toHaveLength(1)
  }).pipe(run, Effect.provide(yes))
)

it.effect.each(["lost", "hangs", "dies"] as const)("lists a call that %s, and does not try it again", (how) =>
  Effect.gen(function* () {
    const { CreateNote, next, notes } = makeOutside()
    next(how)
    const fiber = yield* Effect.forkChild(Effect.exit(CreateNote.perform({ key: "a", input: title })))
    yield* TestClock.adjust("1 second")
    yield* Fiber.interrupt(fiber)
    const error = yield* Effect.flip(CreateNote.perform({ key: "a", input: title }))
    expect(error._tag).toBe("SideEffectUnknownError")
    expect(notes).toHaveLength(1)
    const [receipt, ...more] = yield* SideEffect.doubtful()
    expect(more).toHaveLength(0)
    expect(receipt?.state).toBe("unknown")
    yield* SideEffect.resolve(receipt!.id, { _tag: "done", success: receipt!.id }, "ada")
    expect(yield* CreateNote.perform({ key: "a", input: title })).toBe(receipt!.id)
    expect(notes).toHaveLength(1)
    yield* AuditLog.verify((yield* ReceiptStore.ReceiptStore).audit)
  }).pipe(run, Effect.provide(yes))
)

it.effect("takes back within the window, once", () =>
  Effect.gen(function* () {
    const { CreateNote, notes } = makeOutside()
    yield* CreateNote.perform({ key: "a", input: title })
    const id = Receipt.idOf({ scope: "user:anonymous", kind: "notes.create", key: "a" })
    const receipt = yield* SideEffect.undo(CreateNote, id, "ada")
    expect(receipt.state).toBe("undone")
    expect(notes).toHaveLength(0)
    const again = yield* Effect.flip(SideEffect.undo(CreateNote, id, "ada"))
    expect(again).toMatchObject({ _tag: "UndoRefusedError", reason: "alreadyUndone" })
    yield* CreateNote.perform({ key: "b", input: title })
    yield* TestClock.adjust("6 minutes")
    const late = yield* Effect.flip(SideEffect.undo(CreateNote, Receipt.idOf({ scope: "user:anonymous", kind: "notes.create", key: "b" }), "ada"))
    expect(late).toMatchObject({ _tag: "UndoRefusedError", reason: "tooLate" })
  }).pipe(run, Effect.provide(yes))
)

it.effect("does nothing without an approval, or without being given the kind", () =>
  Effect.gen(function* () {
    const { CreateNote, notes } = makeOutside()
    const perform = CreateNote.perform({ key: "a", input: title })
    const denied = yield* Effect.flip(perform.pipe(run))
    expect(denied).toMatchObject({ _tag: "SideEffectNotPerformedError", reason: "denied" })
    const notGiven = yield* Effect.flip(perform)
    expect(notGiven).toMatchObject({ _tag: "SideEffectNotPerformedError", reason: "notAllowed" })
    const narrowed = yield* Effect.flip(perform.pipe(SideEffect.allow(["notes.remove"]), run))
    expect(narrowed).toMatchObject({ reason: "notAllowed" })
    expect(notes).toHaveLength(0)
    expect(Option.isNone(yield* (yield* ReceiptStore.ReceiptStore).get("x"))).toBe(true)
  }).pipe(Effect.provide(Layer.mergeAll(ReceiptStore.layerMemory, Approval.layerDeny)))
)

it.effect("a rehearsal gives the requests, and a grant of them approves exactly those", () =>
  Effect.gen(function* () {
    const { CreateNote, notes } = makeOutside()
    const both = Effect.all([CreateNote.perform({ key: "a", input: title }), CreateNote.perform({ key: "b", input: title })], {
      mode: "result"
    })
    const { requests } = yield* SideEffect.rehearse(both)
    expect(requests.map(({ key }) => key)).toStrictEqual(["a", "b"])
    expect(notes).toHaveLength(0)
    yield* Effect.gen(function* () {
      yield* both
      const other = yield* Effect.flip(CreateNote.perform({ key: "c", input: title }))
      expect(other).toMatchObject({ reason: "denied" })
    }).pipe(Effect.provide(Approval.layerGranted({ requests, by: "ada" })))
    expect(notes).toHaveLength(2)
  }).pipe(run, Effect.provide(Layer.mergeAll(ReceiptStore.layerMemory, Approval.layerDeny)))
)

it.effect("checks before anybody is asked, and not what was done already", () =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    let taken = false
    const Book = SideEffect.make("notes.book", {
      input: Schema.String,
      success: Schema.String,
      error: Schema.Literal("taken"),
      check: () => (taken ? Effect.fail("taken" as const) : Effect.void),
      call: (room) => Effect.sync(() => ((taken = true), room))
    })
    const approval = Layer.succeed(Approval.Approval)({
      decide: ({ key }) => Effect.sync(() => (asked.push(key), { _tag: "approved", by: "ada" } as const))
    })
    yield* Effect.gen(function* () {
      expect(yield* Book.perform({ key: "a", input: "blue" })).toBe("blue")
      expect(yield* Book.perform({ key: "a", input: "blue" })).toBe("blue")
      expect(yield* Effect.flip(Book.perform({ key: "b", input: "blue" }))).toBe("taken")
      expect(yield* SideEffect.rehearse(Book.perform({ key: "c", input: "blue" }))).toMatchObject({ requests: [], result: { failure: "taken" } })
    }).pipe(Effect.provide(approval))
    expect(asked).toStrictEqual(["a"])
  }).pipe(run, Effect.provide(ReceiptStore.layerMemory))
)
