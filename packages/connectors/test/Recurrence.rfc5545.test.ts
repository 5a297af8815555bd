import * as EventTime from "@aria/connectors/EventTime"
import * as CalendarEvent from "@aria/connectors/CalendarEvent"
import * as Recurrence from "@aria/connectors/Recurrence"
import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { event, range } from "./events.ts"
import { examples, expected } from "./rfc5545.ts"
import { readRule } from "./rules.ts"

const zone = "America/New_York"

describe("Recurrence: the examples of RFC 5545 §3.8.5.3", () => {
  for (const example of examples) {
    const { excluded, rule, start = "1997-09-02" } = example
    const meeting = event({
      start: { dateTime: `${start}T09:00:00`, zone },
      end: { dateTime: `${start}T10:00:00`, zone },
      recurrence: { rule: readRule(rule), ...(excluded === undefined ? {} : { excluded }) }
    })

    it(`${start} ${rule}`, () => {
      const { open, starts } = expected(example)
      const found = Result.getOrThrow(Recurrence.expand(meeting, range("1996-01-01T00:00:00Z", "2010-01-01T00:00:00Z")))
      const locals = found.map((one) => EventTime.local(one.start))
      expect(open ? locals.slice(0, starts.length) : locals).toEqual(starts)
      expect(open ? locals.length > starts.length : true).toBe(true)
      expect(found.every((one) => one.endsAt.epochMilliseconds - one.startsAt.epochMilliseconds === 3_600_000)).toBe(true)
      const { version: _, calendarId: __, ...draft } = meeting
      const made = CalendarEvent.fromDraft(draft, { calendarId: "work", id: "event-1", version: "1" })
      expect(Result.isSuccess(made) ? made.success : made.failure.message).toEqual(meeting)
    })
  }
})
