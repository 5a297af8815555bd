import { CalDav } from "@aria/adapter-caldav"
import { Calendar } from "@aria/connectors"
import * as Budget from "@aria/orchestrator-core/Budget"
import { FetchHttpClient, Headers, HttpClient } from "effect/http"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { answerXml, client, event, multistatus, put, secret, standIn } from "./standIn.ts"

const range = { from: DateTime.makeUnsafe("2030-01-01T00:00:00Z"), to: DateTime.makeUnsafe("2031-01-01T00:00:00Z") }
const basic = `Basic ${Buffer.from(`aria:${secret}`).toString("base64")}`
const redirect = (to: import("node:http").ServerResponse, location: string) => {
  to.writeHead(307, { location }).end()
  return true
}
const home = (href: string) =>
  multistatus(
    `<D:response><D:href>/calendar/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype><C:calendar-home-set><D:href>${href}</D:href></C:calendar-home-set></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`
  )

describe("where credentials go", () => {
  it.live("Basic, with every request, in UTF-8", () =>
    Effect.gen(function* () {
      const server = yield* standIn
      const options = { url: server.url, username: "jörg", password: Redacted.make("пароль:€") }
      const calendars = yield* Effect.flatMap(Calendar.Calendar, ({ calendars }) => calendars).pipe(
        Effect.provide(client(server.url, options))
      )
      expect(calendars).toEqual([{ id: "/calendar/", name: "calendar", isDefault: true, readOnly: false }])
      const wanted = `Basic ${Buffer.from("jörg:пароль:€", "utf8").toString("base64")}`
      expect(new Set(server.seen.map(({ headers }) => headers.authorization))).toEqual(new Set([wanted]))
      expect(new Set(server.seen.map(({ headers }) => headers["traceparent"]))).toEqual(new Set([undefined]))
    })
  )

  it.live.each([
    ["undici", undefined],
    ["fetch", FetchHttpClient.layer]
  ] as const)("a redirect on the same server is followed, with the same method and body: %s", ([, http]) =>
    Effect.gen(function* () {
      const server = yield* standIn
      put(server, "one.ics", ...event("one", "SUMMARY:There"))
      server.intercept = ({ method, path }, to) => {
        if (!path.startsWith("/old/")) return false
        to.writeHead(method === "GET" ? 302 : 301, { location: path.replace("/old/", "/calendar/") }).end()
        return true
      }
      const url = server.url.replace("/calendar/", "/old/")
      const layer =
        http === undefined
          ? client(url)
          : CalDav.layer({ url, username: "aria", password: Redacted.make(secret) }).pipe(Layer.provide(http))
      const listing = yield* Effect.flatMap(Calendar.Calendar, ({ occurrences }) => occurrences(range)).pipe(
        Effect.provide(layer)
      )
      expect(listing.occurrences.map(({ title }) => title)).toEqual(["There"])
      expect(server.seen.every(({ headers }) => headers.authorization === basic)).toBe(true)
    })
  )

  it.live("a redirect to another host gets no request, unless it is trusted", () =>
    Effect.gen(function* () {
      const server = yield* standIn
      const other = yield* standIn
      server.intercept = (_, to) => redirect(to, other.url)
      const calendars = (options?: Partial<CalDav.Options>) =>
        Effect.flatMap(Calendar.Calendar, ({ calendars }) => calendars).pipe(
          Effect.provide(client(server.url, options))
        )
      const error = yield* Effect.flip(calendars())
      expect(error).toMatchObject({ reason: "forbidden", ambiguous: false })
      expect(error.message).toContain('add "127.0.0.1" to trustedHosts')
      expect(other.seen).toEqual([])
      expect(yield* calendars({ trustedHosts: ["127.0.0.1"] })).toHaveLength(1)
      expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([basic, basic])
    })
  )

  it.live("trusted hosts below a name are those below it, and not the name's lookalikes", () =>
    Effect.gen(function* () {
      const server = yield* standIn
      const tried = (location: string, trustedHosts: ReadonlyArray<string>) =>
        Effect.gen(function* () {
          server.intercept = (_, to) => redirect(to, location)
          const options = { trustedHosts, retries: 0, timeout: "2 seconds" } as const
          const error = yield* Effect.flip(
            Effect.flatMap(Calendar.Calendar, ({ calendars }) => calendars).pipe(
              Effect.provide(client(server.url, options))
            )
          )
          return error._tag === "CalendarUnavailableError" ? error.reason : error._tag
        })
      expect(yield* tried("http://a.example.invalid/", ["*.example.invalid"])).toBe("unreachable")
      expect(yield* tried("http://example.invalid/", ["*.example.invalid"])).toBe("forbidden")
      expect(yield* tried("http://badexample.invalid/", ["*.example.invalid"])).toBe("forbidden")
      expect(yield* tried("http://example.invalid.evil.invalid/", ["example.invalid"])).toBe("forbidden")
      expect(yield* tried("ftp://example.invalid/", ["example.invalid"])).toBe("forbidden")
      expect(yield* tried("file:///etc/passwd", [])).toBe("forbidden")
    })
  )

  it.live("a server that names another host gets nowhere either", () =>
    Effect.gen(function* () {
      const server = yield* standIn
      const other = yield* standIn
      server.intercept = (_, to) => answerXml(to, home(other.url))
      const error = yield* Effect.flip(
        Effect.flatMap(Calendar.Calendar, ({ calendars }) => calendars).pipe(Effect.provide(client(server.url)))
      )
      expect(error).toMatchObject({ reason: "forbidden" })
      expect(other.seen).toEqual([])
    })
  )

  it.live("a write is not redirected to another host", () =>
    Effect.gen(function* () {
      const server = yield* standIn
      const other = yield* standIn
      put(server, "one.ics", ...event("one"))
      server.intercept = ({ method }, to) => method === "DELETE" && redirect(to, `${other.url}one.ics`)
      const error = yield* Effect.flip(
        Effect.flatMap(Calendar.Calendar, ({ remove }) => remove({ id: "one", version: '"one.ics"' })).pipe(
          Effect.provide(client(server.url))
        )
      )
      expect(error).toMatchObject({ reason: "forbidden", ambiguous: false })
      expect(other.seen).toEqual([])
    })
  )
})

describe("what is told", () => {
  it.live("no secret in errors, logs and spans, whatever happens", () =>
    Effect.gen(function* () {
      const server = yield* standIn
      const spans: Array<Tracer.NativeSpan> = []
      const logged: Array<unknown> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const logger = Logger.make<unknown, void>((entry) => void logged.push(Logger.formatJson.log(entry)))
      const errors: Array<unknown> = []
      const everything = Effect.gen(function* () {
        const calendar = yield* Calendar.Calendar
        const attempt = <A, E>(effect: Effect.Effect<A, E>) =>
          Effect.catch(effect, (error) => {
            errors.push(error)
            return Effect.logError("failed", error)
          })
        const all = Effect.all(
          [
            attempt(calendar.calendars),
            attempt(calendar.occurrences(range)),
            attempt(calendar.get({ id: "one" })),
            attempt(calendar.remove({ id: "one", version: "x" }))
          ],
          { discard: true }
        )
        yield* all
        for (const code of [401, 403, 500]) {
          server.intercept = (_, to) => (to.writeHead(code).end(), true)
          yield* all
        }
        server.intercept = (_, to) => redirect(to, `http://x:${secret}@127.0.0.1:9/`)
        yield* all
        server.intercept = (_, to) => (to.destroy(), true)
        yield* all
      }).pipe(
        Effect.provide(client(server.url, { retries: 0 })),
        Effect.withTracer(tracer),
        // somebody who wants all headers in the spans, and forgot about them
        Effect.provideService(HttpClient.TracerHeaderFilter, () => true),
        Effect.provideService(Headers.CurrentRedactedNames, []),
        Effect.provide(Logger.layer([logger])),
        Effect.provideService(References.MinimumLogLevel, "All")
      )
      yield* everything
      const seen = (value: unknown) =>
        JSON.stringify(value, (_, part) =>
          part instanceof Map ? [...part] : typeof part === "bigint" ? String(part) : part
        ) ?? ""
      // what exporters send: a span that failed has the cause
      const attributes = spans.map(({ attributes, events, name, status }) => {
        const exit = status._tag === "Ended" ? status.exit : Exit.void
        return seen([name, attributes, events, Exit.isFailure(exit) ? [Cause.pretty(exit.cause), exit.cause] : ""])
      })
      const told = [...attributes, ...logged.map(String), ...errors.flatMap((error) => [seen(error), String(error)])]
      // there is something to look at
      expect(errors.length).toBeGreaterThan(15)
      expect(logged.length).toBe(errors.length)
      expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(["CalDav.get", "REPORT"]))
      expect(attributes.join()).toContain('["http.request.header.authorization","<redacted>"]')
      for (const text of told) {
        expect(text).not.toContain(secret)
        expect(text).not.toContain(basic.slice(6))
        expect(text).not.toContain("Geheim")
      }
    })
  )

  it.live("one request is one call of the budget", () =>
    Effect.gen(function* () {
      const server = yield* standIn
      const read = Effect.flatMap(Calendar.Calendar, ({ get }) => Effect.flip(get({ id: "one" })))
      const within = (calls: number) => Effect.result(Budget.limit({ calls })(Effect.provide(read, client(server.url))))
      // to find the calendar, to list it, to look at the address of the event, to look for the event
      expect(yield* within(4)).toMatchObject({ _tag: "Success", success: { _tag: "EventNotFoundError" } })
      expect(yield* within(3)).toMatchObject({ _tag: "Failure", failure: { _tag: "BudgetExceededError" } })
      expect(server.seen).toHaveLength(7)
    })
  )
})

describe("options", () => {
  const sound = { url: "https://dav.example.com/", username: "aria", password: Redacted.make(secret) }
  it.effect.each([
    ["url", { url: `https://aria:${secret}@dav.example.com/` }, /an address with credentials/],
    ["url", { url: `aria:${secret}` }, /http\(s\)/],
    ["url", { url: "dav.example.com" }, /15 characters that are no address/],
    ["url", { url: "ftp://dav.example.com/" }, /received ftp:/],
    ["username", { username: "" }, /without a colon/],
    ["username", { username: "a:b" }, /"a:b"/],
    ["trustedHosts", { trustedHosts: ["https://x.example.com/"] }, /names of hosts/],
    ["trustedHosts", { trustedHosts: ["*"] }, /names of hosts/],
    ["floatingZone", { floatingZone: "Europe/Berlni" }, /"Europe\/Berlni"/],
    ["floatingZone", { floatingZone: "+01:00" }, /IANA/],
    ["timeout", { timeout: "0 seconds" }, /from 1 millisecond/],
    ["timeout", { timeout: "Infinity" }, /finite/],
    ["retries", { retries: -1 }, /from 0/],
    ["maxBytes", { maxBytes: 0.5 }, /from 1/],
    ["userAgent", { userAgent: "a\r\nX-Evil: 1" }, /one line/]
  ] as const)("%s %o", ([option, change, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(CalDav.make({ ...sound, ...change }).pipe(Effect.provide(FetchHttpClient.layer)))
      expect(error).toMatchObject({ _tag: "InvalidCalDavOptionError", option })
      expect(error.message).toMatch(message)
      expect(JSON.stringify(error) + error.message).not.toContain(secret)
    })
  )

  it.live("from the configuration", () =>
    Effect.gen(function* () {
      const server = yield* standIn
      const layer = CalDav.layerConfig({
        url: Config.String("CALDAV_URL"),
        username: Config.String("CALDAV_USERNAME"),
        password: Config.Redacted("CALDAV_PASSWORD")
      }).pipe(Layer.provide(FetchHttpClient.layer))
      const calendars = (env: Record<string, string>) =>
        Effect.flatMap(Calendar.Calendar, ({ calendars }) => calendars).pipe(
          Effect.provide(Layer.provide(layer, ConfigProvider.layer(ConfigProvider.fromUnknown(env))))
        )
      const env = { CALDAV_URL: server.url, CALDAV_USERNAME: "aria", CALDAV_PASSWORD: secret }
      expect(yield* calendars(env)).toHaveLength(1)
      expect(server.seen[0]?.headers.authorization).toBe(basic)
      const { CALDAV_USERNAME: _, ...less } = env
      expect(yield* Effect.flip(calendars(less))).toMatchObject({ _tag: "ConfigError" })
    })
  )
})
