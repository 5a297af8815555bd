/**
 * A stand-in for a server, for what real ones cannot be asked to do: to fail in a certain way, and to hold documents that they
 * would refuse. One calendar at `/calendar/`, without authentication; every request is noted.
 */
import { CalDav } from "@aria/adapter-caldav"
import { NodeHttpClient } from "@effect/platform-node"
import { vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

// some tests read hundreds of documents, on machines that have other things to do
vi.setConfig({ testTimeout: 120_000 })

export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

/** Takes a request over where it returns `true`. */
export type Intercept = (seen: Seen, response: ServerResponse, store: () => void) => boolean | void

export interface StandIn {
  readonly url: string
  readonly port: number
  readonly seen: Array<Seen>
  /** Documents by path, `/calendar/x.ics`. */
  readonly documents: Map<string, { readonly text: string; readonly etag: string }>
  intercept: Intercept
  /** Answers that are neither complete nor cut off. */
  readonly open: () => number
  readonly close: () => void
}

const escape = (text: string) => text.replace(/[&<>\r]/g, (char) => `&#${char.charCodeAt(0)};`)

const response = (href: string, props: string) =>
  `<D:response><D:href>${escape(href)}</D:href><D:propstat><D:prop>${props}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`

export const multistatus = (content: string) =>
  `<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">${content}</D:multistatus>`

export const answerXml = (to: ServerResponse, text: string, status = 207) => {
  to.writeHead(status, { "content-type": "application/xml; charset=utf-8" }).end(text)
  return true
}

export const standIn = Effect.acquireRelease(
  Effect.callback<StandIn>((resume) => {
    let open = 0
    let version = 0
    const server = createServer((request, to) => {
      open++
      to.on("close", () => open--)
      to.on("error", () => {})
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        const seen: Seen = {
          method: request.method ?? "",
          path: request.url ?? "",
          headers: request.headers,
          body: Buffer.concat(chunks).toString("utf8")
        }
        self.seen.push(seen)
        serve(seen, to)
      })
    })
    const self: StandIn = {
      url: "",
      port: 0,
      seen: [],
      documents: new Map(),
      intercept: () => false,
      open: () => open,
      close: () => {
        server.closeAllConnections()
        server.close()
      }
    }
    const store = ({ body, path }: Seen) => self.documents.set(path, { text: body, etag: `"${++version}"` })
    const serve = (seen: Seen, to: ServerResponse) => {
      if (self.intercept(seen, to, () => store(seen)) === true) return
      const { headers, method, path } = seen
      const found = self.documents.get(path)
      if (method === "PROPFIND" && path === "/calendar/") {
        answerXml(to, multistatus(response(path, "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>")))
      } else if (method === "REPORT" && path === "/calendar/") {
        const all = [...self.documents].map(([href, { etag, text }]) =>
          response(href, `<D:getetag>${escape(etag)}</D:getetag><C:calendar-data>${escape(text)}</C:calendar-data>`)
        )
        answerXml(to, multistatus(all.join("")))
      } else if (method === "OPTIONS") to.writeHead(200, { dav: "1, calendar-access" }).end()
      else if (method === "GET" && found !== undefined)
        to.writeHead(200, { "content-type": "text/calendar", etag: found.etag }).end(found.text)
      else if (method === "PUT" || method === "DELETE") {
        const asked = headers["if-match"]
        if (asked !== undefined && asked !== found?.etag) to.writeHead(412).end()
        else if (headers["if-none-match"] === "*" && found !== undefined) to.writeHead(412).end()
        else if (method === "DELETE") {
          self.documents.delete(path)
          to.writeHead(204).end()
        } else {
          store(seen)
          to.writeHead(found === undefined ? 201 : 204, { etag: self.documents.get(path)?.etag }).end()
        }
      } else to.writeHead(404).end("nothing here")
    }
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed(Object.assign(self, { port, url: `http://127.0.0.1:${port}/calendar/` })))
    })
  }),
  ({ close }) => Effect.sync(close)
)

/** Where nothing must be read by anybody: what tests look for in errors, logs and spans. */
export const secret = "p4ssw0rd:Geheim"

export const client = (url: string, options: Partial<CalDav.Options> = {}) =>
  CalDav.layer({ url, username: "aria", password: Redacted.make(secret), ...options }).pipe(
    Layer.provide(NodeHttpClient.layerUndici)
  )

export const put = (server: StandIn, name: string, ...lines: ReadonlyArray<string>) =>
  server.documents.set(`/calendar/${name}`, { text: lines.join("\r\n"), etag: `"${name}"` })

/** A document with one event, DTSTART and DTEND of an hour in 2030 but for those given. */
export const event = (uid: string, ...lines: ReadonlyArray<string>): ReadonlyArray<string> => [
  "BEGIN:VCALENDAR",
  "VERSION:2.0",
  "PRODID:-//Somebody//Else//EN",
  "BEGIN:VEVENT",
  `UID:${uid}`,
  "DTSTAMP:20300101T000000Z",
  ...(lines.some((line) => line.startsWith("DTSTART")) ? [] : ["DTSTART:20300301T090000Z", "DTEND:20300301T100000Z"]),
  ...lines,
  "END:VEVENT",
  "END:VCALENDAR",
  ""
]
