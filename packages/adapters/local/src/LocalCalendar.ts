/**
 * A `Calendar` in a SQLite database.
 *
 * @since 0.1.0
 */
import { Calendar, CalendarError, CalendarEvent, Recurrence } from "@aria/connectors"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { SqlClient } from "effect/sql/SqlClient"
import { randomUUID } from "node:crypto"
import { columnsOf, eventOf, readEvent, type Row, short } from "./internal/calendarRows.ts"
import { migrations } from "./internal/calendarTables.ts"
import { unavailable } from "./internal/calendarUnavailable.ts"
import { prepare } from "./internal/store.ts"
import { LocalStoreError } from "./LocalStore.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The calendars that there are to be; the first is the default. Those that the database has stay. Default: one, `"primary"`. */
  readonly calendars?: readonly [CalendarName, ...ReadonlyArray<CalendarName>] | undefined
  /** How many occurrences one range may hold. Default 50,000. */
  readonly limit?: number | undefined
}

/**
 * @category models
 * @since 0.1.0
 */
export interface CalendarName {
  readonly id: string
  readonly name: string
}

const operations = (sql: SqlClient, limit: number | undefined): Calendar.Calendar["Service"] => {
  const calendars = Effect.map(
    sql<Calendar.CalendarInfo & { readonly isDefault: 0 | 1 }>`SELECT id, name, isDefault FROM aria_calendar_calendar ORDER BY isDefault DESC, id`,
    (rows) => rows.map(({ id, isDefault, name }) => ({ id, name, isDefault: Number(isDefault) === 1, readOnly: false }))
  )

  /** The id of the calendar that is meant. */
  const chosen = Effect.fnUntraced(function* (calendarId: string | undefined) {
    const all = yield* calendars
    const found = all.find(({ id, isDefault }) => (calendarId === undefined ? isDefault : id === calendarId))
    return found === undefined
      ? yield* new CalendarError.CalendarNotFoundError({ calendarId: calendarId ?? "(default)", known: all.map(({ id }) => id) })
      : found.id
  })

  const rowOf = (calendarId: string, id: string) =>
    Effect.map(
      sql<Row>`SELECT calendarId, id, version, body FROM aria_calendar_event WHERE calendarId = ${calendarId} AND id = ${id}`,
      ([row]) => row
    )

  const found = Effect.fnUntraced(function* (key: Calendar.EventKey) {
    const calendarId = yield* chosen(key.calendarId)
    const row = yield* rowOf(calendarId, key.id)
    return row ?? (yield* new CalendarError.EventNotFoundError({ calendarId, id: key.id }))
  })

  /** The row, if it still has the version. */
  const current = Effect.fnUntraced(function* (key: Calendar.EventKey & { readonly version: string }) {
    const row = yield* found(key)
    const { calendarId, id } = row
    if (String(row.version) === key.version) return row
    return yield* new CalendarError.StaleVersionError({ calendarId, id, received: key.version, current: String(row.version) })
  })

  const nextVersion = Effect.map(
    sql<{ readonly last: number }>`UPDATE aria_calendar_writes SET last = last + 1 RETURNING last`,
    ([row]) => String(row?.last ?? 0)
  )

  const occurrences = Effect.fnUntraced(function* (request: Calendar.Range & { readonly calendarId?: string | undefined }) {
    const from = request.from.epochMilliseconds
    const to = request.to.epochMilliseconds
    const only = request.calendarId === undefined ? sql`TRUE` : sql`calendarId = ${yield* chosen(request.calendarId)}`
    const rows = yield* sql<Row>`
      SELECT calendarId, id, version, body FROM aria_calendar_event
        WHERE long = 0 AND firstAt > ${from - short} AND firstAt < ${to} AND lastAt > ${from} AND ${only}
      UNION ALL
      SELECT calendarId, id, version, body FROM aria_calendar_event
        WHERE long = 1 AND lastAt > ${from} AND firstAt < ${to} AND ${only}`
    const events: Array<CalendarEvent.CalendarEvent> = []
    const unreadable: Array<Calendar.Listing["unreadable"][number]> = []
    for (const row of rows) {
      const event = eventOf(row)
      if (Result.isSuccess(event)) events.push(event.success)
      else unreadable.push({ calendarId: row.calendarId, id: row.id, reason: event.failure })
    }
    const listing = yield* Effect.fromResult(Recurrence.list(events, request, { limit }))
    return { ...listing, unreadable: [...unreadable, ...listing.unreadable] }
  })

  const create = Effect.fnUntraced(function* (request: Parameters<Calendar.Calendar["Service"]["create"]>[0]) {
    const calendarId = yield* chosen(request.calendarId)
    const version = yield* nextVersion
    const event = yield* Effect.fromResult(CalendarEvent.fromDraft(request.event, { calendarId, id: randomUUID(), version }))
    const { id } = event
    if ((yield* rowOf(calendarId, id)) !== undefined) return yield* new CalendarError.EventExistsError({ calendarId, id })
    const now = yield* DateTime.now
    const ended = Recurrence.endedBefore(event, now)
    if (Option.isSome(ended) && request.allowPast !== true) return yield* new CalendarError.PastEventError({ ended: ended.value, now })
    yield* sql`INSERT INTO aria_calendar_event ${sql.insert({ calendarId, id, version: Number(version), ...columnsOf(event) })}`
    return event
  })

  const update = Effect.fnUntraced(function* (request: Parameters<Calendar.Calendar["Service"]["update"]>[0]) {
    const { calendarId, id, ...row } = yield* current(request)
    const before = yield* readEvent({ calendarId, id, ...row })
    const version = yield* nextVersion
    const event = { ...(yield* Effect.fromResult(CalendarEvent.applyChange(before, request.change))), version }
    yield* sql`
      UPDATE aria_calendar_event SET ${sql.update({ version: Number(version), ...columnsOf(event) })}
      WHERE calendarId = ${calendarId} AND id = ${id}`
    return event
  })

  const remove = Effect.fnUntraced(function* (request: Calendar.EventKey & { readonly version: string }) {
    const { calendarId, id } = yield* current(request)
    yield* sql`DELETE FROM aria_calendar_event WHERE calendarId = ${calendarId} AND id = ${id}`
  })

  const { reading, writing } = unavailable(sql)
  return {
    calendars: reading("list its calendars", calendars),
    occurrences: (request) => reading("list what happens", occurrences(request)),
    get: (key) => reading("read an event", Effect.flatMap(found(key), readEvent)),
    create: (request) => writing("create an event", create(request)),
    update: (request) => writing("change an event", update(request)),
    remove: (request) => writing("remove an event", remove(request))
  }
}

/** Calendars that are wanted and missing are made; the first of them becomes the default. */
const ensure = (sql: SqlClient, calendars: ReadonlyArray<CalendarName> | undefined) =>
  Effect.gen(function* () {
    const there = yield* sql`SELECT id FROM aria_calendar_calendar`
    if (calendars === undefined && there.length > 0) return
    const wanted = calendars ?? [{ id: "primary", name: "Calendar" }]
    yield* sql`UPDATE aria_calendar_calendar SET isDefault = 0`
    yield* Effect.forEach(
      wanted,
      ({ id, name }, index) => sql`
        INSERT INTO aria_calendar_calendar ${sql.insert({ id, name, isDefault: index === 0 ? 1 : 0 })}
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, isDefault = excluded.isDefault`,
      { discard: true }
    )
  }).pipe(
    sql.withTransaction,
    Effect.mapError((cause) => new LocalStoreError({ reason: "migration", cause, message: `The calendars could not be made: ${cause.message}` }))
  )

/**
 * The service itself, where a layer is not wanted. Its tables are made where they are missing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (options?: Options) => Effect.Effect<Calendar.Calendar["Service"], LocalStoreError, SqlClient> = Effect.fnUntraced(
  function* (options?: Options) {
    const sql = yield* prepare("aria_calendar_migrations", migrations)
    yield* ensure(sql, options?.calendars)
    return operations(sql, options?.limit)
  }
)

/**
 * Calendars in the database of a `SqlClient` for SQLite, in tables of their own whose names begin with `aria_calendar_`. Several
 * processes may share a file. A write is one transaction; inside `sql.withTransaction` it is a part of that one.
 *
 * **Example**
 *
 * ```ts
 * import { LocalCalendar } from "@aria/adapter-local"
 * import { SqliteClient } from "@aria/sqlite"
 * import * as Layer from "effect/Layer"
 *
 * const CalendarLive = LocalCalendar.layerWith({ calendars: [{ id: "sales", name: "Sales" }] }).pipe(
 *   Layer.provide(SqliteClient.layer({ filename: "aria.db" }))
 * )
 * ```
 *
 * Errors: `LocalStoreError` where the client is not for SQLite or the tables cannot be made.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerWith = (options: Options): Layer.Layer<Calendar.Calendar, LocalStoreError, SqlClient> =>
  Layer.effect(Calendar.Calendar)(make(options))

/**
 * `layerWith` one calendar, `"primary"`, or those that the database has.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Calendar.Calendar, LocalStoreError, SqlClient> = layerWith({})
