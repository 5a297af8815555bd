/** What the checks of a calendar are made of. */
import * as Calendar from "@aria/connectors/Calendar"
import * as CalendarError from "@aria/connectors/CalendarError"
import * as CalendarEvent from "@aria/connectors/CalendarEvent"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { format } from "effect/Formatter"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** What was seen and should not have been. */
export class Broken extends Schema.TaggedError<Broken>()("Broken", { message: Schema.String }) {}

export interface Settings {
  readonly seed: number
  readonly ranges: number
}

export type Service = Calendar.Calendar["Service"]

/** The calendar under test, and what begins the ids of this check: the calendar may hold other events. */
export interface Scene {
  readonly calendar: Service
  readonly prefix: string
}

export interface Check {
  readonly name: string
  readonly run: (settings: Settings) => Effect.Effect<void, Broken | CalendarError.CalendarError, Calendar.Calendar>
}

export const check = (
  name: string,
  run: (scene: Scene, settings: Settings) => Effect.Effect<void, Broken | CalendarError.CalendarError>
): Check => ({
  name,
  run: (settings) =>
    Effect.gen(function* () {
      const prefix = (yield* Random.nextIntBetween(1_000_000_000, 9_999_999_999)).toString(36)
      yield* run({ calendar: yield* Calendar.Calendar, prefix: `aria-${prefix}` }, settings)
    })
})

export const broken = (message: string): Effect.Effect<never, Broken> => Effect.fail(new Broken({ message }))

export const show = (value: unknown): string => {
  const text = format(value)
  return text.length > 400 ? `${text.slice(0, 400)}...` : text
}

export const expect = (holds: boolean, message: () => string): Effect.Effect<void, Broken> => (holds ? Effect.void : broken(message()))

/** Keys in order, so that the same content is the same text. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner
  )

const encode = Schema.encodeUnknownResult(CalendarEvent.CalendarEvent)

/** An event as data. Fails where it is none. */
export const dataOf = (event: unknown): Effect.Effect<Readonly<Record<string, unknown>>, Broken> => {
  const encoded = encode(event, { onExcessProperty: "error" })
  return Result.isSuccess(encoded) ? Effect.succeed({ ...encoded.success }) : broken(`${show(event)} is no event: ${encoded.failure.message}`)
}

/** Whether an event has exactly these fields, whatever its calendar, and its version where none is given. */
export const expectEvent = (received: unknown, wanted: Readonly<Record<string, unknown>>, what: string) =>
  Effect.gen(function* () {
    const data = yield* dataOf(received)
    const names = new Set([...Object.keys(data), ...Object.keys(wanted)])
    for (const name of names) {
      if ((name === "version" || name === "calendarId") && wanted[name] === undefined) continue
      yield* expect(canonical(data[name]) === canonical(wanted[name]), () => `${what}: ${name} is ${show(data[name])}, should be ${show(wanted[name])}`)
    }
  })

/** What a draft becomes: the defaults filled in. */
export const filled = (draft: CalendarEvent.Draft): Readonly<Record<string, unknown>> => ({
  attendees: [],
  availability: "busy",
  status: "confirmed",
  ...draft
})

type Tag = CalendarError.CalendarError["_tag"]
const RoundTrip = Schema.toCodecJson(CalendarError.CalendarError)

/** The failure of an effect that has to fail with one of these tags: as an error of the contract that survives being data. */
export const expectFailure = <T extends Tag>(
  self: Effect.Effect<unknown, CalendarError.CalendarError>,
  tags: T | ReadonlyArray<T>,
  what: string
): Effect.Effect<Extract<CalendarError.CalendarError, { readonly _tag: T }>, Broken> =>
  Effect.gen(function* () {
    const allowed: ReadonlyArray<string> = typeof tags === "string" ? [tags] : tags
    const result = yield* Effect.result(Effect.catchDefect(self, (defect) => broken(`${what}: died with ${show(defect)}`)))
    if (Result.isSuccess(result)) return yield* broken(`${what}: succeeded with ${show(result.success)}, should fail with ${allowed.join(" or ")}`)
    const error = result.failure
    if (error._tag === "Broken") return yield* error
    if (!allowed.includes(error._tag)) return yield* broken(`${what}: failed with ${error._tag} (${error.message}), should be ${allowed.join(" or ")}`)
    const again = Result.flatMap(Schema.encodeResult(RoundTrip)(error), Schema.decodeUnknownResult(RoundTrip))
    if (Result.isFailure(again)) return yield* broken(`${what}: ${error._tag} cannot be written as data: ${again.failure.message}`)
    return error as Extract<CalendarError.CalendarError, { readonly _tag: T }>
  })

export const range = (from: string, to: string, zone?: string) => ({
  from: DateTime.makeUnsafe(from),
  to: DateTime.makeUnsafe(to),
  ...(zone === undefined ? {} : { zone })
})

/** The occurrences of this check's events. */
export const listed = ({ calendar, prefix }: Scene, request: Calendar.Range) =>
  Effect.map(calendar.occurrences(request), ({ occurrences }) => occurrences.filter(({ eventId }) => eventId.startsWith(prefix)))

/** An hour on a day in the years to come. */
export const hour = ({ prefix }: Scene, id: string, given: Partial<CalendarEvent.Draft> = {}): CalendarEvent.Draft => ({
  id: `${prefix}-${id}`,
  title: "Meeting",
  start: { dateTime: "2041-06-03T10:00:00", zone: "UTC" },
  end: { dateTime: "2041-06-03T11:00:00", zone: "UTC" },
  ...given
})

/** Runs something that must not change an event. */
export const unchanged = <A, E>({ calendar }: Scene, event: CalendarEvent.CalendarEvent, self: Effect.Effect<A, E>, what: string) =>
  Effect.gen(function* () {
    const result = yield* self
    const after = yield* calendar.get({ calendarId: event.calendarId, id: event.id })
    yield* expectEvent(after, { ...(yield* dataOf(event)) }, `an event after ${what}`)
    return result
  })
