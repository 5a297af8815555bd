import { Calendar } from "@aria/connectors/Calendar"
import type { CalendarEvent } from "@aria/connectors/CalendarEvent"
import * as Effect from "effect/Effect"
import type { Written } from "../CalendarWrite.ts"
import { between, type Fields } from "../Difference.ts"
import { contentOf } from "./eventFields.ts"
import { only } from "./json.ts"

/** The event as the calendar has it now, and how it differs from what was written. It is written, whatever the reading comes to. */
export const readBack = Effect.fnUntraced(function* (
  action: Written["action"],
  { event, receiptId }: { readonly event: CalendarEvent; readonly receiptId: string },
  wanted: Fields,
  compared: ReadonlyArray<string>,
  updatedFields: ReadonlyArray<string> = compared
) {
  const calendar = yield* Calendar
  const { calendarId, id } = event
  const read = yield* calendar.get({ calendarId, id }).pipe(
    Effect.map((event) => ({ event, warnings: [] })),
    Effect.catch((error) =>
      Effect.succeed({
        event,
        warnings: [
          error._tag === "EventNotFoundError"
            ? "It was written, and removed since."
            : `It was written, and could not be read again to make sure: ${error.message}`
        ]
      })
    )
  )
  const written: Written = {
    operationType: "calendar_write",
    action,
    dryRun: false,
    calendarId,
    eventId: id,
    version: read.event.version,
    event: read.event,
    updatedFields,
    differences: between(wanted, only(contentOf(read.event), compared)),
    receiptId,
    warnings: read.warnings
  }
  return written
})
