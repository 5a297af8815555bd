import { describe, expect, it } from "@effect/vitest"
import { Limiter } from "@aria/models"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { Lane } from "../src/internal/lane.ts"
import { LaneQueue } from "../src/internal/laneQueue.ts"
import { LimiterState } from "../src/internal/limiterState.ts"

const made = (options: Limiter.Options, clock?: Clock.Clock) =>
  Effect.gen(function* () {
    const state = new LimiterState({
      options,
      maxCooldown: 3_600_000,
      clock: clock ?? (yield* Clock.Clock),
      services: yield* Effect.context<never>(),
      tooLarge: (_, requested) => new Limiter.TooLargeError({ scope: "global", lane: "", limit: 1, requested })
    })
    yield* Effect.addFinalizer(() => Effect.sync(() => state.close()))
    return state
  })

const to = (host: string) => ({ host, user: "ada", agents: [] })

describe("lanes are forgotten, so that names without end take no memory without end", () => {
  /** As many hosts as one likes, one each ten seconds: of their lanes only those of the last minutes are kept. */
  const visitHosts = (state: LimiterState, count: number) =>
    Effect.forEach(Array.from({ length: count }), (_, index) =>
      Effect.andThen(
        state.admitted(to(`host ${index}`), () => Effect.void),
        TestClock.adjust("10 seconds")
      )
    )

  it.effect("those that nobody uses any more", () =>
    Effect.gen(function* () {
      const state = yield* made({ host: { "*": { requestsPerMinute: 5 } } })
      yield* visitHosts(state, 500)
      expect(state.size).toBeLessThan(20)
    })
  )

  it.effect("also where some others are used for long", () =>
    Effect.gen(function* () {
      const state = yield* made({ host: { "*": { requestsPerMinute: 5 } } })
      for (const host of ["x", "y", "z"]) {
        yield* Effect.forkScoped(state.admitted(to(host), () => Effect.never), { startImmediately: true })
      }
      yield* visitHosts(state, 500)
      expect(state.size).toBeLessThan(20)
    })
  )

  it.effect("and those of hosts that asked for time and were left for good; until then one call goes at a time", () =>
    Effect.gen(function* () {
      const state = yield* made({})
      const starts: Array<string> = []
      const call = (host: string) =>
        state.admitted(to(host), () => Effect.andThen(Effect.sync(() => starts.push(host)), Effect.never))
      for (let index = 0; index < 30; index++) {
        yield* state.admitted(to(index === 0 ? "x" : `left ${index}`), (permit) => permit.coolDown("5 seconds"))
      }
      yield* visitHosts(state, 100)
      for (const host of ["x", "x"]) yield* Effect.forkScoped(call(host), { startImmediately: true })
      expect(starts).toEqual(["x"])
      yield* visitHosts(state, 500)
      expect(state.lanes.filter(({ scope }) => scope === "host").map(({ name }) => name)).toContain("x")
      expect(state.size).toBeLessThan(20)
    })
  )
})

describe("the timer that wakes those who wait", () => {
  /** A clock that knows how many sleep by it. */
  const watched = Effect.map(Clock.Clock, (clock) => {
    let sleeping = 0
    const sleep: Clock.Clock["sleep"] = (duration) =>
      Effect.suspend(() => {
        sleeping++
        return Effect.ensuring(
          clock.sleep(duration),
          Effect.sync(() => {
            sleeping--
          })
        )
      })
    const own: Clock.Clock = new Proxy(clock, {
      get: (target, name) => {
        const value: unknown = name === "sleep" ? sleep : Reflect.get(target, name)
        return typeof value === "function" ? value.bind(target) : value
      }
    })
    return { clock: own, sleeping: () => sleeping }
  })
  const rates = { host: { "*": { requestsPerMinute: 1 } } }

  it.effect("sleeps only while somebody waits", () =>
    Effect.gen(function* () {
      const { clock, sleeping } = yield* watched
      const state = yield* made(rates, clock)
      const call = state.admitted(to("a"), () => Effect.void)
      yield* call
      expect(sleeping()).toBe(0)
      const waiting = yield* Effect.forEach([1, 2], () => Effect.forkChild(call, { startImmediately: true }))
      yield* Effect.yieldNow
      expect(sleeping()).toBe(1)
      yield* Fiber.interrupt(waiting[0]!)
      expect(sleeping()).toBe(1)
      yield* Fiber.interrupt(waiting[1]!)
      yield* Effect.yieldNow
      expect(sleeping()).toBe(0)
      const ended = yield* Effect.forEach([1, 2], () => Effect.forkChild(call, { startImmediately: true }))
      yield* Effect.yieldNow
      expect(sleeping()).toBe(1)
      state.close()
      yield* Fiber.awaitAll(ended)
      yield* Effect.yieldNow
      expect(sleeping()).toBe(0)
    })
  )

  it.effect("wakes as well who came after the end of its limiter: nobody waits for ever", () =>
    Effect.gen(function* () {
      const state = yield* made(rates)
      const call = state.admitted(to("a"), () => Effect.void)
      yield* call
      const early = yield* Effect.forkChild(call, { startImmediately: true })
      state.close()
      yield* Fiber.await(early)
      const late = yield* Effect.forkChild(call, { startImmediately: true })
      yield* TestClock.adjust("61 seconds")
      expect(late.pollUnsafe()?._tag).toBe("Success")
    })
  )
})

describe("who waits is not looked at", () => {
  /** Counts how often somebody in the line is looked at. */
  const looks = (users: number): number => {
    let count = 0
    class Looked extends Array<Lane> {
      override some(is: (lane: Lane, index: number, all: Array<Lane>) => boolean): boolean {
        count++
        return super.some(is)
      }
    }
    const everybody = new Lane("global", "", {})
    const providers = ["a", "b"].map((name) => new Lane("provider", name, { concurrency: 1 }))
    const queue = new LaneQueue(
      () => 0,
      () => {}
    )
    const ends: Array<() => void> = []
    for (let user = 0; user < users; user++) {
      const lanes = Looked.from([everybody, new Lane("user", `u${user}`, {}), providers[user % 2]!])
      queue.push(`u${user}`, lanes, 0, (passage) => {
        for (const lane of lanes) lane.start(passage)
        ends.push(() => {
          for (const lane of lanes) lane.end(passage, 0)
          queue.run()
        })
      })
    }
    let served = 0
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
      served++
      end()
    }
    expect(served).toBe(users)
    return count / users
  }

  it.effect("but whoever does not wait for what is full goes at once, also past a call of two agents that do", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ agent: { "*": { concurrency: 1 } } })
      const starts: Array<string> = []
      const call = (...agents: ReadonlyArray<string>) =>
        agents
          .reduce(
            (self, agent) => Limiter.within({ agent })(self),
            limiter.withPermit({}, () =>
              Effect.andThen(
                Effect.sync(() => starts.push(agents.join("+"))),
                Effect.never
              )
            )
          )
          .pipe(Effect.forkScoped({ startImmediately: true }))
      for (const agents of [["a"], ["b"], ["a", "b"], ["c"]]) yield* call(...agents)
      expect(starts).toEqual(["a", "b", "c"])
    })
  )

  it("once all wait for providers that are busy, however many they are", () => {
    expect(looks(4_000)).toBeLessThan(10)
  })
})
