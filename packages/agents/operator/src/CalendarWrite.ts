/**
 * Writing to a calendar: create, update and delete, each approved, done once, and read back.
 *
 * @since 0.1.0
 */
import { CalendarEvent, Change, Occurrence } from "@aria/connectors/CalendarEvent"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as CalendarAction from "./CalendarAction.ts"
import { Difference } from "./Difference.ts"
import * as create from "./internal/calendarCreate.ts"
import * as existing from "./internal/calendarExisting.ts"
import { notEmpty, writing } from "./internal/payloadFields.ts"
import * as Preview from "./Preview.ts"

/**
 * A new event.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Create = Schema.Struct({
  action: Schema.Literal("create"),
  event: CalendarAction.NewEvent,
  /** Default: the default calendar. */
  calendarId: Schema.optional(Schema.String),
  /** Whether the event may be over already. Default `false`: then it is refused with `PastEventError`. */
  allowPast: Schema.optional(Schema.Boolean),
  /** What to do where its time is taken in any calendar. Default `"refuse"`. */
  onConflict: Schema.optional(CalendarAction.OnConflict),
  ...writing
})
/**
 * @category models
 * @since 0.1.0
 */
export type Create = typeof Create.Type

const target = {
  eventId: Schema.NonEmptyString,
  /** The version that was read. Another one is refused with `StaleVersionError`. */
  version: Schema.NonEmptyString,
  /** Default: the default calendar. */
  calendarId: Schema.optional(Schema.String)
}

/**
 * A change of an event, a recurring one as a whole.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Update = Schema.Struct({
  action: Schema.Literal("update"),
  ...target,
  change: Change.check(notEmpty),
  /** What to do where it would take other time, and that is taken. Default `"refuse"`. */
  onConflict: Schema.optional(CalendarAction.OnConflict),
  ...writing
})
/**
 * @category models
 * @since 0.1.0
 */
export type Update = typeof Update.Type

/**
 * The end of an event, all its occurrences with it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Delete = Schema.Struct({ action: Schema.Literal("delete"), ...target, ...writing })
/**
 * @category models
 * @since 0.1.0
 */
export type Delete = typeof Delete.Type

/**
 * What to write.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Parameters = Schema.Union([Create, Update, Delete]).annotate({
  message: 'Expected an object with an action: "create", "update" or "delete"'
})
/**
 * @category models
 * @since 0.1.0
 */
export type Parameters = typeof Parameters.Type

const operationType = Schema.Literal("calendar_write")

/** What all that was done says of itself. */
const done = {
  operationType,
  dryRun: Schema.Literal(false),
  eventId: Schema.String,
  /** For `SideEffect.undo` with the action of `CalendarAction`. */
  receiptId: Schema.String,
  /** Sentences: what a reader should know besides. */
  warnings: Schema.Array(Schema.String)
}

/**
 * An event that was created or changed, as the calendar has it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Written = Schema.Struct({
  ...done,
  action: Schema.Literals(["create", "update"]),
  calendarId: Schema.String,
  /** For the next change of it. */
  version: Schema.String,
  event: CalendarEvent,
  /** The fields that were written. */
  updatedFields: Schema.Array(Schema.String),
  /** What the calendar made of it: each field that is not as it was written, `before` what was written and `after` what is there. */
  differences: Schema.Array(Difference)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Written = typeof Written.Type

/**
 * An event that is not there any more.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Deleted = Schema.Struct({
  ...done,
  action: Schema.Literal("delete"),
  /** Left out: the default calendar. */
  calendarId: Schema.optionalKey(Schema.String),
  /** What it was; left out where the answer was lost and nobody knows. */
  removed: Schema.optionalKey(CalendarEvent)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Deleted = typeof Deleted.Type

/**
 * What would be done.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Planned = Schema.Struct({
  operationType,
  action: Schema.Literals(["create", "update", "delete"]),
  ...Preview.fields,
  /** What takes the time of the event. With `onConflict: "refuse"` it would not be written. */
  conflicts: Schema.Array(Occurrence)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Planned = typeof Planned.Type

/**
 * What a write came to.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Success = Schema.Union([Written, Deleted, Planned])
/**
 * @category models
 * @since 0.1.0
 */
export type Success = typeof Success.Type

/**
 * Writes, or says what it would write.
 *
 * @category running
 * @since 0.1.0
 */
export const run = Effect.fn("CalendarWrite.run")(function* (parameters: Parameters) {
  switch (parameters.action) {
    case "create":
      return yield* parameters.dryRun === true ? create.plan(parameters) : create.write(parameters)
    case "update":
      return yield* parameters.dryRun === true ? existing.planUpdate(parameters) : existing.update(parameters)
    case "delete":
      return yield* parameters.dryRun === true ? existing.planRemoval(parameters) : existing.remove(parameters)
  }
})
