import * as CalendarAction from "@aria/agents-operator/CalendarAction"
import * as CrmAction from "@aria/agents-operator/CrmAction"
import { Operator } from "@aria/agents-operator/Operator"
import * as Approval from "@aria/orchestrator-core/Approval"
import * as AuditLog from "@aria/orchestrator-core/AuditLog"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import { ReceiptStore } from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Task from "@aria/orchestrator-core/Task"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { discard, find, read, record, remove, write } from "./calls.ts"
import { type End, inWorld, makeWorld, meeting, type World, zone } from "./world.ts"

const day = { startDate: "2026-11-23", zone }
const lead = { name: "Grace Hopper", status: "new", value: 100 }

/** Each kind of write, on a world that has an event and a lead; `state` is what the world holds of it. */
const kinds = {
  "calendar.create": {
    perform: () => write({ action: "create", event: meeting("14:00", "15:00", "New") }),
    state: Effect.map(read(day), ({ events }) => events.filter(({ title }) => title === "New").length),
    before: 0,
    after: 1
  },
  "calendar.update": {
    perform: ({ event }: Existing) =>
      write({ action: "update", ...event, change: { title: "Changed", location: "Room 2" } }),
    state: Effect.map(read(day), ({ events }) => [events[0]?.title, events[0]?.location]),
    before: ["Review", undefined],
    after: ["Changed", "Room 2"]
  },
  "calendar.remove": {
    perform: ({ event }: Existing) => remove(event),
    state: Effect.map(read(day), ({ events }) => events.map(({ attendees, title }) => [title, attendees])),
    before: [["Review", [{ email: "ada@example.com" }]]],
    after: []
  },
  "crm.create": {
    perform: () => record({ action: "create", recordType: "contact", record: { name: "Ada" } }),
    state: Effect.map(find({ recordType: "contact" }), ({ totalCount }) => totalCount),
    before: 0,
    after: 1
  },
  "crm.update": {
    perform: ({ record: existing }: Existing) =>
      record({ action: "update", recordType: "lead", ...existing, change: { status: "won", value: null } }),
    state: Effect.map(find({ recordType: "lead" }), ({ records: [one] }) =>
      one !== undefined && "status" in one ? [one.status, one.value] : []
    ),
    before: ["new", 100],
    after: ["won", null]
  },
  "crm.remove": {
    perform: ({ record: existing }: Existing) => discard({ recordType: "lead", ...existing }),
    state: Effect.map(find({ recordType: "lead" }), ({ records }) => records.map(({ id }) => id)),
    before: ["hopper"],
    after: []
  }
} as const

interface Existing {
  readonly event: { readonly eventId: string; readonly version: string }
  readonly record: { readonly recordId: string; readonly version: string }
}

const names = [
  "calendar.create",
  "calendar.update",
  "calendar.remove",
  "crm.create",
  "crm.update",
  "crm.remove"
] as const
type Name = (typeof names)[number]
type Kind = {
  readonly perform: (existing: Existing) => Performed
  readonly state: State
  readonly before: unknown
  readonly after: unknown
}
type Performed = Effect.Effect<
  { readonly receiptId: string },
  Effect.Error<ReturnType<typeof Operator.run>>,
  Effect.Services<ReturnType<typeof Operator.run>>
>
type State = Effect.Effect<
  unknown,
  Effect.Error<ReturnType<typeof Operator.run>>,
  Effect.Services<ReturnType<typeof Operator.run>>
>

const kindOf = (name: Name): Kind => kinds[name]

/** A world with something in it, ready for one of the kinds. */
const inFilled = <A, E>(
  use: (world: World & { readonly existing: Existing }) => Effect.Effect<A, E, Layer.Success<World["layer"]>>
) =>
  inWorld((world) =>
    Effect.gen(function* () {
      const event = yield* world.calendar.create({ event: { ...meeting(), attendees: [{ email: "ada@example.com" }] } })
      const { id, version } = yield* world.crm.create("lead", { id: "hopper", ...lead })
      const existing = { event: { eventId: event.id, version: event.version }, record: { recordId: id, version } }
      return yield* use({ ...world, existing })
    })
  )

const undo = (name: Name, receiptId: string) =>
  Effect.gen(function* () {
    switch (name) {
      case "calendar.create":
        return yield* SideEffect.undo(CalendarAction.create, receiptId, "ada")
      case "calendar.update":
        return yield* SideEffect.undo(CalendarAction.update, receiptId, "ada")
      case "calendar.remove":
        return yield* SideEffect.undo(CalendarAction.remove, receiptId, "ada")
      case "crm.create":
        return yield* SideEffect.undo(CrmAction.create, receiptId, "ada")
      case "crm.update":
        return yield* SideEffect.undo(CrmAction.update, receiptId, "ada")
      case "crm.remove":
        return yield* SideEffect.undo(CrmAction.remove, receiptId, "ada")
    }
  })

const settleAll = Effect.all([
  SideEffect.settle(CalendarAction.create),
  SideEffect.settle(CalendarAction.update),
  SideEffect.settle(CalendarAction.remove),
  SideEffect.settle(CrmAction.create),
  SideEffect.settle(CrmAction.update),
  SideEffect.settle(CrmAction.remove)
])

describe.each(names)("%s", (name) => {
  const { after, before, perform, state } = kindOf(name)

  it.effect("asks once, for exactly what it does, and leaves a receipt", () =>
    inFilled(({ existing, requests, writes }) =>
      Effect.gen(function* () {
        expect(yield* state).toStrictEqual(before)
        const { receiptId } = yield* perform(existing)
        expect(yield* state).toStrictEqual(after)
        expect(requests).toMatchObject([{ kind: name, receiptId, undoMillis: 300_000 }])
        expect(writes()).toBe(1)
        const receipt = Option.getOrThrow(yield* (yield* ReceiptStore).get(receiptId))
        expect(receipt).toMatchObject({ kind: name, state: "done", approvedBy: "ada", summary: requests[0]?.summary })
        yield* AuditLog.verify((yield* ReceiptStore).audit)
      })
    )
  )

  it.effect("done again is the same action: nobody is asked, nothing is written", () =>
    inFilled(({ existing, requests, writes }) =>
      Effect.gen(function* () {
        const { receiptId } = yield* perform(existing)
        expect((yield* perform(existing)).receiptId).toBe(receiptId)
        expect(yield* state).toStrictEqual(after)
        expect([requests.length, writes()]).toStrictEqual([1, 1])
      })
    )
  )

  it.effect("denied, it leaves the world unchanged, and is a failure", () =>
    inFilled(({ deny, existing, requests, writes }) =>
      Effect.gen(function* () {
        deny()
        const error = yield* Effect.flip(perform(existing))
        expect(error).toMatchObject({ _tag: "SideEffectNotPerformedError", reason: "denied", message: "ada said no" })
        expect(yield* state).toStrictEqual(before)
        expect([requests.length, writes()]).toStrictEqual([1, 0])
      })
    )
  )

  it.effect("not given to the run, it leaves the world unchanged, and nobody is asked", () =>
    inFilled(({ existing, requests, writes }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(perform(existing).pipe(SideEffect.allow(["mail.*"])))
        expect(error).toMatchObject({ _tag: "SideEffectNotPerformedError", reason: "notAllowed" })
        expect(yield* state).toStrictEqual(before)
        expect([requests.length, writes()]).toStrictEqual([0, 0])
      })
    )
  )

  it.effect("refused by the system, it is a failure, and can be tried again", () =>
    inFilled(({ existing, next, writes }) =>
      Effect.gen(function* () {
        next("refused")
        expect(yield* Effect.flip(perform(existing))).toMatchObject({ ambiguous: false })
        expect(yield* state).toStrictEqual(before)
        yield* perform(existing)
        expect(yield* state).toStrictEqual(after)
        expect(writes()).toBe(1)
      })
    )
  )

  it.effect("with its answer lost, it is looked up and not done twice, whatever the policy", () =>
    inFilled(({ existing, next, writes }) =>
      Effect.gen(function* () {
        next("lostBack")
        yield* Effect.retry(perform(existing), { times: 2 })
        expect(yield* state).toStrictEqual(after)
        expect(writes()).toBe(1)
        expect(yield* SideEffect.doubtful()).toHaveLength(0)
      })
    )
  )

  it.effect("lost on its way, it is looked up and not taken for done", () =>
    inFilled(({ existing, next, writes }) =>
      Effect.gen(function* () {
        next("lostThere")
        expect(yield* Effect.flip(perform(existing))).toMatchObject({ ambiguous: true })
        expect(yield* state).toStrictEqual(before)
        yield* perform(existing)
        expect(yield* state).toStrictEqual(after)
        expect(writes()).toBe(1)
      })
    )
  )

  const cut: ReadonlyArray<End> = ["hangs", "dies"]
  it.effect.each(cut)("cut short, when it %s, it is listed as doubtful, and settles", (how) =>
    inFilled(({ arrived, existing, next, writes }) =>
      Effect.gen(function* () {
        next(how)
        const fiber = yield* Effect.forkChild(Effect.exit(perform(existing)))
        yield* arrived(1)
        yield* how === "hangs" ? Fiber.interrupt(fiber) : Fiber.await(fiber)
        expect(yield* SideEffect.doubtful()).toMatchObject([
          { kind: name, state: "unknown", doubt: how === "hangs" ? "interrupted" : "defect" }
        ])
        expect((yield* settleAll).flat()).toMatchObject([{ kind: name, state: "done", settledBy: "verify" }])
        expect(yield* SideEffect.doubtful()).toHaveLength(0)
        yield* perform(existing)
        expect(yield* state).toStrictEqual(after)
        expect(writes()).toBe(1)
      })
    )
  )

  it.effect("is taken back within five minutes", () =>
    inFilled(({ existing }) =>
      Effect.gen(function* () {
        const { receiptId } = yield* perform(existing)
        yield* TestClock.adjust("4 minutes")
        expect(yield* undo(name, receiptId)).toMatchObject({ state: "undone", settledBy: "ada" })
        expect(yield* state).toStrictEqual(before)
      })
    )
  )

  it.effect("is not taken back later", () =>
    inFilled(({ existing }) =>
      Effect.gen(function* () {
        const { receiptId } = yield* perform(existing)
        yield* TestClock.adjust("6 minutes")
        expect(yield* Effect.flip(undo(name, receiptId))).toMatchObject({ _tag: "UndoRefusedError", reason: "tooLate" })
        expect(yield* state).toStrictEqual(after)
      })
    )
  )
})

describe("taking back", () => {
  it.effect("leaves alone what somebody changed since", () =>
    inFilled(({ calendar, crm, existing }) =>
      Effect.gen(function* () {
        const made = yield* write({ action: "create", event: meeting("14:00", "15:00", "New") })
        yield* calendar.update({ id: made.eventId, version: made.version, change: { title: "Mine now" } })
        expect(yield* Effect.flip(undo("calendar.create", made.receiptId))).toMatchObject({ _tag: "StaleVersionError" })
        expect(yield* calendar.get({ id: made.eventId })).toMatchObject({ title: "Mine now" })

        const changed = yield* record({
          action: "update",
          recordType: "lead",
          ...existing.record,
          change: { status: "won" }
        })
        yield* crm.update("lead", { id: "hopper", version: changed.version, change: { value: 5 } })
        expect(yield* Effect.flip(undo("crm.update", changed.receiptId))).toMatchObject({ _tag: "StaleRecordError" })
        expect(yield* crm.get("lead", "hopper")).toMatchObject({ status: "won", value: 5 })
      })
    )
  )

  it.effect("says so where nobody knows what was there before", () =>
    inFilled(({ arrived, existing, next, writes }) =>
      Effect.gen(function* () {
        // The answer is lost with the process that asked: what was there is lost with it.
        next("hangs", "hangs")
        for (const name of ["calendar.remove", "crm.remove"] as const) {
          const before = writes()
          const fiber = yield* Effect.forkChild(Effect.exit(kindOf(name).perform(existing)))
          yield* arrived(before + 1)
          yield* Fiber.interrupt(fiber)
        }
        const settled = (yield* settleAll).flat()
        expect(settled.map(({ kind }) => kind)).toStrictEqual(["calendar.remove", "crm.remove"])
        for (const { id, kind } of settled) {
          const error = yield* Effect.flip(undo(kind === "crm.remove" ? "crm.remove" : "calendar.remove", id))
          expect(error).toMatchObject({ _tag: "NotRestorableError" })
        }
      })
    )
  )

  const changes = ["calendar.update", "crm.update"] as const
  it.effect.each(changes)("%s never takes what it made for what was there before", (name) =>
    inFilled(({ arrived, existing, next }) =>
      Effect.gen(function* () {
        next("hangs")
        const fiber = yield* Effect.forkChild(Effect.exit(kindOf(name).perform(existing)))
        yield* arrived(1)
        yield* Fiber.interrupt(fiber)
        // Looked up by the second one, which reads what the first one made.
        const { receiptId } = yield* kindOf(name).perform(existing)
        expect(yield* Effect.flip(undo(name, receiptId))).toMatchObject({ _tag: "NotRestorableError" })
        expect(yield* kindOf(name).state).toStrictEqual(kindOf(name).after)
      })
    )
  )

  it.effect("of a removal whose answer was lost gives back what was read before", () =>
    inFilled(({ existing, next }) =>
      Effect.gen(function* () {
        next("lostBack")
        const { receiptId, removed } = yield* remove(existing.event)
        expect(removed).toMatchObject({ title: "Review" })
        yield* undo("calendar.remove", receiptId)
        expect((yield* read(day)).events).toMatchObject([{ title: "Review" }])
      })
    )
  )
})

describe("keys", () => {
  it.effect("name an action: another input under the same key is refused", () =>
    inFilled(({ writes }) =>
      Effect.gen(function* () {
        const one = yield* write({ action: "create", event: meeting("14:00", "15:00"), key: "weekly" })
        expect((yield* write({ action: "create", event: meeting("14:00", "15:00"), key: "weekly" })).eventId).toBe(
          one.eventId
        )
        const error = yield* Effect.flip(write({ action: "create", event: meeting("16:00", "17:00"), key: "weekly" }))
        expect(error).toMatchObject({ _tag: "SideEffectConflictError", key: "weekly" })
        expect(writes()).toBe(1)
      })
    )
  )

  it.effect("of its own make an equal event another one", () =>
    inFilled(({ writes }) =>
      Effect.gen(function* () {
        const event = { ...meeting("14:00", "15:00"), availability: "free" } as const
        const [one, two] = [
          yield* write({ action: "create", event, key: "a" }),
          yield* write({ action: "create", event, key: "b" })
        ]
        expect(two.eventId).not.toBe(one.eventId)
        expect(writes()).toBe(2)
      })
    )
  )

  it.effect("that two callers use at once stand for one action", () =>
    inFilled(({ requests, writes }) =>
      Effect.gen(function* () {
        const create = write({ action: "create", event: meeting("14:00", "15:00") })
        const made = yield* Effect.all([create, create, create], { concurrency: 3 })
        expect(new Set(made.map(({ eventId }) => eventId)).size).toBe(1)
        expect([requests.length, writes()]).toStrictEqual([1, 1])
      })
    )
  )
})

it.effect("an event that was made before the receipts were lost is found, and not made twice", () =>
  Effect.gen(function* () {
    const world = yield* makeWorld()
    const create = write({ action: "create", event: meeting() }).pipe(SideEffect.allow(["calendar.*"]))
    // Receipts in memory are gone with the layer.
    const one = yield* Effect.provide(create, world.layer, { local: true })
    const two = yield* Effect.provide(create, world.layer, { local: true })
    expect(two.eventId).toBe(one.eventId)
    expect(world.requests).toHaveLength(2)
    expect(world.writes()).toBe(1)
  })
)

it.effect("what cannot be done asks nobody, and leaves no entry: nobody denied it, and nothing was begun", () =>
  inWorld(({ requests }) =>
    Effect.gen(function* () {
      yield* Effect.flip(remove({ eventId: "none", version: "1" }))
      const rehearsed = yield* SideEffect.rehearse(remove({ eventId: "none", version: "1" }))
      expect(rehearsed).toMatchObject({ requests: [], result: { failure: { _tag: "EventNotFoundError" } } })
      expect(requests).toHaveLength(0)
      expect(yield* Stream.runCollect((yield* ReceiptStore).audit)).toHaveLength(0)
    })
  )
)

it.effect("once for a user: two runs write it once, and the second gets what the first has written", () =>
  inWorld(({ requests, writes }) =>
    Effect.gen(function* () {
      const task = Task.make("write", Operator, {
        payload: { operationType: "calendar_write", parameters: { action: "create", event: meeting(), key: "review", once: "user" } }
      })
      const plan = Plan.make("writing", [task])
      const [one, two] = yield* Effect.all([Orchestrator.run(plan), Orchestrator.run(plan)], { concurrency: 2 })
      expect((yield* two.outputs).write).toStrictEqual((yield* one.outputs).write)
      expect([requests.length, writes()]).toStrictEqual([1, 1])
    }).pipe(Effect.provide(Orchestrator.layer))
  )
)

it.effect("approval beforehand holds for what a dry run showed, and for nothing else", () =>
  inWorld(({ requests, writes }) =>
    Effect.gen(function* () {
      const create = (title: string) => ({ action: "create", event: meeting("09:00", "10:00", title) }) as const
      const planned = yield* Operator.run({
        operationType: "calendar_write",
        parameters: { ...create("Review"), dryRun: true }
      })
      const approval = "approval" in planned && planned.approval !== undefined ? [planned.approval] : []
      yield* Effect.gen(function* () {
        yield* write(create("Review"))
        expect(yield* Effect.flip(write({ ...create("Other"), onConflict: "allow" }))).toMatchObject({
          reason: "denied"
        })
      }).pipe(
        Effect.provide(Layer.provide(Approval.layerGranted({ requests: approval, by: "ada" }), Approval.layerDeny))
      )
      expect([requests.length, writes()]).toStrictEqual([0, 1])
    })
  )
)
