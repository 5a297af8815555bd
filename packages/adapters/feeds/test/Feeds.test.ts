import { Feeds } from "@aria/adapter-feeds"
import * as Budget from "@aria/orchestrator-core/Budget"
import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { gzipSync } from "node:zlib"
import { errorOf, read, titlesOf } from "./read.ts"
import { rss, serve, xml } from "./servers.ts"

const folder = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const root = yield* fs.makeTempDirectoryScoped()
  const write = (name: string, content: string | Uint8Array) =>
    Effect.gen(function* () {
      const file = path.join(root, name)
      yield* fs.makeDirectory(path.dirname(file), { recursive: true })
      yield* fs.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content)
      return file
    })
  return { root, write, join: path.join }
}).pipe(Effect.provide(NodeServices.layer))

describe("options", () => {
  const refusal = (options: Feeds.Options) => Effect.flip(read(options.sources, options))
  it.effect.each<[string, Partial<Feeds.Options>, string]>([
    [
      "no sources",
      { sources: [] },
      "Feeds option sources: received [], allowed is at least one http(s) address, file or folder."
    ],
    ["an empty source", { sources: ["a.xml", " "] }, 'received " "'],
    ["another scheme", { sources: ["ftp://e.example/rss"] }, 'received "ftp://e.example/rss"'],
    ["a broken address", { sources: ["http://"] }, 'received "http://"'],
    ["maxBytes 0", { maxBytes: 0 }, "Feeds option maxBytes: received 0, allowed is a whole number from 1."],
    ["maxItems -1", { maxItems: -1 }, "received -1"],
    ["concurrency 1.5", { concurrency: 1.5 }, "received 1.5"],
    ["concurrency NaN", { concurrency: Number.NaN }, "received NaN"],
    ["maxItems Infinity", { maxItems: Number.POSITIVE_INFINITY }, "received Infinity"],
    [
      "maxRedirects -1",
      { maxRedirects: -1 },
      "Feeds option maxRedirects: received -1, allowed is a whole number from 0."
    ],
    ["timeout 0", { timeout: 0 }, "Feeds option timeout: received 0"],
    ["timeout without end", { timeout: "Infinity" }, "Feeds option timeout"],
    ["a header in the user agent", { userAgent: "a\r\nx: y" }, "Feeds option userAgent"]
  ])("%s", ([, options, message]) =>
    Effect.gen(function* () {
      const error = yield* refusal({ sources: ["a.xml"], ...options })
      expect(error._tag).toBe("InvalidFeedsOptionError")
      expect(error.message).toContain(message)
    })
  )
})

describe("files and folders", () => {
  it.live("a folder is its feed files, sorted, at any depth", () =>
    Effect.gen(function* () {
      const { join, root, write } = yield* folder
      yield* write("b.rss", rss("B"))
      yield* write("a/z.xml", rss("A"))
      yield* write("c.json", JSON.stringify({ items: [{ id: "c", title: "C" }] }))
      yield* write("notes.txt", "no")
      yield* write("d.xml", "no feed")
      const reports = yield* read([root])
      expect(reports.map(({ _tag, source }) => [_tag, source])).toEqual([
        ["read", join(root, "a/z.xml")],
        ["read", join(root, "b.rss")],
        ["read", join(root, "c.json")],
        ["down", join(root, "d.xml")]
      ])
      expect(titlesOf(reports)).toEqual(["A", "B", "C"])
    })
  )

  it.live("a file by path, by file: address, packed", () =>
    Effect.gen(function* () {
      const { write } = yield* folder
      const plain = yield* write("a b.xml", rss("A"))
      const packed = yield* write("b.xml", gzipSync(rss("B")))
      expect(titlesOf(yield* read([plain, `file://${plain.replace(" ", "%20")}`, packed]))).toEqual(["A", "A", "B"])
    })
  )

  it.live("what is missing, empty or too large says so", () =>
    Effect.gen(function* () {
      const { root, write } = yield* folder
      expect(errorOf(yield* read([`${root}/none.xml`]))).toEqual({
        reason: "notFound",
        message: `${root}/none.xml does not exist.`
      })
      expect(errorOf(yield* read([root]))).toMatchObject({
        reason: "notFound",
        message: expect.stringContaining("a folder without a file that ends in .xml")
      })
      const large = yield* write("large.xml", rss("A".repeat(2000)))
      expect(errorOf(yield* read([large], { maxBytes: 1000 }))).toMatchObject({
        reason: "tooLarge",
        message: expect.stringContaining("1000 bytes (maxBytes)")
      })
      const bomb = yield* write("bomb.xml", gzipSync(rss("A".repeat(1_000_000))))
      expect(errorOf(yield* read([bomb], { maxBytes: 100_000 })).reason).toBe("tooLarge")
      const cut = yield* write("cut.xml", gzipSync(rss("A")).subarray(0, 30))
      expect(errorOf(yield* read([cut])).reason).toBe("unreadable")
      expect(errorOf(yield* read(["/dev/zero"])).reason).toBe("unreadable")
    })
  )
})

describe("many sources", () => {
  it.live("no more than `concurrency` at the same time, reports in the order of the sources", () =>
    Effect.gen(function* () {
      let now = 0
      let most = 0
      const server = yield* serve((request, response) => {
        most = Math.max(most, ++now)
        setTimeout(() => {
          now--
          response.writeHead(200, xml).end(rss(request.url ?? ""))
        }, 30)
      })
      const sources = Array.from({ length: 9 }, (_, i) => `${server.url}/${i}`)
      const reports = yield* read([...sources, sources[0] ?? ""], { concurrency: 3 })
      expect(reports.map(({ source }) => source)).toEqual(sources)
      expect(most).toBe(3)
    })
  )

  it.live("each web source is one call of the budget of whoever reads", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => response.writeHead(200, xml).end(rss(request.url ?? "")))
      const sources = [1, 2, 3].map((n) => `${server.url}/${n}`)
      const enough = yield* Effect.exit(read(sources, { concurrency: 1 }).pipe(Budget.limit({ calls: 3 })))
      expect(Exit.isSuccess(enough)).toBe(true)
      const error = yield* Effect.flip(read(sources, { concurrency: 1 }).pipe(Budget.limit({ calls: 2 })))
      expect(error).toMatchObject({ _tag: "BudgetExceededError", dimension: "calls", limit: 2 })
      expect(server.requests).toHaveLength(5)
    })
  )
})
