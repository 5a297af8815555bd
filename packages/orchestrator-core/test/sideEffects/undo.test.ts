import { expect, it } from "@effect/vitest"
import { Approval, ReceiptStore, SideEffect } from "@aria/orchestrator-core"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"

const yes = Layer.mergeAll(ReceiptStore.layerMemory, Approval.layerApproveAll("ada"))

it.effect("what was taken back and could not be written down is written down later, and not taken back twice", () =>
  Effect.gen(function* () {
    const undone: Array<string> = []
    const CreateNote = SideEffect.make("notes.create", {
      input: Schema.String,
      success: Schema.String,
      call: Effect.succeed,
      undo: { within: "5 minutes", call: (text) => Effect.sync(() => void undone.push(text)) }
    })
    yield* CreateNote.perform({ key: "a", input: "text" }).pipe(SideEffect.allow(["notes.create"]))
    const store = yield* ReceiptStore.ReceiptStore
    const [receipt] = yield* store.list({ states: ["done"] })
    const { id } = receipt!
    const out = new ReceiptStore.ReceiptStoreError({ operation: "write", message: "the store does not answer" })
    const failing = { ...store, put: (...args: Parameters<typeof store.put>) => (args[0].state === "undone" ? Effect.fail(out) : store.put(...args)) }
    const error = yield* Effect.flip(SideEffect.undo(CreateNote, id, "ada").pipe(Effect.provideService(ReceiptStore.ReceiptStore, failing)))
    expect(error).toMatchObject({ _tag: "ReceiptStoreError" })
    yield* TestClock.adjust("10 minutes")
    expect(yield* SideEffect.undo(CreateNote, id, "ada")).toMatchObject({ state: "undone" })
    expect(undone).toEqual(["text"])
    expect(yield* Effect.flip(SideEffect.undo(CreateNote, id, "ada"))).toMatchObject({ reason: "alreadyUndone" })
  }).pipe(Effect.provide(yes))
)
