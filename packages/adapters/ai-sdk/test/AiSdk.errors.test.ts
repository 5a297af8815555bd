/** What servers refuse, and what is said about it. */
import { AiSdk, Spent } from "@aria/adapter-ai-sdk"
import { createOpenAI } from "@ai-sdk/openai"
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { LanguageModel } from "effect/ai"
import * as answers from "./answers.ts"
import { anthropic, errorOf, generate, google, type Layer, openai, refusal, stream } from "./calls.ts"
import { events, json, serve } from "./servers.ts"
import { surfaces } from "./surfaces.ts"

const statuses: ReadonlyArray<readonly [status: number, reason: string, retryable: boolean, spent: string]> = [
  [400, "InvalidRequestError", false, "refused"],
  [401, "AuthenticationError", false, "refused"],
  [402, "QuotaExhaustedError", false, "refused"],
  [403, "AuthenticationError", false, "refused"],
  [404, "InvalidRequestError", false, "refused"],
  [408, "InternalProviderError", true, "unknown"],
  [409, "InternalProviderError", true, "refused"],
  [413, "InvalidRequestError", false, "refused"],
  [422, "InvalidRequestError", false, "refused"],
  [429, "RateLimitError", true, "refused"],
  [500, "InternalProviderError", true, "unknown"],
  [502, "InternalProviderError", true, "unknown"],
  [503, "InternalProviderError", true, "unknown"],
  [529, "InternalProviderError", true, "unknown"]
]

describe.each(surfaces)("%s", (_, make) => {
  it.live.each(statuses)("status %i is %s", ([status, reason, retryable, spent]) =>
    Effect.gen(function* () {
      const server = yield* refusal(status, "It is what it is.")
      for (const call of [generate, stream]) {
        const error = yield* errorOf(call(make(server.url)))
        expect([error.reason._tag, error.isRetryable, error.retryAfter]).toEqual([reason, retryable, undefined])
        expect(Spent.of(error)._tag).toBe(spent)
        expect(error.message).toMatch(/^AiSdk\([\w-]+\/[\w.-]+\)\.(generate|stream)Text: /)
      }
      // nothing is tried again here
      expect(server.requests.length).toBe(2)
    })
  )

  it.live("when to come back: in seconds, milliseconds, or at a date", () =>
    Effect.gen(function* () {
      const later = new Date(Date.now() + 3_600_000).toUTCString()
      const waits: ReadonlyArray<readonly [number, Record<string, string>]> = [
        [429, { "retry-after": "7" }],
        [429, { "retry-after-ms": "250", "retry-after": "7" }],
        [503, { "retry-after": "0.5" }],
        [529, { "retry-after": "3" }],
        [429, { "retry-after": later }],
        [429, { "retry-after": "Mon, 01 Jan 2001 00:00:00 GMT" }],
        [429, { "retry-after": "soon" }],
        [429, { "retry-after": "-3" }]
      ]
      const found = yield* Effect.forEach(waits, ([status, headers]) =>
        Effect.scoped(Effect.flatMap(refusal(status, "Slowly.", headers), ({ url }) => errorOf(generate(make(url)))))
      )
      expect(found.every(({ isRetryable, reason }) => isRetryable && reason._tag === "RateLimitError")).toBe(true)
      const after = found.map(({ retryAfter }) => retryAfter && Duration.toMillis(retryAfter))
      expect(after.toSpliced(4, 1)).toEqual([7_000, 250, 500, 3_000, 0, undefined, undefined])
      expect(after[4]).toBeGreaterThan(3_000_000)
      expect(after[4]).toBeLessThanOrEqual(3_600_000)
    })
  )

  it.live("a model that is not there says what to check", () =>
    Effect.gen(function* () {
      const server = yield* refusal(404, "The model does not exist.")
      const error = yield* errorOf(generate(make(server.url)))
      expect(error.reason).toMatchObject({ _tag: "InvalidRequestError", parameter: "model" })
      expect(error.message).toContain(
        "The model does not exist. Check the model's name, that the key may use it, and the base URL."
      )
    })
  )

  it.live("a schema that cannot be written for the provider is refused before anything is sent", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) => json(response, answers.textFor(url, "[]")))
      interface Tree {
        readonly label: string
        readonly children: ReadonlyArray<Tree>
      }
      const Tree = Schema.Struct({
        label: Schema.String,
        children: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
      }).annotate({ identifier: "Tree" })
      const schema = Schema.Union([Schema.Struct({ a: Schema.String }), Schema.Struct({ tree: Tree })])
      const error = yield* errorOf(
        LanguageModel.generateObject({ prompt: "go", schema }).pipe(Effect.provide(make(server.url)))
      )
      expect([error.reason._tag, error.isRetryable, Spent.of(error)._tag]).toEqual([
        "UnsupportedSchemaError",
        false,
        "notSent"
      ])
      expect(error.message).toContain("Use a struct of plain fields")
      expect(server.requests.length).toBe(0)
    })
  )
})

it.live("a model that was made without a key", () =>
  Effect.gen(function* () {
    const before = process.env["OPENAI_API_KEY"]
    delete process.env["OPENAI_API_KEY"]
    const error = yield* errorOf(
      generate(AiSdk.layer(createOpenAI({ baseURL: "http://127.0.0.1:9/v1" }).chat("gpt-5")))
    ).pipe(
      Effect.ensuring(Effect.sync(() => (before === undefined ? undefined : (process.env["OPENAI_API_KEY"] = before))))
    )
    expect(error.reason).toMatchObject({ _tag: "AuthenticationError", kind: "MissingKey" })
    expect(error.message).toContain("OPENAI_API_KEY")
    expect(Spent.of(error)).toEqual({ _tag: "notSent" })
  })
)

describe("what providers say in their own words", () => {
  const cases: ReadonlyArray<
    readonly [what: string, make: (url: string) => Layer, status: number, body: object, expected: object]
  > = [
    [
      "OpenAI's empty account",
      openai,
      429,
      {
        error: {
          message: "You exceeded your current quota.",
          type: "insufficient_quota",
          code: "insufficient_quota",
          param: null
        }
      },
      { _tag: "QuotaExhaustedError" }
    ],
    [
      "Anthropic's unpaid bill",
      anthropic,
      400,
      { type: "error", error: { type: "billing_error", message: "Pay." } },
      { _tag: "QuotaExhaustedError" }
    ],
    [
      "Google's limit, with its wait in the body",
      google,
      429,
      {
        error: {
          code: 429,
          message: "You exceeded your current quota, please check your plan and billing details.",
          status: "RESOURCE_EXHAUSTED",
          details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.5s" }]
        }
      },
      { _tag: "RateLimitError", retryAfter: Duration.millis(34_500) }
    ],
    [
      "a prompt against OpenAI's rules",
      openai,
      400,
      { error: { message: "No.", type: "invalid_request_error", code: "content_policy_violation", param: null } },
      { _tag: "ContentPolicyError", description: "No." }
    ],
    [
      "a schema that OpenAI's server refuses",
      openai,
      400,
      {
        error: {
          message: "Invalid schema for response_format 'x': In context=(), 'required' is required to be supplied.",
          type: "invalid_request_error",
          code: "invalid_json_schema",
          param: "text.format.schema"
        }
      },
      { _tag: "UnsupportedSchemaError" }
    ],
    [
      "a parameter that a model does not know",
      openai,
      400,
      {
        error: {
          message: "Unsupported parameter.",
          type: "invalid_request_error",
          code: "unsupported_parameter",
          param: "top_k"
        }
      },
      { _tag: "InvalidRequestError", parameter: "top_k" }
    ],
    [
      "a model that OpenAI keeps from this key",
      openai,
      400,
      { error: { message: "No access.", type: "invalid_request_error", code: "model_not_found", param: null } },
      { _tag: "InvalidRequestError", parameter: "model" }
    ]
  ]
  it.live.each(cases)("%s", ([, make, status, answer, expected]) =>
    Effect.gen(function* () {
      const server = yield* serve((response) => json(response, answer, status))
      expect((yield* errorOf(generate(make(server.url)))).reason).toMatchObject(expected)
    })
  )

  it.live("an answer without words, and one that is a page", () =>
    Effect.gen(function* () {
      const empty = yield* serve((response) => response.writeHead(502).end())
      const page = yield* serve((response) =>
        response.writeHead(502, { "content-type": "text/html" }).end("<html>Bad gateway</html>")
      )
      for (const { url } of [empty, page]) {
        const error = yield* errorOf(generate(openai(url)))
        expect([error.reason._tag, error.isRetryable]).toEqual(["InternalProviderError", true])
        expect(error.message).toContain("/v1/responses answered 502")
      }
    })
  )

  const begun = answers.messageStream(["one "]).slice(0, 3)
  const broken: ReadonlyArray<readonly [string, (url: string) => Layer, ReadonlyArray<unknown>, string, boolean]> = [
    [
      "Anthropic is overloaded",
      anthropic,
      [...begun, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }],
      "InternalProviderError",
      true
    ],
    [
      "Anthropic's limit",
      anthropic,
      [...begun, { type: "error", error: { type: "rate_limit_error", message: "Slow" } }],
      "RateLimitError",
      true
    ],
    [
      "OpenAI fails",
      openai,
      [
        ...answers.responsesStream(["one "]).slice(0, 3),
        {
          type: "response.failed",
          sequence_number: 4,
          response: {
            id: "resp_1",
            error: { code: "server_error", message: "Sorry." },
            incomplete_details: null,
            usage: null
          }
        }
      ],
      "InternalProviderError",
      true
    ]
  ]
  it.live.each(broken)("within a stream: %s", ([, make, chunks, reason, retryable]) =>
    Effect.gen(function* () {
      const server = yield* serve((response) => events(response, chunks))
      const error = yield* errorOf(stream(make(server.url)))
      expect([error.reason._tag, error.isRetryable, Spent.of(error)._tag]).toEqual([reason, retryable, "unknown"])
    })
  )
})
