import { SignalSource } from "@aria/connectors"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { clients, errorOf, read, titlesOf } from "./read.ts"
import { closed, rss, serve, xml } from "./servers.ts"

describe.each(Object.keys(clients))("http with %s", (name) => {
  const client = name === "fetch" || name === "undici" ? name : "node:http"

  it.live("reads, resolves links and names the charset of the answer", () =>
    Effect.gen(function* () {
      const seen: Array<Record<string, unknown>> = []
      const server = yield* serve((request, response) => {
        seen.push(request.headers)
        response.writeHead(200, { "content-type": "text/xml; charset=iso-8859-1" })
        response.end(Buffer.from(rss("Zürich"), "latin1"))
      })
      const reports = yield* read([`${server.url}/feed`], { userAgent: "aria test" }, client)
      expect(titlesOf(reports)).toEqual(["Zürich"])
      expect(SignalSource.items(reports)[0]?.url).toBe(`${server.url}/Z%C3%BCrich`)
      expect(seen[0]).toMatchObject({ "user-agent": "aria test", "accept-encoding": "gzip" })
      // strangers learn nothing about our traces
      expect(seen[0]).not.toHaveProperty("traceparent")
    })
  )

  it.live("unpacks gzip, and deflate and br that nobody asked for", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        const [encoding, pack] =
          request.url === "/gzip"
            ? (["gzip", gzipSync] as const)
            : request.url === "/br"
              ? (["br", brotliCompressSync] as const)
              : (["deflate", deflateSync] as const)
        response.writeHead(200, { ...xml, "content-encoding": encoding })
        response.end(pack(rss(encoding)))
      })
      expect(
        titlesOf(
          yield* read(
            ["gzip", "br", "deflate"].map((path) => `${server.url}/${path}`),
            {},
            client
          )
        )
      ).toEqual(["gzip", "br", "deflate"])
    })
  )

  it.live("one of three down leaves the others alone", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        if (request.url === "/2") response.writeHead(503).end("sorry")
        else response.writeHead(200, xml).end(rss(request.url ?? ""))
      })
      const reports = yield* read(
        [1, 2, 3].map((n) => `${server.url}/${n}`),
        {},
        client
      )
      expect(reports.map(({ _tag }) => _tag)).toEqual(["read", "down", "read"])
      expect(errorOf(reports.slice(1))).toEqual({
        reason: "httpStatus",
        message: `${server.url}/2 answered with status 503; a feed comes with 200.`
      })
    })
  )

  it.live("an endless body is left and its connection closed", () =>
    Effect.gen(function* () {
      let sent = 0
      const server = yield* serve((_, response) => {
        response.writeHead(200, xml)
        const more = () => {
          if (response.destroyed) return
          sent += 64 * 1024
          response.write(Buffer.alloc(64 * 1024, "<item>"), () => setImmediate(more))
        }
        more()
      })
      expect(errorOf(yield* read([server.url], { maxBytes: 1024 * 1024 }, client))).toMatchObject({
        reason: "tooLarge",
        message: expect.stringContaining("1 MiB (maxBytes)")
      })
      yield* closed(server)
      expect(sent).toBeLessThan(32 * 1024 * 1024)
    })
  )

  it.live("a small answer that unpacks to a large one is too large", () =>
    Effect.gen(function* () {
      const bomb = gzipSync(Buffer.alloc(30 * 1024 * 1024, "<item>"))
      const server = yield* serve((_, response) => {
        response.writeHead(200, { ...xml, "content-encoding": "gzip" }).end(bomb)
      })
      expect(bomb.length).toBeLessThan(100_000)
      expect(errorOf(yield* read([server.url], { maxBytes: 1024 * 1024 }, client)).reason).toBe("tooLarge")
    })
  )

  it.live("a large answer that says so is not read", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        response.writeHead(200, { ...xml, "content-length": 5_000_000 })
        response.write("<rss>")
      })
      expect(errorOf(yield* read([server.url], { maxBytes: 1_000_000, timeout: "3 seconds" }, client)).reason).toBe(
        "tooLarge"
      )
    })
  )

  it.live("slow answers and slow bodies end with the timeout, and their connections with them", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        if (request.url === "/silent") return
        response.writeHead(200, xml)
        const timer = setInterval(() => response.write("<item>"), 20)
        response.on("close", () => clearInterval(timer))
      })
      const start = performance.now()
      const reports = yield* read([`${server.url}/silent`, `${server.url}/drip`], { timeout: "300 millis" }, client)
      expect(reports.map((report) => report._tag === "down" && report.error.reason)).toEqual(["timeout", "timeout"])
      expect(errorOf(reports).message).toContain("did not answer in full within 300ms (timeout)")
      expect(performance.now() - start).toBeLessThan(3_000)
      yield* closed(server)
    })
  )

  it.live("nobody there, a connection that breaks, an empty answer, a web page", () =>
    Effect.gen(function* () {
      const gone = yield* Effect.scoped(serve(() => {}))
      expect(errorOf(yield* read([gone.url], {}, client))).toMatchObject({
        reason: "unreachable",
        message: expect.stringContaining("ECONNREFUSED")
      })
      const server = yield* serve((request, response) => {
        if (request.url === "/broken") {
          response.writeHead(200, { ...xml, "content-length": 1000 })
          response.write("<rss>", () => response.destroy())
        } else if (request.url === "/empty") response.writeHead(200).end()
        else if (request.url === "/none") response.writeHead(204).end()
        else
          response
            .writeHead(200, { "content-type": "text/html" })
            .end('<!doctype html><title>Home</title><link rel=alternate type="application/atom+xml" href="/atom">')
      })
      expect(errorOf(yield* read([`${server.url}/broken`], {}, client)).reason).toBe("unreachable")
      expect(errorOf(yield* read([`${server.url}/empty`], {}, client))).toMatchObject({
        reason: "notAFeed",
        message: expect.stringContaining("an empty document")
      })
      expect(errorOf(yield* read([`${server.url}/none`], {}, client)).reason).toBe("notAFeed")
      expect(errorOf(yield* read([`${server.url}/`], {}, client))).toMatchObject({
        reason: "notAFeed",
        message: expect.stringContaining(`links to ${server.url}/atom`)
      })
    })
  )
})
