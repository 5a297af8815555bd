import { Operator } from "@aria/agents-operator/Operator"
import * as CalendarMemory from "@aria/connectors/CalendarMemory"
import * as CrmMemory from "@aria/connectors/CrmMemory"
import * as Approval from "@aria/orchestrator-core/Approval"
import * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const zone = "Europe/Berlin"
const event = {
  title: "Quarterly review",
  start: { dateTime: "2099-11-23T09:30:00", zone },
  end: { dateTime: "2099-11-23T10:00:00", zone },
  attendees: [{ email: "ada@example.com" }]
}

const program = Effect.gen(function* () {
  // What would happen: nothing is written, nobody is asked.
  const plan = yield* Operator.run({
    operationType: "calendar_write",
    parameters: { action: "create", event, dryRun: true }
  })
  if (plan.operationType === "calendar_write" && plan.dryRun) console.log(plan.approval?.summary)

  const made = yield* Operator.run({ operationType: "calendar_write", parameters: { action: "create", event } })
  if (made.operationType === "calendar_write" && !made.dryRun)
    console.log("made", made.eventId.length > 0, made.warnings)

  const day = yield* Operator.run({ operationType: "calendar_read", parameters: { startDate: "2099-11-23", zone } })
  if (day.operationType === "calendar_read") console.log(day.events.map(({ title }) => title))
}).pipe(SideEffect.allow(["calendar.create"]))

// in a real program: LocalCalendar and LocalCrm of @aria/adapter-local, and Approval.layerAsk
const systems = Layer.provide(Operator.layer, [CalendarMemory.layer, CrmMemory.layer])
const rules = [Approval.layerApproveAll("the example"), ReceiptStore.layerMemory] as const
await Effect.runPromise(program.pipe(Effect.provide([systems, ...rules])))
