import { Calendar, type CalendarError } from "@aria/connectors"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { ServerResponse } from "node:http"
import type { CalDav } from "@aria/adapter-caldav"
import { answerXml, client, event, type Intercept, multistatus, put, secret, type StandIn, standIn } from "./standIn.ts"

type Service = Calendar.Calendar["Service"]
type Unavailable = CalendarError.CalendarUnavailableError

const range = { from: DateTime.makeUnsafe("2030-01-01T00:00:00Z"), to: DateTime.makeUnsafe("2031-01-01T00:00:00Z") }
const draft = {
  id: "one",
  title: "Planning",
  start: { dateTime: "2040-03-01T09:00:00", zone: "Europe/Berlin" },
  end: { dateTime: "2040-03-01T10:00:00", zone: "Europe/Berlin" }
}

/** Runs with a stand-in whose calendar has been found before it starts to fail. */
const failing = <A, E>(
  intercept: Intercept,
  use: (calendar: Service, server: StandIn) => Effect.Effect<A, E>,
  options?: Partial<CalDav.Options>
) =>
  Effect.gen(function* () {
    const server = yield* standIn
    return yield* Effect.gen(function* () {
      const calendar = yield* Calendar.Calendar
      yield* calendar.calendars
      server.seen.length = 0
      server.intercept = intercept
      return yield* use(calendar, server)
    }).pipe(Effect.provide(client(server.url, { retries: 0, ...options })))
  })

const unavailable = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(effect), (error) => {
    expect(error).toMatchObject({ _tag: "CalendarUnavailableError" })
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(secret)
    const { ambiguous, message, reason } = error as Unavailable
    return { ambiguous, message, reason }
  })

const always =
  (act: (to: ServerResponse) => void): Intercept =>
  (_, to) => {
    act(to)
    return true
  }

/** Only the write fails; what is read before it is answered. */
const onWrite =
  (act: (to: ServerResponse, store: () => void) => void): Intercept =>
  ({ method }, to, store) => {
    if (method !== "PUT" && method !== "DELETE") return false
    act(to, store)
    return true
  }

const status =
  (code: number, headers: Record<string, string> = {}, body = "no") =>
  (to: ServerResponse) =>
    void to.writeHead(code, headers).end(body)
const cut = (to: ServerResponse) => to.destroy()
const cutWithin = (to: ServerResponse) => {
  to.writeHead(207, { "content-type": "application/xml", "content-length": "1000" }).write("<D:multi")
  setTimeout(() => to.destroy(), 20)
}
const silence = () => {}

const ways: ReadonlyArray<readonly [string, Intercept, Unavailable["reason"], RegExp]> = [
  [
    "a web page",
    always(status(200, { "content-type": "text/html" }, "<html>hi")),
    "notACalendar",
    /status 200 and text\/html/
  ],
  ["a method that is not allowed", always(status(405)), "notACalendar", /status 405/],
  ["207 and no XML", always((to) => answerXml(to, "<<<")), "unreadable", /cannot be read/],
  [
    "207 and half an answer",
    always((to) => answerXml(to, multistatus("").slice(0, -5))),
    "unreadable",
    /cannot be read/
  ],
  ["207 and another document", always((to) => answerXml(to, "<feed/>")), "unreadable", /<feed>, no <multistatus>/],
  [
    "207 and entities of its own",
    always((to) => answerXml(to, `<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>${multistatus("&a;")}`)),
    "unreadable",
    /cannot be read/
  ],
  ["401", always(status(401)), "unauthorized", /Look at username and password/],
  [
    "401 for Digest",
    always(status(401, { "www-authenticate": 'Digest realm="x"' })),
    "unauthorized",
    /asks for Digest/
  ],
  ["403", always(status(403)), "forbidden", /may not do that/],
  ["404", always(status(404)), "status", /status 404/],
  ["429", always(status(429)), "rateLimited", /fewer requests/],
  ["500", always(status(500)), "status", /status 500/],
  ["503", always(status(503)), "status", /status 503/],
  ["a cut connection", always(cut), "unreachable", /the answer was lost/],
  ["an answer that is cut", always(cutWithin), "unreachable", /the answer was lost/],
  ["silence", always(silence), "timeout", /no full answer within 300ms/],
  [
    "an answer that does not end",
    always((to) => void to.writeHead(207, { "content-type": "application/xml" }).write("<a>")),
    "timeout",
    /no full answer within 300ms/
  ],
  [
    "more than allowed",
    always((to) => answerXml(to, `<a>${"x".repeat(5000)}</a>`)),
    "tooLarge",
    /larger than 4000 bytes/
  ]
]

describe("reading", () => {
  it.live.each(ways)("%s", ([, intercept, reason, message]) =>
    failing(
      intercept,
      (calendar) =>
        Effect.gen(function* () {
          const found = yield* unavailable(calendar.occurrences(range))
          expect(found).toEqual({ reason, ambiguous: false, message: expect.stringMatching(message) })
        }),
      { timeout: "300 millis", maxBytes: 4000 }
    )
  )

  it.live("an event that is a web page", () =>
    failing(
      ({ method }, to) =>
        method === "GET" && (status(200, { "content-type": "text/html", etag: '"1"' }, "<html>")(to), true),
      (calendar) =>
        Effect.gen(function* () {
          expect(yield* unavailable(calendar.get({ id: "one" }))).toMatchObject({
            reason: "unreadable",
            ambiguous: false
          })
        })
    )
  )

  it.live("a read is made again, a write is not", () =>
    failing(
      always(status(503)),
      (calendar, server) =>
        Effect.gen(function* () {
          yield* unavailable(calendar.get({ id: "one" }))
          expect(server.seen.map(({ method }) => method)).toEqual(["GET", "GET", "GET"])
          server.seen.length = 0
          server.intercept = onWrite(status(503))
          yield* unavailable(calendar.create({ event: draft }))
          expect(server.seen.filter(({ method }) => method === "PUT")).toHaveLength(1)
          server.intercept = onWrite(cut)
          server.seen.length = 0
          yield* unavailable(calendar.create({ event: draft }))
          expect(server.seen.filter(({ method }) => method === "PUT")).toHaveLength(1)
        }),
      { retries: 2 }
    )
  )

  it.live("a server that asks to wait is waited for, but not for minutes", () => {
    let times = 0
    return failing(
      (_, to) => times++ < 1 && (status(429, { "retry-after": "0" })(to), true),
      (calendar, server) =>
        Effect.gen(function* () {
          expect((yield* calendar.occurrences(range)).occurrences).toEqual([])
          server.seen.length = 0
          server.intercept = always(status(429, { "retry-after": "600" }))
          expect(yield* unavailable(calendar.get({ id: "one" }))).toMatchObject({ reason: "rateLimited" })
          expect(server.seen).toHaveLength(1)
        }),
      { retries: 2 }
    )
  })

  it.live("interruption closes the connection", () =>
    failing(always(silence), (calendar, server) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(calendar.get({ id: "one" }))
        while (server.open() === 0) yield* Effect.sleep(5)
        yield* Fiber.interrupt(fiber)
        while (server.open() > 0) yield* Effect.sleep(5)
        expect(server.open()).toBe(0)
      })
    )
  )
})

const writes: ReadonlyArray<readonly [string, Intercept, Unavailable["reason"], boolean]> = [
  ["400", onWrite(status(400)), "status", false],
  ["401", onWrite(status(401)), "unauthorized", false],
  ["403", onWrite(status(403)), "forbidden", false],
  ["413", onWrite(status(413)), "tooLarge", false],
  ["429", onWrite(status(429)), "rateLimited", false],
  ["500", onWrite(status(500)), "status", true],
  ["502", onWrite(status(502)), "status", true],
  ["507", onWrite(status(507)), "tooLarge", true],
  ["a cut connection", onWrite(cut), "unreachable", true],
  ["silence", onWrite(silence), "timeout", true],
  ["a redirect to nowhere", onWrite(status(307, { location: "http://[" })), "status", false],
  ["a redirect in a circle", onWrite(status(307, { location: "/calendar/one.ics" })), "status", false]
]

describe("writing", () => {
  it.live.each(writes)("%s", ([, intercept, reason, ambiguous]) =>
    failing(
      () => false,
      (calendar, server) =>
        Effect.gen(function* () {
          put(server, "there.ics", ...event("there"))
          server.intercept = intercept
          const wanted = { reason, ambiguous }
          expect(yield* unavailable(calendar.create({ event: draft }))).toMatchObject(wanted)
          const key = { id: "there", version: '"there.ics"' }
          expect(yield* unavailable(calendar.update({ ...key, change: { title: "x" } }))).toMatchObject(wanted)
          expect(yield* unavailable(calendar.remove(key))).toMatchObject(wanted)
        }),
      { timeout: "300 millis" }
    )
  )

  it.live("what goes wrong before the write is not ambiguous", () =>
    failing(always(status(500)), (calendar) =>
      Effect.gen(function* () {
        expect(yield* unavailable(calendar.create({ event: draft }))).toMatchObject({ ambiguous: false })
        expect(yield* unavailable(calendar.remove({ id: "x", version: "1" }))).toMatchObject({ ambiguous: false })
      })
    )
  )

  it.live("a server that is gone saw nothing of the write, and one that was cut off may have", () =>
    failing(
      () => false,
      (calendar, server) =>
        Effect.gen(function* () {
          // looked for, then gone: the next connection is refused
          server.intercept = ({ method }, to) => {
            if (method !== "REPORT") return false
            to.writeHead(207, { "content-type": "application/xml", connection: "close" }).end(multistatus(""))
            server.close()
            return true
          }
          const { ambiguous, message, reason } = yield* unavailable(calendar.create({ event: draft }))
          expect({ ambiguous, reason }).toEqual({ ambiguous: false, reason: "unreachable" })
          expect(message).toMatch(/^PUT .* could not be reached \(connect ECONNREFUSED/)
        })
    )
  )

  it.live("a lost answer to a creation that was carried out: reading the id tells, and another creation finds it", () =>
    failing(
      onWrite((to, store) => {
        store()
        to.destroy()
      }),
      (calendar, server) =>
        Effect.gen(function* () {
          expect(yield* unavailable(calendar.create({ event: draft }))).toMatchObject({ ambiguous: true })
          expect(yield* calendar.get({ id: "one" })).toMatchObject({ title: "Planning" })
          server.intercept = () => false
          expect(yield* Effect.flip(calendar.create({ event: draft }))).toMatchObject({ _tag: "EventExistsError" })
        })
    )
  )

  it.live("without an ETag the event is read back; where that fails the write is ambiguous", () =>
    failing(
      onWrite((to, store) => {
        store()
        to.writeHead(201).end()
      }),
      (calendar, server) =>
        Effect.gen(function* () {
          const made = yield* calendar.create({ event: draft })
          expect(made.version).toBe(server.documents.get("/calendar/one.ics")?.etag)
          server.intercept = ({ method }, to, store) => {
            if (method === "PUT") store()
            else if (
              method !== "GET" ||
              !server.seen.some((seen) => seen.path.endsWith("two.ics") && seen.method === "PUT")
            )
              return false
            to.writeHead(method === "PUT" ? 201 : 500).end()
            return true
          }
          const { ambiguous, message } = yield* unavailable(calendar.create({ event: { ...draft, id: "two" } }))
          expect(ambiguous).toBe(true)
          expect(message).toMatch(/^GET .* status 500\. The write before it was carried out/)
        })
    )
  )

  it.live("a conflict of ids that only the server sees is an event that exists", () =>
    failing(
      () => false,
      (calendar, server) =>
        Effect.gen(function* () {
          server.intercept = onWrite((to) => {
            put(server, "elsewhere.ics", ...event("one"))
            answerXml(
              to,
              `<D:error xmlns:D="DAV:"><C:no-uid-conflict xmlns:C="urn:ietf:params:xml:ns:caldav"/></D:error>`,
              403
            )
          })
          expect(yield* Effect.flip(calendar.create({ event: draft }))).toMatchObject({ _tag: "EventExistsError" })
        })
    )
  )
})

describe("a server that cannot be reached", () => {
  it.live.each([
    ["no server at the port", "http://127.0.0.1:9/", /ECONNREFUSED/],
    ["no such host", "http://nowhere.invalid/", /ENOTFOUND|EAI_AGAIN/]
  ] as const)("%s", ([, url, message]) =>
    Effect.gen(function* () {
      const calendar = yield* Calendar.Calendar
      const wanted = { reason: "unreachable", ambiguous: false, message: expect.stringMatching(message) }
      expect(yield* unavailable(calendar.calendars)).toEqual(wanted)
      expect(yield* unavailable(calendar.create({ event: draft }))).toEqual(wanted)
    }).pipe(Effect.provide(client(url, { retries: 0 })))
  )
})
