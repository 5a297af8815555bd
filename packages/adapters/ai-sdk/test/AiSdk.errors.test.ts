/** What servers and the network do wrong, and what is said about it. */
import { AiSdk, Spent } from "@aria/adapter-ai-sdk"
import { createOpenAI } from "@ai-sdk/openai"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { AiError, LanguageModel } from "effect/ai"
import * as answers from "./answers.ts"
import { eventually, events, json, serve } from "./servers.ts"
import { key, surfaces } from "./surfaces.ts"

type Layer = ReturnType<typeof AiSdk.layer>

const generate = (model: Layer) => LanguageModel.generateText({ prompt: "hello" }).pipe(Effect.provide(model))
const stream = (model: Layer) =>
  LanguageModel.streamText({ prompt: "hello" }).pipe(Stream.runDrain, Effect.provide(model))

/** The error of a call, as whoever calls the model sees it. */
const errorOf = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<AiError.AiError, unknown> =>
  Effect.filterOrFail(
    Effect.map(Effect.flip(effect), (error): unknown => error),
    AiError.isAiError
  )

const body = (url: string, message: string, code = "some_code", type = "some_type") =>
  url.endsWith("/messages")
    ? { type: "error", error: { type, message } }
    : url.includes("generateContent") || url.includes("GenerateContent")
      ? { error: { code: 400, message, status: type.toUpperCase() } }
      : { error: { message, type, code, param: null } }

const refusal = (status: number, message: string, headers: Record<string, string> = {}) =>
  serve((response, { url }) => json(response, body(url, message), status, headers))

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
        "The model does not exist.. Check the model's name, that the key may use it, and the base URL."
      )
    })
  )

  it.live("nobody listens: retryable, and nothing was sent", () =>
    Effect.gen(function* () {
      const { url } = yield* Effect.scoped(serve(() => {}))
      for (const call of [generate, stream]) {
        const error = yield* errorOf(call(make(url)))
        expect(error.reason).toMatchObject({ _tag: "NetworkError", reason: "TransportError" })
        expect([error.isRetryable, Spent.of(error)._tag]).toEqual([true, "notSent"])
      }
    })
  )

  it.live("a connection that is cut before the answer, and in the middle of it", () =>
    Effect.gen(function* () {
      const before = yield* serve((response) => response.destroy())
      const within = yield* serve((response, { url }) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "100000" })
        response.write(JSON.stringify(answers.textFor(url, "hello")), () => response.destroy())
      })
      for (const { url } of [before, within]) {
        const error = yield* errorOf(generate(make(url)))
        expect([error.reason._tag, error.isRetryable, Spent.of(error)._tag]).toEqual(["NetworkError", true, "unknown"])
      }
    })
  )

  it.live("a stream that is cut, or that ends too early: what came is there, then a retryable error", () =>
    Effect.gen(function* () {
      const listener = (destroy: boolean) =>
        serve((response, { url }) => {
          // all but the pieces that tell the end
          const chunks = answers.streamFor(url, ["one ", "two "])
          events(
            response,
            chunks.slice(0, chunks.findIndex((chunk) => JSON.stringify(chunk).includes("two ")) + 1),
            false
          )
          setTimeout(() => (destroy ? response.destroy() : response.end()), 50)
        })
      for (const destroy of [true, false]) {
        const server = yield* listener(destroy)
        const seen: Array<string> = []
        const error = yield* LanguageModel.streamText({ prompt: "hello" }).pipe(
          Stream.tap((part) => Effect.sync(() => void (part.type === "text-delta" && seen.push(part.delta)))),
          Stream.runDrain,
          Effect.provide(make(server.url)),
          errorOf
        )
        expect(seen.join("")).toBe("one two ")
        expect([error.reason._tag, error.isRetryable, Spent.of(error)._tag]).toEqual(["NetworkError", true, "unknown"])
      }
    })
  )

  it.live("something else than the provider's answers", () =>
    Effect.gen(function* () {
      const page = yield* serve((response) =>
        response.writeHead(200, { "content-type": "text/html" }).end("<html>Welcome</html>")
      )
      const error = yield* errorOf(generate(make(page.url)))
      expect([error.reason._tag, error.isRetryable]).toEqual(["InvalidResponseError", false])
      expect(error.message).toContain("Check the base URL")
    })
  )

  it.live("interrupting a call closes its connection", () =>
    Effect.gen(function* () {
      const server = yield* serve(() => {})
      for (const call of [generate, stream]) {
        const fiber = yield* Effect.forkChild(call(make(server.url)), { startImmediately: true })
        yield* eventually("the request is there", () => server.open() === 1)
        yield* Fiber.interrupt(fiber)
        yield* eventually("the connection is closed", () => server.open() === 0)
        const exit = yield* Fiber.await(fiber)
        expect(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)).toBe(true)
      }
    })
  )

  it.live("leaving a stream, and interrupting it, closes its connection", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) => {
        const chunks = answers.streamFor(url, ["one ", "two ", "three "])
        events(
          response,
          chunks.slice(0, chunks.findIndex((chunk) => JSON.stringify(chunk).includes("three ")) + 1),
          false
        )
      })
      const deltas = LanguageModel.streamText({ prompt: "hello" }).pipe(
        Stream.filter((part) => part.type === "text-delta"),
        Stream.map(({ delta }) => delta)
      )
      const Model = make(server.url)
      expect(yield* deltas.pipe(Stream.take(1), Stream.runCollect, Effect.provide(Model))).toEqual(["one "])
      yield* eventually("the connection of the stream that was left is closed", () => server.open() === 0)

      const seen: Array<string> = []
      const fiber = yield* deltas.pipe(
        Stream.runForEach((delta) => Effect.sync(() => seen.push(delta))),
        Effect.provide(Model),
        Effect.forkChild({ startImmediately: true })
      )
      yield* eventually("three pieces are there", () => seen.length === 3)
      yield* Fiber.interrupt(fiber)
      yield* eventually("the connection of the interrupted stream is closed", () => server.open() === 0)
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

const openai = (url: string, options?: AiSdk.Options) =>
  AiSdk.layer("openai/gpt-5", { apiKey: Redacted.make(key), baseUrl: `${url}/v1`, ...options })
const anthropic = (url: string) =>
  AiSdk.layer("anthropic/claude-sonnet-4-5", { apiKey: Redacted.make(key), baseUrl: `${url}/v1` })
const google = (url: string) =>
  AiSdk.layer("google/gemini-2.5-flash", { apiKey: Redacted.make(key), baseUrl: `${url}/v1beta` })

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

const remember = <A>(all: Array<A>, one: A): A => {
  all.push(one)
  return one
}

describe("keys are not told", () => {
  /** All that a program may print, log or export of a failed call. */
  const traces = (exit: Exit.Exit<unknown, unknown>, extra: unknown) =>
    [
      Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "",
      JSON.stringify(exit),
      String(exit),
      JSON.stringify(
        Exit.isFailure(exit)
          ? exit.cause.reasons.map((reason) => ("error" in reason ? { ...Object(reason.error) } : reason))
          : ""
      ),
      JSON.stringify(extra)
    ].join("\n")

  it.live.each(surfaces)("%s: by a server that repeats them", ([, make]) =>
    Effect.gen(function* () {
      for (const status of [400, 401, 404, 429, 500]) {
        const server = yield* serve((response, { headers, url }) => {
          const seen = String(headers["authorization"] ?? headers["x-api-key"] ?? headers["x-goog-api-key"])
          const told = body(url, `Bad key ${seen} of ${String(headers["x-tenant"])}`, seen, seen)
          json(response, told, status, { "x-request-id": "req_1", "set-cookie": "session=1" })
        })
        const spans: Array<Tracer.Span> = []
        const logs: Array<string> = []
        const exit = yield* generate(
          make(server.url, { headers: { "x-tenant": Redacted.make("tenant-secret-1") } })
        ).pipe(
          Effect.tapCause((cause) => Effect.logError("failed", cause)),
          Effect.withSpan("outer"),
          Effect.provideService(
            Tracer.Tracer,
            Tracer.make({ span: (options) => remember(spans, new Tracer.NativeSpan(options)) })
          ),
          Effect.provide(Logger.layer([Logger.map(Logger.formatJson, (line) => void logs.push(line))])),
          Effect.exit
        )
        expect(JSON.stringify(server.requests[0]?.headers)).toContain(key)
        const text = traces(exit, [
          logs,
          spans.map(({ attributes, status }) => [
            [...attributes],
            status._tag === "Ended" ? Cause.pretty(Exit.isFailure(status.exit) ? status.exit.cause : Cause.empty) : ""
          ])
        ])
        expect([logs.length, spans.length]).toEqual([1, 2])
        expect(text).toContain("req_1")
        expect(text).not.toContain(key)
        expect(text).not.toContain("tenant-secret-1")
        expect(text).not.toContain("session=1")
      }
    })
  )

  it.live.each(["openai/a", "anthropic/b", "google/c", "openai-compatible/d"])(
    "%s: by a redirect to another host",
    (name) =>
      Effect.gen(function* () {
        const other = yield* serve((response, { url }) => json(response, answers.textFor(url, "hi")))
        for (const status of [301, 302, 307, 308]) {
          const server = yield* serve((response, { url }) =>
            response.writeHead(status, { location: `${other.url}${url}?a=b` }).end()
          )
          const error = yield* errorOf(generate(AiSdk.layer(name, { apiKey: Redacted.make(key), baseUrl: server.url })))
          expect([error.reason._tag, error.isRetryable, Spent.of(error)._tag]).toEqual([
            "InvalidRequestError",
            false,
            "refused"
          ])
          expect(error.message).toContain(`points to ${other.url}/`)
          expect(error.message).not.toContain("a=b")
        }
        expect(other.requests.length).toBe(0)
      })
  )

  it.live("a key with a line break in it, which the platform refuses and quotes", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => json(response, {}))
      const exit = yield* Effect.exit(
        generate(openai(server.url, { apiKey: Redacted.make("sk-first\nsk-second-line") }))
      )
      const text = traces(exit, [])
      expect(text).toContain("holds a character that headers cannot hold")
      expect(text).not.toContain("sk-first")
      expect(text).not.toContain("sk-second-line")
      expect(server.requests.length).toBe(0)
    })
  )

  it.live("a key with a line break at its end is used without it", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) => json(response, answers.textFor(url, "hi")))
      yield* generate(openai(server.url, { apiKey: Redacted.make(`${key}\n`) }))
      expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${key}`)
    })
  )
})
