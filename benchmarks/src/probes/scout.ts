/** How many feed items Scout looks through, in a process of its own: `node --expose-gc scout.ts '{"parse":true,"size":4000}'`. */
import { Feed } from "@aria/adapter-feeds"
import { Scout } from "@aria/agents-scout/Scout"
import { SignalSource } from "@aria/connectors"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { median } from "../median.ts"
import { timed } from "../timing.ts"

const { parse, rounds = 5, size } = JSON.parse(process.argv[2] ?? "{}")
const demo = join(import.meta.dirname, "../../../apps/demo")
const entities = JSON.parse(readFileSync(join(demo, "companies.json"), "utf8"))

const read = (document: string, source: string): Feed.Feed =>
  Result.getOrThrowWith(Feed.parse(document, { source }), (error) => new Error(error.message))

const shipped = readdirSync(join(demo, "feeds"))
  .filter((file) => /\.(?:xml|json)$/.test(file))
  .flatMap((file) => read(readFileSync(join(demo, "feeds", file), "utf8"), file).items)

const escape = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;")
const weekMillis = 7 * 24 * 60 * 60 * 1_000
const newest = Date.UTC(2026, 10, 20)

/** The items that the demo ships, again and again, a week older each time, so that what is news stays news. */
const documents = Array.from({ length: Math.ceil(size / 500) }, (_, part) => {
  const items = Array.from({ length: 500 }, (_, position) => {
    const n = part * 500 + position
    const item = shipped[n % shipped.length]
    if (item === undefined) throw new Error("the demo ships no items")
    const date = new Date(newest - Math.floor(n / shipped.length) * weekMillis).toUTCString()
    const text = `<title>${escape(item.title)}</title><description><![CDATA[<p>${escape(item.text)}</p>]]></description>`
    return `<item><guid>urn:item:${n}</guid><link>https://news${part}.example.com/${n}</link><pubDate>${date}</pubDate>${text}</item>`
  })
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>Part ${part}</title>${items.join("\n")}</channel></rss>`
})
const reports = () =>
  documents.map((document, part): SignalSource.SourceReport => {
    const { items, warnings } = read(document, `part-${part}`)
    return { _tag: "read", source: `part-${part}`, items, warnings }
  })

const run = (source: Parameters<typeof SignalSource.layerOf>[0]) =>
  Scout.run({ entities, now: DateTime.makeUnsafe(newest), minScore: 0 }).pipe(Effect.provide(Layer.provide(Scout.layer, SignalSource.layerOf(source))))

const parsed = reports()
const items = parsed.reduce((sum, report) => sum + (report._tag === "read" ? report.items.length : 0), 0)
const measured = parse ? run(() => reports()) : run(parsed)

await Effect.runPromise(
  Effect.gen(function* () {
    const { signals } = yield* measured
    if (signals.length === 0) return yield* Effect.die(new Error("Scout found nothing: nothing was measured"))
    yield* measured
    const millis: Array<number> = []
    for (let round = 0; round < rounds; round++) millis.push(yield* timed(measured))
    console.log(JSON.stringify({ itemsPerSecond: (items * 1_000) / median(millis), items, signals: signals.length }))
  })
)
