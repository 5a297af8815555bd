// @effect-diagnostics missingEffectContext:off
import { type Error as OperatorError, Operator, type Success } from "@aria/agents-operator/Operator"
import type { Calendar } from "@aria/connectors/Calendar"
import * as CalendarMemory from "@aria/connectors/CalendarMemory"
import type { Crm } from "@aria/connectors/Crm"
import * as CrmMemory from "@aria/connectors/CrmMemory"
import * as Agent from "@aria/orchestrator-core/Agent"
import * as Approval from "@aria/orchestrator-core/Approval"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Task from "@aria/orchestrator-core/Task"
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { makeWorld, meeting, zone } from "./world.ts"

class Scribe extends Agent.make("Scribe", { description: "Writes a brief", payload: { titles: Schema.Array(Schema.String) }, success: Schema.String }) {
  static readonly layer = this.toLayer(({ titles }) => Effect.succeed(titles.join("; ")))
}

const meetings = Task.make("meetings", Operator, { payload: { operationType: "calendar_read", parameters: { startDate: "2026-11-23" } }, timeout: "30 seconds",
  policy: (call) => Effect.retry(call, { times: 2 }) })

const brief = Task.make("brief", Scribe, {
  dependsOn: [Task.optional(meetings)],
  payload: ({ meetings }) => ({
    titles: Option.match(meetings, {
      onNone: () => ["no calendar"],
      onSome: (result) => (result.operationType === "calendar_read" ? result.events.map(({ title }) => title) : [])
    })
  })
})

const briefing = Plan.make("briefing", [brief])

/** For what must not compile and is not to run either. */
const unrun = (_: () => unknown) => expect(_).toBeTypeOf("function")

const read = Operator.run({ operationType: "calendar_read", parameters: { startDate: "2026-11-23" } })
const rules = Layer.mergeAll(Approval.layerDeny, ReceiptStore.layerMemory)

describe("types", () => {
  it("the systems come from the layer, the approval and the receipts from the caller", () => {
    expectTypeOf(Operator.layer).toEqualTypeOf<Layer.Layer<Agent.Handler<"Operator">, never, Calendar | Crm>>()
    expectTypeOf(Operator.layerCalendar).toEqualTypeOf<Layer.Layer<Agent.Handler<"Operator">, never, Calendar>>()
    expectTypeOf(Operator.layerCrm).toEqualTypeOf<Layer.Layer<Agent.Handler<"Operator">, never, Crm>>()
    expectTypeOf(read).toEqualTypeOf<
      Effect.Effect<Success, OperatorError | Agent.InvalidPayloadError, Agent.Handler<"Operator"> | Approval.Approval | ReceiptStore.ReceiptStore>
    >()
  })

  it("one that is forgotten does not compile", () => {
    const both = Layer.provide(Operator.layer, [CalendarMemory.layer, CrmMemory.layer])
    unrun(() => Effect.runPromise(read.pipe(Effect.provide([both, rules]))))
    // @ts-expect-error the CRM is missing
    unrun(() => Effect.runPromise(read.pipe(Effect.provide([Layer.provide(Operator.layer, CalendarMemory.layer), rules]))))
    // @ts-expect-error the calendar is missing
    unrun(() => Effect.runPromise(read.pipe(Effect.provide([Layer.provide(Operator.layer, CrmMemory.layer), rules]))))
    // @ts-expect-error the approval is missing
    unrun(() => Effect.runPromise(read.pipe(Effect.provide([both, ReceiptStore.layerMemory]))))
    // @ts-expect-error the receipts are missing
    unrun(() => Effect.runPromise(read.pipe(Effect.provide([both, Approval.layerDeny]))))
  })

  it("what an operation does not take does not compile", () => {
    // @ts-expect-error there is no such operation
    unrun(() => Task.make("a", Operator, { payload: { operationType: "mail_send", parameters: {} } }))
    // @ts-expect-error it is startDate
    unrun(() => Task.make("a", Operator, { payload: { operationType: "calendar_read", parameters: { start_date: "2026-11-23" } } }))
    // @ts-expect-error a removal names a version
    unrun(() => Task.make("a", Operator, { payload: { operationType: "calendar_write", parameters: { action: "delete", eventId: "1" } } }))
    // @ts-expect-error leads have no accountId
    unrun(() => Operator.run({ operationType: "crm_write", parameters: { action: "create", recordType: "lead", record: { name: "A", status: "new", accountId: "1" } } }))
    // @ts-expect-error a lead's value is a number
    unrun(() => Operator.run({ operationType: "crm_read", parameters: { recordType: "lead", where: { value: { gt: "1" } } } }))
    // @ts-expect-error contacts have no stage
    unrun(() => Operator.run({ operationType: "crm_read", parameters: { recordType: "contact", orderBy: [{ field: "stage" }] } }))
  })

  it("a result says what it holds", () => {
    const narrowed = (result: Success) => {
      if (result.operationType === "crm_read" && result.recordType === "lead") return result.records[0]?.status
      if (result.operationType === "calendar_write" && !result.dryRun && result.action !== "delete") return result.event.title
      if (result.operationType === "crm_write" && result.dryRun) return result.changes[0]?.field
      return undefined
    }
    expectTypeOf(narrowed).returns.toEqualTypeOf<string | undefined>()
  })
})

describe("in plans", () => {
  it.effect("a dependent task uses what was read", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      yield* world.calendar.create({ event: meeting() })
      yield* Effect.gen(function* () {
        const result = yield* Orchestrator.run(briefing)
        expect(yield* result.outputs).toStrictEqual({ brief: "Review" })
      }).pipe(Effect.provide([world.layer, Scribe.layer, Orchestrator.layer]))
    })
  )

  it.effect("a calendar that fails is tried as the policy says, and is no success", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      world.unreadable(3)
      yield* Effect.gen(function* () {
        const result = yield* Orchestrator.run(briefing)
        expect(result.results).toMatchObject([
          { taskId: "meetings", _tag: "failed", attempts: 3, error: { _tag: "CalendarUnavailableError" } },
          { taskId: "brief", _tag: "succeeded" }
        ])
        expect([result.successCount, result.allSucceeded]).toStrictEqual([1, false])
        expect(yield* result.outputs).toStrictEqual({ brief: "no calendar" })
      }).pipe(Effect.provide([world.layer, Scribe.layer, Orchestrator.layer]))
    })
  )

  it.effect("a write that was refused fails its task; nothing that was not done is a success", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const gone = Task.make("gone", Operator, { payload: { operationType: "calendar_write", parameters: { action: "delete", eventId: "none", version: "1" } } })
      const lost = Task.make("lost", Operator, { payload: { operationType: "crm_read", parameters: { recordType: "lead", recordId: "none" } } })
      const denied = Task.make("denied", Operator, { payload: { operationType: "calendar_write", parameters: { action: "create", event: meeting() } } })
      world.deny()
      yield* Effect.gen(function* () {
        const result = yield* Orchestrator.run(Plan.make("writing", [gone, lost, denied]))
        expect(result.results).toMatchObject([
          { _tag: "failed", error: { _tag: "EventNotFoundError" } },
          { _tag: "failed", error: { _tag: "RecordNotFoundError" } },
          { _tag: "failed", error: { _tag: "SideEffectNotPerformedError", reason: "denied" } }
        ])
        expect(result.successCount).toBe(0)
      }).pipe(SideEffect.allow(["calendar.*"]), Effect.provide([world.layer, Orchestrator.layer]))
    })
  )

  it.effect("retries of a policy are one action, and equal writes of two tasks are two", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const event = { ...meeting(), availability: "free" } as const
      const payload = { operationType: "calendar_write", parameters: { action: "create", event } } as const
      const policy = <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.retry(call, { times: 3 })
      const one = Task.make("one", Operator, { payload, policy })
      const two = Task.make("two", Operator, { payload, policy, dependsOn: [one] })
      world.next("lostBack", "lostThere", "refused")
      yield* Effect.gen(function* () {
        const result = yield* Orchestrator.run(Plan.make("twice", [two]))
        expect(result.allSucceeded).toBe(true)
        expect(world.writes()).toBe(2)
        expect(new Set(world.requests.map(({ receiptId }) => receiptId)).size).toBe(2)
        expect(yield* SideEffect.doubtful()).toHaveLength(0)
        const now = yield* Operator.run({ operationType: "calendar_read", parameters: { startDate: "2026-11-23", zone } })
        expect(now).toMatchObject({ totalCount: 2 })
      }).pipe(SideEffect.allow(["calendar.create"]), Effect.provide([world.layer, Orchestrator.layer]))
    })
  )
})

it.effect("what is for a system that is not connected is a failure that says so", () =>
  Effect.gen(function* () {
    const { systems } = yield* makeWorld()
    const crm = Operator.run({ operationType: "crm_read", parameters: { recordType: "lead" } })
    const noCrm = yield* Effect.flip(crm).pipe(Effect.provide([Layer.provide(Operator.layerCalendar, systems), rules]))
    expect(noCrm).toMatchObject({ _tag: "NotConnectedError", system: "crm", message: expect.stringContaining("crm_read was not done, no crm is connected") })
    const noCalendar = yield* Effect.flip(read).pipe(Effect.provide([Layer.provide(Operator.layerCrm, systems), rules]))
    expect(noCalendar).toMatchObject({ _tag: "NotConnectedError", system: "calendar" })
    expect(yield* read.pipe(Effect.provide([Layer.provide(Operator.layerCalendar, systems), rules]))).toMatchObject({ totalCount: 0 })
    expect(yield* crm.pipe(Effect.provide([Layer.provide(Operator.layerCrm, systems), rules]))).toMatchObject({ totalCount: 0 })
  })
)
