import { Limiter, MeteredHttpClient, RetryBudget } from "@aria/models"
import { Budget } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "effect/http"
import * as Layer from "effect/Layer"
import { TestClock } from "effect/testing"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

type Step = number | "lost" | "invalid" | { readonly status: number; readonly retryAfter: string }

/** Answers in turn, the last one for ever. */
const script = (...steps: ReadonlyArray<Step>) => {
  const times: Array<number> = []
  const client = HttpClient.make((request) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      times.push(now)
      const step = steps[Math.min(times.length, steps.length) - 1]!
      if (step === "lost")
        return Effect.fail(
          new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request }) })
        )
      if (step === "invalid")
        return Effect.fail(
          new HttpClientError.HttpClientError({ reason: new HttpClientError.EncodeError({ request }) })
        )
      const { retryAfter, status } = typeof step === "number" ? { status: step, retryAfter: undefined } : step
      return Effect.succeed(
        HttpClientResponse.fromWeb(
          request,
          new Response(null, { status, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } })
        )
      )
    })
  )
  return { client, times }
}

const patiently = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    for (let minutes = 0; minutes < 300 && fiber.pollUnsafe() === undefined; minutes++)
      yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })

const calls = Effect.map(Budget.capture, ([region]) => [region!.usage.calls, region!.held.calls])
const traffic = Layer.mergeAll(
  Limiter.layer({ host: { "*": { concurrency: 2 }, "slow.example": { requestsPerMinute: 1 } } }),
  RetryBudget.layer()
)
const url = "https://api.example/items"

describe("MeteredHttpClient", () => {
  it.effect("each attempt is a call; safe methods are made again by the class of the failure", () =>
    Effect.gen(function* () {
      for (const step of ["lost", 408, 429, 500, 502, 503, 504] as const) {
        const { client, times } = script(step, 200)
        const metered = yield* MeteredHttpClient.make(client)
        yield* Effect.gen(function* () {
          expect((yield* patiently(metered.get(url))).status).toBe(200)
          expect(yield* calls).toEqual([2, 0])
        }).pipe(Budget.limit({ calls: 100 }))
        expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(500)
        expect(times[1]! - times[0]!).toBeLessThanOrEqual(1_000)
      }
      for (const step of [200, 204, 301, 400, 401, 404, 501] as const) {
        const { client, times } = script(step)
        expect((yield* patiently((yield* MeteredHttpClient.make(client)).get(url))).status).toBe(step)
        expect(times.length).toBe(1)
      }
    }).pipe(Effect.provide(traffic))
  )

  it.effect("beneath a connector that counts its calls itself nothing is counted twice; all else is as ever", () =>
    Effect.gen(function* () {
      const { client, times } = script(503, { status: 429, retryAfter: "7" }, 200, "invalid")
      const metered = yield* MeteredHttpClient.make(client, { countsCalls: false })
      yield* Effect.gen(function* () {
        yield* Budget.reserve({ calls: 1 }, () => patiently(metered.get(url)))
        expect(yield* calls).toEqual([1, 0])
        yield* Effect.flip(metered.get(url))
        expect(yield* calls).toEqual([1, 0])
      }).pipe(Budget.limit({ calls: 1 }))
      expect(times.length).toBe(4)
      expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(7_000)
    }).pipe(Effect.provide(traffic))
  )

  it.effect("requests that failed together do not come back together", () =>
    Effect.gen(function* () {
      const { client, times } = script(...Array.from({ length: 40 }, () => 503), 200)
      const metered = yield* MeteredHttpClient.make(client)
      yield* patiently(
        Effect.forEach(Array.from({ length: 40 }), () => metered.get(url), { concurrency: "unbounded", discard: true })
      )
      const again = times.slice(40).map((at) => at - times[0]!)
      expect(again.length).toBe(40)
      expect(Math.min(...again)).toBeGreaterThanOrEqual(500)
      expect(Math.max(...again)).toBeLessThanOrEqual(1_000)
      expect(new Set(again).size).toBeGreaterThan(10)
    }).pipe(Effect.provide([Limiter.layer(), RetryBudget.layer({ burst: 1_000 })]))
  )

  it.effect("what may have been done is not done again, unless it was told", () =>
    Effect.gen(function* () {
      for (const method of ["POST", "PATCH", "PUT", "DELETE"] as const) {
        const { client, times } = script("lost", 200)
        const request = HttpClientRequest.make(method)(url)
        yield* Effect.flip(patiently((yield* MeteredHttpClient.make(client)).execute(request)))
        expect(times.length).toBe(1)
        const told = script("lost", 200)
        yield* patiently((yield* MeteredHttpClient.make(told.client, { retryMethods: [method] })).execute(request))
        expect(told.times.length).toBe(2)
      }
    }).pipe(Effect.provide(traffic))
  )

  it.effect("retry-after in seconds and as a date is heeded by all who use the host", () =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      for (const retryAfter of ["30", new Date(now + 30_000).toUTCString()]) {
        yield* TestClock.setTime(now)
        const { client, times } = script({ status: 503, retryAfter }, 200)
        const metered = yield* MeteredHttpClient.make(client).pipe(
          Effect.provide([Limiter.layer(), RetryBudget.layer()])
        )
        const both = Effect.all([metered.get(url), Effect.andThen(Effect.sleep("1 second"), metered.post(url))], {
          concurrency: 2
        })
        expect((yield* patiently(both)).map(({ status }) => status)).toEqual([200, 200])
        expect(times.length).toBe(3)
        for (const time of times.slice(1)) expect(time - times[0]!).toBeGreaterThanOrEqual(30_000)
        for (const time of times.slice(1)) expect(time - times[0]!).toBeLessThanOrEqual(30_200)
      }
    })
  )

  it.effect("retry-after as servers should not write it: parts of a second, more than can be counted, and what is no time", () =>
    Effect.gen(function* () {
      const now = Date.parse("2026-11-23T12:00:00Z")
      const waits = (retryAfter: string) =>
        Effect.gen(function* () {
          yield* TestClock.setTime(now)
          const { client } = script({ status: 429, retryAfter }, 200)
          const limiter = yield* Limiter.make()
          const metered = yield* MeteredHttpClient.make(client, { retryMethods: [] }).pipe(
            Effect.provideService(Limiter.Limiter, limiter),
            Effect.provide(RetryBudget.layer())
          )
          yield* metered.get(url)
          return (yield* limiter.lanes).find(({ scope }) => scope === "host")?.coolingMillis
        })
      expect(yield* waits("2.5")).toBe(2_500)
      expect(yield* waits(" 7 ")).toBe(7_000)
      for (const long of ["99999999999", "9".repeat(400)]) expect(yield* waits(long)).toBe(3_600_000)
      for (const none of ["0", "-1", "2099-01", "soon", "", new Date(now - 1_000).toUTCString()]) {
        expect(yield* waits(none), none).toBe(1_000)
      }
    })
  )

  it.effect("asked to wait for too long, or out of attempts: what came last is given", () =>
    Effect.gen(function* () {
      const long = script({ status: 429, retryAfter: "7200" }, 200)
      expect((yield* patiently((yield* MeteredHttpClient.make(long.client)).get(url))).status).toBe(429)
      expect(long.times.length).toBe(1)
      const down = script(500)
      expect(
        (yield* patiently((yield* MeteredHttpClient.make(down.client, { times: 2 })).get("https://other.example/")))
          .status
      ).toBe(500)
      expect(down.times.length).toBe(3)
      const strict = script(500)
      const failing = HttpClient.filterStatusOk(strict.client)
      const error = yield* Effect.flip(
        patiently((yield* MeteredHttpClient.make(failing, { times: 1 })).get("https://third.example/"))
      )
      expect(error.reason._tag).toBe("StatusCodeError")
      expect(strict.times.length).toBe(2)
    }).pipe(Effect.provide(traffic))
  )

  it.effect("the retry budget is that of the models", () =>
    Effect.gen(function* () {
      const { client, times } = script("lost")
      const metered = yield* MeteredHttpClient.make(client, { times: 5 })
      yield* patiently(
        Effect.all(
          Array.from({ length: 50 }, () => Effect.flip(metered.get(url))),
          { concurrency: 50 }
        )
      )
      expect(times.length).toBe(50 + 7)
    }).pipe(Effect.provide([Limiter.layer(), RetryBudget.layer({ ratio: 0, burst: 7 })]))
  )

  it.effect("one lane for each host, by name and port, however it is written", () =>
    Effect.gen(function* () {
      const { client, times } = script(200)
      const metered = yield* MeteredHttpClient.make(client)
      for (const address of ["https://slow.example/a", "https://user:pa@SLOW.example:443/b?c@d"]) {
        yield* Effect.forkChild(metered.get(address), { startImmediately: true })
      }
      yield* Effect.forkChild(metered.get("https://slow.example:8443/"), { startImmediately: true })
      yield* TestClock.adjust("30 seconds")
      expect(times).toEqual([0, 0])
      yield* TestClock.adjust("31 seconds")
      expect(times).toEqual([0, 0, 60_001])
      const { lanes } = yield* Limiter.Limiter
      expect((yield* lanes).filter(({ scope }) => scope === "host").map(({ name }) => name)).toEqual(["slow.example"])
    }).pipe(Effect.provide(traffic))
  )

  it.effect("a request that could not be sent counts nothing, and one that no budget holds is not made", () =>
    Effect.gen(function* () {
      const { client, times } = script("invalid")
      const metered = yield* MeteredHttpClient.make(client)
      yield* Effect.gen(function* () {
        yield* Effect.flip(metered.get(url))
        expect(yield* calls).toEqual([0, 0])
      }).pipe(Budget.limit({ calls: 1 }))
      const fine = script(200)
      const other = yield* MeteredHttpClient.make(fine.client)
      const error = yield* Effect.flip(Effect.andThen(other.get(url), other.get(url)).pipe(Budget.limit({ calls: 1 })))
      expect(error._tag).toBe("BudgetExceededError")
      expect([times.length, fine.times.length]).toEqual([1, 1])
    }).pipe(Effect.provide(traffic))
  )

  it.effect("interrupted while it waits for its host: nothing is counted", () =>
    Effect.gen(function* () {
      const { client } = script(200)
      const metered = yield* MeteredHttpClient.make(client)
      yield* Effect.gen(function* () {
        yield* metered.get("https://slow.example/")
        const fiber = yield* Effect.forkChild(metered.get("https://slow.example/"), { startImmediately: true })
        expect(yield* calls).toEqual([1, 1])
        yield* Fiber.interrupt(fiber)
        expect(yield* calls).toEqual([1, 0])
      }).pipe(Budget.limit({ calls: 10 }))
    }).pipe(Effect.provide(traffic))
  )

  it.live("a real client and a real server", () =>
    Effect.gen(function* () {
      let requests = 0
      const server = createServer((_, response) => {
        requests++
        if (requests === 1) response.writeHead(503, { "retry-after": "1" }).end()
        else response.end("hello")
      })
      yield* Effect.acquireRelease(
        Effect.promise(() => new Promise<void>((done) => void server.listen(0, "127.0.0.1", done))),
        () => Effect.promise(() => new Promise((done) => server.close(done)))
      )
      const address = server.address() as AddressInfo
      const client = yield* HttpClient.HttpClient
      const answer = yield* client.get(`http://127.0.0.1:${address.port}/`)
      expect(yield* answer.text).toBe("hello")
      expect(requests).toBe(2)
    }).pipe(
      Effect.provide(
        MeteredHttpClient.layer().pipe(Layer.provide([FetchHttpClient.layer, Limiter.layer(), RetryBudget.layer()]))
      )
    )
  )
})
