import { Approval, type ApprovalPolicy, AuditLog, HumanInput, QuestionQueue, ReceiptStore, SideEffect } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { makeNotes, only, open } from "./people.ts"

const queue = HumanInput.layerQueue({ pollInterval: "1 second" }).pipe(Layer.provideMerge(QuestionQueue.layerMemory))
const asked = Approval.layerAsk.pipe(Layer.provideMerge(queue), Layer.merge(ReceiptStore.layerMemory))
const byPolicy = (policy: ApprovalPolicy.ApprovalPolicy) =>
  Layer.orDie(Approval.layerPolicy(policy)).pipe(Layer.provideMerge(queue), Layer.merge(ReceiptStore.layerMemory))

const start = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.forkChild(self, { startImmediately: true })

const answer = (value: Schema.Json, by = "bob") =>
  Effect.gen(function* () {
    const { question } = yield* only
    yield* (yield* QuestionQueue.QuestionQueue).answer(question.id, { value, by })
    yield* TestClock.adjust("1 second")
  })

const events = Effect.gen(function* () {
  const { audit } = yield* ReceiptStore.ReceiptStore
  const entries = yield* Effect.forEach(yield* Stream.runCollect(audit), AuditLog.decode)
  return entries.map(({ by, reason, what }) => [what, by, reason])
})

describe("a person approves exactly what is done", () => {
  it.effect("yes: it is done, and receipt and log say who approved it", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      const fiber = yield* start(create("Minutes"))
      const { question } = yield* only
      expect(question).toMatchObject({ name: "approval", prompt: 'Write "Minutes"', schema: { type: "boolean" }, expiresAt: 3_600_000 })
      expect(question.about).toMatchObject({ kind: "notes.create", input: { title: "Minutes" } })
      yield* answer("perhaps")
      expect(yield* only).toMatchObject({ problem: "The answer is true or false." })
      expect(written).toHaveLength(0)
      yield* answer(true)
      yield* Fiber.join(fiber)
      expect(written).toStrictEqual(["Minutes"])
      const [receipt] = yield* (yield* ReceiptStore.ReceiptStore).list({})
      expect(receipt).toMatchObject({ approvedBy: "bob", state: "done" })
      expect(yield* events).toStrictEqual([["intended", "bob", undefined], ["done", undefined, undefined]])
    }).pipe(Effect.provide(asked))
  )

  it.effect("no: nothing is done or intended, and it stays no for this input", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      const fiber = yield* start(Effect.flip(create("Minutes")))
      yield* answer(false)
      const error = yield* Fiber.join(fiber)
      expect(error).toMatchObject({ _tag: "SideEffectNotPerformedError", reason: "denied" })
      expect(error.message).toBe("notes.create was denied by bob, nothing was done; that holds for this input")
      expect(yield* Effect.flip(create("Minutes"))).toMatchObject({ reason: "denied" })
      expect(written).toHaveLength(0)
      expect(yield* (yield* ReceiptStore.ReceiptStore).list({})).toHaveLength(0)
      expect(yield* events).toStrictEqual([["denied", "bob", "denied"], ["denied", "bob", "denied"]])
    }).pipe(Effect.provide(asked))
  )

  it.effect("an answer for other arguments does not count, the one for these does", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      const lost = yield* start(create("Minutes", "a"))
      yield* Fiber.interrupt(lost)
      yield* answer(true)
      const changed = yield* start(create("Other", "a"))
      yield* TestClock.adjust("1 minute")
      expect(written).toHaveLength(0)
      expect((yield* only).question.prompt).toBe('Write "Other"')
      yield* Fiber.interrupt(changed)
      yield* create("Minutes", "a")
      expect(written).toStrictEqual(["Minutes"])
    }).pipe(Effect.provide(asked))
  )

  it.effect("an answer does not hold for another key, nor once its time is over", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      const lost = yield* start(create("Minutes", "a"))
      yield* Fiber.interrupt(lost)
      yield* answer(true)
      const other = yield* start(create("Minutes", "b"))
      expect((yield* only).question.about).toMatchObject({ key: "b" })
      yield* Fiber.interrupt(other)
      yield* TestClock.adjust("1 hour")
      const late = yield* start(create("Minutes", "a"))
      expect((yield* only).question.about).toMatchObject({ key: "a" })
      expect(written).toHaveLength(0)
      yield* answer(true)
      yield* Fiber.join(late)
      expect(written).toStrictEqual(["Minutes"])
    }).pipe(Effect.provide(asked))
  )

  it.effect("no answer in time is a no", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      const fiber = yield* start(Effect.flip(create("Minutes")))
      yield* TestClock.adjust("1 hour")
      yield* TestClock.adjust("1 second")
      const error = yield* Fiber.join(fiber)
      expect(error).toMatchObject({ reason: "expired" })
      expect(error.message).toContain("nothing was done")
      expect(error.message).toContain("ask it again")
      expect(written).toHaveLength(0)
      expect(yield* events).toStrictEqual([["denied", "nobody", "expired"]])
    }).pipe(Effect.provide(asked))
  )

  it.effect("a yes that comes too late is a no, whoever gives it", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      const slow = Layer.succeed(Approval.Approval)({ decide: () => Effect.delay(Effect.succeed({ _tag: "approved", by: "bob" } as const), "1 hour") })
      const fiber = yield* start(Effect.flip(create("Minutes").pipe(Effect.provide(slow))))
      yield* TestClock.adjust("1 hour")
      const error = yield* Fiber.join(fiber)
      expect(error).toMatchObject({ reason: "expired" })
      expect(error.message).toContain("too late")
      expect(written).toHaveLength(0)
    }).pipe(Effect.provide(ReceiptStore.layerMemory))
  )

  it.effect("declined is a no", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      const fiber = yield* start(Effect.flip(create("Minutes")))
      const { question } = yield* only
      yield* (yield* QuestionQueue.QuestionQueue).decline(question.id, "bob")
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(fiber)).toMatchObject({ reason: "denied" })
      expect(written).toHaveLength(0)
    }).pipe(Effect.provide(asked))
  )

  it.effect("where nobody can answer it is a no at once, and says what to do", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      const error = yield* Effect.flip(create("Minutes").pipe(Effect.provide(Approval.layerAsk.pipe(Layer.provide(HumanInput.layerNobody())))))
      expect(error).toMatchObject({ reason: "nobody" })
      for (const part of ["notes.create", "nothing was done", "Approval.layerPolicy", "Approval.layerGranted"]) expect(error.message).toContain(part)
      const denied = yield* Effect.flip(create("Minutes").pipe(Effect.provide(Approval.layerDeny)))
      for (const part of ["notes.create", "nothing was done", "Approval.layerAsk"]) expect(denied.message).toContain(part)
      expect(written).toHaveLength(0)
    }).pipe(Effect.provide(ReceiptStore.layerMemory))
  )
})

describe("a policy decides, and asks where it says so", () => {
  it.effect("allow and deny ask nobody, and are recorded with the rule", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      yield* create("Minutes")
      expect(written).toStrictEqual(["Minutes"])
      expect(yield* open).toHaveLength(0)
      expect((yield* events)[0]).toStrictEqual(["intended", "policy: notes are fine", undefined])
    }).pipe(Effect.provide(byPolicy({ rules: [{ effect: "allow", name: "notes are fine", kinds: ["notes.*"] }], otherwise: "deny" })))
  )

  it.effect("deny says which rule it was", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      const error = yield* Effect.flip(create("Minutes"))
      expect(error).toMatchObject({ reason: "denied" })
      expect(error.message).toContain("denied by the policy, nothing was done: rule 1")
      expect(written).toHaveLength(0)
      expect(yield* open).toHaveLength(0)
    }).pipe(Effect.provide(byPolicy({ rules: [{ effect: "deny", kinds: ["notes.*"] }], otherwise: "allow" })))
  )

  it.effect("ask asks, by the time of the request", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      yield* create("By night")
      expect(yield* open).toHaveLength(0)
      yield* TestClock.adjust("8 hours")
      const fiber = yield* start(create("By day"))
      yield* answer(true, "cyd")
      yield* Fiber.join(fiber)
      expect(written).toStrictEqual(["By night", "By day"])
      expect((yield* events).filter(([what]) => what === "intended").map(([, by]) => by)).toStrictEqual(["policy: rule 1", "cyd"])
    }).pipe(
      Effect.provide(byPolicy({ rules: [{ effect: "allow", hours: { from: "22:00", to: "07:00", zone: "UTC" } }] }))
    )
  )

  it.effect("one that cannot hold builds no layer", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Effect.void.pipe(Effect.provide(Approval.layerPolicy({ rules: [{ effect: "deny", kinds: [] }] }).pipe(Layer.provide(HumanInput.layerNobody()))))
      )
      expect(error._tag).toBe("InvalidApprovalPolicyError")
    })
  )
})

describe("a batch that was approved before", () => {
  it.effect("holds once for each entry, for its user and until it expires", () =>
    Effect.gen(function* () {
      const { create, written } = makeNotes()
      const { requests } = yield* SideEffect.rehearse(Effect.all([create("a"), create("b")], { mode: "result" }))
      expect(requests).toHaveLength(2)
      yield* Effect.gen(function* () {
        yield* create("a")
        yield* TestClock.adjust("1 hour")
        expect(yield* Effect.flip(create("b"))).toMatchObject({ reason: "denied" })
      }).pipe(Effect.provide(Approval.layerGranted({ requests, by: "ada", expiresAt: 3_600_000 })))
      expect(written).toStrictEqual(["a"])
      yield* Effect.gen(function* () {
        const approval = yield* Approval.Approval
        const [, b] = requests
        expect(yield* approval.decide({ ...b!, userId: "mallory" })).toMatchObject({ _tag: "denied" })
        expect(yield* approval.decide({ ...b!, inputHash: "other" })).toMatchObject({ _tag: "denied" })
        expect(yield* approval.decide(b!)).toMatchObject({ _tag: "approved", by: "ada" })
        expect(yield* approval.decide(b!)).toMatchObject({ _tag: "denied" })
      }).pipe(Effect.provide(Approval.layerGranted({ requests, by: "ada" })))
    }).pipe(Effect.provide([ReceiptStore.layerMemory, Approval.layerDeny]))
  )
})
