import { TokenCount } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { LanguageModel, Prompt, Tokenizer, Tool, Toolkit } from "effect/ai"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { Tiktoken } from "js-tiktoken/lite"
import cl100k from "js-tiktoken/ranks/cl100k_base"
import o200k from "js-tiktoken/ranks/o200k_base"
import { random } from "./random.ts"

/** What a provider would be asked, with the options that effect makes for it. */
const requestOf = (
  call: Effect.Effect<unknown, unknown, LanguageModel.LanguageModel>
): Effect.Effect<LanguageModel.ProviderOptions> =>
  Effect.gen(function* () {
    let seen: LanguageModel.ProviderOptions | undefined
    const model = yield* LanguageModel.make({
      generateText: (options) => {
        seen = options
        return Effect.succeed([])
      },
      streamText: () => Stream.empty
    })
    yield* Effect.exit(Effect.provideService(call, LanguageModel.LanguageModel, model))
    return seen!
  })

const span = Tracer.externalSpan({ spanId: "1", traceId: "1" })
const bare = (prompt: Prompt.RawInput): LanguageModel.ProviderOptions => ({
  prompt: Prompt.make(prompt),
  tools: [],
  toolChoice: "none",
  responseFormat: { type: "text" },
  // The span is never looked at here; an external one is enough.
  span: Object.assign(span, { name: "", kind: "internal" }) as never,
  previousResponseId: undefined,
  incrementalPrompt: undefined
})

const nothing = { perRequest: 0, perMessage: 0, perToolset: 0 } as const

const tokenizers = [new Tiktoken(cl100k), new Tiktoken(o200k)] as const

describe("upperBound", () => {
  const alphabets = [
    "the quick brown fox  \n\t.,;:!?0123456789",
    "äöüßéèñçşğıøåæœ",
    "日本語テキスト漢字仮名交じり文",
    "한국어텍스트각낰",
    "العربية ﷺ ﷲ ﷽",
    "👩‍👩‍👧‍👦🏳️‍🌈👍🏽🇩🇪",
    "ﬁﬂ½™㍿㌀𝒜𝔅①⑳",
    "e\u0301a\u0308\u0323\u0307q\u0307\u0323",
    '{}[]"\\/<>=+-*&^%$#@~`|_',
    "\u0000\u0001\u007f\ud800\udfff"
  ].map((alphabet) => Array.from(alphabet))

  it.effect(
    "no text has more tokens, in any normal form",
    () =>
      Effect.gen(function* () {
        const counter = TokenCount.upperBound(nothing)
        for (let seed = 0; seed < 300; seed++) {
          const { int, pick } = random(seed)
          const mixed = Array.from({ length: int(1, 3) }, () => pick(alphabets)).flat()
          const text = Array.from({ length: int(1, 60) }, () => pick(mixed)).join("")
          const bound = yield* counter.texts([text])
          for (const form of [
            text,
            text.normalize("NFC"),
            text.normalize("NFD"),
            text.normalize("NFKC"),
            text.normalize("NFKD")
          ]) {
            // A tokenizer that knows no word: a token for each byte.
            expect(Buffer.byteLength(form), `seed ${seed}`).toBeLessThanOrEqual(bound)
            for (const tokenizer of tokenizers) {
              expect(tokenizer.encode(form, "all").length, `seed ${seed}: ${JSON.stringify(text)}`).toBeLessThanOrEqual(
                bound
              )
            }
          }
        }
      }),
    30_000
  )

  it.effect("is not wasteful: bytes, and what providers add", () =>
    Effect.gen(function* () {
      expect(yield* TokenCount.upperBound().texts(["four", "five!"])).toBe(4 + 5 + 64 + 2 * 16)
      const english = "The board asked for a brief on the three suppliers before Monday. ".repeat(50)
      const bound = yield* TokenCount.upperBound(nothing).request(bare(english))
      expect(bound).toBeGreaterThanOrEqual(tokenizers[1].encode(english).length)
      expect(bound).toBeLessThan(english.length + 200)
    })
  )

  it.effect("everything that is sent is counted: system, turns, reasoning, tool calls and results, options", () =>
    Effect.gen(function* () {
      const counter = TokenCount.upperBound(nothing)
      const long = "x".repeat(5_000)
      const prompts: ReadonlyArray<Prompt.RawInput> = [
        long,
        [{ role: "system", content: long }],
        [{ role: "assistant", content: [{ type: "reasoning", text: long }] }],
        [
          {
            role: "assistant",
            content: [{ type: "tool-call", id: "1", name: "look", params: { long }, providerExecuted: false }]
          }
        ],
        [
          {
            role: "tool",
            content: [
              {
                type: "tool-result",
                id: "1",
                name: "look",
                isFailure: false,
                result: { type: "file", mediaType: "x", data: long }
              }
            ]
          }
        ],
        [{ role: "assistant", content: [{ type: "text", text: "", options: { acme: { signature: long } } }] }],
        [{ role: "user", content: "", options: { acme: { long } } }]
      ]
      for (const prompt of prompts) expect(yield* counter.request(bare(prompt))).toBeGreaterThanOrEqual(5_000)
    })
  )

  it.effect("tools, and the schema of the answer", () =>
    Effect.gen(function* () {
      const counter = TokenCount.upperBound({ ...nothing, perToolset: 7 })
      const Look = Tool.make("look", {
        description: "d".repeat(3_000),
        parameters: Schema.Struct({ ["where".repeat(500)]: Schema.String }),
        success: Schema.String
      })
      const kit = Toolkit.make(Look)
      const withTools = yield* requestOf(
        Effect.provide(
          LanguageModel.generateText({ prompt: "hi", toolkit: kit }),
          kit.toLayer({ look: () => Effect.succeed("") })
        )
      )
      expect(yield* counter.request(withTools)).toBeGreaterThanOrEqual(3_000 + 2_500 + 7)
      const withSchema = yield* requestOf(
        LanguageModel.generateObject({ prompt: "hi", schema: Schema.Struct({ ["field".repeat(500)]: Schema.String }) })
      )
      expect(yield* counter.request(withSchema)).toBeGreaterThanOrEqual(2_500 + 7)
      expect(yield* counter.request(yield* requestOf(LanguageModel.generateText({ prompt: "hi" })))).toBeLessThan(200)
    })
  )

  it.effect("files by their own rule, and not by the length of their data too", () =>
    Effect.gen(function* () {
      const file = (mediaType: string, data: string | Uint8Array | URL) =>
        bare([{ role: "user", content: [{ type: "file", mediaType, data }] }])
      const counter = TokenCount.upperBound(nothing)
      expect(yield* counter.request(file("image/png", new Uint8Array(90_000)))).toBeLessThan(5_500)
      expect(yield* counter.request(file("text/plain", "y".repeat(9_000)))).toBeGreaterThanOrEqual(9_000)
      expect(
        yield* counter.request(file("application/pdf", new URL("https://example.org/a.pdf")))
      ).toBeGreaterThanOrEqual(100_000)
      const own = TokenCount.upperBound({
        ...nothing,
        perFile: ({ mediaType }) => (mediaType === "audio/wav" ? 77_777 : 1)
      })
      expect(yield* own.request(file("audio/wav", new Uint8Array(4)))).toBeGreaterThan(77_777)
    })
  )

  it.effect("what cannot be written is an error that says so", () =>
    Effect.gen(function* () {
      const result: Record<string, unknown> = {}
      result["self"] = result
      const error = yield* Effect.flip(
        TokenCount.upperBound().request(
          bare(
            Prompt.fromMessages([
              Prompt.makeMessage("tool", {
                content: [
                  Prompt.makePart("tool-result", {
                    id: "1",
                    name: "look",
                    isFailure: false,
                    result,
                    providerExecuted: false
                  })
                ]
              })
            ])
          )
        )
      )
      expect(error.reason._tag).toBe("InvalidUserInputError")
      expect(error.message).toContain("plain data")
    })
  )
})

describe("fromTokenizer", () => {
  const tokenizer = Tokenizer.make({
    tokenize: (prompt) =>
      Effect.sync(() => tokenizers[1].encode(JSON.stringify(prompt.content.map(({ content }) => content))))
  })
  it.effect("counts by the tokenizer, times a factor that is at least 1", () =>
    Effect.gen(function* () {
      const text = "The board asked for a brief. ".repeat(100)
      const exact = yield* TokenCount.fromTokenizer(tokenizer, nothing).texts([text])
      expect(exact).toBeGreaterThanOrEqual(tokenizers[1].encode(text).length)
      expect(exact).toBeLessThan(text.length / 3)
      expect(yield* TokenCount.fromTokenizer(tokenizer, { ...nothing, factor: 2 }).texts([text])).toBe(exact * 2)
      expect(yield* TokenCount.fromTokenizer(tokenizer, { ...nothing, factor: 0.1 }).texts([text])).toBe(exact)
      expect(yield* TokenCount.fromTokenizer(tokenizer, nothing).request(bare(text))).toBeGreaterThanOrEqual(exact)
    })
  )
})
