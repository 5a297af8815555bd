import type { CalDav } from "@aria/adapter-caldav"
import type { CalendarError, CalendarEvent } from "@aria/connectors"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import ICAL from "ical.js"
import { all, type Service, unfolded, withDocuments } from "./documents.ts"
import { event, put, type StandIn } from "./standIn.ts"

/** The one event of a document, read. */
const read = (lines: ReadonlyArray<string>, options?: Partial<CalDav.Options>) =>
  withDocuments(
    (server) => put(server, "one.ics", ...lines),
    (calendar) => calendar.get({ id: "one" }),
    options
  )

describe("reading documents", () => {
  const zone = (tzid: string, ...more: ReadonlyArray<string>) => [
    "BEGIN:VTIMEZONE",
    `TZID:${tzid}`,
    ...more,
    "END:VTIMEZONE"
  ]
  const offset = (to: string) => [
    "BEGIN:STANDARD",
    "DTSTART:16010101T000000",
    `TZOFFSETFROM:${to}`,
    `TZOFFSETTO:${to}`,
    "END:STANDARD"
  ]
  const inZone = (tzid: string, definition: ReadonlyArray<string> = []) => {
    const [begin = "", ...rest] = event("one", `DTSTART;TZID="${tzid}":20300701T090000`)
    return [begin, ...definition, ...rest]
  }

  it.live.each([
    ["Europe/Berlin", [], "Europe/Berlin"],
    ["W. Europe Standard Time", [], "Europe/Berlin"],
    ["Eastern Standard Time", [], "America/New_York"],
    ["/freeassociation.sourceforge.net/Europe/Paris", [], "Europe/Paris"],
    ["/mozilla.org/20050126_1/America/Argentina/Ushuaia", [], "America/Argentina/Ushuaia"],
    ["Somewhere", zone("Somewhere", "X-LIC-LOCATION:Asia/Tokyo"), "Asia/Tokyo"],
    ["Fixed", zone("Fixed", ...offset("+0500")), "Etc/GMT-5"],
    ["Etc/UTC", [], "UTC"],
    ["Zero", zone("Zero", ...offset("+0000")), "UTC"]
  ] as const)("the time zone %s", ([tzid, definition, wanted]) =>
    Effect.gen(function* () {
      expect((yield* read(inZone(tzid, definition))).start).toEqual({ dateTime: "2030-07-01T09:00:00", zone: wanted })
    })
  )

  it.live.each([
    [
      "a zone that nobody knows",
      inZone("Customized Time Zone"),
      /DTSTART is in the time zone "Customized Time Zone", which is not known/
    ],
    [
      "a day that there is not",
      event("one", "DTSTART:20300231T090000Z"),
      /DTSTART has "20300231T090000Z", which is no time/
    ],
    ["no start", event("one", "DTSTART2:1").map((line) => line.replace("DTSTART2", "X")), /no DTSTART/],
    [
      "a rule of another calendar",
      event("one", "RRULE:FREQ=YEARLY;RSCALE=CHINESE"),
      /RRULE has RSCALE=CHINESE, which is not known/
    ],
    ["a rule without sense", event("one", "RRULE:FREQ=WHENEVER"), /RRULE has FREQ=WHENEVER/],
    ["an EXRULE", event("one", "EXRULE:FREQ=DAILY"), /EXRULE/],
    ["periods", event("one", "RDATE;VALUE=PERIOD:20300302T090000Z/PT5H"), /periods/],
    ["a length that goes back", event("one", "DTSTART:20300301T090000Z", "DURATION:-PT1H"), /DURATION has "-PT1H"/],
    ["one occurrence alone", event("one", "RECURRENCE-ID:20300301T090000Z"), /one occurrence of a recurring event/],
    ["two events", [...event("one").slice(0, -2), ...event("one").slice(3)], /several events/]
  ] as const)("%s is told of, in a listing and alone", ([, lines, why]) =>
    withDocuments(
      (server) => {
        put(server, "one.ics", ...lines)
        put(server, "two.ics", ...event("two"))
      },
      (calendar) =>
        Effect.gen(function* () {
          const listing = yield* calendar.occurrences(all)
          expect(listing.occurrences.map(({ eventId }) => eventId)).toEqual(["two"])
          expect(listing.unreadable).toEqual([
            { calendarId: "/calendar/", id: "one", reason: expect.stringMatching(why) }
          ])
          const error = yield* Effect.flip(calendar.get({ id: "one" }))
          expect(error).toMatchObject({ _tag: "CalendarUnavailableError", reason: "unreadable", ambiguous: false })
          expect(error.message).toMatch(why)
        })
    )
  )

  it.live.each([
    ["a day", ["DTSTART;VALUE=DATE:20300301"], { date: "2030-03-02" }],
    ["days", ["DTSTART;VALUE=DATE:20300227", "DURATION:P1W1D"], { date: "2030-03-07" }],
    ["no length", ["DTSTART:20300301T090000Z"], { dateTime: "2030-03-01T09:00:00", zone: "UTC" }],
    [
      "hours over a change of the clocks are exact",
      ["DTSTART;TZID=Europe/Berlin:20300330T120000", "DURATION:PT24H"],
      { dateTime: "2030-03-31T13:00:00", zone: "Europe/Berlin" }
    ],
    [
      "a day over a change of the clocks is a day",
      ["DTSTART;TZID=Europe/Berlin:20300330T120000", "DURATION:P1D"],
      { dateTime: "2030-03-31T12:00:00", zone: "Europe/Berlin" }
    ],
    [
      "a leap second",
      ["DTSTART:20300101T090000Z", "DTEND:20300630T235960Z"],
      { dateTime: "2030-06-30T23:59:59", zone: "UTC" }
    ]
  ] as const)("the end: %s", ([, lines, end]) =>
    Effect.gen(function* () {
      expect((yield* read(event("one", ...lines))).end).toEqual(end)
    })
  )

  it.live("rules, dates and people as others write them", () =>
    Effect.gen(function* () {
      const found = yield* read(
        event(
          "one",
          "DTSTART;TZID=America/New_York:20300305T090000",
          "DTEND;TZID=America/New_York:20300305T100000",
          "RRULE:FREQ=monthly;BYDAY=+1TU,-1FR;UNTIL=20301231T140000Z;WKST=SU",
          "EXDATE:20300402T130000Z,20300507T130000Z",
          "EXDATE;TZID=Europe/Berlin:20300604T150000",
          "EXDATE;VALUE=DATE:20300702",
          "attendee;partstat=tentative;Role=OPT-PARTICIPANT;CN=Ann^'s ^^ ^n x:MAILTO:ann@example.com",
          "ATTENDEE;EMAIL=room@example.com;CUTYPE=ROOM:urn:uuid:1",
          "ATTENDEE:urn:uuid:2",
          "ORGANIZER;CN=Bob:mailto:b%C3%B6b@example.com",
          "SUMMARY;LANGUAGE=en:A\\, b\\; c\\\\d\\Ne",
          "TRANSP:TRANSPARENT",
          "STATUS:TENTATIVE"
        )
      )
      expect(found).toMatchObject({
        title: "A, b; c\\d\ne",
        availability: "free",
        status: "tentative",
        organizer: { email: "böb@example.com", name: "Bob" },
        recurrence: {
          rule: {
            frequency: "monthly",
            byDay: [
              { day: "TU", ordinal: 1 },
              { day: "FR", ordinal: -1 }
            ],
            until: "2030-12-31T09:00:00",
            weekStart: "SU"
          },
          excluded: ["2030-04-02T09:00:00", "2030-05-07T09:00:00", "2030-06-04T09:00:00"]
        }
      })
      expect(found.attendees).toEqual([
        { email: "ann@example.com", name: 'Ann"s ^ \n x', status: "tentative", role: "optional" },
        { email: "room@example.com" }
      ])
    })
  )
})

describe("changing documents", () => {
  it.live("people keep what we don't know of them, and those without an address stay", () =>
    withDocuments(
      (server) =>
        put(
          server,
          "one.ics",
          ...event(
            "one",
            "ATTENDEE;X-A=1;PARTSTAT=NEEDS-ACTION;CN=Ann:mailto:ann@example.com",
            "ATTENDEE;X-B=2:mailto:bob@example.com",
            "ATTENDEE;CN=Room:urn:uuid:2"
          )
        ),
      (calendar, server) =>
        Effect.gen(function* () {
          const found = yield* calendar.get({ id: "one" })
          const attendees: ReadonlyArray<CalendarEvent.Attendee> = [
            { email: "ann@example.com", name: "Ann", status: "accepted" },
            { email: "eve@example.com" }
          ]
          yield* calendar.update({ ...found, change: { attendees } })
          const text = server.documents.get("/calendar/one.ics")?.text ?? ""
          expect(unfolded(text).filter((line) => line.startsWith("ATTENDEE"))).toEqual([
            "ATTENDEE;CN=Ann;PARTSTAT=ACCEPTED;X-A=1:mailto:ann@example.com",
            "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:eve@example.com",
            "ATTENDEE;CN=Room:urn:uuid:2"
          ])
        })
    )
  )

  it.live("a server that would write to people is not given a reason to, unless that is wanted", () => {
    const fill = (server: StandIn) => {
      put(server, "one.ics", ...event("one", "ORGANIZER:mailto:o@example.com", "ATTENDEE:mailto:ann@example.com"))
      put(
        server,
        "two.ics",
        ...event("two", "ORGANIZER:mailto:o@example.com", "ATTENDEE;SCHEDULE-AGENT=NONE:mailto:ann@example.com")
      )
      server.intercept = ({ method }, to) =>
        method === "OPTIONS" && (to.writeHead(200, { dav: "1, calendar-access, calendar-auto-schedule" }).end(), true)
    }
    const change = (calendar: Service, id: string) =>
      Effect.flatMap(calendar.get({ id }), (found) => calendar.update({ ...found, change: { title: "x" } }))
    return Effect.gen(function* () {
      yield* withDocuments(fill, (calendar, server) =>
        Effect.gen(function* () {
          const attempts: ReadonlyArray<Effect.Effect<unknown, CalendarError.CalendarError>> = [
            change(calendar, "one"),
            calendar.remove({ id: "one", version: '"one.ics"' })
          ]
          for (const attempt of attempts) {
            const error = yield* Effect.flip(attempt)
            expect(error).toMatchObject({ reason: "forbidden", ambiguous: false })
            expect(error.message).toMatch(/1 attendees.*scheduling/)
          }
          expect(yield* change(calendar, "two")).toMatchObject({ title: "x" })
          expect(server.seen.filter(({ method }) => method === "PUT" || method === "DELETE")).toHaveLength(1)
        })
      )
      yield* withDocuments(
        fill,
        (calendar) =>
          Effect.gen(function* () {
            expect(yield* change(calendar, "one")).toMatchObject({ title: "x" })
          }),
        { scheduling: "server" }
      )
    })
  })

  it.live("a time zone is defined for every zone that is named, back to the first time in it; theirs stay", () =>
    withDocuments(
      (server) => {
        const [begin = "", ...rest] = event(
          "one",
          "DTSTART;TZID=Custom Berlin:20300301T090000",
          "DTEND;TZID=Custom Berlin:20300301T100000"
        )
        const theirs = ["BEGIN:VTIMEZONE", "TZID:Custom Berlin", "X-LIC-LOCATION:Europe/Berlin", "END:VTIMEZONE"]
        put(server, "one.ics", begin, ...theirs, ...rest)
      },
      (calendar, server) =>
        Effect.gen(function* () {
          const zones = () =>
            [...(server.documents.get("/calendar/one.ics")?.text ?? "").matchAll(/^TZID:(.*)\r$/gm)].map(([, id]) => id)
          const found = yield* calendar.get({ id: "one" })
          const renamed = yield* calendar.update({ ...found, change: { title: "x" } })
          expect(zones()).toEqual(["Custom Berlin"])
          const times = (year: string) => ({
            start: { dateTime: `${year}-03-01T09:00:00`, zone: "Asia/Tokyo" },
            end: { dateTime: `${year}-03-01T10:00:00`, zone: "Asia/Kolkata" }
          })
          const moved = yield* calendar.update({ ...renamed, change: times("2030") })
          expect(zones().toSorted()).toEqual(["Asia/Kolkata", "Asia/Tokyo", "Custom Berlin"])
          const earlier = yield* calendar.update({ ...moved, change: times("1950") })
          expect(earlier.start).toEqual(times("1950").start)
          const document = new ICAL.Component(ICAL.parse(server.documents.get("/calendar/one.ics")?.text ?? ""))
          const tokyo = document
            .getAllSubcomponents("vtimezone")
            .filter((zone) => zone.getFirstPropertyValue("tzid") === "Asia/Tokyo")
          expect(tokyo).toHaveLength(1)
          // Japan had summer time in 1950
          const japan = new ICAL.Timezone(tokyo[0]!)
          expect(japan.utcOffset(ICAL.Time.fromDateTimeString("1950-03-01T09:00:00"))).toBe(9 * 3600)
          expect(japan.utcOffset(ICAL.Time.fromDateTimeString("1950-07-01T09:00:00"))).toBe(10 * 3600)
        })
    )
  )
})
