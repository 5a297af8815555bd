import { Limiter } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Clock from "effect/Clock"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"

const scoped = (options: Limiter.Options) => Limiter.make(options)

/** Calls that tell when they were made. */
const recorder = (limiter: Limiter.Limiter["Service"]) => {
  const starts: Array<readonly [name: string, at: number]> = []
  const call = (name: string, request: Limiter.Request = {}, during: Effect.Effect<unknown> = Effect.void) =>
    limiter.withPermit(request, () =>
      Effect.flatMap(Clock.currentTimeMillis, (at) => {
        starts.push([name, at])
        return during
      })
    )
  return { starts, call }
}

const fork = <A, E>(effect: Effect.Effect<A, E>) => Effect.forkChild(effect, { startImmediately: true })
const lane = (lanes: ReadonlyArray<Limiter.LaneState>, scope: string, name = "") =>
  lanes.find((one) => one.scope === scope && one.name === name)

describe("rates", () => {
  it.effect("requests go out at once up to the limit, the next when a minute is over since the first", () =>
    Effect.gen(function* () {
      const { call, starts } = recorder(yield* scoped({ global: { requestsPerMinute: 2 } }))
      yield* call("a")
      yield* TestClock.adjust("40 seconds")
      yield* fork(call("b"))
      yield* fork(call("c"))
      yield* fork(call("d"))
      yield* TestClock.adjust("5 minutes")
      expect(starts).toEqual([
        ["a", 0],
        ["b", 40_000],
        ["c", 60_001],
        ["d", 100_001]
      ])
    })
  )

  it.effect("a minute has both its ends: what comes exactly a minute later waits", () =>
    Effect.gen(function* () {
      const { call, starts } = recorder(yield* scoped({ global: { requestsPerMinute: 1 } }))
      yield* call("a")
      yield* TestClock.adjust("1 minute")
      yield* fork(call("b"))
      yield* TestClock.adjust("1 second")
      expect(starts).toEqual([
        ["a", 0],
        ["b", 60_001]
      ])
    })
  )

  it.effect("whoever has room first goes first, whoever waits longer in another lane", () =>
    Effect.gen(function* () {
      const limiter = yield* scoped({ provider: { slow: { requestsPerMinute: 1 } } })
      const { call, starts } = recorder(limiter)
      yield* call("a", { provider: "slow" })
      yield* fork(call("b", { provider: "slow" }))
      yield* limiter.withPermit({ provider: "acme" }, (permit) => permit.coolDown(5_000))
      yield* fork(call("c", { provider: "acme" }))
      yield* TestClock.adjust("2 minutes")
      expect(starts).toEqual([
        ["a", 0],
        ["c", 5_000],
        ["b", 60_001]
      ])
    })
  )

  it.effect("tokens: what was reserved counts until it is settled, what was reported from then on", () =>
    Effect.gen(function* () {
      const limiter = yield* scoped({ provider: { acme: { tokensPerMinute: 100 } } })
      const acme = Effect.map(limiter.lanes, (lanes) => lane(lanes, "provider", "acme")!.tokens)
      yield* limiter.withPermit({ provider: "acme", tokens: 90 }, (permit) =>
        Effect.gen(function* () {
          expect(yield* acme).toBe(90)
          yield* permit.settle(30)
          yield* permit.settle(80)
        })
      )
      expect(yield* acme).toBe(30)
      yield* limiter.withPermit({ provider: "acme", tokens: 70 }, () => Effect.void)
      expect(yield* acme).toBe(100)
      const { call, starts } = recorder(limiter)
      yield* fork(call("one more", { provider: "acme", tokens: 1 }))
      yield* fork(call("another provider", { provider: "other", tokens: 1_000 }))
      yield* TestClock.adjust("1 minute")
      expect(starts).toEqual([["another provider", 0]])
      yield* TestClock.adjust("1 millis")
      expect(starts).toEqual([
        ["another provider", 0],
        ["one more", 60_001]
      ])
    })
  )

  it.effect("what a provider reports beyond the reservation holds up what follows, from then on", () =>
    Effect.gen(function* () {
      const limiter = yield* scoped({ global: { tokensPerMinute: 100 } })
      yield* limiter.withPermit({ tokens: 50 }, (permit) =>
        Effect.andThen(
          Effect.andThen(fork(TestClock.adjust("30 seconds")), Effect.sleep("30 seconds")),
          permit.settle(140)
        )
      )
      const { call, starts } = recorder(limiter)
      yield* fork(call("small", { tokens: 10 }))
      yield* TestClock.adjust("2 minutes")
      // At 60,001 the 50 leave, and 90 reported at 30,000 stay: room for 10.
      expect(starts).toEqual([["small", 60_001]])
    })
  )

  it.effect("a call that was provably not sent takes nothing", () =>
    Effect.gen(function* () {
      const limiter = yield* scoped({ global: { requestsPerMinute: 1, tokensPerMinute: 10 } })
      yield* limiter.withPermit({ tokens: 10 }, (permit) => permit.release)
      expect(lane(yield* limiter.lanes, "global")).toMatchObject({ requests: 0, tokens: 0, inFlight: 0 })
      yield* limiter.withPermit({ tokens: 10 }, () => Effect.void)
      expect(lane(yield* limiter.lanes, "global")).toMatchObject({ requests: 1, tokens: 10, inFlight: 0 })
    })
  )

  it.effect("200 agents go through as fast as the rate lets them, and no faster", () =>
    Effect.gen(function* () {
      const { call, starts } = recorder(yield* scoped({ provider: { acme: { requestsPerMinute: 60 } } }))
      for (let index = 0; index < 200; index++) yield* fork(call(String(index), { provider: "acme" }))
      yield* TestClock.adjust("4 minutes")
      expect(starts).toEqual(
        Array.from({ length: 200 }, (_, index) => [String(index), Math.floor(index / 60) * 60_001])
      )
    })
  )
})

describe("lanes", () => {
  it.effect("concurrency per provider; who waits for one does not hold up another", () =>
    Effect.gen(function* () {
      const { call, starts } = recorder(
        yield* scoped({ global: { concurrency: 3 }, provider: { "*": { concurrency: 1 } } })
      )
      const sleep = Effect.sleep("10 seconds")
      for (const [name, provider] of [
        ["a1", "a"],
        ["a2", "a"],
        ["b1", "b"],
        ["c1", "c"],
        ["d1", "d"]
      ] as const) {
        yield* fork(call(name, { provider }, sleep))
      }
      yield* TestClock.adjust("9 seconds")
      expect(starts.map(([name]) => name)).toEqual(["a1", "b1", "c1"])
      yield* TestClock.adjust("1 seconds")
      expect(starts.map(([name]) => name)).toEqual(["a1", "b1", "c1", "a2", "d1"])
    })
  )

  it.effect("a large call is not overtaken for ever by small ones", () =>
    Effect.gen(function* () {
      const { call, starts } = recorder(yield* scoped({ global: { tokensPerMinute: 100 } }))
      yield* call("first", { tokens: 60 })
      yield* fork(call("large", { tokens: 100 }))
      yield* fork(call("small", { tokens: 1 }))
      yield* TestClock.adjust("3 minutes")
      expect(starts).toEqual([
        ["first", 0],
        ["large", 60_001],
        ["small", 120_002]
      ])
    })
  )

  it.effect("traffic on single lanes cannot take turns at keeping out a call that needs both", () =>
    Effect.gen(function* () {
      const { call, starts } = recorder(
        yield* scoped({ provider: { "*": { concurrency: 1 } }, user: { "*": { concurrency: 1 } } })
      )
      const ofUser = (user: string, provider: string, name: string) =>
        call(name, { provider }, Effect.sleep("10 seconds")).pipe(Limiter.within({ user }))
      // Ada's lane is busy with another provider, acme's lane with other users, in turns; somebody is always in line.
      for (let index = 0; index < 40; index++) {
        yield* fork(ofUser("ada", `other-${index}`, `ada ${index}`))
        if (index === 0) {
          yield* TestClock.adjust("5 seconds")
          yield* fork(ofUser("user-0", "acme", "acme 0"))
          yield* fork(ofUser("ada", "acme", "both"))
        } else {
          yield* fork(ofUser(`user-${index}`, "acme", `acme ${index}`))
        }
      }
      yield* TestClock.adjust("100 seconds")
      expect(starts.some(([name]) => name === "both")).toBe(true)
    })
  )

  it.effect("agents around agents count together, users apart, names of Object are names", () =>
    Effect.gen(function* () {
      const limiter = yield* scoped({
        agent: { Scout: { requestsPerMinute: 1 } },
        user: { "*": { requestsPerMinute: 2 }, vip: {} }
      })
      const { call, starts } = recorder(limiter)
      const asked = (name: string) => fork(call(name))
      yield* asked("inner").pipe(Limiter.within({ agent: "Fetcher" }), Limiter.within({ agent: "Scout" }))
      yield* asked("outer").pipe(Limiter.within({ agent: "Scout" }), Limiter.within({ user: "eve" }))
      for (const name of ["1", "2", "3"]) yield* asked(name).pipe(Limiter.within({ user: "toString" }))
      for (const name of ["4", "5", "6"]) yield* asked(name).pipe(Limiter.within({ user: "vip" }))
      expect(starts.map(([name]) => name)).toEqual(["inner", "1", "2", "4", "5", "6"])
      expect((yield* limiter.lanes).map(({ name, scope, waiting }) => `${scope} ${name} ${waiting}`)).toContain(
        "agent Scout 1"
      )
      yield* TestClock.adjust("2 minutes")
      expect(starts.length).toBe(8)
    })
  )

  it.effect("a lane that is asked for is not forgotten before it is used", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("10 days")
      const { call, starts } = recorder(yield* scoped({ user: { "*": { requestsPerMinute: 1 } } }))
      for (const provider of ["a", "b", "c"]) {
        yield* fork(call(provider, { provider, host: `${provider}.example` })).pipe(Limiter.within({ user: "ada" }))
      }
      expect(starts.map(([name]) => name)).toEqual(["a"])
    })
  )

  it.effect("lanes that nobody uses any more are forgotten", () =>
    Effect.gen(function* () {
      const limiter = yield* scoped({ user: { "*": { requestsPerMinute: 5 } } })
      for (let index = 0; index < 50; index++) {
        yield* limiter.withPermit({}, () => Effect.void).pipe(Limiter.within({ user: `u${index}` }))
      }
      expect((yield* limiter.lanes).length).toBe(51)
      yield* TestClock.adjust("2 minutes")
      expect((yield* limiter.lanes).map(({ scope }) => scope)).toEqual(["global"])
    })
  )
})

describe("stopping", () => {
  it.effect("interrupted while waiting, before it was told, and while it works: everything is back", () =>
    Effect.gen(function* () {
      const limiter = yield* scoped({ global: { concurrency: 1, requestsPerMinute: 3 } })
      const { call, starts } = recorder(limiter)
      const first = yield* fork(call("first", {}, Effect.never))
      const second = yield* fork(call("second", {}, Effect.never))
      const third = yield* fork(call("third", {}, Effect.never))
      yield* Fiber.interrupt(second)
      expect(lane(yield* limiter.lanes, "global")).toMatchObject({ inFlight: 1, waiting: 1, requests: 1 })
      yield* Fiber.interrupt(first)
      yield* Effect.yieldNow
      expect(starts.map(([name]) => name)).toEqual(["first", "third"])
      yield* Fiber.interrupt(third)
      // Two were sent.
      expect(lane(yield* limiter.lanes, "global")).toMatchObject({ inFlight: 0, waiting: 0, requests: 2 })
    })
  )

  it.effect("a limiter that ends lets nobody wait for ever", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const limiter = yield* Scope.provide(scoped({ global: { concurrency: 1 } }), scope)
      yield* fork(limiter.withPermit({}, () => Effect.never))
      const waiting = yield* fork(limiter.withPermit({}, () => Effect.void))
      yield* Scope.close(scope, Exit.void)
      expect(Exit.hasInterrupts(yield* Fiber.await(waiting))).toBe(true)
    })
  )

  it.effect("a failure and a defect leave the lane", () =>
    Effect.gen(function* () {
      const limiter = yield* scoped({ global: { concurrency: 1 } })
      expect(yield* Effect.flip(limiter.withPermit({}, () => Effect.fail("no")))).toBe("no")
      expect(Exit.hasDies(yield* Effect.exit(limiter.withPermit({}, () => Effect.die("bug"))))).toBe(true)
      expect(
        Exit.hasDies(
          yield* Effect.exit(
            limiter.withPermit({}, (): Effect.Effect<void> => {
              throw new Error("bug")
            })
          )
        )
      ).toBe(true)
      expect(lane(yield* limiter.lanes, "global")!.inFlight).toBe(0)
    })
  )
})

describe("cooling down", () => {
  const throttled = (limiter: Limiter.Limiter["Service"], retryAfter?: number) =>
    limiter.withPermit({ provider: "acme" }, (permit) => permit.coolDown(retryAfter))

  it.effect("all who use the provider wait as long as it asked, then go one at a time until one succeeds", () =>
    Effect.gen(function* () {
      const limiter = yield* scoped({})
      const { call, starts } = recorder(limiter)
      yield* throttled(limiter, 30_000)
      yield* fork(call("fails", { provider: "acme" }, Effect.andThen(Effect.sleep("5 seconds"), Effect.die("no"))))
      yield* fork(call("works", { provider: "acme" }, Effect.sleep("5 seconds")))
      yield* fork(call("then all", { provider: "acme" }))
      yield* fork(call("and all", { provider: "acme" }))
      yield* fork(call("another", { provider: "other" }))
      yield* TestClock.adjust("1 minute")
      expect(starts).toEqual([
        ["another", 0],
        ["fails", 30_000],
        ["works", 35_000],
        ["then all", 40_000],
        ["and all", 40_000]
      ])
    })
  )

  it.effect("without a time: 1 second, then twice as long each time; answers to one burst count once", () =>
    Effect.gen(function* () {
      const limiter = yield* scoped({})
      const cooling = Effect.map(limiter.lanes, (lanes) => lane(lanes, "provider", "acme")!.coolingMillis)
      const burst = yield* Deferred.make<void>()
      const one = limiter.withPermit({ provider: "acme" }, (permit) =>
        Effect.andThen(Deferred.await(burst), permit.coolDown())
      )
      const fibers = yield* Effect.forEach([1, 2, 3, 4], () => fork(one))
      yield* Deferred.succeed(burst, undefined)
      yield* Effect.forEach(fibers, Fiber.join)
      expect(yield* cooling).toBe(1_000)
      for (const millis of [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 64_000]) {
        yield* TestClock.adjust(yield* cooling)
        yield* throttled(limiter)
        expect(yield* cooling).toBe(millis)
      }
      yield* TestClock.adjust(yield* cooling)
      yield* limiter.withPermit({ provider: "acme" }, () => Effect.void)
      yield* throttled(limiter)
      expect(yield* cooling).toBe(1_000)
    })
  )

  it.effect("nonsense is no time, and too long is cut to what was allowed", () =>
    Effect.gen(function* () {
      for (const nonsense of [NaN, -5, Infinity, 0]) {
        const limiter = yield* scoped({})
        yield* throttled(limiter, nonsense)
        expect(lane(yield* limiter.lanes, "provider", "acme")!.coolingMillis).toBe(1_000)
      }
      const limiter = yield* scoped({ maxCooldown: "2 minutes" })
      yield* throttled(limiter, 86_400_000)
      expect(lane(yield* limiter.lanes, "provider", "acme")!.coolingMillis).toBe(120_000)
    })
  )
})

describe("bad input", () => {
  it.effect("limits that nothing can be run with are refused, with their name", () =>
    Effect.gen(function* () {
      for (const value of [0, -1, NaN, Infinity, 1.5]) {
        const refused = (options: Limiter.Options) => Effect.flip(Effect.scoped(Limiter.make(options)))
        const error = yield* refused({ provider: { openai: { requestsPerMinute: value } } })
        expect(error._tag).toBe("InvalidLimitError")
        expect(error.message).toBe(
          `Limiter: provider "openai": requestsPerMinute was ${value}; allowed is a whole number from 1`
        )
        expect((yield* refused({ global: { concurrency: value } })).message).toContain("Limiter: global: concurrency")
        expect((yield* refused({ user: { "*": { tokensPerMinute: value } } })).message).toContain(
          'user "*": tokensPerMinute'
        )
      }
      for (const maxCooldown of [0, -1, Infinity, NaN]) {
        expect((yield* Effect.flip(Effect.scoped(Limiter.make({ maxCooldown })))).message).toContain("maxCooldown")
      }
    })
  )

  it.effect("a call that can never fit fails now, and says what to do", () =>
    Effect.gen(function* () {
      const limiter = yield* scoped({ user: { "*": { tokensPerMinute: 100 } } })
      const error = yield* Effect.flip(limiter.withPermit({ tokens: 101 }, () => Effect.void))
      expect(error).toBeInstanceOf(Limiter.TooLargeError)
      expect(error.message).toBe(
        'The user "anonymous" may have 100 tokens in a minute, and one call asked for 101: shorten it, lower its maxOutputTokens, count with a tokenizer, or raise tokensPerMinute'
      )
      for (const tokens of [NaN, -1, Infinity]) {
        expect(Exit.hasDies(yield* Effect.exit(limiter.withPermit({ tokens }, () => Effect.void)))).toBe(true)
      }
      expect(lane(yield* limiter.lanes, "global")).toMatchObject({ inFlight: 0, waiting: 0 })
    })
  )
})
