import { Calendar } from "@aria/connectors/Calendar"
import type { CalendarEvent } from "@aria/connectors/CalendarEvent"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CalendarAction from "../CalendarAction.ts"
import type { Delete, Deleted, Planned, Update } from "../CalendarWrite.ts"
import { between } from "../Difference.ts"
import { keyOf, rehearse } from "./act.ts"
import { changing, current, keyOf as eventKey, takesTime } from "./calendarChecks.ts"
import { readBack } from "./calendarReadBack.ts"
import { conflictsOf } from "./conflicts.ts"
import { contentOf, namedBy, wantedBy } from "./eventFields.ts"
import { defined } from "./json.ts"

/** The actions on an event, told by what it is now. An event that is gone may be so because this very action was done before. */
const actionsOn = Effect.fnUntraced(function* (input: CalendarAction.RemoveInput) {
  const found = yield* (yield* Calendar).get(eventKey(input)).pipe(
    Effect.asSome,
    Effect.catchTag("EventNotFoundError", () => Effect.succeedNone)
  )
  return Option.isSome(found) && found.value.version === input.version
    ? CalendarAction.about(found.value)
    : CalendarAction
})

const updateOf = ({ calendarId, change, eventId, key, onConflict = "refuse", once, version }: Update) => {
  const input: CalendarAction.UpdateInput = { ...defined({ calendarId }), eventId, version, change, onConflict }
  return { input, key: keyOf(CalendarAction.UpdateInput, input, key), ...defined({ once }) }
}

export const update = Effect.fnUntraced(function* (parameters: Update) {
  const action = updateOf(parameters)
  const actions = yield* actionsOn(action.input)
  yield* Progress.report(`Changing the event ${JSON.stringify(parameters.eventId)}`)
  const done = yield* actions.update.perform(action)
  return yield* readBack("update", done, wantedBy(parameters.change), namedBy(parameters.change))
})

export const planUpdate = Effect.fnUntraced(function* (parameters: Update) {
  const action = updateOf(parameters)
  const actions = yield* actionsOn(action.input)
  const rehearsed = yield* rehearse(actions.update, action)
  const planned = { operationType: "calendar_write", action: "update", dryRun: true, ...rehearsed } as const
  if (rehearsed.alreadyDone) return { ...planned, changes: [], conflicts: [] } satisfies Planned
  const { after, before } = yield* changing(action.input)
  const conflicts = takesTime(parameters.change) ? yield* conflictsOf(after) : []
  return { ...planned, changes: between(contentOf(before), contentOf(after)), conflicts } satisfies Planned
})

const removalOf = ({ calendarId, eventId, key, once, version }: Delete) => {
  const input: CalendarAction.RemoveInput = { ...defined({ calendarId }), eventId, version }
  return { input, key: keyOf(CalendarAction.RemoveInput, input, key), ...defined({ once }) }
}

export const remove = Effect.fnUntraced(function* (parameters: Delete) {
  const action = removalOf(parameters)
  const actions = yield* actionsOn(action.input)
  yield* Progress.report(`Removing the event ${JSON.stringify(parameters.eventId)}`)
  const { receiptId, removed } = yield* actions.remove.perform(action)
  const warnings = yield* (yield* Calendar).get(eventKey(action.input)).pipe(
    Effect.as(["It was removed, and there is an event with its id again."]),
    Effect.catch((error) =>
      Effect.succeed(
        error._tag === "EventNotFoundError"
          ? []
          : [`It was removed, and the calendar could not be read again to make sure: ${error.message}`]
      )
    )
  )
  const calendarId = removed?.calendarId ?? parameters.calendarId
  const deleted: Deleted = {
    operationType: "calendar_write",
    action: "delete",
    dryRun: false,
    ...defined({ calendarId, removed }),
    eventId: parameters.eventId,
    receiptId,
    warnings
  }
  return deleted
})

export const planRemoval = Effect.fnUntraced(function* (parameters: Delete) {
  const action = removalOf(parameters)
  const actions = yield* actionsOn(action.input)
  const rehearsed = yield* rehearse(actions.remove, action)
  const planned = {
    operationType: "calendar_write",
    action: "delete",
    dryRun: true,
    ...rehearsed,
    conflicts: []
  } as const
  if (rehearsed.alreadyDone) return { ...planned, changes: [] } satisfies Planned
  const event: CalendarEvent = yield* current(action.input)
  return { ...planned, changes: between(contentOf(event), {}) } satisfies Planned
})
