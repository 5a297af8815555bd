import * as Progress from "@aria/orchestrator-core/Progress"
import { fromDraft } from "@aria/connectors/CalendarEvent"
import * as Effect from "effect/Effect"
import * as CalendarAction from "../CalendarAction.ts"
import type { Create, Planned } from "../CalendarWrite.ts"
import { between } from "../Difference.ts"
import { keyOf, rehearse } from "./act.ts"
import { drafted } from "./calendarChecks.ts"
import { readBack } from "./calendarReadBack.ts"
import { conflictsOf } from "./conflicts.ts"
import { contentOf, written } from "./eventFields.ts"
import { defined } from "./json.ts"

const actionOf = ({ allowPast = false, calendarId, event, key, onConflict = "refuse", once }: Create) => {
  const input: CalendarAction.CreateInput = { ...defined({ calendarId }), event, allowPast, onConflict }
  return { input, key: keyOf(CalendarAction.CreateInput, input, key), ...defined({ once }) }
}

export const write = Effect.fnUntraced(function* (parameters: Create) {
  const action = actionOf(parameters)
  yield* Progress.report(`Creating the event ${JSON.stringify(parameters.event.title)}`)
  const done = yield* CalendarAction.create.perform(action)
  const { calendarId, id, version } = done.event
  const wanted = contentOf(yield* Effect.fromResult(fromDraft(parameters.event, { calendarId, id, version })))
  return yield* readBack("create", done, wanted, written, Object.keys(wanted))
})

export const plan = Effect.fnUntraced(function* (parameters: Create) {
  const action = actionOf(parameters)
  const rehearsed = yield* rehearse(CalendarAction.create, action)
  const planned = { operationType: "calendar_write", action: "create", dryRun: true, ...rehearsed } as const
  if (rehearsed.alreadyDone) return { ...planned, changes: [], conflicts: [] } satisfies Planned
  const event = yield* drafted(action.input, rehearsed.approval?.receiptId ?? "new")
  return { ...planned, changes: between({}, contentOf(event)), conflicts: yield* conflictsOf(event) } satisfies Planned
})
