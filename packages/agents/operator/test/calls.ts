/** Short ways to write the calls of tests, with results narrowed to what was asked for. */
import type * as CalendarWrite from "@aria/agents-operator/CalendarWrite"
import type * as CrmRead from "@aria/agents-operator/CrmRead"
import type * as CrmWrite from "@aria/agents-operator/CrmWrite"
import { Operator } from "@aria/agents-operator/Operator"
import type * as CalendarRead from "@aria/agents-operator/CalendarRead"
import * as Effect from "effect/Effect"

const unexpected = (result: unknown) => Effect.die(new Error(`the result was ${JSON.stringify(result)}`))

export const read = (parameters: (typeof CalendarRead.Parameters)["~type.make"]) =>
  Effect.flatMap(Operator.run({ operationType: "calendar_read", parameters }), (result) =>
    result.operationType === "calendar_read" ? Effect.succeed(result) : unexpected(result)
  )

const calendar = (parameters: (typeof CalendarWrite.Parameters)["~type.make"]) =>
  Effect.flatMap(Operator.run({ operationType: "calendar_write", parameters }), (result) =>
    result.operationType === "calendar_write" ? Effect.succeed(result) : unexpected(result)
  )

/** A creation or a change that is carried out. */
export const write = (
  parameters: (typeof CalendarWrite.Create)["~type.make"] | (typeof CalendarWrite.Update)["~type.make"]
) =>
  Effect.flatMap(calendar(parameters), (result) =>
    result.dryRun || result.action === "delete" ? unexpected(result) : Effect.succeed(result)
  )

export const remove = (parameters: Omit<(typeof CalendarWrite.Delete)["~type.make"], "action">) =>
  Effect.flatMap(calendar({ action: "delete", ...parameters }), (result) =>
    result.dryRun || result.action !== "delete" ? unexpected(result) : Effect.succeed(result)
  )

export const plan = (parameters: (typeof CalendarWrite.Parameters)["~type.make"]) =>
  Effect.flatMap(calendar({ ...parameters, dryRun: true }), (result) =>
    result.dryRun ? Effect.succeed(result) : unexpected(result)
  )

export const find = (parameters: (typeof CrmRead.Parameters)["~type.make"]) =>
  Effect.flatMap(Operator.run({ operationType: "crm_read", parameters }), (result) =>
    result.operationType === "crm_read" ? Effect.succeed(result) : unexpected(result)
  )

const crm = (parameters: (typeof CrmWrite.Parameters)["~type.make"]) =>
  Effect.flatMap(Operator.run({ operationType: "crm_write", parameters }), (result) =>
    result.operationType === "crm_write" ? Effect.succeed(result) : unexpected(result)
  )

export const record = (parameters: (typeof CrmWrite.Create)["~type.make"] | (typeof CrmWrite.Update)["~type.make"]) =>
  Effect.flatMap(crm(parameters), (result) =>
    result.dryRun || result.action === "delete" ? unexpected(result) : Effect.succeed(result)
  )

export const discard = (parameters: Omit<(typeof CrmWrite.Delete)["~type.make"], "action">) =>
  Effect.flatMap(crm({ action: "delete", ...parameters }), (result) =>
    result.dryRun || result.action !== "delete" ? unexpected(result) : Effect.succeed(result)
  )

export const planRecord = (parameters: (typeof CrmWrite.Parameters)["~type.make"]) =>
  Effect.flatMap(crm({ ...parameters, dryRun: true }), (result) =>
    result.dryRun ? Effect.succeed(result) : unexpected(result)
  )
