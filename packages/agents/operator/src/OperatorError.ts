/**
 * What Operator fails with by itself; all else it fails with is the connectors' and `SideEffect`'s.
 *
 * @since 0.1.0
 */
import { Occurrence } from "@aria/connectors/CalendarEvent"
import * as CrmRecord from "@aria/connectors/CrmRecord"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"

/**
 * A free time of the length that was asked for.
 *
 * @category models
 * @since 0.1.0
 */
export const Slot = Schema.Struct({ start: Schema.DateTimeUtcFromString, end: Schema.DateTimeUtcFromString })
/**
 * @category models
 * @since 0.1.0
 */
export type Slot = typeof Slot.Type

/**
 * The time is taken. Nothing was written: take the free time, or say `onConflict: "allow"`.
 *
 * @category errors
 * @since 0.1.0
 */
export class TimeConflictError extends Schema.TaggedError<TimeConflictError>()("TimeConflictError", {
  /** Of the event that was to be written. */
  title: Schema.String,
  /** What is there, in all calendars, the earliest first. */
  conflicts: Schema.NonEmptyArray(Occurrence),
  /** The first free time of the same length within a week; left out where there is none, and for events that recur. */
  firstFree: Schema.optionalKey(Slot)
}) {
  override get message(): string {
    const [first, ...others] = this.conflicts
    const taken = `${JSON.stringify(first.title)} (${DateTime.formatIso(first.startsAt)} to ${DateTime.formatIso(first.endsAt)})`
    const more = others.length === 0 ? "" : ` and ${others.length} more`
    const advice =
      this.firstFree === undefined
        ? ""
        : `take ${DateTime.formatIso(this.firstFree.start)} to ${DateTime.formatIso(this.firstFree.end)}, which is free, or `
    return `${JSON.stringify(this.title)} was not written, its time is taken by ${taken}${more}: ${advice}give onConflict: "allow"`
  }
}

/**
 * Operator was put together without the system that the operation is for. Nothing was done.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotConnectedError extends Schema.TaggedError<NotConnectedError>()("NotConnectedError", {
  system: Schema.Literals(["calendar", "crm"]),
  operationType: Schema.String
}) {
  override get message(): string {
    return `${this.operationType} was not done, no ${this.system} is connected: give Operator.layer, and a layer of ${this.system === "calendar" ? "Calendar" : "Crm"}`
  }
}

/**
 * An action cannot be taken back, because nobody has seen what was there before: another one made it, or its answer was lost and
 * what it did was found out afterwards. Nothing was changed.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotRestorableError extends Schema.TaggedError<NotRestorableError>()("NotRestorableError", {
  /** `"event"`, or the type of a record. */
  subject: Schema.Union([Schema.Literal("event"), CrmRecord.Type]),
  id: Schema.String
}) {
  override get message(): string {
    return `The ${this.subject} ${JSON.stringify(this.id)} was left as it is, what it was before is not known: write what it should be`
  }
}
