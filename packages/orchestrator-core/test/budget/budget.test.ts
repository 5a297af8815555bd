import * as Agent from "@aria/orchestrator-core/Agent"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Run from "@aria/orchestrator-core/Run"
import * as Task from "@aria/orchestrator-core/Task"
import * as Usage from "@aria/orchestrator-core/Usage"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"

/** Calls a provider `calls` times, one after another, `millis` each; its log has what was admitted and what was ended. */
const log: Array<string> = []
const Payload = Schema.Struct({
  name: Schema.String,
  calls: Schema.Natural,
  millis: Schema.optionalKey(Schema.Natural),
  tokens: Schema.optionalKey(Schema.Natural)
})
class Caller extends Agent.make("Caller", { description: "Makes calls", payload: Payload, success: Schema.String }) {
  static readonly layer = this.toLayer(({ calls, millis = 10, name, tokens = 0 }) =>
    Effect.gen(function* () {
      for (let n = 1; n <= calls; n++) {
        yield* Budget.reserve({ calls: 1, tokens }, () => {
          log.push(`${name}${n}`)
          return Effect.sleep(millis)
        })
      }
      return name
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => log.push(`${name} ended`))))
  )
}
const layers = (options: Orchestrator.Options = {}) => Layer.merge(Caller.layer, Orchestrator.layerWith(options))
const task = (name: string, calls: number, options: { readonly millis?: number; readonly tokens?: number } = {}) =>
  Task.make(name, Caller, { payload: { name, calls, ...options } })

/** Runs with a clock that goes on as long as somebody sleeps. */
const timed = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    log.length = 0
    const fiber = yield* Effect.forkChild(effect)
    for (let step = 0; step < 60; step++) yield* TestClock.adjust(10)
    expect(fiber.pollUnsafe(), "still not at its end after 600 ms").toBeDefined()
    return yield* Fiber.join(fiber)
  })

/** Waits for `millis` with a reservation open, and says when it was admitted. */
const hold = (name: string, request: Budget.Request, millis: number) =>
  Budget.reserve(request, () => {
    log.push(name)
    return Effect.sleep(millis)
  })
const settled = (request: Budget.Request, usage: Usage.Input) => Budget.reserve(request, (reservation) => reservation.settle(usage))

const ledgers = Effect.map(Budget.capture, (all) =>
  all.map(({ held, name, overrun, usage }) => ({ name, tokens: usage.tokens, calls: usage.calls, usd: usage.usd, held, overrun }))
)
const nothing = { tokens: 0, calls: 0, usd: 0 }

describe("Budget regions", () => {
  it.effect("count in every region around a call, and the tightest one decides", () =>
    Effect.gen(function* () {
      const inner = Effect.gen(function* () {
        yield* settled({ calls: 1, tokens: 30 }, { calls: 1, inputTokens: 20, outputTokens: 5 })
        expect(yield* Budget.remaining).toEqual({ tokens: 25, calls: 2, usd: Infinity })
        expect(yield* ledgers).toEqual([
          { name: "inner", tokens: 25, calls: 1, usd: 0, held: nothing, overrun: nothing },
          { name: "outer", tokens: 25, calls: 1, usd: 0, held: nothing, overrun: nothing }
        ])
      })
      const outer = Effect.gen(function* () {
        yield* inner.pipe(Budget.limit({ tokens: 50 }, { name: "inner" }))
        expect(yield* Budget.remaining).toEqual({ tokens: 75, calls: 2, usd: Infinity })
      })
      yield* outer.pipe(Budget.limit({ tokens: 100, calls: 3 }, { name: "outer" }))
      expect(yield* Budget.remaining).toEqual({ tokens: Infinity, calls: Infinity, usd: Infinity })
    })
  )

  it.effect("a refusal ends the region that owns the limit, its finalizers run, and the error is a sentence", () =>
    Effect.gen(function* () {
      const ended: Array<string> = []
      const asking = (name: string) =>
        settled({ calls: 1, tokens: 200 }, {}).pipe(
          Effect.andThen(Effect.sync(() => ended.push("returned"))),
          Effect.onInterrupt(() => Effect.sync(() => ended.push(`${name} interrupted`)))
        )
      const error = yield* Effect.flip(
        asking("inner").pipe(Budget.limit({ tokens: 100 }, { name: "inner" }), Budget.limit({ tokens: 1_000 }, { name: "outer" }))
      )
      assert(error._tag === "BudgetExceededError")
      expect({ ...error }).toMatchObject({ owner: "region", name: "inner", dimension: "tokens", limit: 100, used: 0, held: 0, requested: 200 })
      expect(error.message).toBe('The budget of the region "inner" is 100 tokens: 0 used and 0 held, 200 more were asked for; one call may take more than all of it: raise the limit, or bound the call, as by fewer output tokens')
      expect(ended).toEqual(["inner interrupted"])

      // The outer one owns the limit: what catches the error inside does not hear of it.
      const outer = yield* Effect.flip(
        asking("outer").pipe(
          Budget.limit({ tokens: 1_000 }, { name: "inner" }),
          Effect.catchTag("BudgetExceededError", () => Effect.sync(() => ended.push("caught inside"))),
          Budget.limit({ tokens: 150 })
        )
      )
      expect(outer.message).toBe("The budget of the region is 150 tokens: 0 used and 0 held, 200 more were asked for; one call may take more than all of it: raise the limit, or bound the call, as by fewer output tokens")
      expect(ended).toEqual(["inner interrupted", "outer interrupted"])
    })
  )

  it.effect("a refusal ends the region even where the code in it cannot be interrupted at that point", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.uninterruptible(settled({ calls: 2 }, {})).pipe(Budget.limit({ calls: 1 })))
      expect(error._tag).toBe("BudgetExceededError")
    })
  )

  it.effect("keep the error of the effect, and what came to its end in the same instant", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(Effect.fail("own").pipe(Budget.limit({ calls: 1 })))).toBe("own")
      expect(yield* Effect.succeed(1).pipe(Budget.limit({ calls: 1 }))).toBe(1)
      expect(Exit.hasDies(yield* Effect.exit(Effect.die("bug").pipe(Budget.limit({ calls: 1 }))))).toBe(true)
    })
  )
})

describe("Budgets in runs", () => {
  it.effect("a refusal by a region around the run ends the task that asked; the others go on, and the run is kept", () =>
    Effect.gen(function* () {
      const plan = Plan.make("p", [task("a", 3), task("idle", 0), task("b", 1, { millis: 100 })])
      const result = yield* timed(Orchestrator.run(plan).pipe(Budget.limit({ calls: 3 }, { name: "around" })))
      expect(result.results.map(({ _tag }) => _tag)).toEqual(["failed", "succeeded", "succeeded"])
      const [a] = result.results
      assert(a?._tag === "failed")
      expect(a.origin).toBe("engine")
      assert(a.error instanceof Budget.BudgetExceededError)
      expect(a.error.message).toBe('The budget of the region "around" is 3 calls: 3 used and 0 held, 1 more were asked for; raise the limit, or spend less before')
      expect(a.usage.calls).toBe(2)
      expect(result.usage.calls).toBe(3)
      expect(log).toEqual(["a1", "b1", "a2", "a ended"])
    }).pipe(Effect.provide(layers()))
  )

  it.effect("a run in the background goes on when the region or the task that started it has ended, and within its limits", () =>
    Effect.gen(function* () {
      const plan = Plan.make("p", [task("a", 3)])
      const inRegion = yield* timed(
        Effect.flatMap(Orchestrator.start(plan).pipe(Budget.limit({ calls: 2 }, { name: "around" })), (handle) => handle.await)
      )
      expect(inRegion.results).toMatchObject([{ _tag: "failed", error: { owner: "region", name: "around", used: 2 } }])
      class Starter extends Agent.make("Starter", { description: "Starts a run", payload: {}, success: Schema.String }) {}
      let started: Orchestrator.RunHandle<any> | undefined
      const starter = Starter.toLayer(() =>
        Effect.gen(function* () {
          started = yield* Orchestrator.start(plan)
          return started.runId
        })
      )
      yield* timed(Orchestrator.run(Plan.make("starting", [Task.make("start", Starter, { payload: {} })])).pipe(Effect.provide(starter)))
      expect(yield* timed(started!.await)).toMatchObject({ allSucceeded: true, usage: { calls: 3 } })
    }).pipe(Effect.provide(layers()))
  )

  it.effect("a region inside a handler ends itself and not its task; one further out ends the task", () =>
    Effect.gen(function* () {
      class Careful extends Agent.make("Careful", { description: "Falls back", payload: { calls: Schema.Natural }, success: Schema.String }) {
        static readonly layer = this.toLayer(({ calls }) =>
          settled({ calls }, { calls }).pipe(
            Effect.as("dear"),
            Budget.limit({ calls: 2 }),
            Effect.catchTags({
              InvalidLimitError: Effect.die,
              BudgetExceededError: ({ requested }) => Effect.succeed(`cheap instead of ${requested}`)
            })
          )
        )
      }
      const of = (id: string, calls: number) => Task.make(id, Careful, { payload: { calls } })
      const result = yield* Orchestrator.run(Plan.make("p", [of("dear", 2), of("cheap", 3)])).pipe(Effect.provide(Careful.layer))
      expect(yield* result.outputs).toEqual({ dear: "dear", cheap: "cheap instead of 3" })
      const outer = yield* Orchestrator.run(Plan.make("p", [of("dear", 2)])).pipe(Effect.provide(Careful.layer), Budget.limit({ calls: 1 }))
      expect(outer.results[0]?._tag).toBe("failed")
    }).pipe(Effect.provide(layers()))
  )

  it.effect("a policy narrows a budget and falls back with catchTag; both attempts are counted", () =>
    Effect.gen(function* () {
      const thrifty = Task.make("thrifty", Caller, {
        payload: { name: "t", calls: 3 },
        policy: (call) =>
          call.pipe(
            Budget.limit({ calls: 2 }, { name: "policy" }),
            Effect.catchTag("InvalidLimitError", Effect.die),
            Effect.catchTag("BudgetExceededError", ({ name }) => Effect.succeed(`fallback for ${name}`))
          )
      })
      const uncaught = Task.make("uncaught", Caller, {
        payload: { name: "u", calls: 2 },
        policy: (call) => call.pipe(Budget.limit({ calls: 1 }), Effect.catchTag("InvalidLimitError", Effect.die))
      })
      const result = yield* timed(Orchestrator.run(Plan.make("p", [thrifty, uncaught])))
      const first = result.outcome(thrifty)
      assert(first._tag === "succeeded")
      expect(first.output).toBe("fallback for policy")
      expect(first.usage.calls).toBe(2)
      const second = result.outcome(uncaught)
      assert(second._tag === "failed")
      expect(second.origin).toBe("engine")
      expect(second.usage.calls).toBe(1)
      expect(result.usage.calls).toBe(3)
    }).pipe(Effect.provide(layers()))
  )

  it.effect("limits of the orchestrator hold over its runs, of a user over the user's, of a run in each", () =>
    Effect.gen(function* () {
      const spend = (userId: string, calls: number) =>
        Effect.map(Orchestrator.run(Plan.make("p", [task(userId, calls)])).pipe(Run.configure({ userId, id: `run of ${userId}` })), (result) => {
          const [outcome] = result.results
          return outcome?._tag === "failed" && outcome.error instanceof Budget.BudgetExceededError ? outcome.error.message : outcome?._tag
        })
      const all = Effect.gen(function* () {
        expect(yield* spend("ada", 4)).toBe('The budget of the run "run of ada" is 3 calls: 3 used and 0 held, 1 more were asked for; raise the limit, or spend less before')
        expect(yield* spend("ada", 2)).toBe('The budget of the user "ada" is 4 calls: 4 used and 0 held, 1 more were asked for; raise the limit, or spend less before')
        expect(yield* spend("bob", 2)).toBe("succeeded")
        expect(yield* spend("eve", 1)).toBe("The budget of the orchestrator is 6 calls: 6 used and 0 held, 1 more were asked for; raise the limit, or spend less before")
      })
      yield* timed(all)
    }).pipe(Effect.provide(layers({ limits: { calls: 6 }, userLimits: { calls: 4 }, runLimits: { calls: 3 } })))
  )

  it.effect("a nested run counts in the run around it; its own limit is the run's", () =>
    Effect.gen(function* () {
      const inner = Plan.make("inner", [task("deep", 5)])
      const result = yield* timed(Orchestrator.run(Plan.make("outer", [Task.plan("nested", inner), task("flat", 1)])))
      expect(result.usage.calls).toBe(3)
      const nested = result.results[0]
      expect(nested?._tag).toBe("failed")
      expect(nested?.usage.calls).toBe(2)
    }).pipe(Effect.provide(layers({ runLimits: { calls: 3 } })))
  )

  it.effect("who waits for room gives the permit back", () =>
    Effect.gen(function* () {
      const inside = Effect.gen(function* () {
        const outside = Budget.reserve({ tokens: 60 }, (reservation) =>
          Effect.andThen(Effect.sleep(50), reservation.settle({ outputTokens: 10 }))
        )
        yield* Effect.forkChild(outside, { startImmediately: true })
        return yield* Orchestrator.run(Plan.make("p", [task("a", 1, { tokens: 60 }), task("b", 0)]))
      })
      const result = yield* timed(inside.pipe(Budget.limit({ tokens: 100 })))
      expect(result.allSucceeded).toBe(true)
      expect(result.results.map(({ endedAt }) => endedAt - result.startedAt)).toEqual([60, 0])
    }).pipe(Effect.provide(layers({ concurrency: 1 })))
  )
})

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

describe("Money", () => {
  it("is whole micro-dollars, rounded up, without the noise of the multiplication", () => {
    expect(Usage.microUsdFromUsd(0.07)).toBe(70_000)
    expect(Usage.microUsdFromUsd(1.1)).toBe(1_100_000)
    expect(Usage.microUsdFromUsd(0.000_000_1)).toBe(1)
    expect(Usage.microUsdFromUsd(0.000_001_2)).toBe(2)
    expect(Usage.microUsdFromUsd(2.5)).toBe(2_500_000)
    expect(Usage.microUsdFromUsd(0)).toBe(0)
    for (let cents = 0; cents < 10_000; cents++) expect(Usage.microUsdFromUsd(cents / 100)).toBe(cents * 10_000)
  })

  it.effect("adds up exactly: ten times 0.1 is 1, and the eleventh is refused", () =>
    Effect.gen(function* () {
      let made = 0
      const error = yield* Effect.flip(
        Effect.forever(Effect.andThen(settled({ usd: 0.1 }, { usd: 0.1 }), Effect.sync(() => made++))).pipe(Budget.limit({ usd: 1 }))
      )
      expect(made).toBe(10)
      expect(error.message).toBe("The budget of the region is 1 usd: 1 used and 0 held, 0.1 more were asked for; raise the limit, or spend less before")
    })
  )

  it("sums usages without loss", () => {
    const many = Array.from({ length: 1_000 }, () => Usage.make({ inputTokens: 1, outputTokens: 2, calls: 1, usd: 0.01 }))
    expect(Usage.sum(many)).toMatchObject({ inputTokens: 1_000, outputTokens: 2_000, calls: 1_000, microUsd: 10_000_000 })
    expect(Usage.sum(many).usd).toBe(10)
    expect(Usage.sum(many).tokens).toBe(3_000)
    expect(Usage.isZero(Usage.sum([]))).toBe(true)
  })
})
