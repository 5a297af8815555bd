import { Calendar, type CalendarError, type CalendarEvent } from "@aria/connectors"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import ICAL from "ical.js"
import { type Account, accounts, ask, layerOf, newCalendar, radicale, radicaleOther } from "./servers.ts"
import { event } from "./standIn.ts"

type Service = Calendar.Calendar["Service"]

const at = (iso: string) => DateTime.makeUnsafe(iso)
const berlin = (dateTime: string) => ({ dateTime, zone: "Europe/Berlin" })
const meeting = (id: string, more: Partial<CalendarEvent.Draft> = {}): CalendarEvent.Draft => ({
  id,
  title: "Planning",
  start: berlin("2040-03-01T09:00:00"),
  end: berlin("2040-03-01T10:00:00"),
  ...more
})

/** A calendar of its own on a real server, by its address. */
const inCalendar = <A, E>(
  account: Account,
  use: (calendar: Service, url: string) => Effect.Effect<A, E>,
  options: Parameters<typeof layerOf>[1] = {}
) =>
  Effect.gen(function* () {
    const url = yield* Effect.promise(() => newCalendar(account))
    return yield* Effect.gen(function* () {
      return yield* use(yield* Calendar.Calendar, url)
    }).pipe(Effect.provide(layerOf(account, { url, ...options })))
  })

const put = (account: Account, url: string, ...lines: ReadonlyArray<string>) =>
  Effect.promise(async () => {
    const { status, text } = await ask(account, "PUT", url, lines.join("\r\n"))
    expect(`${status} ${text}`).toMatch(/^20[14]/)
  })
const raw = (account: Account, url: string) => Effect.promise(async () => (await ask(account, "GET", url)).text)

const unfolded = (text: string) => text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/)

describe.each(accounts)("CalDav and $server", (account) => {
  it.live("finds the calendars from any address, and takes the default that was named", () =>
    Effect.gen(function* () {
      const url = yield* Effect.promise(() => newCalendar(account, "Räume &amp; Zeiten"))
      const id = new URL(url).pathname
      for (const start of [account.url, account.home, new URL(account.username, account.url).href]) {
        const calendars = yield* Effect.flatMap(Calendar.Calendar, ({ calendars }) => calendars).pipe(
          Effect.provide(layerOf(account, { url: start, defaultCalendar: id }))
        )
        expect(calendars).toContainEqual({ id, name: "Räume & Zeiten", isDefault: true, readOnly: false })
        expect(calendars.filter(({ isDefault }) => isDefault)).toHaveLength(1)
      }
      const alone = yield* Effect.flatMap(Calendar.Calendar, ({ calendars }) => calendars).pipe(
        Effect.provide(layerOf(account, { url }))
      )
      expect(alone).toEqual([{ id, name: "Räume & Zeiten", isDefault: true, readOnly: false }])
      // not another calendar instead of the one that was named
      const gone = yield* Effect.flip(
        Effect.flatMap(Calendar.Calendar, ({ calendars }) => calendars).pipe(
          Effect.provide(layerOf(account, { url: `${account.home}gone/` }))
        )
      )
      expect(gone).toMatchObject({
        _tag: "CalendarUnavailableError",
        reason: expect.stringMatching(/status|notACalendar/)
      })
      const error = yield* Effect.flip(
        Effect.flatMap(Calendar.Calendar, ({ calendars }) => calendars).pipe(
          Effect.provide(layerOf(account, { defaultCalendar: "/nowhere/" }))
        )
      )
      expect(error.message).toMatch(/"\/nowhere\/".*allowed is .*defaultCalendar/)
    })
  )

  it.live("what other programs wrote stays, byte for byte, when something else is changed", () =>
    inCalendar(account, (calendar, url) =>
      Effect.gen(function* () {
        const theirs = [
          'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE="Room, 5":geo:52.5,13.4',
          "X-MOZ-GENERATION:3",
          "CATEGORIES:WORK,PLANS",
          "CLASS:PRIVATE",
          "URL:https://example.com/a?b=c;d",
          'ATTENDEE;CN="Doe, Jane";X-NUM-GUESTS=2;CUTYPE=INDIVIDUAL;RSVP=TRUE:mailto:jane@example.com'
        ]
        const alarm = [
          "BEGIN:VALARM",
          "ACTION:DISPLAY",
          "DESCRIPTION:soon",
          "TRIGGER:-PT15M",
          "X-OURS:no",
          "END:VALARM"
        ]
        yield* put(
          account,
          `${url}theirs-1.ics`,
          ...event("theirs", "SUMMARY:Old", "DESCRIPTION:old", ...theirs, ...alarm)
        )
        // some servers write it anew when it comes in; from then on it has to stay
        const before = unfolded(yield* raw(account, `${url}theirs-1.ics`))
        const found = yield* calendar.get({ id: "theirs" })
        expect(found).toMatchObject({ title: "Old", attendees: [{ email: "jane@example.com", name: "Doe, Jane" }] })
        const renamed = yield* calendar.update({ ...found, change: { title: "New", description: null } })
        yield* calendar.update({ ...renamed, change: { location: "Köln" } })
        const after = unfolded(yield* raw(account, `${url}theirs-1.ics`))
        const changed = /^(SUMMARY|DESCRIPTION:old|LOCATION|DTSTAMP|LAST-MODIFIED|SEQUENCE)/
        expect(after.filter((line) => !changed.test(line)).sort()).toEqual(
          before.filter((line) => !changed.test(line)).sort()
        )
        expect(after).toEqual(expect.arrayContaining(["SUMMARY:New", "LOCATION:Köln"]))
      })
    )
  )

  it.live("an event at an address of another program is found, changed and removed, and its id is taken", () =>
    inCalendar(account, (calendar, url) =>
      Effect.gen(function* () {
        yield* put(account, `${url}5B9F-whatever.ics`, ...event("their-id", "SUMMARY:Theirs"))
        const found = yield* calendar.get({ id: "their-id" })
        expect(yield* Effect.flip(calendar.create({ event: meeting("their-id") }))).toMatchObject({
          _tag: "EventExistsError",
          id: "their-id"
        })
        const updated = yield* calendar.update({ ...found, change: { title: "Ours" } })
        expect(yield* raw(account, `${url}5B9F-whatever.ics`)).toContain("SUMMARY:Ours")
        yield* calendar.remove(updated)
        expect(yield* Effect.flip(calendar.get({ id: "their-id" }))).toMatchObject({ _tag: "EventNotFoundError" })
        // a part of an id is no id
        yield* put(account, `${url}long.ics`, ...event("prefix-their-id-suffix"))
        expect(yield* Effect.flip(calendar.get({ id: "their-id" }))).toMatchObject({ _tag: "EventNotFoundError" })
      })
    )
  )

  it.live("what somebody else changed meanwhile is not overwritten", () =>
    inCalendar(account, (calendar, url) =>
      Effect.gen(function* () {
        const made = yield* calendar.create({ event: meeting("shared") })
        yield* put(account, `${url}shared.ics`, ...event("shared", "SUMMARY:Theirs"))
        for (const attempt of [calendar.update({ ...made, change: { title: "Ours" } }), calendar.remove(made)]) {
          const error = yield* Effect.flip(attempt)
          expect(error).toMatchObject({ _tag: "StaleVersionError", received: made.version })
          expect(error).toHaveProperty("current", (yield* calendar.get({ id: "shared" })).version)
        }
        expect(yield* raw(account, `${url}shared.ics`)).toContain("SUMMARY:Theirs")
      })
    )
  )

  it.live("what is sent is iCalendar: folded, escaped, in UTF-8, with its time zones, for another parser too", () =>
    inCalendar(account, (calendar, url) =>
      Effect.gen(function* () {
        const title = `Überprüfung; "Büro", ${"😀 語 ".repeat(40)}end`
        const description = "one\ntwo: BEGIN:VEVENT\nATTENDEE:mailto:eve@example.com\n"
        const attendees = [
          { email: "jörg@exämple.de", name: 'Jörg "J." Ärger; Söhne: 50%, ^n' },
          { email: "a+b%20c@example.com", status: "accepted" as const, role: "optional" as const }
        ]
        yield* calendar.create({
          event: meeting("sent", { title, description, attendees, organizer: { email: "o@example.com" } })
        })
        expect((yield* calendar.get({ id: "sent" })).attendees).toEqual(attendees)
        const text = yield* raw(account, `${url}sent.ics`)
        expect(Math.max(...text.split(/\r\n/).map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75)
        const document = new ICAL.Component(ICAL.parse(text))
        const [vevent, ...others] = document.getAllSubcomponents("vevent")
        expect(others).toEqual([])
        expect(vevent?.getFirstPropertyValue("summary")).toBe(title)
        expect(vevent?.getFirstPropertyValue("description")).toBe(description)
        const people = vevent?.getAllProperties("attendee") ?? []
        expect(people.map((person) => person.getFirstValue())).toEqual([
          "mailto:j%C3%B6rg@ex%C3%A4mple.de",
          "mailto:a+b%2520c@example.com"
        ])
        expect(people.map((person) => person.getParameter("cn"))).toEqual([attendees[0]?.name, undefined])
        expect(people.map((person) => person.getParameter("schedule-agent"))).toEqual(["CLIENT", "CLIENT"])
        expect(document.getFirstSubcomponent("vtimezone")?.getFirstPropertyValue("tzid")).toBe("Europe/Berlin")
      })
    )
  )

  it.live("a weekly event keeps its hour over both changes of the clocks, also far from its start", () =>
    inCalendar(account, (calendar) =>
      Effect.gen(function* () {
        yield* calendar.create({
          event: meeting("weekly", {
            start: berlin("2039-10-24T09:00:00"),
            end: berlin("2039-10-24T10:00:00"),
            recurrence: { rule: { frequency: "weekly" } }
          })
        })
        const starts = (from: string, to: string) =>
          Effect.map(calendar.occurrences({ from: at(from), to: at(to) }), ({ occurrences }) =>
            occurrences.map(({ startsAt }) => DateTime.formatIso(startsAt))
          )
        expect(yield* starts("2039-10-24T00:00:00Z", "2039-11-08T00:00:00Z")).toEqual([
          "2039-10-24T07:00:00.000Z",
          "2039-10-31T08:00:00.000Z",
          "2039-11-07T08:00:00.000Z"
        ])
        expect(yield* starts("2052-03-20T00:00:00Z", "2052-04-10T00:00:00Z")).toEqual([
          "2052-03-25T08:00:00.000Z",
          "2052-04-01T07:00:00.000Z",
          "2052-04-08T07:00:00.000Z"
        ])
      })
    )
  )

  it.live("one occurrence is moved, and keeps what another program wrote into it", () =>
    inCalendar(account, (calendar, url) =>
      Effect.gen(function* () {
        const [begin, end] = [event("series").slice(0, 3), ["END:VCALENDAR", ""]]
        const vevent = (...lines: ReadonlyArray<string>) => [
          "BEGIN:VEVENT",
          "UID:series",
          "DTSTAMP:20300101T000000Z",
          ...lines,
          "END:VEVENT"
        ]
        yield* put(
          account,
          `${url}series.ics`,
          ...begin,
          ...vevent(
            "DTSTART:20300301T090000Z",
            "DURATION:PT1H",
            "SUMMARY:Daily",
            "RRULE:FREQ=DAILY;COUNT=5",
            "X-SERIES:1"
          ),
          ...vevent(
            "RECURRENCE-ID:20300302T090000Z",
            "DTSTART:20300302T110000Z",
            "DTEND:20300302T113000Z",
            "SUMMARY:Later",
            "X-ONE:2"
          ),
          ...end
        )
        const found = yield* calendar.get({ id: "series" })
        const [override] = found.recurrence?.overrides ?? []
        expect(override).toMatchObject({ recurrenceId: "2030-03-02T09:00:00", title: "Later" })
        if (override === undefined) return
        const utc = (dateTime: string) => ({ dateTime, zone: "UTC" })
        const moved = { ...override, start: utc("2030-03-02T15:00:00"), end: utc("2030-03-02T16:00:00") }
        const added = {
          ...override,
          recurrenceId: "2030-03-04T09:00:00",
          title: "Added",
          start: utc("2030-03-04T08:00:00"),
          end: utc("2030-03-04T08:30:00")
        }
        const rest = found.recurrence ?? {}
        yield* calendar.update({
          ...found,
          change: { recurrence: { ...rest, overrides: [moved, added], excluded: ["2030-03-05T09:00:00"] } }
        })
        const lines = unfolded(yield* raw(account, `${url}series.ics`))
        expect(lines).toEqual(
          expect.arrayContaining(["X-SERIES:1", "X-ONE:2", "DTSTART:20300302T150000Z", "DURATION:PT1H"])
        )
        const { occurrences } = yield* calendar.occurrences({
          from: at("2030-03-01T00:00:00Z"),
          to: at("2030-03-10T00:00:00Z")
        })
        expect(
          occurrences.map(({ startsAt, title }) => `${DateTime.formatIso(startsAt).slice(5, 16)} ${title}`)
        ).toEqual(["03-01T09:00 Daily", "03-02T15:00 Later", "03-03T09:00 Daily", "03-04T08:00 Added"])
      })
    )
  )

  it.live("an event that we have no words for is told of, hides no other, and can be removed", () =>
    inCalendar(account, (calendar, url) =>
      Effect.gen(function* () {
        yield* put(account, `${url}two.ics`, ...event("two", "RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=WEEKLY;COUNT=2"))
        yield* put(account, `${url}fine.ics`, ...event("fine", "SUMMARY:Fine"))
        const listing = yield* calendar.occurrences({
          from: at("2030-03-01T00:00:00Z"),
          to: at("2030-03-02T00:00:00Z")
        })
        expect(listing.occurrences.map(({ eventId }) => eventId)).toEqual(["fine"])
        expect(listing.unreadable).toEqual([
          { calendarId: new URL(url).pathname, id: "two", reason: "The event cannot be read: it has several RRULEs." }
        ])
        expect(yield* Effect.flip(calendar.get({ id: "two" }))).toMatchObject({
          reason: "unreadable",
          ambiguous: false
        })
        const { etag } = yield* Effect.promise(() => ask(account, "GET", `${url}two.ics`))
        yield* calendar.remove({ id: "two", version: etag ?? "" })
        expect(yield* Effect.flip(calendar.get({ id: "two" }))).toMatchObject({ _tag: "EventNotFoundError" })
      })
    )
  )

  it.live("a calendar that was removed meanwhile is not there, with those that are", () =>
    Effect.gen(function* () {
      const url = yield* Effect.promise(() => newCalendar(account))
      const other = yield* Effect.promise(() => newCalendar(account))
      const calendarId = new URL(url).pathname
      yield* Effect.gen(function* () {
        const calendar = yield* Calendar.Calendar
        const made = yield* calendar.create({ calendarId, event: meeting("gone") })
        yield* Effect.promise(() => ask(account, "DELETE", url))
        const range = { from: at("2040-01-01T00:00:00Z"), to: at("2041-01-01T00:00:00Z") }
        const attempts: ReadonlyArray<Effect.Effect<unknown, CalendarError.CalendarError>> = [
          calendar.get({ calendarId, id: "gone" }),
          calendar.create({ calendarId, event: meeting("new") }),
          calendar.update({ ...made, change: { title: "x" } }),
          calendar.occurrences({ calendarId, ...range })
        ]
        for (const attempt of attempts) {
          const error = yield* Effect.flip(attempt)
          expect(error).toMatchObject({ _tag: "CalendarNotFoundError", calendarId })
          expect(error).toHaveProperty("known", expect.arrayContaining([new URL(other).pathname]))
        }
      }).pipe(Effect.provide(layerOf(account)))
    })
  )

  it.live("times without a zone are in the zone that is said, and stay without one", () =>
    inCalendar(
      account,
      (calendar, url) =>
        Effect.gen(function* () {
          yield* put(
            account,
            `${url}floating.ics`,
            ...event("floating", "DTSTART:20300701T090000", "DTEND:20300701T100000")
          )
          const found = yield* calendar.get({ id: "floating" })
          expect(found.start).toEqual({ dateTime: "2030-07-01T09:00:00", zone: "America/New_York" })
          yield* calendar.update({ ...found, change: { title: "Still" } })
          expect(unfolded(yield* raw(account, `${url}floating.ics`))).toContain("DTSTART:20300701T090000")
        }),
      { floatingZone: "America/New_York" }
    )
  )
})

describe.skipIf(radicale === undefined || radicaleOther === undefined)("CalDav and users of Radicale", () => {
  // `skipIf` does not narrow
  const [aria, bob] = [radicale, radicaleOther] as [Account, Account]

  it.live("a wrong password is told, and nothing of it is shown", () =>
    inCalendar(aria, (_, url) =>
      Effect.gen(function* () {
        const calendar = yield* Calendar.Calendar
        const attempts: ReadonlyArray<Effect.Effect<unknown, CalendarError.CalendarError>> = [
          calendar.calendars,
          calendar.get({ id: "x" }),
          calendar.create({ event: meeting("x") })
        ]
        for (const attempt of attempts) {
          const error = yield* Effect.flip(attempt)
          expect(error).toMatchObject({ reason: "unauthorized", ambiguous: false })
          expect(`${error} ${JSON.stringify(error)}`).not.toContain("wrong-0815")
        }
      }).pipe(Effect.provide(layerOf({ ...aria, password: "wrong-0815" }, { url })))
    )
  )

  it.live("one does not see or change what is another's", () =>
    inCalendar(aria, (calendar, url) =>
      Effect.gen(function* () {
        const made = yield* calendar.create({ event: meeting("private") })
        const theirs = yield* Effect.promise(() => newCalendar(bob))
        yield* Effect.gen(function* () {
          const other = yield* Calendar.Calendar
          const ids = (yield* other.calendars).map(({ id }) => id)
          expect(ids).toContain(new URL(theirs).pathname)
          expect(ids.every((id) => id.startsWith("/bob/"))).toBe(true)
          // a calendar of somebody else is no calendar of this user, whatever its address
          const calendarId = new URL(url).pathname
          const attempts: ReadonlyArray<Effect.Effect<unknown, CalendarError.CalendarError>> = [
            other.get({ calendarId, id: "private" }),
            other.remove({ calendarId, id: "private", version: made.version }),
            other.create({ calendarId, event: meeting("new") }),
            other.get({ calendarId: `${theirs}../../aria/`, id: "private" })
          ]
          for (const attempt of attempts) {
            expect(yield* Effect.flip(attempt)).toMatchObject({ _tag: "CalendarNotFoundError" })
          }
        }).pipe(Effect.provide(layerOf(bob)))
        const error = yield* Effect.flip(
          Effect.flatMap(Calendar.Calendar, ({ get }) => get({ id: "private" })).pipe(
            Effect.provide(layerOf(bob, { url }))
          )
        )
        expect(error).toMatchObject({ reason: "forbidden", ambiguous: false })
        expect(yield* calendar.get({ id: "private" })).toEqual(made)
      })
    )
  )
})
