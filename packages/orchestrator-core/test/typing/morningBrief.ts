import { Plan, Task } from "@aria/orchestrator-core"
import { Effect, Option, Schema } from "effect"
import { Operator, Scout, Scribe } from "./agents.ts"

/** The plan of the design, as it is written there. */
export const MorningBrief = Plan.make("morning-brief", { version: "1", input: Schema.Struct({ companies: Schema.NonEmptyArray(Schema.String) }) }, ({ companies }) => {
  const signals = Task.forEach("signals", Scout, { items: () => companies.map((name) => ({ entities: [name] })), key: (payload) => payload.entities[0] })
  const meetings = Task.make("meetings", Operator, { payload: { operationType: "calendar_read", parameters: { startDate: "2026-11-23" } }, timeout: "30 seconds",
    policy: (call) => Effect.retry(call, { times: 2 }) })
  const brief = Task.make("brief", Scribe, {
    dependsOn: [signals, Task.optional(meetings)],                    // outputs.meetings is an Option
    payload: ({ signals, meetings }) => ({
      signals: signals.flatMap((one) => one.signals),
      events: Option.match(meetings, { onNone: () => [], onSome: ({ events }) => events })
    })
  })
  return [brief]
})
