/** The operations of the contract over calendars on a server. */
import { CalendarError, type CalendarEvent, CalendarEvent as Events, Recurrence } from "@aria/connectors"
import type { Calendar } from "@aria/connectors/Calendar"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import { eventsOf, type Read, readEvent } from "./readEvent.ts"
import { linesOf, print } from "./component.ts"
import { type Collection, makeDiscovery, type Place } from "./discovery.ts"
import { unavailable, type Unavailable } from "./failures.ts"
import type { Send } from "./http.ts"
import { isScheduledByServer } from "./people.ts"
import { addressOf, type Gone, makeResources, notFound, type Resource, uidIn } from "./resources.ts"
import type { Settings } from "./settings.ts"
import { writeEvent } from "./writeEvent.ts"

type Event = CalendarEvent.CalendarEvent

interface Found {
  readonly calendar: Collection
  readonly resource: Resource
}

export const makeService = Effect.fnUntraced(function* (settings: Settings, send: Send) {
  const discovery = makeDiscovery(settings, send)
  const resources = makeResources(send)
  const place = yield* Ref.make<Place | undefined>(undefined)
  const known = yield* Ref.make<ReadonlyArray<Collection>>([])
  const newId = Effect.sync(() => crypto.randomUUID())

  /** Found once, and asked for again where it failed. */
  const whereCalendarsAre = Effect.gen(function* () {
    const before = yield* Ref.get(place)
    if (before !== undefined) return before
    const found = yield* discovery.place
    yield* Ref.set(place, found)
    return found
  })

  const collections = whereCalendarsAre.pipe(
    Effect.flatMap(discovery.list),
    Effect.tap((found) => Ref.set(known, found))
  )

  const choose = (found: ReadonlyArray<Collection>, calendarId: string | undefined) =>
    found.find(({ info }) => (calendarId === undefined ? info.isDefault : info.id === calendarId))

  /** Only calendars that the server listed: an id is never taken for an address. */
  const calendarOf = Effect.fnUntraced(function* (
    calendarId: string | undefined
  ): Effect.fn.Return<Collection, CalendarError.CalendarNotFoundError | Unavailable> {
    const before = choose(yield* Ref.get(known), calendarId)
    if (before !== undefined) return before
    const found = yield* collections
    const calendar = choose(found, calendarId)
    if (calendar !== undefined) return calendar
    return yield* new CalendarError.CalendarNotFoundError({
      calendarId: calendarId ?? "(default)",
      known: found.map(({ info }) => info.id)
    })
  })

  /** A calendar that was there before may have been removed: then that is what there is to say. */
  const within = <A>(
    { info }: Collection,
    effect: Effect.Effect<A, Unavailable | Gone>
  ): Effect.Effect<A, CalendarError.CalendarNotFoundError | Unavailable> =>
    Effect.catchTag(effect, "Gone", ({ why }) =>
      Effect.flatMap(collections, (found) =>
        Effect.fail(
          choose(found, info.id) === undefined
            ? new CalendarError.CalendarNotFoundError({ calendarId: info.id, known: found.map((one) => one.info.id) })
            : why
        )
      )
    )

  const eventOf = ({ info }: Collection, { etag }: Resource, { event }: Read): Event => ({
    ...event,
    calendarId: info.id,
    version: etag
  })

  const parsed = ({ calendar, resource }: Found): Effect.Effect<Read, Unavailable> =>
    Effect.fromResult(
      Result.mapError(readEvent(resource.text, settings.floatingZone), (why) =>
        unavailable("unreadable", `The event at ${resource.url.href} in ${calendar.info.id} cannot be read: ${why}.`)
      )
    )

  const find = Effect.fnUntraced(function* (key: {
    readonly calendarId?: string | undefined
    readonly id: string
  }): Effect.fn.Return<Found, CalendarError.CalendarNotFoundError | CalendarError.EventNotFoundError | Unavailable> {
    const calendar = yield* calendarOf(key.calendarId)
    const resource = yield* within(calendar, resources.find(calendar, key.id))
    return resource === undefined ? yield* notFound(calendar, key.id) : { calendar, resource }
  })

  /** The event as it is, where that is how the caller saw it. */
  const current = Effect.fnUntraced(function* (key: {
    readonly calendarId?: string | undefined
    readonly id: string
    readonly version: string
  }): Effect.fn.Return<
    Found,
    | CalendarError.CalendarNotFoundError
    | CalendarError.EventNotFoundError
    | CalendarError.StaleVersionError
    | Unavailable
  > {
    const found = yield* find(key)
    return found.resource.etag === key.version ? found : yield* stale(key, found)
  })

  const stale = ({ id, version }: { readonly id: string; readonly version: string }, { calendar, resource }: Found) =>
    new CalendarError.StaleVersionError({
      calendarId: calendar.info.id,
      id,
      received: version,
      current: resource.etag
    })

  /** A write that the server refused because the event is another one, or none, by now. */
  const lostRace = Effect.fnUntraced(function* (
    key: { readonly id: string; readonly version: string },
    found: Found,
    why: Unavailable
  ): Effect.fn.Return<never, CalendarError.StaleVersionError | CalendarError.EventNotFoundError | Unavailable> {
    const resource = yield* resources.read(found.resource.url)
    if (resource === undefined) return yield* notFound(found.calendar, key.id)
    return yield* resource.etag === key.version ? why : stale(key, { ...found, resource })
  })

  /** Nothing is sent to people that nobody asked to be sent. */
  const mayWrite = Effect.fnUntraced(function* (found: Found, { document }: Read): Effect.fn.Return<void, Unavailable> {
    if (settings.scheduling === "server") return
    const { changed, master } = eventsOf(document)
    const events = master === undefined ? changed : [master, ...changed]
    const organized = events.some((event) => linesOf(event, "ORGANIZER").some(isScheduledByServer))
    const written = new Set(
      events.flatMap((event) =>
        linesOf(event, "ATTENDEE")
          .filter(isScheduledByServer)
          .map(({ value }) => value)
      )
    )
    if (!organized || written.size === 0 || !(yield* resources.schedules(found.calendar.url))) return
    return yield* unavailable(
      "forbidden",
      `The event at ${found.resource.url.href} has ${written.size} attendees, and the server would write to them about the change. Nothing was changed; if they are to be told, set scheduling to "server".`
    )
  })

  /** The event as it is after a write. */
  const result = Effect.fnUntraced(function* (found: Found): Effect.fn.Return<Event, Unavailable> {
    return eventOf(found.calendar, found.resource, yield* parsed(found))
  })

  const writing = Effect.map(Clock.currentTimeMillis, (now) => ({
    now,
    scheduling: settings.scheduling,
    floatingZone: settings.floatingZone
  }))

  const occurrences = Effect.fn("CalDav.occurrences")(function* (
    request: Parameters<Calendar["Service"]["occurrences"]>[0]
  ) {
    // what is wrong with the range is known without asking anybody
    yield* Effect.fromResult(Recurrence.list([], request))
    const calendars = request.calendarId === undefined ? yield* collections : [yield* calendarOf(request.calendarId)]
    const { from, to } = request
    const found = yield* Effect.forEach(
      calendars,
      (calendar) =>
        Effect.map(
          within(calendar, resources.between(calendar, from.epochMilliseconds, to.epochMilliseconds)),
          (list) => list.map((resource) => ({ calendar, resource }))
        ),
      { concurrency: 4 }
    )
    const events: Array<Event> = []
    const unreadable: Array<{ readonly calendarId: string; readonly id: string; readonly reason: string }> = []
    for (const { calendar, resource } of found.flat()) {
      const read = readEvent(resource.text, settings.floatingZone)
      if (Result.isSuccess(read)) events.push(eventOf(calendar, resource, read.success))
      else {
        const id = uidIn(resource.text) ?? resource.url.pathname
        unreadable.push({ calendarId: calendar.info.id, id, reason: `The event cannot be read: ${read.failure}.` })
      }
    }
    const listing = yield* Effect.fromResult(Recurrence.list(events, request))
    return { occurrences: listing.occurrences, unreadable: [...unreadable, ...listing.unreadable] }
  })

  const get: Calendar["Service"]["get"] = Effect.fn("CalDav.get")(function* (key) {
    return yield* Effect.flatMap(find(key), result)
  })

  const create: Calendar["Service"]["create"] = Effect.fn("CalDav.create")(function* (request) {
    const calendar = yield* calendarOf(request.calendarId)
    const draft = request.event
    const event = yield* Effect.fromResult(
      Events.fromDraft(draft, { calendarId: calendar.info.id, id: yield* newId, version: "" })
    )
    const exists = new CalendarError.EventExistsError({ calendarId: calendar.info.id, id: event.id })
    // an event that another program made is at an address of its own, where no condition of ours protects it
    if (draft.id !== undefined && (yield* within(calendar, resources.find(calendar, event.id))) !== undefined)
      return yield* exists
    const context = yield* writing
    const now = DateTime.makeUnsafe(context.now)
    const ended = Recurrence.endedBefore(event, now)
    if (Option.isSome(ended) && request.allowPast !== true)
      return yield* new CalendarError.PastEventError({ ended: ended.value, now })
    const text = print(writeEvent(event, context))
    const url = addressOf(calendar, event.id)
    const outcome = yield* resources.put(url, text, { "if-none-match": "*" })
    if (outcome._tag === "done")
      return yield* Effect.flatMap(resources.stored(outcome.answer, url, text), (resource) =>
        result({ calendar, resource })
      )
    const there = yield* within(calendar, resources.find(calendar, event.id))
    return there === undefined ? yield* outcome.why : yield* exists
  })

  const update: Calendar["Service"]["update"] = Effect.fn("CalDav.update")(function* (request) {
    const found = yield* current(request)
    const read = yield* parsed(found)
    const before = eventOf(found.calendar, found.resource, read)
    const after = yield* Effect.fromResult(Events.applyChange(before, request.change))
    const document = writeEvent(after, yield* writing, read)
    yield* mayWrite(found, read)
    const text = print(document)
    const { url } = found.resource
    const outcome = yield* resources.put(url, text, { "if-match": request.version })
    if (outcome._tag !== "done") return yield* lostRace(request, found, outcome.why)
    return yield* Effect.flatMap(resources.stored(outcome.answer, url, text), (resource) =>
      result({ calendar: found.calendar, resource })
    )
  })

  const remove: Calendar["Service"]["remove"] = Effect.fn("CalDav.remove")(function* (request) {
    const found = yield* current(request)
    // what cannot be read can still be removed
    const read = readEvent(found.resource.text, settings.floatingZone)
    if (Result.isSuccess(read)) yield* mayWrite(found, read.success)
    const outcome = yield* resources.remove(found.resource.url, request.version)
    if (outcome._tag !== "done") return yield* lostRace(request, found, outcome.why)
  })

  return {
    calendars: Effect.map(collections, (found) => found.map(({ info }) => info)).pipe(
      Effect.withSpan("CalDav.calendars")
    ),
    occurrences,
    get,
    create,
    update,
    remove
  }
})
