import * as Budget from "@aria/orchestrator-core/Budget"
import * as Usage from "@aria/orchestrator-core/Usage"
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"

/** What was admitted and what was ended, in order. */
export const log: Array<string> = []

/** Runs with a clock that goes on as long as somebody sleeps. */
export const timed = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    log.length = 0
    const fiber = yield* Effect.forkChild(effect)
    for (let step = 0; step < 60; step++) yield* TestClock.adjust(10)
    expect(fiber.pollUnsafe(), "still not at its end after 600 ms").toBeDefined()
    return yield* Fiber.join(fiber)
  })

/** Waits for `millis` with a reservation open, and says when it was admitted. */
export const hold = (name: string, request: Budget.Request, millis: number) =>
  Budget.reserve(request, () => {
    log.push(name)
    return Effect.sleep(millis)
  })
/** A call that reports its usage and is over. */
export const settled = (request: Budget.Request, usage: Usage.Input) => Budget.reserve(request, (reservation) => reservation.settle(usage))

/** The ledgers around here, innermost first. */
export const ledgers = Effect.map(Budget.capture, (all) =>
  all.map(({ held, name, overrun, usage }) => ({ name, tokens: usage.tokens, calls: usage.calls, usd: usage.usd, held, overrun }))
)
export const nothing = { tokens: 0, calls: 0, usd: 0 }
