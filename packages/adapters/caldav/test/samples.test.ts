import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import ICAL from "ical.js"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { collected } from "./collected.ts"
import { at, unfolded, withDocuments } from "./documents.ts"

/** Pieces that iCalendar, XML and URIs have a meaning for, and letters of one to four octets. */
const pieces = [
  "\\",
  "\n",
  ";",
  ",",
  ":",
  '"',
  "^",
  "^n",
  "\\n",
  "%",
  "&",
  "<",
  "]]>",
  "BEGIN:VEVENT",
  "\nEND:VEVENT\n",
  " ",
  "a",
  "ß",
  "語",
  "😀"
]

describe("random texts", () => {
  const seed = Number(process.env["ARIA_CALDAV_SEED"] ?? 1)

  it.live(`come back as they were, and another parser reads the same (seed ${seed})`, () =>
    withDocuments(
      () => {},
      (calendar, server) =>
        Effect.gen(function* () {
          let state = seed
          // numbers of a small linear generator: the same texts for a seed
          const below = (limit: number) => {
            state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
            return Math.floor((state / 2_147_483_648) * limit)
          }
          const text = () => Array.from({ length: 1 + below(120) }, () => pieces[below(pieces.length)]).join("")
          const oneLine = () => `x${text().replaceAll("\n", " ")}`
          for (let round = 0; round < 200; round++) {
            const draft = {
              id: `random-${round}`,
              title: oneLine(),
              description: text(),
              location: text(),
              start: { dateTime: "2040-01-01T09:00:00", zone: "UTC" },
              end: { dateTime: "2040-01-01T10:00:00", zone: "UTC" },
              // ical.js takes a backslash in a parameter for the start of something, which RFC 6868 does not
              attendees: [
                { email: "a@example.com", name: round % 2 === 0 ? oneLine() : oneLine().replaceAll("\\", "") }
              ]
            }
            const created = yield* calendar.create({ event: draft })
            expect(created).toMatchObject(draft)
            // from the server, where it has been through XML
            const { occurrences } = yield* calendar.occurrences({
              from: at("2040-01-01T00:00:00Z"),
              to: at("2040-01-02T00:00:00Z")
            })
            expect(occurrences.find(({ eventId }) => eventId === draft.id)).toMatchObject({
              title: draft.title,
              attendees: draft.attendees
            })
            const written = server.documents.get(`/calendar/random-${round}.ics`)?.text ?? ""
            expect(written.split("\r\n").filter((line) => Buffer.byteLength(line) > 75)).toEqual([])
            const [vevent, ...others] = new ICAL.Component(ICAL.parse(written)).getAllSubcomponents("vevent")
            expect(others).toEqual([])
            const values = ["summary", "description", "location"].map((name) => vevent?.getFirstPropertyValue(name))
            expect(values).toEqual([draft.title, draft.description, draft.location])
            if (round % 2 === 1)
              expect(vevent?.getFirstProperty("attendee")?.getParameter("cn")).toBe(draft.attendees[0]?.name)
            server.documents.clear()
          }
        })
    )
  )
})

/** Berlin follows one rule, New York changed its own, Casablanca's follow the moon, Apia skipped a day, São Paulo gave it up. */
const zones = ["Europe/Berlin", "America/New_York", "Africa/Casablanca", "Pacific/Apia", "America/Sao_Paulo"].concat([
  "Australia/Lord_Howe",
  "America/Santiago",
  "Asia/Kolkata",
  "Europe/Dublin",
  "Africa/Cairo"
])

describe("VTIMEZONE, as ical.js reads it", () => {
  it.live.each(zones.flatMap((zone) => [1999, 2010, 2030].map((year) => [zone, year] as const)))(
    "%s from %i",
    ([zone, year]) =>
      withDocuments(
        () => {},
        (calendar, server) =>
          Effect.gen(function* () {
            const time = { dateTime: `${year}-06-01T09:00:00`, zone }
            yield* calendar.create({ event: { id: "one", title: "x", start: time, end: time }, allowPast: true })
            const document = new ICAL.Component(ICAL.parse(server.documents.get("/calendar/one.ics")?.text ?? ""))
            const definition = new ICAL.Timezone(document.getFirstSubcomponent("vtimezone")!)
            const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" })
            const wall = (instant: number) => Date.parse(`${clock.format(instant).replace(" ", "T")}Z`)
            let compared = 0
            const hour = 3_600_000
            for (let instant = Date.UTC(year, 0, 1); instant < Date.UTC(year + 15, 0, 1); instant += 7 * hour) {
              const local = wall(instant)
              // times that come twice are not asked about: ical.js takes the second of them
              if ([-hour, -hour / 2, hour / 2, hour].some((other) => wall(instant + other) === local)) continue
              const offset = definition.utcOffset(
                ICAL.Time.fromDateTimeString(new Date(local).toISOString().slice(0, 19))
              )
              if (offset * 1000 !== local - instant)
                expect([new Date(local).toISOString(), offset]).toEqual(["the same offset", (local - instant) / 1000])
              compared++
            }
            expect(compared).toBeGreaterThan(18_000)
          })
      )
  )
})

/** Many samples are an event alone, or without an id: a resource of CalDAV is a calendar and has one. */
const asResource = (text: string): string => {
  const isWhole = /^BEGIN:VCALENDAR/im.test(text)
  const whole = isWhole ? text : `BEGIN:VCALENDAR\r\n${text.trimEnd()}\r\nEND:VCALENDAR\r\n`
  return /^UID[:;]/im.test(whole) ? whole : whole.replace(/^BEGIN:VEVENT\r?$/im, "BEGIN:VEVENT\r\nUID:sample")
}

/** Samples of other projects: whatever they hold, nothing fails as a whole, and nothing is lost by a change. */
describe.skipIf(collected === undefined)("samples of ical.js and python-icalendar", () => {
  const folder = join(collected ?? "", "conformance")
  const files = ["ical.js-samples", "icalendar-py"].flatMap((name) =>
    globSync(join(folder, name, "**/*.ics")).map((file) => ({ file, name: file.slice(folder.length + 1) }))
  )

  it.live("all are read or told of, and a change of the title leaves all other lines as they were", () =>
    withDocuments(
      () => {},
      (calendar, server) =>
        Effect.gen(function* () {
          let events = 0
          let told = 0
          for (const { file, name } of files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
            const text = asResource(readFileSync(file, "utf8"))
            // what XML cannot carry cannot come from a server
            // oxlint-disable-next-line no-control-regex
            if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)) continue
            server.documents.clear()
            server.documents.set("/calendar/sample.ics", { text, etag: '"1"' })
            const range = { from: at("2012-01-01T00:00:00Z"), to: at("2012-01-02T00:00:00Z") }
            const { unreadable } = yield* calendar.occurrences(range)
            const lines = unfolded(text)
            const from = lines.findIndex((line) => /^BEGIN:VEVENT/i.test(line))
            const uid = lines.find((line, index) => index > from && /^UID[:;]/i.test(line))
            const found = yield* Effect.result(
              calendar.get({ id: (from < 0 ? undefined : uid)?.replace(/^UID[^:]*:/i, "") ?? "none" })
            )
            if (found._tag === "Failure") {
              told++
              expect([name, found.failure._tag]).toEqual([
                name,
                expect.stringMatching(/CalendarUnavailableError|EventNotFoundError/)
              ])
              expect([name, unreadable.length]).toEqual([name, 1])
              continue
            }
            events++
            const changed = yield* calendar.update({ ...found.success, change: { title: "Changed, by us" } })
            expect([name, changed.title]).toEqual([name, "Changed, by us"])
            const ours = /^(SUMMARY|DTSTAMP|LAST-MODIFIED)\b/i
            const written = server.documents.get("/calendar/sample.ics")?.text ?? ""
            expect(written.split("\r\n").every((line) => Buffer.byteLength(line) <= 75)).toBe(true)
            const upper = (line: string) =>
              line.replace(/^(begin|end):(.*)$/i, (_, key: string, value: string) =>
                `${key}:${value.trim()}`.toUpperCase()
              )
            const before = unfolded(text)
              .map(upper)
              .filter((line) => !ours.test(line))
            const after = new Set(unfolded(written).filter((line) => !ours.test(line)))
            const missing = before.filter((line) => !after.has(line))
            expect([name, missing]).toEqual([name, []])
          }
          expect(events).toBeGreaterThanOrEqual(66)
          expect(events + told).toBeGreaterThan(150)
        }),
      { retries: 0 }
    )
  )
})
