import type * as ModelReader from "@aria/agents-scout/ModelReader"
import { Scout, Success } from "@aria/agents-scout/Scout"
import type { SignalType } from "@aria/agents-scout/Signal"
import * as Guarded from "@aria/models/Guarded"
import * as Breaker from "@aria/models/Breaker"
import * as Limiter from "@aria/models/Limiter"
import * as RetryBudget from "@aria/models/RetryBudget"
import * as SignalSource from "@aria/connectors/SignalSource"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as ScriptedModel from "@aria/testkit/ScriptedModel"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { AiError } from "effect/ai"
import { answer, askedIn, news, payload, type Ref, ruled, scout } from "./modelScript.ts"
import { shuffled } from "./random.ts"

const deal = news(
  "1",
  "Acme and Beta Robotics join forces",
  "Acme Corp. said today it will take\nover all of Beta Robotics. The price is $40 million. Staff stay.\n\nAbout Acme\nAcme makes anvils and was founded in 1901."
)
const chief = news("2", "Gamma Inc. names Ann Lee chief executive", "Gamma said Ann Lee follows Bob Ray.")

const dealSaid = (ref: Ref) => ({
  ref: ref(deal),
  events: [{ type: "acquisition", confidence: 0.93, quote: "it will take over all of Beta Robotics" }],
  statements: [
    { text: "Acme buys Beta Robotics.", quote: "take over all of Beta Robotics" },
    { text: "It pays 40 million dollars.", quote: "The price is $40 million." }
  ]
})
const chiefSaid = (ref: Ref) => ({
  ref: ref(chief),
  events: [{ type: "leadership_change", confidence: 0.9, quote: "names Ann Lee chief executive" }],
  statements: [{ text: "Ann Lee becomes chief of Gamma.", quote: "Gamma said Ann Lee follows Bob Ray." }]
})
const both = (ref: Ref) => [answer([dealSaid(ref), chiefSaid(ref)])]
const rateLimited = new AiError.RateLimitError({})

describe("Scout with a model", () => {
  it.effect("classifies and summarises in one call, with quotes of the source", () =>
    Effect.gen(function* () {
      const { signals, warnings } = yield* Scout.run(payload)
      expect(warnings).toEqual([])
      const signal = signals.find(({ company }) => company === "Acme Corp")
      assert(signal !== undefined)
      expect(signal.type).toBe("acquisition")
      expect(signal.labels).toEqual([{ type: "acquisition", confidence: 0.93 }])
      expect(signal.quote.text).toBe("it will take\nover all of Beta Robotics")
      expect(deal[signal.quote.field].slice(signal.quote.start).startsWith(signal.quote.text)).toBe(true)
      expect(signal.summary).toBe(
        'Acme buys Beta Robotics. ("take over all of Beta Robotics") It pays 40 million dollars. ("The price is $40 million.")'
      )
      const { authority, mention, recency, typeWeight } = signal.scoreParts
      expect(typeWeight).toBe(1)
      expect(signal.score).toBe(Math.round(authority * recency * mention * typeWeight * 10_000) / 10_000)
      const encoded = yield* Schema.encodeEffect(Success)({ reader: "model", signals, sources: [], warnings })
      expect((yield* Schema.decodeUnknownEffect(Success)(JSON.parse(JSON.stringify(encoded)))).signals).toEqual(signals)
    }).pipe(Effect.provide(scout([deal, chief], both)))
  )

  it.effect("changes company, sources, dates, headline, authority, recency and mention in nothing", () =>
    Effect.gen(function* () {
      const withModel = yield* Effect.provide(Scout.run(payload), scout([deal, chief], both))
      const without = yield* Effect.provide(Scout.run(payload), ruled([deal, chief]))
      const kept = (signals: Success["signals"]) =>
        signals
          .map(({ company, headline, publishedAt, scoreParts, sources }) => {
            const { typeWeight: _, ...parts } = scoreParts
            return { company, headline, publishedAt, sources, parts }
          })
          .sort((left, right) => (left.company < right.company ? -1 : 1))
      expect(withModel.signals).toHaveLength(2)
      expect(kept(withModel.signals)).toEqual(kept(without.signals))
      expect(withModel.signals.map(({ summary }) => summary)).not.toEqual(without.signals.map(({ summary }) => summary))
    })
  )

  it.effect(
    "tells what it read with, and who read each signal: a stored result of the rules is not taken for a model's",
    () =>
      Effect.gen(function* () {
        const of = (found: Success) => [
          found.reader,
          ...found.signals.map(({ company, readBy }) => `${company}: ${readBy}`).sort()
        ]
        const rules = yield* Effect.provide(Scout.run(payload), ruled([deal, chief]))
        expect(of(rules)).toEqual(["rules", "Acme Corp: rules", "Gamma: rules"])
        const read = yield* Effect.provide(Scout.run(payload), scout([deal, chief], both))
        expect(of(read)).toEqual(["model", "Acme Corp: model", "Gamma: model"])
        // A model that leaves an item out, or fails, has not read it.
        const one = yield* Effect.provide(
          Scout.run(payload),
          scout([deal, chief], (ref) => [answer([dealSaid(ref)])])
        )
        expect(of(one)).toEqual(["model", "Acme Corp: model", "Gamma: rules"])
        const failing = yield* Effect.provide(
          Scout.run(payload),
          scout([deal, chief], [ScriptedModel.fails(rateLimited)])
        )
        expect(of(failing)).toEqual(["model", "Acme Corp: rules", "Gamma: rules"])
        expect(failing.signals).toEqual(rules.signals)
        // What was stored before there was a model does not say who read it, and does not decode.
        const { reader: _, ...before } = yield* Schema.encodeEffect(Success)(rules)
        const error = yield* Effect.flip(Schema.decodeUnknownEffect(Success)(before))
        expect(error.message).toContain("reader")
        expect(Scout.version).toBe("2")
      })
  )

  it.effect("drops what no quote shows, and says so", () =>
    Effect.gen(function* () {
      const { signals, warnings } = yield* Scout.run(payload)
      const signal = signals.find(({ company }) => company === "Acme Corp")
      assert(signal !== undefined)
      expect(signal.labels).toEqual([{ type: "acquisition", confidence: 0.8 }])
      expect(signal.summary).toBe('Acme buys Beta Robotics. ("take over all of Beta Robotics")')
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toMatchObject({ source: "Wire", item: "1" })
      expect(warnings[0]?.message).toContain("2 of 3 labels and 4 of 5 statements were dropped")
    }).pipe(
      Effect.provide(
        scout([deal, chief], (ref) => [
          answer([
            chiefSaid(ref),
            {
              ref: ref(deal),
              events: [
                { type: "funding", confidence: 0.99, quote: "Acme raises $40 million" },
                { type: "award", confidence: 7, quote: "The price is $40 million." },
                { type: "acquisition", confidence: 0.8, quote: "The price is $40 million." }
              ],
              statements: [
                { text: "Acme pays in shares.", quote: "The price is 40 million shares." },
                { text: "Acme is old.", quote: "Acme makes anvils and was founded in 1901." },
                { text: "Gamma has a new chief.", quote: "names Ann Lee chief executive" },
                { text: "x".repeat(201), quote: "The price is $40 million." },
                {
                  text: "Acme buys\u0000 Beta Robotics.".replace("\u0000", "\n"),
                  quote: "take over all of Beta Robotics"
                }
              ]
            }
          ])
        ])
      )
    )
  )

  it.effect("keeps the rules' labels or summary where the model's have no quote", () =>
    Effect.gen(function* () {
      const rules = yield* Effect.provide(Scout.run(payload), ruled([deal, chief]))
      const { signals, warnings } = yield* Effect.provide(
        Scout.run(payload),
        scout([deal, chief], (ref) => [
          answer([
            dealSaid(ref),
            { ...chiefSaid(ref), events: [{ type: "award", confidence: 1, quote: "names Ann Lee the best" }] }
          ])
        ])
      )
      const of = (all: Success["signals"]) => all.find(({ company }) => company === "Gamma")
      expect(of(signals)?.labels).toEqual(of(rules.signals)?.labels)
      expect(of(signals)?.quote).toEqual(of(rules.signals)?.quote)
      expect(of(signals)?.summary).toContain("Ann Lee becomes chief of Gamma.")
      expect(warnings.map(({ item, message }) => [item, message.includes("Its labels come from the rules.")])).toEqual([
        ["2", true]
      ])
      const short = yield* Effect.provide(
        Scout.run(payload),
        scout([deal, chief], (ref) => [answer([dealSaid(ref), { ...chiefSaid(ref), statements: [] }])])
      )
      expect(of(short.signals)?.summary).toBe(of(rules.signals)?.summary)
      expect(of(short.signals)?.labels).toEqual([{ type: "leadership_change", confidence: 0.9 }])
      expect(short.warnings.map(({ message }) => message)).toEqual([
        "The model gave too little. Its summary comes from the rules."
      ])
    })
  )

  it.effect("lets the rules read what a failing, refusing or silent model does not, and says so", () =>
    Effect.gen(function* () {
      const rules = yield* Effect.provide(Scout.run(payload), ruled([deal, chief]))
      const steps: ReadonlyArray<readonly [ScriptedModel.Step | ((ref: Ref) => ScriptedModel.Step), string]> = [
        [ScriptedModel.fails(rateLimited), "The model failed (RateLimitError"],
        [
          ScriptedModel.fails(new AiError.AuthenticationError({ kind: "InvalidKey" })),
          "The model failed (AuthenticationError"
        ],
        [
          ScriptedModel.fails(new AiError.ContentPolicyError({ description: "no" })),
          "The model failed (ContentPolicyError"
        ],
        [
          ScriptedModel.text("I can not help with that: SECRET."),
          "The model failed (StructuredOutputError: its answer is not of the form"
        ],
        [ScriptedModel.text("", { finish: "content-filter" }), "The model failed (StructuredOutputError"],
        [ScriptedModel.text('{"items":[{"ref":', { finish: "length" }), "The model failed (StructuredOutputError"],
        [ScriptedModel.object({ items: "none" }), "The model failed (StructuredOutputError"],
        [ScriptedModel.object([]), "The model failed (StructuredOutputError"],
        [answer([]), "The model left it out"],
        [
          (ref) =>
            answer([
              { ...dealSaid(ref), ref: "1" },
              { ...chiefSaid(ref), ref: "2" }
            ]),
          "The model left it out"
        ],
        [
          (ref) => answer([dealSaid(ref), dealSaid(ref), chiefSaid(ref), chiefSaid(ref)]),
          "The model answered for it 2 times"
        ]
      ]
      for (const [step, message] of steps) {
        const result = yield* Effect.provide(
          Scout.run(payload),
          scout([deal, chief], (ref) => [typeof step === "function" ? step(ref) : step])
        )
        expect(result.signals, message).toEqual(rules.signals)
        expect(result.warnings.map(({ item }) => item).sort(), message).toEqual(["1", "2"])
        for (const warning of result.warnings) {
          expect(warning.message).toContain(message)
          expect(warning.message).not.toContain("SECRET")
        }
      }
    })
  )

  it.effect("loses only the batch whose call fails", () =>
    Effect.gen(function* () {
      const { signals, warnings } = yield* Scout.run(payload)
      expect(signals.find(({ company }) => company === "Acme Corp")?.summary).toContain("Acme buys Beta Robotics.")
      expect(signals.find(({ company }) => company === "Gamma")?.type).toBe("leadership_change")
      expect(warnings.map(({ item }) => item)).toEqual(["2"])
    }).pipe(
      Effect.provide(
        scout(
          [deal, chief],
          (ref) => [
            answer([dealSaid(ref)], { expect: "Beta Robotics" }),
            ScriptedModel.fails(rateLimited, { expect: "Ann Lee" })
          ],
          { batchSize: 1 }
        )
      )
    )
  )

  it.effect("asks once for what is told twice, in as few calls as the batch size allows", () => {
    const many = Array.from({ length: 20 }, (_, index) => news(`n${index}`, `Acme opens plant number ${index % 10}`))
    return Effect.gen(function* () {
      yield* Scout.run({ ...payload, minScore: 0 })
      const requests = yield* (yield* ScriptedModel.CurrentScript).requests
      const sent = askedIn(requests).flatMap(({ items }) => items.map(({ headline }) => headline))
      expect(requests).toHaveLength(3)
      expect(sent.toSorted()).toEqual(Array.from({ length: 10 }, (_, index) => `Acme opens plant number ${index}`))
    }).pipe(Effect.provide(scout(many, [answer([]), answer([]), answer([])], { batchSize: 4 })))
  })

  it.effect("asks about no item that can not come to the score, and of too many about the best", () => {
    const passing = news(
      "3",
      "Markets close higher",
      `${"Shares rose in all regions today. ".repeat(40)}One of many was Acme Corp.`
    )
    const stranger = news("4", "Zorblatt buys Blattzor", "Zorblatt has bought Blattzor.")
    return Effect.gen(function* () {
      const { warnings } = yield* Scout.run(payload)
      const requests = yield* (yield* ScriptedModel.CurrentScript).requests
      expect(askedIn(requests).map(({ items }) => items.length)).toEqual([1])
      expect(warnings.map(({ message }) => message)).toContain(
        "The model read the best 1 of 2 items, which is its maxItems; the rules read the others."
      )
    }).pipe(Effect.provide(scout([passing, stranger, deal, chief], [answer([])], { maxItems: 1 })))
  })

  it.effect(
    "prefers items that name a company plainly, and sends what it chose in an order that no score changes",
    () => {
      const aside = news("8", "A good day for makers", "Makers of anvils rose today, and so did Acme Corp.")
      const asked = (options: ModelReader.Options) =>
        Effect.gen(function* () {
          yield* Scout.run(payload)
          const requests = yield* (yield* ScriptedModel.CurrentScript).requests
          return askedIn(requests).map(({ items }) => items.map(({ headline }) => headline))
        }).pipe(Effect.provide(scout([chief, deal, aside], [answer([])], options)))
      return Effect.gen(function* () {
        expect(yield* asked({})).toEqual([[aside.title, deal.title, chief.title]])
        expect(yield* asked({ maxItems: 2 })).toEqual([[deal.title, chief.title]])
      })
    }
  )

  it.effect("gives the surest label first, each once, and other or none only alone", () => {
    const quote = "Gamma said Ann Lee follows Bob Ray."
    const labels = (events: ReadonlyArray<readonly [type: SignalType, confidence: number]>) =>
      Effect.gen(function* () {
        const { signals } = yield* Scout.run({ ...payload, minScore: 0 })
        return signals
          .find(({ company }) => company === "Gamma")
          ?.labels.map(({ confidence, type }) => [type, confidence])
      }).pipe(
        Effect.provide(
          scout([chief], (ref) => [
            answer([{ ref: ref(chief), events: events.map(([type, confidence]) => ({ type, confidence, quote })) }])
          ])
        )
      )
    return Effect.gen(function* () {
      const given = [
        ["award", 0.2],
        ["none", 1],
        ["hiring", 0.7],
        ["award", 0.9],
        ["other", 1]
      ] as const
      expect(yield* labels(given)).toEqual([
        ["award", 0.9],
        ["hiring", 0.7]
      ])
      expect(
        yield* labels([
          ["other", 0.4],
          ["none", 0.6]
        ])
      ).toEqual([["none", 0.6]])
      const many = [
        ["award", 0.1],
        ["hiring", 0.2],
        ["funding", 0.3],
        ["earnings", 0.4]
      ] as const
      expect(yield* labels(many)).toEqual([
        ["earnings", 0.4],
        ["funding", 0.3],
        ["hiring", 0.2]
      ])
    })
  })

  it.effect("asks nothing where nothing concerns the companies", () =>
    Effect.gen(function* () {
      expect((yield* Scout.run({ ...payload, entities: ["Zorblatt"] })).signals).toEqual([])
    }).pipe(Effect.provide(scout([deal, chief], [])))
  )

  it.effect("shows the model the opening of a text up to whole words, and no boilerplate", () => {
    const long = news(
      "5",
      "Acme Corp reports",
      `Acme Corp said ${"growth ".repeat(50)}\n\nAbout Acme\nAcme makes anvils.`
    )
    return Effect.gen(function* () {
      yield* Scout.run(payload)
      const asked = askedIn(yield* (yield* ScriptedModel.CurrentScript).requests)
      expect(asked).toMatchObject([
        { items: [{ companies: ["Acme Corp"], text: `Acme Corp said ${"growth ".repeat(9).trim()}` }] }
      ])
    }).pipe(Effect.provide(scout([long], [answer([])], { maxText: 80 })))
  })

  it.effect("gives the same signals and the same requests in any order of items", () => {
    const items = [deal, chief, news("6", "Acme opens a plant in Leipzig"), news("7", "Gamma raises $5 million")]
    return Effect.gen(function* () {
      const run = (all: ReadonlyArray<SignalSource.SignalItem>) =>
        Effect.gen(function* () {
          const result = yield* Scout.run(payload)
          const requests = yield* (yield* ScriptedModel.CurrentScript).requests
          return { ...result, asked: requests.map(({ last }) => last).sort() }
        }).pipe(Effect.provide(scout(all, [answer([]), answer([])], { batchSize: 2 })))
      const expected = yield* run(items)
      expect(expected.asked).toHaveLength(2)
      for (let seed = 1; seed <= 20; seed++) expect(yield* run(shuffled(items, seed)), `seed ${seed}`).toEqual(expected)
    })
  })

  it.effect("ends with its budget's refusal, which is no failure of the model", () =>
    Effect.gen(function* () {
      const script = yield* ScriptedModel.make([], { allowUnused: true })
      const layer = Scout.layerModel().pipe(
        Layer.provide([
          Guarded.layer({ maxOutputTokens: 400 }, script.functions),
          SignalSource.layerOf([{ _tag: "read", source: "Wire", items: [deal, chief], warnings: [] }])
        ]),
        Layer.provide([Limiter.layer({}), RetryBudget.layer(), Breaker.layerMemory()])
      )
      const error = yield* Scout.run(payload).pipe(Effect.provide(layer), Budget.limit({ tokens: 100 }), Effect.flip)
      expect(error).toMatchObject({ _tag: "BudgetExceededError", dimension: "tokens", limit: 100 })
      expect(yield* script.requests).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.effect("calls in the limiter's lane of its agent, one call for a batch, counted in budgets", () =>
    Effect.gen(function* () {
      const script = yield* ScriptedModel.make([answer([]), answer([])])
      const layer = Scout.layerModel({ batchSize: 1 }).pipe(
        Layer.provide([
          Guarded.layer({ maxOutputTokens: 400 }, script.functions),
          SignalSource.layerOf([{ _tag: "read", source: "Wire", items: [deal, chief], warnings: [] }])
        ]),
        Layer.provideMerge(Limiter.layer({ agent: { Scout: { requestsPerMinute: 10 } } })),
        Layer.provide([RetryBudget.layer(), Breaker.layerMemory()])
      )
      yield* Effect.gen(function* () {
        yield* Scout.run(payload)
        const { lanes } = yield* Limiter.Limiter
        expect((yield* lanes).filter(({ name }) => name === "Scout")).toMatchObject([{ scope: "agent", requests: 2 }])
        expect((yield* Budget.capture).map(({ usage }) => [usage.calls, usage.tokens])).toEqual([[2, 30]])
      }).pipe(Effect.provide(layer), Budget.limit({ tokens: 100_000 }))
    }).pipe(Effect.scoped)
  )

  it.effect("hides no bug of the model's layer", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Effect.provide(Scout.run(payload), scout([deal, chief], [])))
      expect(JSON.stringify(exit)).toContain("ScriptBrokenError")
    })
  )

  it.effect("refuses options that nothing could be read with", () =>
    Effect.gen(function* () {
      for (const option of ["batchSize", "maxItems", "maxText", "concurrency"]) {
        for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
          const error = yield* Scout.run(payload).pipe(
            Effect.provide(scout([deal], [], { [option]: value })),
            Effect.flip
          )
          expect(error).toMatchObject({
            _tag: "InvalidLimitError",
            setting: `Scout.layerModel: ${option}`,
            received: String(value)
          })
        }
      }
    })
  )
})
