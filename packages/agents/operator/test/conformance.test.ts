import { Operator } from "@aria/agents-operator/Operator"
import * as CalendarMemory from "@aria/connectors/CalendarMemory"
import * as CrmMemory from "@aria/connectors/CrmMemory"
import * as Approval from "@aria/orchestrator-core/Approval"
import * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as AgentConformanceSuite from "@aria/testkit/AgentConformanceSuite"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { makeWorld, meeting } from "./world.ts"

const invalid = [
  { payload: {}, path: ["operationType"] },
  { payload: { operationType: "calendar_read", parameters: {} }, path: ["parameters", "startDate"] },
  {
    payload: { operationType: "crm_write", parameters: { action: "create", recordType: "lead", record: {} } },
    path: ["parameters", "record", "name"]
  }
]
/** Suites run in real time, so this is to come. */
const future = {
  title: "Review",
  start: { dateTime: "2099-11-23T09:30:00", zone: "Europe/Berlin" },
  end: { dateTime: "2099-11-23T10:00:00", zone: "Europe/Berlin" }
}
const event = { ...meeting(), title: "概要", attendees: [{ email: "jürgen@bücher.example" }] }

AgentConformanceSuite.make(Operator, {
  name: "Operator that reads, shows, and may not write",
  layer: Layer.mergeAll(
    Layer.provide(Operator.layer, [CalendarMemory.layer, CrmMemory.layer]),
    Approval.layerDeny,
    ReceiptStore.layerMemory
  ),
  valid: [
    {
      operationType: "calendar_read",
      parameters: { startDate: "2026-11-23", endDate: "2026-11-24", zone: "Europe/Berlin" }
    },
    { operationType: "calendar_read", parameters: { startDate: "2026-11-23", calendarId: "none" } },
    { operationType: "crm_read", parameters: { recordType: "lead", where: { status: { eq: "new" } } } },
    { operationType: "crm_read", parameters: { recordType: "note", recordId: "none" } },
    {
      operationType: "calendar_write",
      parameters: { action: "create", event: { ...event, start: { date: "2020-01-01" }, end: { date: "2020-01-02" } } }
    },
    { operationType: "calendar_write", parameters: { action: "delete", eventId: "none", version: "1" } },
    {
      operationType: "crm_write",
      parameters: { action: "create", recordType: "lead", record: { name: "Ada", status: "new" } }
    }
  ],
  invalid
})

/** As `SideEffect.allow`, for callers that know nothing of it. */
const allowed = Layer.effectContext(Effect.orDie(SideEffect.allow(["calendar.*", "crm.*"])(Effect.context<never>())))

// Ids and times of what is written are those of the run and of the clock.
AgentConformanceSuite.make(Operator, {
  name: "Operator that writes",
  deterministic: false,
  layer: Layer.merge(Layer.unwrap(Effect.map(makeWorld(), ({ layer }) => layer)), allowed),
  valid: [
    { operationType: "calendar_write", parameters: { action: "create", event: future } },
    { operationType: "calendar_write", parameters: { action: "create", event: future, dryRun: true } },
    { operationType: "crm_write", parameters: { action: "create", recordType: "account", record: { name: "Acme" } } },
    {
      operationType: "crm_write",
      parameters: { action: "create", recordType: "account", record: { name: "Acme" }, dryRun: true }
    }
  ],
  invalid
})

it.live("which writes indeed", () =>
  Effect.gen(function* () {
    const world = yield* makeWorld()
    const run = Operator.run({ operationType: "calendar_write", parameters: { action: "create", event: future } })
    expect(yield* Effect.provide(run, Layer.merge(world.layer, allowed))).toMatchObject({ dryRun: false, warnings: [] })
    expect(world.writes()).toBe(1)
  })
)
