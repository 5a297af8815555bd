/**
 * Calendars in memory: for tests, demonstrations and as the plainest implementation of the contract.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { Calendar, type CalendarInfo, type EventKey } from "./Calendar.ts"
import { CalendarNotFoundError, EventExistsError, EventNotFoundError, PastEventError, StaleVersionError } from "./CalendarError.ts"
import { applyChange, type CalendarEvent, fromDraft } from "./CalendarEvent.ts"
import { endedBefore, list } from "./Recurrence.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The first is the default. Default: one, `"primary"`. */
  readonly calendars?: ReadonlyArray<{ readonly id: string; readonly name: string }> | undefined
  /** What is in them at first, as it is: nothing of it is checked. */
  readonly events?: ReadonlyArray<CalendarEvent> | undefined
}

/**
 * The service itself, where a layer is not wanted. Each one made has events of its own; ids are made as `event-1`, `event-2` ...
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options?: Options): Effect.Effect<Calendar["Service"]> =>
  Effect.sync(() => {
    const calendars: ReadonlyArray<CalendarInfo> = (options?.calendars ?? [{ id: "primary", name: "Calendar" }]).map(
      ({ id, name }, index) => ({ id, name, isDefault: index === 0, readOnly: false })
    )
    const stored = new Map(calendars.map(({ id }) => [id, new Map<string, CalendarEvent>()]))
    for (const event of options?.events ?? []) stored.get(event.calendarId)?.set(event.id, event)
    let writes = stored.size

    type Found = { readonly calendarId: string; readonly events: Map<string, CalendarEvent> }
    const chosen = (given: string | undefined): Result.Result<Found, CalendarNotFoundError> => {
      const calendarId = given ?? calendars[0]?.id ?? "(default)"
      const events = stored.get(calendarId)
      return events === undefined
        ? Result.fail(new CalendarNotFoundError({ calendarId, known: calendars.map(({ id }) => id) }))
        : Result.succeed({ calendarId, events })
    }
    const found = (key: EventKey) =>
      Result.flatMap(chosen(key.calendarId), ({ calendarId, events }) => {
        const event = events.get(key.id)
        return event === undefined
          ? Result.fail(new EventNotFoundError({ calendarId, id: key.id }))
          : Result.succeed({ event, events })
      })
    const current = (key: EventKey & { readonly version: string }) =>
      Result.flatMap(found(key), ({ event, events }) =>
        event.version === key.version
          ? Result.succeed({ event, events })
          : Result.fail(
              new StaleVersionError({ calendarId: event.calendarId, id: event.id, received: key.version, current: event.version })
            )
      )
    const nextVersion = (): string => String(++writes)
    let made = 0
    const freeId = (events: Map<string, CalendarEvent>): string => {
      const id = `event-${++made}`
      return events.has(id) ? freeId(events) : id
    }

    return {
      calendars: Effect.succeed(calendars),
      occurrences: (request) =>
        Effect.suspend(() =>
          Effect.fromResult(
            request.calendarId === undefined
              ? list([...stored.values()].flatMap((events) => [...events.values()]), request)
              : Result.flatMap(chosen(request.calendarId), ({ events }) => list(events.values(), request))
          )
        ),
      get: (key) => Effect.suspend(() => Effect.fromResult(Result.map(found(key), ({ event }) => event))),
      create: Effect.fnUntraced(function* ({ allowPast, calendarId: given, event: draft }) {
        const now = DateTime.makeUnsafe(yield* Clock.currentTimeMillis)
        const { calendarId, events } = yield* Effect.fromResult(chosen(given))
        const event = yield* Effect.fromResult(fromDraft(draft, { calendarId, id: freeId(events), version: nextVersion() }))
        if (events.has(event.id)) return yield* new EventExistsError({ calendarId, id: event.id })
        const ended = endedBefore(event, now)
        if (Option.isSome(ended) && allowPast !== true) return yield* new PastEventError({ ended: ended.value, now })
        events.set(event.id, event)
        return event
      }),
      update: Effect.fnUntraced(function* (request) {
        const { event, events } = yield* Effect.fromResult(current(request))
        const after = { ...(yield* Effect.fromResult(applyChange(event, request.change))), version: nextVersion() }
        events.set(event.id, after)
        return after
      }),
      remove: (request) =>
        Effect.suspend(() => Effect.fromResult(Result.map(current(request), ({ event, events }) => void events.delete(event.id))))
    }
  })

/**
 * Calendars that are gone with the layer.
 *
 * **Example**
 *
 * ```ts
 * const Calendars = CalendarMemory.layerWith({ calendars: [{ id: "sales", name: "Sales" }] })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerWith = (options: Options): Layer.Layer<Calendar> => Layer.effect(Calendar)(make(options))

/**
 * `layerWith` one calendar, `"primary"`, without events.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Calendar> = layerWith({})
