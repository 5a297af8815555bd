import { CalendarEvent, Change } from "@aria/connectors/CalendarEvent"
import { between, type Fields } from "../Difference.ts"
import { fieldsOf, only } from "./json.ts"

/** What of an event can be written. */
export const written: ReadonlyArray<string> = Object.keys(Change.fields)

/** What of an event can be written, as JSON. */
export const contentOf = (event: CalendarEvent): Fields => only(fieldsOf(CalendarEvent, event), written)

/** What a change asks for: a field that it removes is not there. */
export const wantedBy = (change: Change): Fields =>
  Object.fromEntries(Object.entries(fieldsOf(Change, change)).filter(([, value]) => value !== null))

/** The fields that a change names. */
export const namedBy = (change: Change): ReadonlyArray<string> =>
  Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]))

/** The change that makes `after` what `before` was. */
export const restoring = (before: CalendarEvent, after: CalendarEvent): Change =>
  Object.fromEntries(
    between(contentOf(after), contentOf(before)).map(({ after: value = null, field }) => [field, value])
  ) as Change
