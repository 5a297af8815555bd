import { Feeds, HostLookup } from "@aria/adapter-feeds"
import { NodeServices } from "@effect/platform-node"
import { SignalSource } from "@aria/connectors"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import * as Layer from "effect/Layer"
import { clients, errorOf, read, titlesOf } from "./read.ts"
import { rss, serve, xml } from "./servers.ts"

describe.each(Object.keys(clients))("redirects with %s", (name) => {
  const client = name === "fetch" || name === "undici" ? name : "node:http"

  it.live("redirects: on the same server they are followed, circles and long chains end", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        const path = request.url ?? ""
        const count = Number(path.slice(1))
        if (path === "/end/feed") response.writeHead(200, xml).end(rss("End"))
        else if (path === "/start") response.writeHead(301, { location: "/end/feed" }).end("moved")
        else if (path === "/circle") response.writeHead(302, { location: "/circle2" }).end()
        else if (path === "/circle2") response.writeHead(302, { location: "/circle" }).end()
        else if (path === "/nowhere") response.writeHead(302, { location: "http://[" }).end()
        else if (path === "/without") response.writeHead(302).end()
        else response.writeHead(307, { location: `/${count + 1}` }).end()
      })
      const of = (path: string, options = {}) => read([`${server.url}${path}`], options, client)
      const reports = yield* of("/start")
      expect(SignalSource.items(reports).map(({ source, url }) => [source, url])).toEqual([
        [`${server.url}/start`, `${server.url}/End`]
      ])
      expect(errorOf(yield* of("/circle"))).toMatchObject({
        reason: "unreachable",
        message: expect.stringContaining("in a circle")
      })
      const before = server.requests.length
      expect(errorOf(yield* of("/1", { maxRedirects: 3 }))).toMatchObject({
        reason: "unreachable",
        message: expect.stringContaining("more than 3 times (maxRedirects)")
      })
      expect(server.requests.length - before).toBe(4)
      expect(errorOf(yield* of("/start", { maxRedirects: 0 })).reason).toBe("unreachable")
      expect(errorOf(yield* of("/nowhere"))).toMatchObject({
        reason: "unreachable",
        message: expect.stringContaining("no address")
      })
      expect(errorOf(yield* of("/without")).reason).toBe("httpStatus")
    })
  )

  it.live("redirects to another place in this network or to another scheme are refused", () =>
    Effect.gen(function* () {
      const inner = yield* serve((_, response) => response.writeHead(200, xml).end(rss("Secret")))
      const server = yield* serve((request, response) => {
        response.writeHead(302, { location: decodeURIComponent((request.url ?? "").slice(1)) }).end()
      })
      const targets = [
        inner.url,
        `http://localhost:${inner.port}/`,
        `http://2130706433:${inner.port}/`,
        `http://[::ffff:127.0.0.1]:${inner.port}/`,
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://0.0.0.0/",
        "http://[fd00::1]/",
        "file:///etc/passwd",
        "ftp://e.example/"
      ]
      for (const target of targets) {
        const error = errorOf(yield* read([`${server.url}/${encodeURIComponent(target)}`], {}, client))
        expect([target, error.reason]).toEqual([target, "addressRefused"])
      }
      expect(inner.requests).toEqual([])
      const source = `${server.url}/${encodeURIComponent(inner.url)}`
      expect(titlesOf(yield* read([source], { allowPrivateAddresses: true }, client))).toEqual(["Secret"])
      const scheme = `${server.url}/${encodeURIComponent("file:///etc/passwd")}`
      expect(errorOf(yield* read([scheme], { allowPrivateAddresses: true }, client)).reason).toBe("addressRefused")
    })
  )

  it.live("a password in an address goes to its server and nowhere else", () =>
    Effect.gen(function* () {
      const seen: Array<string | undefined> = []
      const other = yield* serve((request, response) => {
        seen.push(request.headers.authorization)
        response.writeHead(404).end()
      })
      const server = yield* serve((request, response) => {
        seen.push(request.headers.authorization)
        response.writeHead(302, { location: `${other.url}/x` }).end()
      })
      const reports = yield* read(
        [server.url.replace("http://", "http://ann:s%C3%A9cret@")],
        { allowPrivateAddresses: true },
        client
      )
      expect(seen).toEqual([`Basic ${Buffer.from("ann:sécret").toString("base64")}`, undefined])
      expect(JSON.stringify(reports)).not.toContain("cret@")
      expect(reports[0]?.source).toBe(`${server.url}/`)
    })
  )
})

describe("public addresses", () => {
  /** A web of made-up hosts: no request leaves this process. */
  const web = (pages: Record<string, string>, names: Record<string, ReadonlyArray<string>>) => {
    const asked: Array<string> = []
    const client = HttpClient.make((request, url) => {
      asked.push(url.href)
      const page = pages[url.href]
      return Effect.succeed(
        HttpClientResponse.fromWeb(
          request,
          page === undefined
            ? new Response("", { status: 404 })
            : page.startsWith("http")
              ? new Response(null, { status: 302, headers: { location: page } })
              : new Response(page)
        )
      )
    })
    const layer = Layer.merge(NodeServices.layer, Layer.succeed(HttpClient.HttpClient)(client))
    const run = (source: string) =>
      Effect.flatMap(SignalSource.SignalSource, (signals) => signals.read({})).pipe(
        Effect.provide(Layer.provide(Feeds.layer({ sources: [source] }), layer)),
        Effect.provideService(HostLookup.HostLookup, (host) =>
          names[host] === undefined
            ? Effect.fail(new HostLookup.HostLookupError({ host, message: "ENOTFOUND" }))
            : Effect.succeed(names[host])
        )
      )
    return { asked, run }
  }

  it.effect("a redirect to a public host is followed, all addresses of its name are looked at", () =>
    Effect.gen(function* () {
      const { asked, run } = web(
        {
          "https://wire.example/a": "https://feeds.example/a",
          "https://feeds.example/a": rss("A"),
          "https://wire.example/b": "http://93.184.216.34/b",
          "http://93.184.216.34/b": rss("B"),
          "https://wire.example/c": "http://mixed.example/c",
          "https://wire.example/d": "http://inner.example/d",
          "https://wire.example/e": "http://gone.example/e",
          "https://wire.example/f": "http://wire.example/g",
          "http://wire.example/g": rss("G"),
          "https://wire.example/h": "http://wire.example:6379/h"
        },
        {
          "feeds.example": ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"],
          "mixed.example": ["93.184.216.34", "127.0.0.1"],
          "inner.example": ["::ffff:10.1.2.3"],
          "wire.example": ["192.168.1.1"]
        }
      )
      expect(titlesOf(yield* run("https://wire.example/a"))).toEqual(["A"])
      expect(titlesOf(yield* run("https://wire.example/b"))).toEqual(["B"])
      expect(errorOf(yield* run("https://wire.example/c"))).toMatchObject({
        reason: "addressRefused",
        message: expect.stringContaining("mixed.example is 127.0.0.1")
      })
      expect(errorOf(yield* run("https://wire.example/d")).reason).toBe("addressRefused")
      expect(errorOf(yield* run("https://wire.example/e"))).toMatchObject({
        reason: "unreachable",
        message: expect.stringContaining("ENOTFOUND")
      })
      // the host that the user named, where web servers are
      expect(titlesOf(yield* run("https://wire.example/f"))).toEqual(["G"])
      expect(errorOf(yield* run("https://wire.example/h")).reason).toBe("addressRefused")
      expect(asked.filter((address) => !/wire|feeds\.example|93\.184/.test(address))).toEqual([])
    })
  )
})
