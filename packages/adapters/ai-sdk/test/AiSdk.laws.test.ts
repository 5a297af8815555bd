/** What holds for any answer: 300 random ones each, the seed is printed where one fails. */
import { AiSdk, Spent } from "@aria/adapter-ai-sdk"
import { APICallError, type LanguageModelV4Content, type LanguageModelV4StreamPart } from "@ai-sdk/provider"
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { AiError, LanguageModel, Prompt, Tool, Toolkit } from "effect/ai"
import * as Schema from "effect/Schema"
import { scripted, stop, usage } from "./scripted.ts"

const seeds = Array.from({ length: 300 }, (_, seed) => seed)

/** Numbers that look random and are the same for the same seed. */
const random = (seed: number) => {
  let state = seed * 2_654_435_761 + 1
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  const pick = <A>(items: readonly [A, ...Array<A>]): A => items[below(items.length)] ?? items[0]
  const text = () => Array.from({ length: below(12) }, () => pick(["a", "é", "🙂", " ", "\n", '"', "\\", "x"])).join("")
  return { below, pick, text }
}

type Random = ReturnType<typeof random>

const metadata = ({ below, text }: Random) =>
  below(2) === 0
    ? {}
    : { providerMetadata: { scripted: { id: text(), none: null, deep: { list: [below(9), text()] } } } }

const Echo = Tool.make("Echo", { parameters: Schema.Struct({ text: Schema.String }), success: Schema.String })
const Echoes = Toolkit.make(Echo)

/** Text, thoughts, calls and files, in any order. Empty texts are left to tests of their own. */
const contentOf = (seed: number): Array<LanguageModelV4Content> => {
  const any = random(seed)
  return Array.from({ length: 1 + any.below(6) }, (_, index): LanguageModelV4Content => {
    switch (any.pick(["text", "reasoning", "call", "file"])) {
      case "text":
        return { type: "text", text: `${any.text()}.`, ...metadata(any) }
      case "reasoning":
        return { type: "reasoning", text: any.text(), ...metadata(any) }
      case "call":
        return {
          type: "tool-call",
          toolCallId: `call_${index}`,
          toolName: "Echo",
          input: JSON.stringify({ text: any.text() }),
          ...metadata(any)
        }
      default:
        return { type: "file", mediaType: "image/png", data: { type: "data", data: "AAEC" }, ...metadata(any) }
    }
  })
}

/** The same answer bit by bit; what a provider says beside a text may come with its start, a piece, or its end. */
const streamed = (content: ReadonlyArray<LanguageModelV4Content>, seed: number): Array<LanguageModelV4StreamPart> => {
  const any = random(seed + 1_000)
  const parts = content.flatMap((part, index): Array<LanguageModelV4StreamPart> => {
    if (part.type !== "text" && part.type !== "reasoning") return [part as LanguageModelV4StreamPart]
    const id = String(index)
    const at = any.below(3)
    const beside = (place: number) =>
      place === at && part.providerMetadata !== undefined ? { providerMetadata: part.providerMetadata } : {}
    const letters = Array.from(part.text)
    const cut = any.below(letters.length + 1)
    return [
      { type: `${part.type}-start`, id, ...beside(0) },
      { type: `${part.type}-delta`, id, delta: letters.slice(0, cut).join("") },
      { type: `${part.type}-delta`, id, delta: letters.slice(cut).join(""), ...beside(1) },
      { type: `${part.type}-end`, id, ...beside(2) }
    ]
  })
  return [...parts, { type: "finish", usage, finishReason: stop }]
}

describe("an answer", () => {
  const ask = { prompt: "go", toolkit: Echoes, disableToolCallResolution: true } as const
  const Live = Echoes.toLayer({ Echo: ({ text }) => Effect.succeed(text) })

  it.effect.each(seeds)("streamed and whole are the same conversation, and it goes back as it came: %i", (seed) =>
    Effect.gen(function* () {
      const content = contentOf(seed)
      const model = scripted({ content }, streamed(content, seed))
      yield* Effect.gen(function* () {
        const whole = Prompt.fromResponseParts((yield* LanguageModel.generateText(ask)).content)
        const bits = Prompt.fromResponseParts(yield* Stream.runCollect(LanguageModel.streamText(ask)))
        expect(bits).toEqual(whole)
        yield* LanguageModel.generateText({ ...ask, prompt: Prompt.concat(Prompt.make("go"), whole) })
      }).pipe(Effect.provide([AiSdk.layer(model), Live]))
      const expected = content.map((part) => {
        const options = "providerMetadata" in part ? { providerOptions: part.providerMetadata } : {}
        switch (part.type) {
          case "text":
          case "reasoning":
            return { type: part.type, text: part.text, ...options }
          case "tool-call":
            return {
              type: part.type,
              toolCallId: part.toolCallId,
              toolName: part.toolName,
              input: JSON.parse(part.input),
              ...options
            }
          default:
            return { type: "file", mediaType: "image/png", data: { type: "data", data: "AAEC" }, ...options }
        }
      })
      expect(model.calls[2]?.prompt[1]).toEqual({ role: "assistant", content: expected })
    })
  )
})

describe("a failure", () => {
  const failing = (error: () => unknown) => ({
    ...scripted(),
    doGenerate: () => Promise.reject(error()),
    doStream: () => Promise.reject(error())
  })

  it.effect.each(seeds)("of any kind is an AiError without the secrets, whole or streamed: %i", (seed) =>
    Effect.gen(function* () {
      const { below, pick, text } = random(seed)
      const secret = `k${seed}-${text().replace(/\s/g, "_")}-s3cr3t`
      const words = `${text()}${secret}${text()}`
      const status = pick([undefined, 200, 400 + below(200)])
      const error = pick<() => unknown>([
        () => new Error(words),
        () => new TypeError(words, { cause: new Error(words) }),
        () => words,
        () => ({ message: words, type: words, code: words }),
        () => ({ [words]: words }),
        () => undefined,
        () => {
          const circle: Record<string, unknown> = { [words]: words }
          return Object.assign(circle, { circle })
        },
        () =>
          new APICallError({
            message: words,
            url: `http://127.0.0.1:9/${encodeURIComponent(text())}?key=${secret}`,
            requestBodyValues: { prompt: words },
            statusCode: status as number,
            responseHeaders: { "retry-after": words, "x-request-id": "1", "x-echo": words },
            responseBody: pick([words, JSON.stringify({ error: { message: words, code: words, param: words } }), ""]),
            cause: new Error(words)
          })
      ])
      const model = AiSdk.layer(failing(error), { headers: { "x-key": Redacted.make(secret) } })
      const errors = [
        yield* Effect.flip(LanguageModel.generateText({ prompt: "go" }).pipe(Effect.provide(model))),
        yield* Effect.flip(LanguageModel.streamText({ prompt: "go" }).pipe(Stream.runDrain, Effect.provide(model)))
      ]
      for (const found of errors) {
        if (!AiError.isAiError(found)) throw new Error(`not an AiError: ${String(found)}`)
        const told = [
          found.message,
          String(found),
          JSON.stringify(found),
          JSON.stringify(found.reason),
          found.stack
        ].join("\n")
        expect(told).not.toContain(secret)
        // nor as JSON writes it, in the body that is kept
        const { http } = found.reason as { readonly http?: { readonly body?: string } }
        expect(http?.body ?? "").not.toContain(JSON.stringify(secret).slice(1, -1))
        expect(["notSent", "refused", "unknown"]).toContain(Spent.of(found)._tag)
        // what is refused with the same words again and again must not be tried again
        if (status !== undefined && status >= 400 && status < 500 && APICallError.isInstance(error())) {
          expect([found.reason._tag, found.isRetryable]).toEqual([
            found.reason._tag,
            [408, 409, 425, 429].includes(status)
          ])
        }
      }
    })
  )

  it.effect.each(seeds.slice(0, 100))(
    "says when to come back as the server said it, never a time in the past: %i",
    (seed) =>
      Effect.gen(function* () {
        const { below, pick } = random(seed)
        const now = 1_800_000_000_000
        yield* TestClock.setTime(now)
        const seconds = below(10_000)
        const ago = pick([1, -1])
        const [headers, expected] = pick<readonly [Record<string, string>, number | undefined]>([
          [{ "retry-after": String(seconds) }, seconds * 1_000],
          [{ "Retry-After": ` ${seconds} ` }, seconds * 1_000],
          [{ "retry-after-ms": String(seconds) }, seconds],
          [{ "retry-after": new Date(now + ago * seconds * 1_000).toUTCString() }, Math.max(0, ago * seconds * 1_000)],
          [{ "retry-after": "-1" }, undefined],
          [{ "retry-after": "NaN" }, undefined],
          [{ "retry-after": "" }, undefined],
          [{}, undefined]
        ])
        const model = failing(
          () =>
            new APICallError({
              message: "",
              url: "http://x/",
              requestBodyValues: {},
              statusCode: 429,
              responseHeaders: headers
            })
        )
        const error = yield* Effect.flip(
          LanguageModel.generateText({ prompt: "go" }).pipe(Effect.provide(AiSdk.layer(model)))
        )
        if (!AiError.isAiError(error)) throw new Error("not an AiError")
        expect(error.retryAfter === undefined ? undefined : Duration.toMillis(error.retryAfter)).toBe(expected)
      })
  )
})
