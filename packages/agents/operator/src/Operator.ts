/**
 * The agent that reads and writes calendars and CRMs.
 *
 * @since 0.1.0
 */
import type { Calendar } from "@aria/connectors/Calendar"
import type { Crm } from "@aria/connectors/Crm"
import * as Agent from "@aria/orchestrator-core/Agent"
import { Approval } from "@aria/orchestrator-core/Approval"
import { ReceiptStore } from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as CalendarAction from "./CalendarAction.ts"
import * as CalendarRead from "./CalendarRead.ts"
import * as CalendarWrite from "./CalendarWrite.ts"
import * as CrmAction from "./CrmAction.ts"
import * as CrmRead from "./CrmRead.ts"
import * as CrmWrite from "./CrmWrite.ts"
import { NotConnectedError } from "./OperatorError.ts"

/**
 * One operation.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Payload = Schema.Union([
  Schema.Struct({ operationType: Schema.Literal("calendar_read"), parameters: CalendarRead.Parameters }),
  Schema.Struct({ operationType: Schema.Literal("calendar_write"), parameters: CalendarWrite.Parameters }),
  Schema.Struct({ operationType: Schema.Literal("crm_read"), parameters: CrmRead.Parameters }),
  Schema.Struct({ operationType: Schema.Literal("crm_write"), parameters: CrmWrite.Parameters })
]).annotate({
  message:
    'Expected an object with an operationType, "calendar_read", "calendar_write", "crm_read" or "crm_write", and its parameters'
})
/**
 * @category models
 * @since 0.1.0
 */
export type Payload = typeof Payload.Type

/**
 * What an operation came to; `operationType`, and for writes `dryRun` and `action`, say which.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Success = Schema.Union([
  CalendarRead.Success,
  ...CalendarWrite.Success.members,
  ...CrmRead.Success.members,
  ...CrmWrite.Success.members
])
/**
 * @category models
 * @since 0.1.0
 */
export type Success = typeof Success.Type

/**
 * How an operation may fail. Nothing that was not done is a success.
 *
 * @category errors
 * @since 0.1.0
 */
export const Error = Schema.Union([
  ...CalendarAction.Error.members,
  ...CrmAction.Error.members,
  ...SideEffect.Failure.members,
  NotConnectedError
])
/**
 * @category errors
 * @since 0.1.0
 */
export type Error = typeof Error.Type

const calendar = (payload: Extract<Payload, { readonly operationType: `calendar_${string}` }>) =>
  payload.operationType === "calendar_read"
    ? CalendarRead.run(payload.parameters)
    : CalendarWrite.run(payload.parameters)

const crm = (payload: Extract<Payload, { readonly operationType: `crm_${string}` }>) =>
  payload.operationType === "crm_read" ? CrmRead.run(payload.parameters) : CrmWrite.run(payload.parameters)

const isCalendar = (payload: Payload): payload is Extract<Payload, { readonly operationType: `calendar_${string}` }> =>
  payload.operationType === "calendar_read" || payload.operationType === "calendar_write"

const notConnected = (system: "calendar" | "crm", { operationType }: Payload) =>
  Effect.fail(new NotConnectedError({ system, operationType }))

/**
 * Reads and writes calendars and CRMs. A write is asked for, done at most once, and read back; with `dryRun` it is only shown.
 *
 * **Details**
 *
 * The calendar and the CRM come from the layer: whose data it is belongs to how the agent is set up. `Approval` and `ReceiptStore`
 * come from whoever runs it: who may write, and what was written, belongs to the run. A run may write what `SideEffect.allow` gives
 * it, of `calendar.create`, `calendar.update`, `calendar.remove`, `crm.create`, `crm.update` and `crm.remove`.
 *
 * @example
 * ```ts
 * const result = yield* Operator.run({ operationType: "calendar_read", parameters: { startDate: "2026-11-23" } })
 * if (result.operationType === "calendar_read") console.log(result.events)
 * ```
 *
 * @category agents
 * @since 0.1.0
 */
export class Operator extends Agent.make("Operator", {
  description: "System operations for calendar, CRM, and integrations",
  version: "1",
  payload: Payload,
  success: Success,
  error: Error,
  dependencies: [Approval, ReceiptStore]
}) {
  /**
   * Needs a `Calendar` and a `Crm`.
   *
   * @since 0.1.0
   */
  static readonly layer: Layer.Layer<Agent.Handler<"Operator">, never, Calendar | Crm> = this.toLayer(
    (payload): Effect.Effect<Success, Error, Calendar | Crm | Approval | ReceiptStore> =>
      isCalendar(payload) ? calendar(payload) : crm(payload)
  )
  /**
   * Needs a `Calendar` only; what is for a CRM fails with `NotConnectedError`.
   *
   * @since 0.1.0
   */
  static readonly layerCalendar: Layer.Layer<Agent.Handler<"Operator">, never, Calendar> = this.toLayer(
    (payload): Effect.Effect<Success, Error, Calendar | Approval | ReceiptStore> =>
      isCalendar(payload) ? calendar(payload) : notConnected("crm", payload)
  )
  /**
   * Needs a `Crm` only; what is for a calendar fails with `NotConnectedError`.
   *
   * @since 0.1.0
   */
  static readonly layerCrm: Layer.Layer<Agent.Handler<"Operator">, never, Crm> = this.toLayer(
    (payload): Effect.Effect<Success, Error, Crm | Approval | ReceiptStore> =>
      isCalendar(payload) ? notConnected("calendar", payload) : crm(payload)
  )
}
