import * as Budget from "@aria/orchestrator-core/Budget"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { hold, ledgers, log, nothing, settled, timed } from "./reserving.ts"

describe("Reservations", () => {
  it.effect("settle at what was reported; unknown usage settles at the reservation; release gives all back", () =>
    Effect.gen(function* () {
      const inside = Effect.gen(function* () {
        yield* settled({ inputTokens: 10, outputTokens: 10, calls: 1, usd: 0.5 }, { inputTokens: 3, outputTokens: 4, calls: 1, usd: 0.1 })
        expect(yield* ledgers).toMatchObject([{ tokens: 7, calls: 1, usd: 0.1, held: nothing }])
        yield* Budget.reserve({ inputTokens: 5, outputTokens: 6, calls: 1 }, () => Effect.void)
        expect(yield* ledgers).toMatchObject([{ tokens: 18, calls: 2, held: nothing }])
        yield* Budget.reserve({ tokens: 50, calls: 1 }, (reservation) =>
          Effect.gen(function* () {
            expect(yield* ledgers).toMatchObject([{ tokens: 18, held: { tokens: 50, calls: 1 } }])
            yield* reservation.release
            expect(yield* ledgers).toMatchObject([{ tokens: 18, held: nothing }])
            // Once is once.
            yield* reservation.settle({ inputTokens: 1_000 })
            yield* reservation.release
          })
        )
        expect(yield* ledgers).toMatchObject([{ tokens: 18, calls: 2, held: nothing, overrun: nothing }])
        // A failure or a defect after the request was sent may have been charged.
        yield* Effect.exit(Budget.reserve({ calls: 1 }, () => Effect.fail("lost")))
        yield* Effect.exit(Budget.reserve({ calls: 1 }, () => Effect.die("bug")))
        yield* Effect.exit(
          Budget.reserve({ calls: 1 }, (): Effect.Effect<void> => {
            throw new Error("bug")
          })
        )
        expect(yield* ledgers).toMatchObject([{ tokens: 18, calls: 5, held: nothing }])
      })
      yield* inside.pipe(Budget.limit({ tokens: 1_000, calls: 100 }))
    })
  )

  it.effect("what is reported beyond a reservation is overrun, and refuses what follows", () =>
    Effect.gen(function* () {
      let followed = false
      const error = yield* Effect.flip(
        Effect.gen(function* () {
          yield* settled({ tokens: 80 }, { inputTokens: 60, outputTokens: 60 })
          expect(yield* ledgers).toMatchObject([{ tokens: 120, held: nothing, overrun: { tokens: 40, calls: 0, usd: 0 } }])
          expect((yield* Budget.remaining).tokens).toBe(0)
          // Not even a call of no tokens: nothing is admitted while a limit is used up.
          yield* settled({ calls: 1 }, {})
          followed = true
        }).pipe(Budget.limit({ tokens: 100 }))
      )
      expect(followed).toBe(false)
      expect(error.message).toBe("The budget of the region is 100 tokens: 120 used and 0 held, 0 more were asked for; raise the limit, or spend less before")
    })
  )

  it.effect("a charge may overrun once; where the limit was used up before, it is recorded and the region ends", () =>
    Effect.gen(function* () {
      let state: ReadonlyArray<Budget.LedgerState> = []
      const steps: Array<string> = []
      const error = yield* Effect.flip(
        Effect.gen(function* () {
          yield* Budget.charge({ inputTokens: 150, calls: 1 })
          steps.push("over")
          expect(yield* ledgers).toMatchObject([{ tokens: 150, overrun: { tokens: 50 } }])
          yield* Budget.charge({ inputTokens: 1 })
          steps.push("never")
        }).pipe(
          Effect.onExit(() => Effect.map(Budget.capture, (all) => (state = all))),
          Budget.limit({ tokens: 100 })
        )
      )
      expect(steps).toEqual(["over"])
      expect(error._tag).toBe("BudgetExceededError")
      expect(state[0]?.usage.tokens).toBe(151)
      expect(state[0]?.overrun.tokens).toBe(51)
    })
  )

  it.effect("tryReserve never waits and never ends the region: the caller adapts", () =>
    Effect.gen(function* () {
      const adapt = (tokens: number): Effect.Effect<number> =>
        Effect.catchTag(
          Budget.tryReserve({ tokens }, (reservation) => Effect.as(reservation.settle({ outputTokens: tokens }), tokens)),
          "BudgetExceededError",
          ({ limit, used }) => adapt(limit - used)
        )
      const inside = Effect.gen(function* () {
        expect(yield* adapt(60)).toBe(60)
        expect(yield* adapt(60)).toBe(40)
        // What is held by others is no room either, though it may come free: it does not wait for it.
        return yield* Effect.flip(Budget.tryReserve({ calls: 1 }, () => Effect.void))
      })
      const error = yield* inside.pipe(Budget.limit({ tokens: 100 }))
      expect(error.message).toBe("The budget of the region is 100 tokens: 100 used and 0 held, 0 more were asked for; raise the limit, or spend less before")
      const held = yield* Effect.gen(function* () {
        yield* Effect.forkChild(hold("holder", { calls: 1 }, 100), { startImmediately: true })
        return yield* Effect.flip(Budget.tryReserve({ calls: 1 }, () => Effect.void))
      }).pipe(Budget.limit({ calls: 1 }))
      expect(held.message).toBe("The budget of the region is 1 calls: 0 used and 1 held, 1 more were asked for; raise the limit, or spend less before")
    })
  )

  it.effect("what would fit once others settle waits, in strict order, also who would fit now", () =>
    Effect.gen(function* () {
      const all = Effect.all(
        [
          Budget.reserve({ tokens: 60 }, (reservation) => {
            log.push("first")
            return Effect.andThen(Effect.sleep(50), reservation.settle({ outputTokens: 10 }))
          }),
          hold("big", { tokens: 50 }, 10),
          hold("small", { tokens: 10 }, 10)
        ],
        { concurrency: "unbounded" }
      )
      const inside = Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(all)
        yield* Effect.sleep(20)
        expect(log).toEqual(["first"])
        yield* Fiber.join(fiber)
        expect(log).toEqual(["first", "big", "small"])
      })
      yield* timed(inside.pipe(Budget.limit({ tokens: 100 })))
    })
  )

  it.effect("overtakes only those who are blocked by a ledger that it does not use", () =>
    Effect.gen(function* () {
      const region = (limits: Budget.Limits, effects: ReadonlyArray<Effect.Effect<void>>) =>
        Effect.all(effects, { concurrency: "unbounded", discard: true }).pipe(Budget.limit(limits), Effect.orDie)
      const inside = Effect.all(
        [
          region({ calls: 2 }, [
            Budget.reserve({ calls: 2 }, (reservation) => {
              log.push("narrow 1")
              return Effect.andThen(Effect.sleep(50), reservation.settle({ calls: 1 }))
            }),
            // Blocked by the narrow region for 50 ms, though the wide one has room.
            hold("narrow 2", { calls: 1 }, 10)
          ]),
          Effect.delay(hold("wide", { calls: 1 }, 10), 10)
        ],
        { concurrency: "unbounded" }
      )
      yield* timed(inside.pipe(Budget.limit({ calls: 10 })))
      expect(log).toEqual(["narrow 1", "wide", "narrow 2"])
    })
  )

  it.effect("who waits is refused as soon as it can never fit any more", () =>
    Effect.gen(function* () {
      const inside = Effect.all([hold("holder", { tokens: 60 }, 20), hold("waiter", { tokens: 60 }, 10)], { concurrency: "unbounded" })
      const error = yield* timed(Effect.flip(inside.pipe(Budget.limit({ tokens: 100 }))))
      expect(error.message).toBe("The budget of the region is 100 tokens: 60 used and 0 held, 60 more were asked for; raise the limit, or spend less before")
      expect(log).toEqual(["holder"])
    })
  )

  it.effect("an interruption while it waits takes it out of the queue; while it is open it settles at the reservation", () =>
    Effect.gen(function* () {
      const inside = Effect.gen(function* () {
        const holder = yield* Effect.forkChild(hold("holder", { tokens: 60, calls: 1 }, 1_000), { startImmediately: true })
        const waiter = yield* Effect.forkChild(hold("waiter", { tokens: 50, calls: 1 }, 10), { startImmediately: true })
        const behind = yield* Effect.forkChild(hold("behind", { tokens: 30, calls: 1 }, 10), { startImmediately: true })
        expect(log).toEqual(["holder"])
        yield* Fiber.interrupt(waiter)
        expect(log).toEqual(["holder", "behind"])
        yield* Fiber.join(behind)
        expect(yield* ledgers).toMatchObject([{ tokens: 30, calls: 1, held: { tokens: 60, calls: 1 } }])
        yield* Fiber.interrupt(holder)
        expect(yield* ledgers).toMatchObject([{ tokens: 90, calls: 2, held: nothing }])
      })
      yield* timed(inside.pipe(Budget.limit({ tokens: 100 })))
    })
  )

  it.effect("beneath an open reservation nothing waits: it is admitted or refused", () =>
    Effect.gen(function* () {
      const beneath = (tokens: number) =>
        Budget.reserve({ tokens: 60 }, () => Effect.as(hold(`beneath ${tokens}`, { tokens }, 10), "done")).pipe(Budget.limit({ tokens: 100 }))
      expect(yield* timed(beneath(40))).toBe("done")
      expect(log).toEqual(["beneath 40"])
      const refused = yield* timed(Effect.flip(beneath(41)))
      expect(refused.message).toBe("The budget of the region is 100 tokens: 0 used and 60 held, 41 more were asked for; raise the limit, or spend less before")
      expect(log).toEqual([])
    })
  )

  it.effect("a fiber that outlives its region is never admitted again", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      let admitted = false
      const late = Effect.andThen(
        Deferred.await(gate),
        Budget.reserve({ calls: 1 }, () => Effect.sync(() => (admitted = true)))
      )
      const tried = Effect.andThen(
        Deferred.await(gate),
        Budget.tryReserve({ calls: 1 }, () => Effect.sync(() => (admitted = true)))
      )
      yield* Effect.all([Effect.forkDetach(late), Effect.forkDetach(tried)]).pipe(Budget.limit({ calls: 10 }))
      yield* Deferred.succeed(gate, undefined)
      yield* TestClock.adjust("1 second")
      expect(admitted).toBe(false)
    })
  )

  it.effect("outside any region it costs nothing and admits everything", () =>
    Effect.gen(function* () {
      expect(yield* Budget.reserve({ tokens: 1e12 }, (reservation) => Effect.as(reservation.settle({}), "free"))).toBe("free")
      expect(yield* Budget.tryReserve({ calls: 1e12 }, () => Effect.succeed("free"))).toBe("free")
      yield* Budget.charge({ inputTokens: 1e12 })
      expect(yield* Budget.capture).toEqual([])
    })
  )

  it.effect("counts a request's tokens once: the larger of the whole and its parts", () =>
    Effect.gen(function* () {
      const seen = (request: Budget.Request) =>
        Effect.map(
          Budget.reserve(request, () => Budget.capture).pipe(Budget.limit({ tokens: 1_000 })),
          (all) => all[0]?.held.tokens
        )
      expect(yield* seen({ tokens: 100 })).toBe(100)
      expect(yield* seen({ inputTokens: 30, outputTokens: 40 })).toBe(70)
      expect(yield* seen({ tokens: 100, inputTokens: 30, outputTokens: 40 })).toBe(100)
      expect(yield* seen({ tokens: 10, inputTokens: 30, outputTokens: 40 })).toBe(70)
      expect(yield* seen({ inputTokens: 0.2, outputTokens: 0.2 })).toBe(2)
    })
  )
})
