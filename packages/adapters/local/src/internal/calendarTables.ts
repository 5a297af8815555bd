/** The tables of the calendar, as they were made: what is here is never changed, only added to. */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"

const first: ReadonlyArray<string> = [
  // Every write takes the next number as its version: an event that is removed and made anew has none of its old ones.
  `CREATE TABLE aria_calendar_writes (id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER NOT NULL) STRICT`,
  `INSERT INTO aria_calendar_writes (id, last) VALUES (1, 0)`,
  `CREATE TABLE aria_calendar_calendar (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, isDefault INTEGER NOT NULL) STRICT`,
  // All occurrences lie between firstAt and lastAt, milliseconds. Nearly all events are short: a range looks for those by firstAt
  // alone. The long ones, those that recur or go on for ever among them, are few and looked for by lastAt.
  `CREATE TABLE aria_calendar_event (calendarId TEXT NOT NULL REFERENCES aria_calendar_calendar (id), id TEXT NOT NULL,
    version INTEGER NOT NULL, long INTEGER NOT NULL, firstAt INTEGER NOT NULL, lastAt INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (calendarId, id)) STRICT, WITHOUT ROWID`,
  `CREATE INDEX aria_calendar_event_first ON aria_calendar_event (long, firstAt)`,
  `CREATE INDEX aria_calendar_event_last ON aria_calendar_event (long, lastAt)`
]

export const migrations = {
  "1_calendar": Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* Effect.forEach(first, (statement) => sql.unsafe(statement), { discard: true })
  })
}
