/** Keys and values of headers are in nothing that a failed call leaves behind. */
import { AiSdk, Spent } from "@aria/adapter-ai-sdk"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Tracer from "effect/Tracer"
import * as answers from "./answers.ts"
import { body, errorOf, generate, openai } from "./calls.ts"
import { json, serve } from "./servers.ts"
import { key, surfaces } from "./surfaces.ts"

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
          make(server.url, { headers: { "x-tenant": Redacted.make("tenant-secret-1 ") } })
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

  it.live.each(["sk-first\nsk-second-line", "sk-first’sk-second-line"])(
    "%j, which the platform refuses, and quotes",
    (value) =>
      Effect.gen(function* () {
        const server = yield* serve((response) => json(response, {}))
        const call = generate(openai(server.url, { apiKey: Redacted.make(value) }))
        const text = traces(yield* Effect.exit(call), [])
        expect(text).toContain("holds a character that headers cannot hold")
        expect(text).not.toContain("sk-first")
        expect(text).not.toContain("sk-second-line")
        expect(Spent.of(yield* errorOf(call))).toEqual({ _tag: "notSent" })
        expect(server.requests.length).toBe(0)
      })
  )

  it.live("a header's secret without the word in front of it", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { headers, url }) =>
        json(response, body(url, `Who is ${String(headers["proxy-authorization"]).split(" ")[1]}?`), 403)
      )
      const error = yield* errorOf(
        generate(openai(server.url, { headers: { "proxy-authorization": "Basic YWRhOmh1bnRlcjI" } }))
      )
      expect(error.message).toContain("Who is <redacted>?")
      expect(traces(Exit.fail(error), [])).not.toContain("YWRhOmh1bnRlcjI")
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
