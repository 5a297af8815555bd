import { Budget, Run } from "@aria/orchestrator-core"
import type * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { LaneState, Options, Permit, Rates, Request, Scope, TooLargeError } from "../Limiter.ts"
import { Lane, type Passage } from "./lane.ts"
import { LaneQueue, type Waiter } from "./laneQueue.ts"
import { positiveMillis } from "./limiterOptions.ts"
import { windowMillis } from "./slidingLog.ts"

/** A request, and for whom it counts. */
export interface Placed extends Request {
  readonly agents: ReadonlyArray<string>
  readonly user: string
}

/** What the limiter is made of. */
export interface Parts {
  readonly options: Options
  readonly maxCooldown: number
  readonly clock: Clock.Clock
  readonly services: Context.Context<never>
  readonly tooLarge: (lane: Lane, requested: number) => TooLargeError
}

const notAnAmount = (received: number): Effect.Effect<never> =>
  Effect.die(
    new Budget.InvalidLimitError({
      setting: "Limiter.withPermit: tokens",
      received: String(received),
      allowed: "a finite number that is not negative"
    })
  )

/** The lanes of one limiter, who waits for them, and the one timer that wakes them. */
export class LimiterState {
  private readonly parts: Parts
  private readonly global: Lane
  /** Those that were used last are last. */
  private readonly named = new Map<string, Lane>()
  private readonly queue: LaneQueue
  private timer: { readonly at: number; readonly fiber: Fiber.Fiber<void> } | undefined
  private readonly closing = new Set<() => void>()

  constructor(parts: Parts) {
    this.parts = parts
    this.global = new Lane("global", "", parts.options.global ?? {})
    this.queue = new LaneQueue(this.now, (at) => this.arm(at))
  }

  /** Of a clock that nobody sets: a wall clock put back would stop the window. */
  private readonly now = (): number => Number(this.parts.clock.monotonicTimeNanosUnsafe()) / 1e6

  get lanes(): ReadonlyArray<LaneState> {
    const now = this.now()
    return [this.global, ...this.named.values()].flatMap((lane) => {
      const isIdle = lane !== this.global && lane.isIdle(now)
      lane.log.purge(now)
      return isIdle
        ? []
        : [
            {
              scope: lane.scope,
              name: lane.name,
              inFlight: lane.inFlight,
              waiting: lane.waiting,
              requests: lane.log.requests,
              tokens: lane.log.tokens,
              coolingMillis: Math.max(0, lane.coolUntil - now)
            }
          ]
    })
  }

  /** How many lanes are remembered. */
  get size(): number {
    return this.named.size
  }

  /** Who waits is interrupted. Who comes later, as a model does that was made with a limiter and kept longer, waits as ever. */
  close(): void {
    this.arm(Infinity)
    for (const leave of Array.from(this.closing)) leave()
  }

  private lane(scope: Exclude<Scope, "global">, name: string): Lane {
    const key = `${scope} ${name}`
    let lane = this.named.get(key)
    if (lane === undefined) {
      this.forgetIdle()
      const rates: Readonly<Record<string, Rates>> = this.parts.options[scope] ?? {}
      lane = new Lane(scope, name, (Object.hasOwn(rates, name) ? rates[name] : rates["*"]) ?? {})
    } else {
      this.named.delete(key)
    }
    // Another lane of the same call may be made next, and must not find this one idle.
    lane.lastUsed = this.now()
    this.named.set(key, lane)
    return lane
  }

  /** The names of users and hosts have no end: those that were not used for a while go, two for each that comes. */
  private forgetIdle(): void {
    const now = this.now()
    let looked = 0
    for (const [key, lane] of this.named) {
      if (++looked > 2) return
      if (now - lane.lastUsed <= windowMillis) return
      this.named.delete(key)
      // Who still works or waits there must not keep those behind it from being forgotten.
      if (!lane.isIdle(now)) this.named.set(key, lane)
    }
  }

  /** At `Infinity` nobody waits any more, and neither does the timer. */
  private arm(at: number): void {
    if (at !== Infinity && this.timer !== undefined && this.timer.at <= at) return
    this.timer?.fiber.interruptUnsafe()
    this.timer = undefined
    if (at === Infinity) return
    const millis = Math.max(0, Math.ceil(at - this.now()))
    const wake = Effect.flatMap(this.parts.clock.sleep(Duration.millis(millis)), () =>
      Effect.sync(() => {
        this.timer = undefined
        this.queue.run()
      })
    )
    this.timer = { at, fiber: Effect.runForkWith(this.parts.services)(wake) }
  }

  admitted<A, E, R>(
    placed: Placed,
    use: (permit: Permit) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E | TooLargeError, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend((): Effect.Effect<A, E | TooLargeError, R> => {
        const { tokens: wanted = 0 } = placed
        if (!(Number.isFinite(wanted) && wanted >= 0)) return notAnAmount(wanted)
        const tokens = Math.ceil(wanted)
        const lanes = [this.global, this.lane("user", placed.user)]
        let key = placed.user
        const add = (scope: Exclude<Scope, "global">, name: string | undefined) => {
          key += `\u0000${name ?? ""}`
          if (name !== undefined) lanes.push(this.lane(scope, name))
        }
        add("provider", placed.provider)
        add("host", placed.host)
        for (const agent of placed.agents) add("agent", agent)
        for (const lane of lanes) if (tokens > lane.limit.tokens) return Effect.fail(this.parts.tooLarge(lane, tokens))
        let passage: Passage | undefined
        let tell: (() => void) | undefined
        const waiter = this.queue.push(key, lanes, tokens, (granted) => {
          passage = granted
          tell?.()
        })
        if (passage !== undefined) return this.pass(lanes, passage, restore, use)
        const answer = Effect.callback<void>((resume) => {
          if (passage !== undefined) return resume(Effect.void)
          const leave = () => resume(Effect.interrupt)
          this.closing.add(leave)
          tell = () => {
            this.closing.delete(leave)
            resume(Effect.void)
          }
          return Effect.sync(() => this.closing.delete(leave))
        })
        const waited = Effect.onExit(restore(Run.waiting(this.reason(waiter))(answer)), (exit) =>
          Effect.sync(() => {
            // Interrupted, be it after it was admitted and before it was heard: nothing was sent.
            if (Exit.isSuccess(exit)) return
            if (passage === undefined) this.queue.leave(waiter)
            else this.unsent(lanes, passage)
          })
        )
        return Effect.flatMap(waited, () => this.pass(lanes, passage!, restore, use))
      })
    )
  }

  private reason({ lanes, tokens }: Waiter): string {
    const now = this.now()
    const lane = lanes.find((lane) => lane.roomAt(now, tokens, { requests: 0, tokens: 0 }) > now) ?? this.global
    const who = lane.scope === "global" ? "all calls" : `${lane.scope} ${lane.name}`
    return lane.coolUntil > now ? `rate: ${who} asked to slow down` : `rate: ${who}`
  }

  private unsent(lanes: ReadonlyArray<Lane>, passage: Passage): void {
    const now = this.now()
    this.forget(lanes, passage, now)
    for (const lane of lanes) lane.end(passage, now)
    this.queue.run()
  }

  private forget(lanes: ReadonlyArray<Lane>, { entry }: Passage, now: number): void {
    for (const lane of lanes) lane.forget(entry, now)
    entry.requests = 0
    entry.tokens = 0
  }

  private pass<A, E, R>(
    lanes: ReadonlyArray<Lane>,
    passage: Passage,
    restore: <A2, E2, R2>(effect: Effect.Effect<A2, E2, R2>) => Effect.Effect<A2, E2, R2>,
    use: (permit: Permit) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> {
    let isSettled = false
    let isThrottled = false
    // Between its admission and this moment it may have waited for a permit of its run.
    passage.entry.startedAt = this.now()
    for (const lane of lanes) lane.start(passage)
    // It ages from now on: whoever waits for that can be told when.
    this.queue.run()
    const once = (end: (now: number) => void) =>
      Effect.sync(() => {
        if (isSettled) return
        isSettled = true
        end(this.now())
        this.queue.run()
      })
    const permit: Permit = {
      settle: (tokens) => once((now) => this.recount(lanes, passage, now, Math.max(0, Math.ceil(tokens)))),
      release: once((now) => this.forget(lanes, passage, now)),
      coolDown: (retryAfter) =>
        Effect.sync(() => {
          isThrottled = true
          const now = this.now()
          const millis = positiveMillis(retryAfter)
          for (const lane of lanes) if (lane.isExternal) lane.coolDown(passage, now, millis, this.parts.maxCooldown)
          this.queue.run()
        })
    }
    return Effect.onExit(restore(Effect.suspend(() => use(permit))), (exit) =>
      Effect.sync(() => {
        isSettled = true
        const now = this.now()
        for (const lane of lanes) {
          if (Exit.isSuccess(exit) && !isThrottled) lane.succeed(passage)
          lane.end(passage, now)
        }
        this.queue.run()
      })
    )
  }

  private recount(lanes: ReadonlyArray<Lane>, passage: Passage, now: number, tokens: number): void {
    if (!Number.isFinite(tokens)) return
    for (const lane of lanes) lane.recount(passage, now, tokens)
    passage.entry.tokens = Math.min(tokens, passage.reserved)
    if (tokens <= passage.reserved) return
    const extra = { startedAt: now, requests: 0, tokens: tokens - passage.reserved }
    for (const lane of lanes) lane.countExtra(extra)
  }
}
