/** What has to hold before an event is written: asked before an approval, and again in the moment of writing. */
import { Calendar } from "@aria/connectors/Calendar"
import { PastEventError, StaleVersionError } from "@aria/connectors/CalendarError"
import { applyChange, type CalendarEvent, type Change, fromDraft } from "@aria/connectors/CalendarEvent"
import { endedBefore } from "@aria/connectors/Recurrence"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CreateInput, RemoveInput, UpdateInput } from "../CalendarAction.ts"
import { refuseConflicts } from "./conflicts.ts"
import { defined } from "./json.ts"

export const keyOf = ({ calendarId, eventId }: { readonly calendarId?: string; readonly eventId: string }) =>
  defined({ calendarId, id: eventId })

/** The event that a draft becomes: valid, and not over. */
export const drafted = Effect.fnUntraced(function* ({ allowPast, calendarId, event: draft }: CreateInput, id: string) {
  const event = yield* Effect.fromResult(fromDraft(draft, { calendarId: calendarId ?? "", id, version: "" }))
  const now = yield* DateTime.now
  const ended = endedBefore(event, now)
  if (Option.isSome(ended) && !allowPast) return yield* new PastEventError({ ended: ended.value, now })
  return event
})

export const readyToCreate = Effect.fnUntraced(function* (input: CreateInput, id: string) {
  const event = yield* drafted(input, id)
  if (input.onConflict === "refuse") yield* refuseConflicts(event)
})

/** The event as it is, if it still has the version that the caller knows. */
export const current = Effect.fnUntraced(function* (input: RemoveInput) {
  const event = yield* (yield* Calendar).get(keyOf(input))
  if (event.version === input.version) return event
  return yield* new StaleVersionError({
    calendarId: event.calendarId,
    id: event.id,
    received: input.version,
    current: event.version
  })
})

/** Whether a change may take other time than before. */
export const takesTime = ({ availability, end, recurrence, start, status }: Change): boolean =>
  [availability, end, recurrence, start, status].some((value) => value !== undefined)

/** The event as it is and as it would be. */
export const changing = Effect.fnUntraced(function* (input: UpdateInput) {
  const before = yield* current(input)
  const after: CalendarEvent = yield* Effect.fromResult(applyChange(before, input.change))
  return { before, after }
})

export const readyToUpdate = Effect.fnUntraced(function* (input: UpdateInput) {
  const both = yield* changing(input)
  if (input.onConflict === "refuse" && takesTime(input.change)) yield* refuseConflicts(both.after)
  return both
})
