import { expect, it } from "@effect/vitest"
import { Approval, ReceiptStore, SideEffect } from "@aria/orchestrator-core"
import { Effect, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"

class LostAnswerError extends Schema.TaggedError<LostAnswerError>()("LostAnswerError", { ambiguous: Schema.Boolean }) {}

const give = SideEffect.allow(["notes.create"])
const yes = Layer.mergeAll(ReceiptStore.layerMemory, Approval.layerApproveAll("ada"))

/** Each call loses its answer; somebody may look it up, which takes a while. */
const makeLosing = (millis: number) => {
  const calls: Array<string> = []
  const CreateNote = SideEffect.make("notes.create", {
    input: Schema.String,
    success: Schema.String,
    error: LostAnswerError,
    settleAfter: 0,
    call: (text) => Effect.andThen(Effect.sync(() => calls.push(text)), Effect.fail(new LostAnswerError({ ambiguous: true }))),
    verify: () => Effect.as(Effect.sleep(millis), calls.length === 1 ? SideEffect.notDone : SideEffect.undecided)
  })
  return { calls, create: give(CreateNote.perform({ key: "a", input: "text" })) }
}

it.effect("what a person found out about one call does not settle the next one", () =>
  Effect.gen(function* () {
    const { calls, create } = makeLosing(1_000)
    const first = yield* Effect.forkChild(Effect.exit(create))
    const [seen] = yield* Effect.andThen(Effect.yieldNow, SideEffect.doubtful())
    expect(seen).toMatchObject({ state: "unknown", attempts: 1 })
    // While the first call is looked up it waits for the receipt; then another call is made.
    const second = yield* Effect.forkChild(Effect.exit(create))
    const { id } = seen!
    const waiting = yield* Effect.forkChild(Effect.flip(SideEffect.resolve(id, { _tag: "notDone" }, "ada")))
    yield* TestClock.adjust("10 seconds")
    yield* Effect.all([Fiber.join(first), Fiber.join(second)])
    expect(calls).toHaveLength(2)
    expect(yield* Fiber.join(waiting)).toMatchObject({ _tag: "SettleRefusedError", message: expect.stringContaining("look into attempt 2") })
    const late = yield* Effect.flip(SideEffect.resolve(id, { _tag: "notDone", attempt: 1 }, "ada"))
    expect(late).toMatchObject({ _tag: "SettleRefusedError" })
    expect(yield* SideEffect.doubtful()).toMatchObject([{ state: "unknown", attempts: 2 }])
    expect(yield* SideEffect.resolve(id, { _tag: "done", success: "found", attempt: 2 }, "ada")).toMatchObject({ state: "done", settledBy: "ada" })
    expect(yield* create).toBe("found")
  }).pipe(Effect.provide(yes))
)
