/** What the network does wrong, and what is left of a call that nobody waits for. */
import { AiSdk, Spent } from "@aria/adapter-ai-sdk"
import { createOpenAI } from "@ai-sdk/openai"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { LanguageModel } from "effect/ai"
import * as answers from "./answers.ts"
import { errorOf, generate, stream } from "./calls.ts"
import { eventually, events, serve } from "./servers.ts"
import { key, surfaces } from "./surfaces.ts"

describe.each(surfaces)("%s", (_, make) => {
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
      // it may be the text of an answer, which is nobody's to log
      expect(error.message).not.toContain("Welcome")
      const broken = yield* serve((response, { url }) => {
        const begun = answers.streamFor(url, ["one "]).slice(0, 2)
        events(response, [...begun, '{"private": "words", "of": an answer}', { private: "words", choices: 1, type: 2 }])
      })
      const streamed = yield* errorOf(stream(make(broken.url)))
      expect(streamed.message).not.toContain("words")
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
})

it.live("a time limit of the provider's own", () =>
  Effect.gen(function* () {
    const server = yield* serve(() => {})
    const { chat } = createOpenAI({
      apiKey: key,
      baseURL: `${server.url}/v1`,
      fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(50) })
    })
    for (const call of [generate, stream]) {
      const error = yield* errorOf(call(AiSdk.layer(chat("gpt-5"))))
      expect([error.reason._tag, error.isRetryable, Spent.of(error)._tag]).toEqual(["NetworkError", true, "unknown"])
    }
  })
)
