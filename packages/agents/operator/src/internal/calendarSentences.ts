import type { Attendee, CalendarEvent, Change } from "@aria/connectors/CalendarEvent"
import type { CreateInput, RemoveInput, UpdateInput } from "../CalendarAction.ts"
import { at, inCalendar, quoted, repeating, when, who } from "./words.ts"

const place = (location: string | undefined): string => (location === undefined ? "" : `, at ${quoted(location)}`)

export const creating = ({ calendarId, event, onConflict }: CreateInput): string =>
  `Create ${quoted(event.title)} ${when(event.start, event.end)}${repeating(event.recurrence)}, ${who(event.attendees ?? [])}` +
  `${place(event.location)}, ${inCalendar(calendarId)}${onConflict === "allow" ? ", even over a time that is taken" : ""}.`

/** An event by what a person knows of it; by its id where it could not be read. */
const named = ({ calendarId, eventId, version }: RemoveInput, before: CalendarEvent | undefined): string =>
  before === undefined
    ? `the event ${quoted(eventId)} (version ${quoted(version)}) ${inCalendar(calendarId)}`
    : `${quoted(before.title)} ${when(before.start, before.end)}${repeating(before.recurrence)}, ${who(before.attendees)}, ${inCalendar(before.calendarId)}`

const shown = (value: string | null | undefined): string =>
  value === null || value === undefined ? "nothing" : quoted(value)

/** A text about a value, where there is one. */
const say = <A>(value: A | undefined, text: (value: A) => string): ReadonlyArray<string> =>
  value === undefined ? [] : [text(value)]

const changes = (change: Change): ReadonlyArray<string> => [
  ...say(change.title, (title) => `the title to ${quoted(title)}`),
  ...say(change.start, (start) => `the start to ${at(start)}`),
  ...say(change.end, (end) => `the end to ${at(end)}`),
  ...say(change.recurrence, (recurrence) =>
    recurrence === null ? "the dates to a single one" : `the dates to those${repeating(recurrence).replace(",", "")}`
  ),
  ...say(change.attendees, (attendees) => `the attendees: ${who(attendees)}`),
  ...say(change.organizer, (organizer) => `the organizer to ${shown(organizer?.email)}`),
  ...say(change.location, (location) => `the location to ${shown(location)}`),
  ...say(change.description, (description) => `the description to ${shown(description)}`),
  ...say(change.availability, (availability) => `the time to ${availability}`),
  ...say(change.status, (status) => `the status to ${status}`)
]

export const updating = (input: UpdateInput, before: CalendarEvent | undefined): string =>
  `Change ${named(input, before)}: ${changes(input.change).join(", ")}${input.onConflict === "allow" ? ", even over a time that is taken" : ""}.`

export const removing = (input: RemoveInput, before: CalendarEvent | undefined): string => {
  const all = before?.recurrence === undefined ? "" : " and all its occurrences"
  return `Remove ${named(input, before)}${all}.`
}

/** Everybody who would hear of it, each once. */
export const addresses = (...lists: ReadonlyArray<ReadonlyArray<Attendee> | undefined>): ReadonlyArray<string> => [
  ...new Set(lists.flatMap((list) => (list ?? []).map(({ email }) => email)))
]
