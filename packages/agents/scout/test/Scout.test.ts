import { SignalItem, SignalSource, SourceError, type SourceReport, SourceWarning } from "@aria/connectors/SignalSource"
import { assert, describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { defaultMinScore, Payload, Scout, Success } from "@aria/agents-scout/Scout"
import { shuffled } from "./random.ts"

const now = DateTime.makeUnsafe("2026-03-10T12:00:00Z")
const item = (
  source: string,
  id: string,
  title: string,
  text = "",
  options: { readonly url?: string; readonly date?: string } = {}
) =>
  new SignalItem({
    id,
    source,
    title,
    text,
    ...(options.url === undefined ? {} : { url: options.url }),
    ...(options.date === undefined ? {} : { publishedAt: DateTime.makeUnsafe(options.date) })
  })
const read = (
  source: string,
  items: ReadonlyArray<SignalItem>,
  warnings: ReadonlyArray<SourceWarning> = []
): SourceReport => ({ _tag: "read", source, items, warnings })
const down = (source: string, reason: SourceError["reason"] = "timeout"): SourceReport => ({
  _tag: "down",
  source,
  error: new SourceError({ source, reason, message: `${source} gave no answer.` })
})
const layer = (...reports: ReadonlyArray<SourceReport>) =>
  Layer.provide(Scout.layer, Layer.succeed(SignalSource, { read: () => Effect.succeed(reports) }))

const deal =
  "Acme Corp. (NASDAQ: ACME) today announced that it has acquired Beta Robotics for $40 million. Both are pleased.\n\nAbout Acme\nAcme makes anvils."
const items = [
  item("Wire", "w1", "Acme Acquires Beta Robotics for $40 Million", deal, {
    url: "https://wire.example.com/1?utm_source=a",
    date: "2026-03-09T08:00:00Z"
  }),
  item("Daily", "d1", "Acme buys Beta Robotics in $40m deal", "Acme has bought Beta Robotics.", {
    url: "https://daily.example.com/x",
    date: "2026-03-09T10:00:00Z"
  }),
  item("Daily", "d2", "Gamma Inc. names Ann Lee chief executive", "Gamma said Ann Lee follows Bob Ray.", {
    date: "2026-03-01T00:00:00Z"
  }),
  item("Daily", "d3", "Acme Robotics raises $5 million", "Acme Robotics is another company."),
  item("Daily", "d4", "Weather for the weekend", "Sunny.\n\nAbout Acme\nAcme sponsors the weather.")
]

describe("Scout", () => {
  it.effect("finds, classifies, scores, quotes and merges", () =>
    Effect.gen(function* () {
      const { signals, sources, warnings } = yield* Scout.run({ entities: ["Acme Corp", "Gamma"], now })
      expect(signals.map(({ company, type }) => [company, type])).toEqual([
        ["Acme Corp", "acquisition"],
        ["Gamma", "leadership_change"]
      ])
      const [signal] = signals
      assert(signal !== undefined)
      expect(signal.sources.map(({ source, url }) => [source, url])).toEqual([
        ["Wire", "https://wire.example.com/1?utm_source=a"],
        ["Daily", "https://daily.example.com/x"]
      ])
      expect(signal.quote.text).toContain("acquired Beta Robotics")
      expect(signal.publishedAt).toEqual(DateTime.makeUnsafe("2026-03-09T08:00:00Z"))
      expect(signal.detectedAt).toEqual(now)
      expect(sources).toEqual([
        { source: "Wire", status: "ok", items: 1 },
        { source: "Daily", status: "ok", items: 4 }
      ])
      expect(warnings).toEqual([])
      const encoded = yield* Schema.encodeEffect(Success)({ reader: "rules", signals, sources, warnings })
      expect(yield* Schema.decodeUnknownEffect(Success)(JSON.parse(JSON.stringify(encoded)))).toEqual({
        reader: "rules",
        signals,
        sources,
        warnings
      })
    }).pipe(Effect.provide(layer(read("Wire", items.slice(0, 1)), read("Daily", items.slice(1)))))
  )

  it.effect("invents nothing: every quote, headline and summary stands in a source", () =>
    Effect.gen(function* () {
      const { signals } = yield* Scout.run({ entities: ["Acme", "Gamma", "Beta"], minScore: 0, now })
      expect(signals.length).toBeGreaterThan(0)
      for (const { headline, quote, sources, summary } of signals) {
        const origin = items.find((one) => one.id === quote.item && one.source === quote.source)
        assert(origin !== undefined)
        expect(origin[quote.field].slice(quote.start, quote.start + quote.text.length)).toBe(quote.text)
        expect(items.map(({ title }) => title)).toContain(headline)
        expect(origin.text.replaceAll(/\s+/g, " ")).toContain(summary)
        expect(sources.map(({ item, source }) => [source, item])).toContainEqual([quote.source, quote.item])
      }
    }).pipe(Effect.provide(layer(read("All", items))))
  )

  it.effect("gives the same signals in any order of items and sources", () =>
    Effect.gen(function* () {
      const run = (all: ReadonlyArray<SignalItem>) =>
        Scout.run({ entities: ["Acme", "Gamma", "Beta"], minScore: 0, now }).pipe(
          Effect.provide(layer(read("All", all))),
          Effect.map(({ signals }) => signals)
        )
      const expected = yield* run(items)
      for (let seed = 1; seed <= 50; seed++) expect(yield* run(shuffled(items, seed)), `seed ${seed}`).toEqual(expected)
    })
  )

  it.effect("filters by type, score, time and number", () =>
    Effect.gen(function* () {
      const entities = ["Acme", "Gamma"] as const
      const types = (payload: Partial<Payload>) =>
        Effect.map(Scout.run({ entities, now, ...payload }), ({ signals }) => signals.map(({ type }) => type))
      expect(yield* types({ signalTypes: ["leadership_change"] })).toEqual(["leadership_change"])
      expect(yield* types({ signalTypes: ["award"] })).toEqual([])
      expect(yield* types({ signalTypes: [] })).toEqual(["acquisition", "leadership_change"])
      expect(yield* types({ minScore: 1 })).toEqual([])
      expect(yield* types({ since: DateTime.makeUnsafe("2026-03-05T00:00:00Z") })).toEqual(["acquisition"])
      expect(yield* types({ limit: 1 })).toEqual(["acquisition"])
      const all = yield* Scout.run({ entities, now, minScore: 0 })
      expect(all.signals.filter(({ score }) => score < defaultMinScore).map(({ headline }) => headline)).toEqual([
        "Weather for the weekend"
      ])
    }).pipe(Effect.provide(layer(read("All", items))))
  )

  it.effect("counts ages from the clock unless told otherwise", () =>
    Effect.gen(function* () {
      const { signals } = yield* Scout.run({ entities: ["Acme"] })
      expect(signals[0]?.detectedAt).toEqual(DateTime.makeUnsafe(0))
    }).pipe(Effect.provide(layer(read("All", items))))
  )

  it.effect("fails when all sources are down, with each reason", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Scout.run({ entities: ["Acme"] }))
      assert(error._tag === "AllSourcesDownError")
      expect(error.sources.map(({ reason, source }) => [source, reason])).toEqual([
        ["A", "timeout"],
        ["B", "notAFeed"]
      ])
      expect(error.message).toContain("All 2 sources are down. A: timeout")
    }).pipe(Effect.provide(layer(down("A"), down("B", "notAFeed"))))
  )

  it.effect("warns when one source of several is down", () =>
    Effect.gen(function* () {
      const { signals, sources, warnings } = yield* Scout.run({ entities: ["Acme"], now })
      expect(signals).toHaveLength(1)
      expect(sources.map(({ source, status }) => [source, status])).toEqual([
        ["A", "down"],
        ["All", "ok"],
        ["C", "empty"]
      ])
      expect(sources[0]?.error?.reason).toBe("timeout")
      expect(warnings.map(({ source }) => source)).toEqual(["A"])
    }).pipe(Effect.provide(layer(down("A"), read("All", items), read("C", []))))
  )

  it.effect("gives nothing for a company that nobody writes about, which is a success", () =>
    Effect.gen(function* () {
      const { signals, warnings } = yield* Scout.run({ entities: ["Zorblatt Industries"], minScore: 0, now })
      expect(signals).toEqual([])
      expect(warnings).toEqual([])
    }).pipe(Effect.provide(layer(read("All", items))))
  )

  it.effect("says that no source is configured", () =>
    Effect.gen(function* () {
      const { signals, warnings } = yield* Scout.run({ entities: ["Acme"] })
      expect(signals).toEqual([])
      expect(warnings.map(({ message }) => message)).toEqual(["No source is configured, so nothing was read."])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("hands on what sources warn of, and what it noticed itself", () =>
    Effect.gen(function* () {
      const { warnings } = yield* Scout.run({ entities: ["Acme", "ACME"], now })
      expect(warnings.map(({ message }) => message.slice(0, 30))).toEqual([
        '"ACME" is given more than once'.slice(0, 30),
        "a date was no date",
        "The text has 100001 characters; the first".slice(0, 30),
        "Its date, 2030-01-01T00:00:00.000Z".slice(0, 30)
      ])
    }).pipe(
      Effect.provide(
        layer(
          read(
            "A",
            [
              item("A", "1", "Acme grows", "x".repeat(100_001)),
              item("A", "2", "Acme grows", "", { date: "2030-01-01T00:00:00Z" })
            ],
            [new SourceWarning({ source: "A", message: "a date was no date" })]
          )
        )
      )
    )
  )

  it("rejects what is no payload", () => {
    const decode = Schema.decodeUnknownResult(Payload)
    const bad: ReadonlyArray<unknown> = [
      {},
      { entities: [] },
      { entities: [""] },
      { entities: ["  "] },
      { entities: ["--"] },
      { entities: [1] },
      { entities: [null] },
      { entities: "Acme" },
      { entities: [{ name: " " }] },
      { entities: [{ aliases: ["Acme"] }] },
      { entities: [{ name: "Acme", tickers: ["not a ticker"] }] },
      { entities: [{ name: "Acme", domains: ["https://acme.com"] }] },
      { entities: ["Acme"], signalTypes: null },
      { entities: ["Acme"], signalTypes: ["leadership"] },
      { entities: ["Acme"], signalTypes: "funding" },
      { entities: ["Acme"], minScore: 1.1 },
      { entities: ["Acme"], minScore: -0.1 },
      { entities: ["Acme"], minScore: true },
      { entities: ["Acme"], minScore: Number.NaN },
      { entities: ["Acme"], limit: 0 },
      { entities: ["Acme"], limit: 1.5 },
      { entities: ["Acme"], limit: true },
      { entities: ["Acme"], since: "yesterday-ish" },
      { entities: ["Acme"], now: 1 }
    ]
    for (const payload of bad) expect(Result.isFailure(decode(payload)), JSON.stringify(payload)).toBe(true)
    expect(
      Result.isSuccess(
        decode({
          entities: ["Acme", { name: "Beta", tickers: ["NYSE: BTA"], domains: ["beta.com"] }],
          limit: 5,
          since: "2026-01-01T00:00:00Z"
        })
      )
    ).toBe(true)
  })

  it.effect(
    "looks through at least 1,000 items a second for twenty companies, all of them concerned",
    () =>
      Effect.gen(function* () {
        const names = Array.from({ length: 20 }, (_, index) => `Company${index} Corp`)
        const filler =
          "The market for anvils has grown in all regions, and the outlook for the coming year remains good. ".repeat(
            20
          )
        const many = Array.from({ length: 4_000 }, (_, index) =>
          item(
            "A",
            String(index),
            `${names[index % 20]} acquires Target${index} Ltd`,
            `${names[index % 20]} said on Monday that it has acquired Target${index} Ltd. ${filler}`
          )
        )
        const started = performance.now()
        const { signals } = yield* Scout.run({ entities: ["Company0 Corp", ...names.slice(1)], now }).pipe(
          Effect.provide(layer(read("A", many)))
        )
        const seconds = (performance.now() - started) / 1_000
        expect(signals.length).toBe(4_000)
        expect(many.length / seconds).toBeGreaterThan(1_000)
      }),
    30_000
  )
})
