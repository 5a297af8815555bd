import { Limiter } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { random } from "./random.ts"

const minute = 60_000

/** What one call did, as seen from outside. */
interface Call {
  readonly id: number
  readonly lanes: ReadonlyArray<string>
  readonly reserved: number
  arrived: number
  startedAt: number | undefined
  startOrder: number
  /** What counts of it now: reserved, then reported. */
  counts: number
  extra: { readonly at: number; readonly tokens: number } | undefined
  wasSent: boolean
  isInterrupted: boolean
  ended: boolean
}

const limitOf = (options: Limiter.Options, lane: string): Limiter.Rates => {
  const [scope, name] = lane.split(" ") as ["global" | "provider" | "user" | "agent", string]
  if (scope === "global") return options.global ?? {}
  return options[scope]?.[name] ?? options[scope]?.["*"] ?? {}
}

const check = Effect.fn(function* (seed: number) {
  const { int, maybe, next, pick } = random(seed)
  const rates = (): Limiter.Rates => ({
    ...(maybe(0.5) && { concurrency: int(1, pick([3, 8])) }),
    ...(maybe(0.6) && { requestsPerMinute: int(1, pick([5, 40])) }),
    ...(maybe(0.6) && { tokensPerMinute: int(100, pick([300, 2_000])) })
  })
  const options: Limiter.Options = {
    ...(maybe() && { global: rates() }),
    ...(maybe(0.7) && { provider: { a: rates(), "*": rates() } }),
    ...(maybe() && { user: { "*": rates() } }),
    ...(maybe() && { agent: { Scout: rates() } })
  }
  yield* TestClock.adjust(maybe() ? 0 : int(0, 1_000_000_000))
  const limiter = yield* Limiter.make(options)
  const calls: Array<Call> = []
  let arrivals = 0
  let starts = 0
  // Kept and not thrown: what is thrown inside a call ends that call alone.
  const problems: Array<string> = []
  const fail = (what: string): void => {
    problems.push(`seed ${seed}: ${what}`)
  }

  const inWindow = (lane: string, now: number, of: (call: Call) => number) =>
    calls.reduce(
      (sum, call) =>
        call.wasSent && call.startedAt !== undefined && call.lanes.includes(lane) && now - call.startedAt <= minute
          ? sum + of(call)
          : sum,
      0
    )
  // What is reported in the very instant of a start may be reported after its admission.
  const extras = (lane: string, now: number) =>
    calls.reduce(
      (sum, { extra, lanes }) =>
        extra !== undefined && extra.at < now && lanes.includes(lane) && now - extra.at <= minute
          ? sum + extra.tokens
          : sum,
      0
    )

  const one = (id: number) => {
    const provider = pick(["a", "b", "c"])
    const user = maybe(0.8) ? pick(["u", "v", "w"]) : `user-${id}`
    const agents = maybe(0.3) ? ["Scout"] : []
    const reserved = maybe(0.1) ? 0 : int(1, 100)
    const lanes = ["global", `user ${user}`, `provider ${provider}`, ...agents.map((name) => `agent ${name}`)]
    const call: Call = {
      id,
      lanes,
      reserved,
      arrived: 0,
      startedAt: undefined,
      startOrder: Infinity,
      counts: reserved,
      extra: undefined,
      wasSent: true,
      isInterrupted: false,
      ended: false
    }
    calls.push(call)
    const plan = {
      delay: maybe() ? 0 : maybe() ? minute * int(1, 3) : int(0, 90_000),
      lasts: maybe(0.3) ? 0 : int(0, maybe(0.1) ? 200_000 : 20_000),
      fate: next(),
      reports: int(0, 200)
    }
    const body = limiter.withPermit({ provider, tokens: reserved }, (permit) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        call.startedAt = now
        call.startOrder = ++starts
        for (const lane of lanes) {
          const {
            concurrency = Infinity,
            requestsPerMinute = Infinity,
            tokensPerMinute = Infinity
          } = limitOf(options, lane)
          const flying = calls.filter(
            (one) => one.startedAt !== undefined && !one.ended && one.lanes.includes(lane)
          ).length
          if (flying > concurrency) fail(`${flying} calls of ${lane} at once`)
          const requests = inWindow(lane, now, () => 1)
          if (requests > requestsPerMinute)
            fail(`${requests} requests of ${lane} in a minute, ${requestsPerMinute} are allowed`)
          const tokens = inWindow(lane, now, ({ counts }) => counts) + extras(lane, now)
          if (tokens > tokensPerMinute) fail(`${tokens} tokens of ${lane} in a minute, ${tokensPerMinute} are allowed`)
        }
        yield* Effect.sleep(plan.lasts)
        const at = yield* Clock.currentTimeMillis
        if (plan.fate < 0.1) {
          call.wasSent = false
          yield* permit.release
        } else if (plan.fate < 0.2) {
          yield* permit.coolDown(maybe() ? int(1, 30_000) : undefined)
          return yield* Effect.fail("too much")
        } else if (plan.fate < 0.3) {
          return yield* Effect.fail("other")
        } else if (plan.fate < 0.8) {
          call.counts = Math.min(plan.reports, reserved)
          if (plan.reports > reserved) call.extra = { at, tokens: plan.reports - reserved }
          yield* permit.settle(plan.reports)
        }
      }).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            call.ended = true
          })
        )
      )
    )
    return Effect.gen(function* () {
      yield* Effect.sleep(plan.delay)
      call.arrived = ++arrivals
      yield* Effect.ignore(Limiter.within({ user, agent: agents[0] })(body))
    })
  }

  const fibers: Array<Fiber.Fiber<void>> = []
  const count = maybe(0.06) ? 200 : int(1, 30)
  for (let id = 0; id < count; id++) fibers.push(yield* Effect.forkChild(one(id)))
  const all = yield* Effect.forkChild(Effect.forEach(fibers, Fiber.await, { discard: true }))
  for (let step = 0; all.pollUnsafe() === undefined; step++) {
    if (step > 5_000) {
      fail(`${calls.filter(({ ended }) => !ended).length} calls never went through`)
      break
    }
    if (step < 200 && maybe(0.2)) {
      const index = int(0, count - 1)
      const call = calls[index]!
      if (!call.ended) {
        call.isInterrupted = true
        yield* Fiber.interrupt(fibers[index]!)
      }
    }
    yield* TestClock.adjust(int(1, 45_000))
  }

  for (const earlier of calls) {
    for (const later of calls) {
      if (earlier.isInterrupted || later.arrived < earlier.arrived || later.startOrder > earlier.startOrder) continue
      if (later === earlier || later.startedAt === undefined) continue
      if (earlier.lanes.every((lane) => later.lanes.includes(lane)))
        fail(`call ${later.id} overtook call ${earlier.id} in the same lanes`)
    }
  }
  for (const lane of yield* limiter.lanes) {
    if (lane.inFlight !== 0 || lane.waiting !== 0)
      fail(`${lane.scope} ${lane.name} keeps ${lane.inFlight} in flight and ${lane.waiting} waiting`)
  }
  yield* TestClock.adjust(24 * 60 * minute)
  for (const { requests, scope, tokens } of yield* limiter.lanes) {
    if (requests !== 0 || tokens !== 0)
      fail(`a day later ${scope} still counts ${requests} requests and ${tokens} tokens`)
  }
  expect(problems.slice(0, 3)).toEqual([])
})

const seeds = Number(process.env["ARIA_SEEDS"] ?? 600)
const first = Number(process.env["ARIA_SEED"] ?? 0)

describe(`${seeds} random programs`, () => {
  for (let block = 0; block < 10; block++) {
    it.effect(
      `in no minute more than the limit, never more at once, in order, and everything is back (${block})`,
      () =>
        Effect.gen(function* () {
          for (let seed = first + block; seed < first + seeds; seed += 10) {
            yield* Effect.scoped(Effect.provide(check(seed), TestClock.layer()))
          }
          expect(seeds).toBeGreaterThan(0)
        }),
      120_000
    )
  }
})
