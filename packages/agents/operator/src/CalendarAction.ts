/**
 * What Operator does to a calendar, as side effects: for `SideEffect.settle`, `SideEffect.undo`, and agents of your own.
 *
 * An event that is created has its receipt's id, so that a calendar refuses a second one; changes and removals name the version that
 * they are for. So none of them can take effect twice, and what is in doubt is looked up at once.
 *
 * @since 0.1.0
 */
import { Calendar } from "@aria/connectors/Calendar"
import { CalendarError } from "@aria/connectors/CalendarError"
import { CalendarEvent, Change, Draft } from "@aria/connectors/CalendarEvent"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { current, keyOf, readyToCreate, readyToUpdate } from "./internal/calendarChecks.ts"
import { addresses, creating, removing, updating } from "./internal/calendarSentences.ts"
import { namedBy, restoring, wantedBy, contentOf } from "./internal/eventFields.ts"
import { defined, only } from "./internal/json.ts"
import { oneAtATime } from "./internal/oneAtATime.ts"
import { between } from "./Difference.ts"
import { NotRestorableError, TimeConflictError } from "./OperatorError.ts"

const { id: _, ...newEvent } = Draft.fields

/**
 * An event to be made. It has no id: its receipt's is taken.
 *
 * @category models
 * @since 0.1.0
 */
export const NewEvent = Schema.Struct(newEvent)
/**
 * @category models
 * @since 0.1.0
 */
export type NewEvent = typeof NewEvent.Type

/**
 * What to do where the time is taken: fail with `TimeConflictError`, or write all the same.
 *
 * @category models
 * @since 0.1.0
 */
export const OnConflict = Schema.Literals(["refuse", "allow"])

/**
 * How an action may fail.
 *
 * @category errors
 * @since 0.1.0
 */
export const Error = Schema.Union([...CalendarError.members, TimeConflictError, NotRestorableError])
/**
 * @category errors
 * @since 0.1.0
 */
export type Error = typeof Error.Type

/**
 * @category models
 * @since 0.1.0
 */
export const CreateInput = Schema.Struct({
  calendarId: Schema.optionalKey(Schema.String),
  event: NewEvent,
  allowPast: Schema.Boolean,
  onConflict: OnConflict
})
/**
 * @category models
 * @since 0.1.0
 */
export type CreateInput = typeof CreateInput.Type

const target = {
  calendarId: Schema.optionalKey(Schema.String),
  eventId: Schema.String,
  version: Schema.String
}

/**
 * @category models
 * @since 0.1.0
 */
export const UpdateInput = Schema.Struct({ ...target, change: Change, onConflict: OnConflict })
/**
 * @category models
 * @since 0.1.0
 */
export type UpdateInput = typeof UpdateInput.Type

/**
 * @category models
 * @since 0.1.0
 */
export const RemoveInput = Schema.Struct(target)
/**
 * @category models
 * @since 0.1.0
 */
export type RemoveInput = typeof RemoveInput.Type

/**
 * How long an action can be taken back.
 *
 * @category constants
 * @since 0.1.0
 */
export const undoWithin = "5 minutes"

/**
 * Makes an event. Taken back, it is removed, unless it was changed since.
 *
 * @category actions
 * @since 0.1.0
 */
export const create = SideEffect.make("calendar.create", {
  input: CreateInput,
  success: Schema.Struct({ event: CalendarEvent, receiptId: Schema.String }),
  error: Error,
  settleAfter: 0,
  summary: creating,
  recipients: ({ event }) => addresses(event.attendees),
  check: (input, { receiptId }) => readyToCreate(input, receiptId),
  call: Effect.fn("CalendarAction.create")(function* (input, { receiptId }) {
    yield* readyToCreate(input, receiptId)
    const calendar = yield* Calendar
    const { allowPast, calendarId } = input
    const event = yield* calendar
      .create({ ...defined({ calendarId }), event: { ...input.event, id: receiptId }, allowPast })
      .pipe(
        // Nobody else makes this id: an earlier call of this action did it.
        Effect.catchTag("EventExistsError", (exists) =>
          Effect.catchTag(calendar.get({ ...defined({ calendarId }), id: receiptId }), "EventNotFoundError", () =>
            Effect.fail(exists)
          )
        )
      )
    return { event, receiptId }
  }, oneAtATime),
  verify: Effect.fnUntraced(function* ({ calendarId }, { receiptId }) {
    const found = (yield* Calendar).get({ ...defined({ calendarId }), id: receiptId })
    return yield* found.pipe(
      Effect.map((event) => SideEffect.done({ event, receiptId })),
      Effect.catchTag("EventNotFoundError", () => Effect.succeed(SideEffect.notDone))
    )
  }),
  undo: {
    within: undoWithin,
    call: Effect.fnUntraced(function* (_, { event: { calendarId, id, version } }) {
      yield* (yield* Calendar).remove({ calendarId, id, version })
    })
  }
})

/** `before` is what the caller has just read, for the sentence, the recipients, and for a call whose answer is lost. */
const updateOf = (before: CalendarEvent | undefined) =>
  SideEffect.make("calendar.update", {
    input: UpdateInput,
    success: Schema.Struct({
      before: Schema.optionalKey(CalendarEvent),
      event: CalendarEvent,
      receiptId: Schema.String
    }),
    error: Error,
    settleAfter: 0,
    summary: (input) => updating(input, before),
    recipients: ({ change }) => addresses(before?.attendees, change.attendees),
    check: (input) => Effect.asVoid(readyToUpdate(input)),
    call: Effect.fn("CalendarAction.update")(function* (input, { receiptId }) {
      const { before } = yield* readyToUpdate(input)
      const { change, version } = input
      const event = yield* (yield* Calendar).update({ calendarId: before.calendarId, id: before.id, version, change })
      return { before, event, receiptId }
    }, oneAtATime),
    verify: Effect.fnUntraced(function* (input, { receiptId }) {
      const event = yield* (yield* Calendar).get(keyOf(input))
      if (event.version === input.version) return SideEffect.notDone
      const names = namedBy(input.change)
      const asWanted = between(wantedBy(input.change), only(contentOf(event), names)).length === 0
      return asWanted ? SideEffect.done({ ...defined({ before }), event, receiptId }) : SideEffect.undecided
    }),
    undo: {
      within: undoWithin,
      call: Effect.fnUntraced(function* (_, { before, event }) {
        if (before === undefined) return yield* new NotRestorableError({ subject: "event", id: event.id })
        const { calendarId, id, version } = event
        yield* (yield* Calendar).update({ calendarId, id, version, change: restoring(before, event) })
      })
    }
  })

const removeOf = (before: CalendarEvent | undefined) =>
  SideEffect.make("calendar.remove", {
    input: RemoveInput,
    success: Schema.Struct({ removed: Schema.optionalKey(CalendarEvent), receiptId: Schema.String }),
    error: Error,
    settleAfter: 0,
    summary: (input) => removing(input, before),
    recipients: () => addresses(before?.attendees),
    check: (input) => Effect.asVoid(current(input)),
    call: Effect.fn("CalendarAction.remove")(function* (input, { receiptId }) {
      const removed = yield* current(input)
      const { calendarId, id, version } = removed
      yield* (yield* Calendar).remove({ calendarId, id, version })
      return { removed, receiptId }
    }),
    // An event that is there was not removed, and a late call for an old version is refused.
    verify: Effect.fnUntraced(function* (input, { receiptId }) {
      return yield* (yield* Calendar).get(keyOf(input)).pipe(
        Effect.as(SideEffect.notDone),
        Effect.catchTag("EventNotFoundError", () =>
          Effect.succeed(SideEffect.done({ ...defined({ removed: before }), receiptId }))
        )
      )
    }),
    undo: {
      within: undoWithin,
      call: Effect.fnUntraced(function* (input, { removed }) {
        if (removed === undefined) return yield* new NotRestorableError({ subject: "event", id: input.eventId })
        const { calendarId, version: _, ...event } = removed
        yield* (yield* Calendar).create({ calendarId, event, allowPast: true })
      })
    }
  })

/**
 * Changes an event. Taken back, the fields get what they had before, unless it was changed since.
 *
 * @category actions
 * @since 0.1.0
 */
export const update = updateOf(undefined)

/**
 * Removes an event, all its occurrences with it. Taken back, it is created again with the same id and content.
 *
 * @category actions
 * @since 0.1.0
 */
export const remove = removeOf(undefined)

/**
 * `update` and `remove` of an event that was read before, so that the question about it names it as a person does.
 *
 * @category actions
 * @since 0.1.0
 */
export const about = (event: CalendarEvent) => ({ update: updateOf(event), remove: removeOf(event) })
