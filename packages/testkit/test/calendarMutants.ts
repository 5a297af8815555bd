/** Calendars that break the contract, each in one way, and the check that has to see it. */
import type * as Calendar from "@aria/connectors/Calendar"
import * as CalendarError from "@aria/connectors/CalendarError"
import type * as CalendarEvent from "@aria/connectors/CalendarEvent"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

type Service = Calendar.Calendar["Service"]
type Event = CalendarEvent.CalendarEvent
type Occurrence = CalendarEvent.Occurrence

export interface Mutant {
  readonly description: string
  /** How the names of the checks begin that have to see it. */
  readonly seenBy: ReadonlyArray<string>
  readonly broken: (good: Service) => Service
}

const came = (about: string): string => `Events: what was created comes back as it was: ${about}`

/** A calendar that gives events back otherwise than they were written. */
const giving = (description: string, about: string, change: (event: Event) => Event): Mutant => ({
  description,
  seenBy: [came(about)],
  broken: (good) => ({ ...good, get: (key) => Effect.map(good.get(key), change) })
})

/** A calendar that lists other occurrences than there are. */
const listing = (
  description: string,
  seenBy: string,
  change: (occurrences: ReadonlyArray<Occurrence>, request: Calendar.Range) => ReadonlyArray<Occurrence>
): Mutant => ({
  description,
  seenBy: [seenBy],
  broken: (good) => ({
    ...good,
    occurrences: (request) =>
      Effect.map(good.occurrences(request), (found) => ({ ...found, occurrences: change(found.occurrences, request) }))
  })
})

const utc = (millis: number): DateTime.Utc => DateTime.makeUnsafe(millis)
const hour = 3_600_000

/** Asks for a wider range, or another. */
const asking = (description: string, seenBy: string, change: (request: Calendar.Range) => Calendar.Range): Mutant => ({
  description,
  seenBy: [seenBy],
  broken: (good) => ({ ...good, occurrences: (request) => good.occurrences({ ...request, ...change(request) }) })
})

/** Waits a moment between reading and writing, with whatever version the event then has. */
const careless = (good: Service, key: Calendar.EventKey) =>
  Effect.gen(function* () {
    yield* Effect.yieldNow
    return (yield* good.get(key)).version
  })

export const mutants: ReadonlyArray<Mutant> = [
  giving("drops the time zone's own clock and gives UTC", "the least that there is", (event) => ({ ...event, end: event.start })),
  giving("cuts lines after 75 characters", "text of any language", (event) => ({ ...event, title: event.title.slice(0, 75) })),
  giving("composes accents", "text of any language", (event) => ({ ...event, ...(event.description === undefined ? {} : { description: event.description.normalize("NFC") }) })),
  giving("leaves semicolons escaped", "text with separators", (event) => ({ ...event, title: event.title.replaceAll(";", "\\;") })),
  giving("trims descriptions", "text with separators", (event) => ({ ...event, ...(event.description === undefined ? {} : { description: event.description.trim() }) })),
  giving("takes text for properties", "text that looks like iCalendar", (event) => (event.description?.includes("\nATTENDEE:") ? { ...event, attendees: [{ email: "evil@example.com" }] } : event)),
  giving("writes addresses in small letters", "attendees and an organizer", (event) => ({ ...event, attendees: event.attendees.map((one) => ({ ...one, email: one.email.toLowerCase() })) })),
  giving("loses the answers of attendees", "attendees and an organizer", (event) => ({ ...event, attendees: event.attendees.map(({ email, name, role }) => ({ email, ...(name === undefined ? {} : { name }), ...(role === undefined ? {} : { role }) })) })),
  giving("shows whole days as busy", "one whole day", (event) => ({ ...event, availability: "busy" })),
  giving("ends whole days a day too early", "a leap day and more", (event) => ("date" in event.end ? { ...event, end: { date: "2044-03-01" } } : event)),
  giving("gives events a minute at least", "no length", (event) => (JSON.stringify(event.start) === JSON.stringify(event.end) ? { ...event, end: { dateTime: "2041-06-03T10:01:00", zone: "Europe/Berlin" } } : event)),
  giving("ends events in the zone of their start", "a flight between two zones", (event) => ("zone" in event.start && "zone" in event.end ? { ...event, end: { ...event.end, zone: event.start.zone } } : event)),
  giving("loses seconds", "a zone off by minutes", (event) => ("zone" in event.start ? { ...event, start: { ...event.start, dateTime: `${event.start.dateTime.slice(0, 17)}00` } } : event)),
  giving("knows whole hours of offsets only", "clocks that change by half an hour", (event) => ("zone" in event.start ? { ...event, start: { ...event.start, zone: "Etc/GMT-11" } } : event)),
  giving("confirms what was cancelled", "a cancelled event", (event) => ({ ...event, status: "confirmed" })),
  giving("begins all weeks on Monday", "a rule for ever", (event) =>
    event.recurrence?.rule === undefined ? event : { ...event, recurrence: { ...event.recurrence, rule: { ...event.recurrence.rule, weekStart: "MO" } } }
  ),
  giving("loses ordinals", "a rule with ordinals and a count", (event) =>
    event.recurrence?.rule?.byDay === undefined ? event : { ...event, recurrence: { rule: { ...event.recurrence.rule, byDay: event.recurrence.rule.byDay.map(({ day }) => ({ day })) } } }
  ),
  giving("loses positions", "a rule of positions until a time", (event) => {
    const { bySetPos: _, ...rule } = event.recurrence?.rule ?? { frequency: "daily" as const }
    return { ...event, recurrence: { ...event.recurrence, rule } }
  }),
  giving("loses additional days", "a birthday on a leap day until a day", (event) => {
    const { additional: _, ...recurrence } = event.recurrence ?? {}
    return { ...event, recurrence }
  }),
  giving("loses changed occurrences", "a rule with excluded, additional and changed occurrences", (event) => {
    const { overrides: _, ...recurrence } = event.recurrence ?? {}
    return { ...event, recurrence }
  }),
  {
    description: "gives all events without an id one and the same",
    seenBy: ["Events: without an id"],
    broken: (good) => {
      let made: Event | undefined
      return { ...good, create: (request) => (made !== undefined && request.event.id === undefined ? Effect.succeed(made) : Effect.tap(good.create(request), (event) => Effect.sync(() => (made = event)))) }
    }
  },
  {
    description: "keeps what is to be removed",
    seenBy: ["Events: a change replaces"],
    broken: (good) => ({ ...good, update: (request) => good.update({ ...request, change: Object.fromEntries(Object.entries(request.change).filter(([, value]) => value !== null)) }) })
  },
  {
    description: "loses the location with every change",
    seenBy: ["Events: a change replaces"],
    broken: (good) => ({ ...good, update: (request) => good.update({ ...request, change: { location: null, ...request.change } }) })
  },
  {
    description: "keeps its version when an event changes",
    seenBy: ["Events: a change replaces", "Refusals: a stale version"],
    broken: (good) => {
      const same = <E extends { readonly version: string }>(event: E): E => ({ ...event, version: "1" })
      const current = (key: Calendar.EventKey) => Effect.map(good.get(key), ({ version }) => version)
      return {
        ...good,
        get: (key) => Effect.map(good.get(key), same),
        create: (request) => Effect.map(good.create(request), same),
        update: (request) => Effect.flatMap(current(request), (version) => Effect.map(good.update({ ...request, version }), same)),
        remove: (request) => Effect.flatMap(current(request), (version) => good.remove({ ...request, version }))
      }
    }
  },
  {
    description: "lists events as they were created",
    seenBy: ["Events: a moved event"],
    broken: (good) => {
      const created = new Map<string, Event>()
      return {
        ...good,
        create: (request) => Effect.tap(good.create(request), (event) => Effect.sync(() => created.set(event.id, event))),
        occurrences: (request) =>
          Effect.map(good.occurrences(request), (found) => ({ ...found, occurrences: found.occurrences.filter(({ eventId, version }) => created.get(eventId)?.version === version) }))
      }
    }
  },
  { description: "removes nothing", seenBy: ["Events: a removed event"], broken: (good) => ({ ...good, remove: (request) => Effect.asVoid(good.get(request)) }) },
  {
    description: "removes by the beginning of the id",
    seenBy: ["Events: a removed event"],
    broken: (good) => {
      const last = { id: "" }
      return {
        ...good,
        create: (request) => Effect.tap(good.create(request), ({ id }) => Effect.sync(() => (last.id = id))),
        remove: (request) =>
          Effect.andThen(
            good.remove(request),
            Effect.flatMap(Effect.option(good.get({ id: last.id })), (other) => (other._tag === "Some" ? Effect.ignore(good.remove(other.value)) : Effect.void))
          )
      }
    }
  },
  { description: "has no default calendar", seenBy: ["Calendars: exactly one"], broken: (good) => ({ ...good, calendars: Effect.map(good.calendars, (all) => all.map((one) => ({ ...one, isDefault: false }))) }) },
  asking("counts the end of a range to it", "Ranges: begin and end", ({ from, to }) => ({ from, to: utc(to.epochMilliseconds + 1) })),
  asking("counts the moment before a range to it", "Ranges: begin and end", ({ from, to }) => ({ from: utc(from.epochMilliseconds - 1), to })),
  listing("lists only what starts in the range", "Ranges: begin and end", (occurrences, { from }) => occurrences.filter(({ startsAt }) => startsAt.epochMilliseconds >= from.epochMilliseconds)),
  listing("forgets events that began a year ago", "Ranges: a long event", (occurrences, { from }) => occurrences.filter(({ startsAt }) => startsAt.epochMilliseconds > from.epochMilliseconds - 366 * 24 * hour)),
  asking("reads whole days in UTC", "Ranges: whole days", ({ from, to }) => ({ from, to, zone: "UTC" })),
  listing("repeats every 24 hours", "Ranges: a recurring event", (occurrences) => {
    const [start] = occurrences
    if (start === undefined) return occurrences
    return occurrences.map((one, index) => ({ ...one, startsAt: utc(start.startsAt.epochMilliseconds + index * 24 * hour) }))
  }),
  listing("lists changed occurrences where the rule has them", "Ranges: excluded occurrences", (occurrences) => occurrences.filter(({ title }) => title !== "Moved")),
  listing("sorts by title", "Ranges: random ranges", (occurrences) => [...occurrences].sort((a, b) => (a.title < b.title ? -1 : 1))),
  listing("lists a thing twice", "Ranges: random ranges", (occurrences) => occurrences.flatMap((one, index) => (index === 3 ? [one, one] : [one]))),
  listing("lists ten at most", "Ranges: random ranges", (occurrences) => occurrences.slice(0, 10)),
  {
    description: "gives nothing for an inverted range",
    seenBy: ["Ranges: an empty or inverted"],
    broken: (good) => ({ ...good, occurrences: (request) => Effect.catchTag(good.occurrences(request), "InvalidRangeError", () => Effect.succeed({ occurrences: [], unreadable: [] })) })
  },
  {
    description: "takes unknown zones for UTC",
    seenBy: ["Ranges: an empty or inverted"],
    broken: (good) => ({ ...good, occurrences: (request) => Effect.catchTag(good.occurrences(request), "UnknownZoneError", () => good.occurrences({ ...request, zone: "UTC" })) })
  },
  {
    description: "writes over an event whose id is given again",
    seenBy: ["Refusals: an id that exists", "Races: of several creations"],
    broken: (good) => ({
      ...good,
      create: (request) =>
        Effect.catchTag(good.create(request), "EventExistsError", (exists) =>
          Effect.flatMap(good.get({ id: exists.id }), (event) => good.update({ ...event, change: { title: request.event.title } })).pipe(Effect.mapError(() => exists))
        )
    })
  },
  {
    description: "takes any version",
    seenBy: ["Refusals: a stale version", "Refusals: a version of another", "Races: of several updates"],
    broken: (good) => ({ ...good, update: (request) => Effect.flatMap(good.get(request), ({ version }) => good.update({ ...request, version })) })
  },
  {
    description: "removes any version",
    seenBy: ["Refusals: a stale version"],
    broken: (good) => ({ ...good, remove: (request) => Effect.flatMap(good.get(request), ({ version }) => good.remove({ ...request, version })) })
  },
  {
    description: "tells the version that it received as the current one",
    seenBy: ["Refusals: a stale version"],
    broken: (good) => ({ ...good, update: (request) => Effect.mapError(good.update(request), (error) => (error._tag === "StaleVersionError" ? new CalendarError.StaleVersionError({ ...error, current: error.received }) : error)) })
  },
  {
    description: "counts the versions of each event from 1",
    seenBy: ["Refusals: a version of another"],
    broken: (good) => {
      const versions = new Map<string, ReadonlyArray<string>>()
      const numbered = <E extends { readonly id: string; readonly version: string }>(event: E): E => {
        const known = versions.get(event.id) ?? []
        if (!known.includes(event.version)) versions.set(event.id, [...known, event.version])
        return { ...event, version: String((versions.get(event.id) ?? []).indexOf(event.version) + 1) }
      }
      const own = ({ id, version }: Calendar.EventKey & { readonly version: string }) => versions.get(id)?.[Number(version) - 1] ?? version
      return {
        ...good,
        get: (key) => Effect.map(good.get(key), numbered),
        create: (request) => Effect.map(good.create(request), numbered),
        update: (request) => Effect.map(good.update({ ...request, version: own(request) }), numbered),
        remove: (request) => Effect.tap(good.remove({ ...request, version: own(request) }), () => Effect.sync(() => versions.delete(request.id)))
      }
    }
  },
  {
    description: "finds ids in any case",
    seenBy: ["Refusals: what is not there"],
    broken: (good) => ({ ...good, get: (key) => Effect.catchTag(good.get(key), "EventNotFoundError", () => good.get({ ...key, id: key.id.replace(/-here$/, "-Here") })) })
  },
  {
    description: "takes an unknown calendar for the default",
    seenBy: ["Refusals: a calendar that is not there"],
    broken: (good) => ({ ...good, get: ({ id }) => good.get({ id }) })
  },
  {
    description: "takes an event whatever it holds",
    seenBy: ["Refusals: events that no calendar takes"],
    broken: (good) => ({ ...good, update: (request) => Effect.catchTag(good.update(request), "InvalidEventError", () => good.update({ ...request, change: { title: "x" } })) })
  },
  {
    description: "cleans what it refuses, and takes it",
    seenBy: ["Refusals: events that no calendar takes"],
    broken: (good) => ({ ...good, create: (request) => Effect.catchTag(good.create(request), "InvalidEventError", () => good.create({ ...request, event: { ...request.event, title: "x" } })) })
  },
  {
    description: "makes up a title",
    seenBy: ["Refusals: an event without a title"],
    broken: (good) => ({ ...good, create: (request) => good.create({ ...request, event: { ...request.event, title: request.event.title.trim() || "(none)" } }) })
  },
  { description: "creates what is over", seenBy: ["Refusals: an event that is over"], broken: (good) => ({ ...good, create: (request) => good.create({ ...request, allowPast: true }) }) },
  {
    description: "never creates what is over",
    seenBy: ["Refusals: an event that is over"],
    broken: (good) => ({ ...good, create: (request) => good.create({ ...request, allowPast: false }) })
  },
  {
    description: "lets text after a line break become an attendee",
    seenBy: ["Refusals: line breaks"],
    broken: (good) => ({
      ...good,
      create: (request) => {
        const { description = "" } = request.event
        const evil = description.includes("\nATTENDEE:")
        return good.create(evil ? { ...request, event: { ...request.event, description: description.split("\n")[0] ?? "", attendees: [{ email: "evil@example.com" }] } } : request)
      }
    })
  },
  {
    description: "cuts text at a line break",
    seenBy: ["Refusals: line breaks"],
    broken: (good) => ({ ...good, create: (request) => good.create({ ...request, event: { ...request.event, title: request.event.title.split(/\s*[\r\n\u2028\u0085]/)[0] ?? "" } }) })
  },
  {
    description: "looks at the version, waits, and writes",
    seenBy: ["Races: of several updates", "Races: writers"],
    broken: (good) => ({
      ...good,
      update: (request) =>
        Effect.gen(function* () {
          const { calendarId, id, version } = yield* good.get(request)
          if (version !== request.version) return yield* new CalendarError.StaleVersionError({ calendarId, id, received: request.version, current: version })
          return yield* good.update({ ...request, version: yield* careless(good, request) })
        })
    })
  },
  {
    description: "looks at the version, waits, and removes",
    seenBy: ["Races: of several removals"],
    broken: (good) => ({
      ...good,
      remove: (request) =>
        Effect.gen(function* () {
          const { calendarId, id, version } = yield* good.get(request)
          if (version !== request.version) return yield* new CalendarError.StaleVersionError({ calendarId, id, received: request.version, current: version })
          return yield* good.remove({ ...request, version: yield* careless(good, request) })
        })
    })
  },
  {
    description: "fails in another way where a creation lost",
    seenBy: ["Races: of several creations"],
    broken: (good) => ({
      ...good,
      create: (request) => Effect.mapError(good.create(request), (error) => (error._tag === "EventExistsError" ? new CalendarError.CalendarUnavailableError({ reason: "storage", ambiguous: false, message: "busy" }) : error))
    })
  }
]
