import * as Agent from "@aria/orchestrator-core/Agent"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Run from "@aria/orchestrator-core/Run"
import type * as RunResult from "@aria/orchestrator-core/RunResult"
import * as Task from "@aria/orchestrator-core/Task"
import { DefectError, describe as sentence } from "@aria/orchestrator-core/TaskOutcome"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"

/** Does what its payload says, badly. */
const Bad = Schema.Literals(["fine", "throws", "dies", "interrupts itself", "never ends", "throws lines", "throws no error", "throws what throws", "gives nothing"])
const log: Array<string> = []
const ways: Record<typeof Bad.Type, () => Effect.Effect<string>> = {
  fine: () => Effect.succeed("fine"),
  throws: () => {
    throw new Error("boom")
  },
  dies: () => Effect.die(new TypeError("dead")),
  "interrupts itself": () => Effect.interrupt,
  "never ends": () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => log.push("finalizer ran"))),
  "throws lines": () => {
    throw new Error("one\ntwo")
  },
  "throws no error": () => Effect.die({ odd: true }),
  "throws what throws": () => {
    const error = new Error("x")
    Object.defineProperty(error, "message", { get: () => error.toString() })
    throw error
  },
  "gives nothing": () => {
    const nothing: any = undefined
    return nothing
  }
}
class Worker extends Agent.make("Worker", { description: "Works, or not", payload: { how: Bad }, success: Schema.String }) {
  static readonly layer = this.toLayer(({ how }) => ways[how]())
}
const of = (how: typeof Bad.Type, options: { readonly timeout?: number } = {}) => Task.make(how, Worker, { payload: { how }, ...options })
const layers = (options: Orchestrator.Options = {}) => Layer.merge(Worker.layer, Orchestrator.layerWith(options))
const told = ({ results }: RunResult.RunResult<unknown, unknown>) => results.map((outcome) => `${outcome.taskId}: ${sentence(outcome)}`)

/** Runs with a clock that goes on for ten seconds, and is at its end then. */
const timed = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    log.length = 0
    const fiber = yield* Effect.forkChild(effect)
    for (let second = 0; second < 10; second++) yield* TestClock.adjust("1 second")
    expect(fiber.pollUnsafe(), "it hung").toBeDefined()
    return yield* Fiber.join(fiber)
  })

describe("A handler", () => {
  it.effect("that throws or dies fails its own task alone, with what was thrown", () =>
    Effect.gen(function* () {
      const after = Task.make("after", Worker, { dependsOn: [of("throws")], payload: { how: "fine" } })
      const result = yield* Orchestrator.run(Plan.make("p", [after, of("dies"), of("throws no error"), of("fine")]))
      expect(told(result)).toEqual([
        'throws: failed: DefectError: The agent "Worker" threw: Error: boom',
        'after: skipped, because "throws" did not succeed',
        'dies: failed: DefectError: The agent "Worker" threw: TypeError: dead',
        'throws no error: failed: DefectError: The agent "Worker" threw: [object Object]',
        "fine: succeeded"
      ])
      const [failed] = result.results
      assert(failed?._tag === "failed")
      expect(failed.origin).toBe("engine")
      expect(failed.attempts).toBe(1)
    }).pipe(Effect.provide(layers({ concurrency: 1 })))
  )

  it.effect("that throws is printed with what was thrown, once, and where", () =>
    Effect.gen(function* () {
      const { results } = yield* Orchestrator.run(Plan.make("p", [of("throws lines"), of("throws no error")]))
      const [lines, odd] = results.map((outcome) => (outcome._tag === "failed" && outcome.error instanceof DefectError ? outcome.error : assert.fail("no defect")))
      const printed = Cause.pretty(Cause.fail(lines)).split("\n")
      expect(printed.slice(0, 2)).toEqual(['DefectError: The agent "Worker" threw: Error: one', "two"])
      expect(printed[2]).toMatch(/^ +at .*handlers\.test\.ts/)
      for (const line of printed.slice(3)) expect(line).toMatch(/^ +at /)
      expect(lines?.stackTrace).toMatch(/^Error: one\ntwo\n +at /)
      // A stack that was not there is none in storage either.
      expect(odd).toBeDefined()
      expect(yield* Schema.encodeEffect(DefectError)(odd!)).toEqual({ _tag: "DefectError", subject: 'The agent "Worker"', received: "[object Object]" })
    }).pipe(Effect.provide(layers({ concurrency: 1 })))
  )

  it.effect("that throws what cannot be told fails its own task alone", () =>
    Effect.gen(function* () {
      const result = yield* timed(Orchestrator.run(Plan.make("p", [of("throws what throws"), of("fine")])))
      expect(told(result)).toEqual([
        'throws what throws: failed: DefectError: The agent "Worker" threw: something that has no text',
        "fine: succeeded"
      ])
    }).pipe(Effect.provide(layers({ concurrency: 1 })))
  )

  it.effect("that gives no effect fails its own task alone", () =>
    Effect.gen(function* () {
      const result = yield* timed(Orchestrator.run(Plan.make("p", [of("gives nothing"), of("fine")])))
      expect(told(result)).toEqual([expect.stringMatching(/^gives nothing: failed: DefectError: The agent "Worker" threw: /), "fine: succeeded"])
    }).pipe(Effect.provide(layers({ concurrency: 1 })))
  )

  it.effect("that interrupts itself is cancelled, and the others go on", () =>
    Effect.gen(function* () {
      const result = yield* Orchestrator.run(Plan.make("p", [of("interrupts itself"), of("fine")]))
      expect(told(result)).toEqual(["interrupts itself: cancelled", "fine: succeeded"])
    }).pipe(Effect.provide(layers({ concurrency: 1 })))
  )

  it.effect("that never ends is ended by its task's timeout", () =>
    Effect.gen(function* () {
      const result = yield* timed(Orchestrator.run(Plan.make("p", [of("never ends", { timeout: 2_000 }), of("fine")])))
      expect(told(result)).toEqual(["never ends: timed out after 2000 ms", "fine: succeeded"])
      expect(log).toEqual(["finalizer ran"])
      expect(result.executionTimeMs).toBe(2_000)
    }).pipe(Effect.provide(layers({ concurrency: 1 })))
  )

  it.effect("that never ends is ended by the run's timeout; what was done is kept, what waits is skipped", () =>
    Effect.gen(function* () {
      const waits = Task.make("waits", Worker, { payload: { how: "fine" } })
      const plan = Plan.make("p", [of("fine"), of("never ends"), waits])
      const result = yield* timed(Orchestrator.run(plan).pipe(Run.configure({ timeout: "3 seconds" })))
      expect(told(result)).toEqual(["fine: succeeded", "never ends: timed out after 3000 ms", "waits: skipped, because the run was stopped"])
      expect(log).toEqual(["finalizer ran"])
    }).pipe(Effect.provide(layers({ concurrency: 1 })))
  )

  it.effect("that never ends is ended by cancel, and by closing the orchestrator", () =>
    Effect.gen(function* () {
      const plan = Plan.make("p", [of("fine"), of("never ends")])
      const cancelled = Effect.gen(function* () {
        const handle = yield* Orchestrator.start(plan)
        yield* Effect.sleep(10)
        return yield* handle.cancel
      })
      expect(told(yield* timed(cancelled.pipe(Effect.provide(layers()))))).toEqual(["fine: succeeded", "never ends: cancelled"])
      expect(log).toEqual(["finalizer ran"])
      const closed = Effect.andThen(Orchestrator.start(plan), (handle) => Effect.as(Effect.sleep(10), handle)).pipe(Effect.provide(layers()))
      const handle = yield* timed(closed)
      expect(told(yield* handle.await)).toEqual(["fine: succeeded", "never ends: cancelled"])
      expect(log).toEqual(["finalizer ran"])
    })
  )

  it.effect("whose fibers were forked with forkChild or forkScoped takes them along, however it ends", () =>
    Effect.gen(function* () {
      class Leaking extends Agent.make("Leaking", { description: "Forks", payload: { ends: Schema.Boolean }, success: Schema.Void }) {
        static readonly layer = this.toLayer(({ ends }) => {
          const fiber = (name: string) => Effect.onInterrupt(Effect.never, () => Effect.sync(() => log.push(name)))
          const forks = Effect.andThen(
            Effect.forkChild(fiber("child"), { startImmediately: true }),
            Effect.forkScoped(fiber("scoped"), { startImmediately: true })
          )
          return Effect.andThen(forks, ends ? Effect.void : Effect.never)
        })
      }
      const run = (ends: boolean) => Orchestrator.run(Plan.make("p", [Task.make("t", Leaking, { payload: { ends }, timeout: 1_000 })]))
      expect(told(yield* timed(run(true).pipe(Effect.provide(Leaking.layer))))).toEqual(["t: succeeded"])
      expect(log.toSorted()).toEqual(["child", "scoped"])
      expect(told(yield* timed(run(false).pipe(Effect.provide(Leaking.layer))))).toEqual(["t: timed out after 1000 ms"])
      expect(log.toSorted()).toEqual(["child", "scoped"])
    }).pipe(Effect.provide(layers()))
  )

  it.effect("whose detached fiber lives on: it spends nothing, tells nothing and calls nobody after the end", () =>
    Effect.gen(function* () {
      class Detaching extends Agent.make("Detaching", { description: "Detaches", payload: {}, success: Schema.Void }) {
        static readonly layer = this.toLayer(() => {
          const late = (name: string, effect: Effect.Effect<unknown, unknown>) =>
            Effect.forkDetach(Effect.andThen(Effect.sleep("1 second"), Effect.ensuring(effect, Effect.sync(() => log.push(name)))))
          const spend = Effect.sync(() => log.push("ADMITTED"))
          return Effect.all([
            late("reported", Progress.report("late")),
            Effect.forkDetach(Effect.andThen(Effect.sleep("1 second"), Budget.reserve({ calls: 1 }, () => spend))),
            Effect.forkDetach(Effect.andThen(Effect.sleep("1 second"), Budget.tryReserve({ calls: 1 }, () => spend)))
          ])
        })
      }
      const events: Array<Progress.Event> = []
      const result = yield* timed(
        Effect.andThen(Orchestrator.start(Plan.make("p", [Task.make("t", Detaching, { payload: {} })])), (handle) => handle.await).pipe(
          Effect.tap(() => Effect.sleep("3 seconds")),
          Progress.listen((event) => {
            events.push(event)
          }),
          Effect.provide(Detaching.layer)
        )
      )
      expect(told(result)).toEqual(["t: succeeded"])
      expect(result.usage.calls).toBe(0)
      expect(log).toEqual(["reported"])
      expect(events.map(({ _tag }) => _tag)).toEqual(["RunStarted", "starting", "running", "complete", "RunEnded"])
    }).pipe(Effect.provide(layers()))
  )
})

describe("A payload", () => {
  class Typed extends Agent.make("Typed", {
    description: "Counts",
    payload: { list: Schema.Array(Schema.Struct({ n: Schema.Finite })), more: Schema.optionalKey(Schema.String) },
    success: Schema.Finite
  }) {
    static readonly layer = this.toLayer(({ list }) => Effect.sync(() => log.push(`called with ${list.length}`)))
  }
  it.effect("that does not decode fails its task with the path; nothing is called", () =>
    Effect.gen(function* () {
      log.length = 0
      const wrong: any = { list: [{ n: 1 }, { n: "two" }], most: 1 }
      const each: any = [{ list: [] }, { list: 3 }]
      const plan = Plan.make("p", [
        Task.make("wrong", Typed, { payload: wrong }),
        Task.make("made", Typed, { payload: () => wrong }),
        Task.forEach("each", Typed, { items: () => each, key: ({ list }) => String(list.length) })
      ])
      const result = yield* Orchestrator.run(plan)
      const paths = result.results.map((outcome) =>
        outcome._tag === "failed" && outcome.error instanceof Agent.InvalidPayloadError
          ? outcome.error.issues.map(({ path }) => path.join("."))
          : outcome._tag
      )
      expect(paths).toEqual([["most", "list.1.n"], ["most", "list.1.n"], ["list"], "succeeded", ["list"]])
      expect(result.results.map(({ attempts }) => attempts)).toEqual([0, 0, 0, 1, 0])
      expect(sentence(result.results[0]!)).toMatch(/^failed: InvalidPayloadError: The payload of Typed is not valid: most: .*; list\.1\.n: /)
      expect(log).toEqual(["called with 0"])
      const alone = yield* Effect.flip(Typed.run(wrong))
      expect(alone.issues.map(({ path }) => path)).toEqual([["most"], ["list", 1, "n"]])
    }).pipe(Effect.provide([Typed.layer, Orchestrator.layer]))
  )
  it.effect("that does not decode in a later iteration fails the task; the iterations before it are counted", () =>
    Effect.gen(function* () {
      const wrong: any = { list: "no list" }
      const loop = Task.iterate("loop", Typed, { initial: { list: [] }, next: () => Option.some(wrong), maxIterations: 5 })
      const [outcome] = (yield* Orchestrator.run(Plan.make("p", [loop]))).results
      assert(outcome?._tag === "failed")
      assert(outcome.error instanceof Agent.InvalidPayloadError)
      expect(outcome.error.issues[0]?.path).toEqual(["list"])
      expect(outcome.attempts).toBe(1)
    }).pipe(Effect.provide([Typed.layer, Orchestrator.layer]))
  )
})

describe("A function of the plan", () => {
  const boom = (): never => {
    throw new Error("boom")
  }
  it.effect("that throws fails its own task alone, and names itself", () =>
    Effect.gen(function* () {
      const fine = of("fine")
      const plan = Plan.make("p", [
        Task.make("payload", Worker, { dependsOn: [fine], payload: boom }),
        Task.make("when", Worker, { dependsOn: [fine], payload: { how: "fine" }, when: boom }),
        Task.forEach("items", Worker, { dependsOn: [fine], items: boom, key: ({ how }) => how }),
        Task.forEach("key", Worker, { items: () => [{ how: "fine" }], key: boom }),
        Task.iterate("next", Worker, { initial: { how: "fine" }, next: boom, maxIterations: 3 }),
        Task.make("policy", Worker, { payload: { how: "fine" }, policy: boom }),
        Task.make("last", Worker, { payload: { how: "fine" } })
      ])
      const result = yield* Orchestrator.run(plan)
      expect(told(result)).toEqual([
        "fine: succeeded",
        'payload: failed: DefectError: The payload of the task "payload" threw: Error: boom',
        'when: failed: DefectError: The function "when" of the task "when" threw: Error: boom',
        'items: failed: DefectError: The function "items" of the task "items" threw: Error: boom',
        'key: failed: DefectError: The function "key" of the task "key" threw: Error: boom',
        expect.stringMatching(/^next: failed: DefectError: The .* threw: Error: boom$/),
        expect.stringMatching(/^policy: failed: DefectError: The .* threw: Error: boom$/),
        "last: succeeded"
      ])
      // The permits are back: another run goes through.
      expect((yield* Orchestrator.run(Plan.make("again", [of("fine")]))).allSucceeded).toBe(true)
    }).pipe(Effect.provide(layers({ concurrency: 1 })))
  )
  it.effect("that gives two items one key fails the fan-out before anything is called", () =>
    Effect.gen(function* () {
      const each = Task.forEach("each", Worker, { items: () => [{ how: "fine" }, { how: "dies" }, { how: "fine" }], key: ({ how }) => how })
      const result = yield* Orchestrator.run(Plan.make("p", [each, of("fine")]))
      expect(told(result)).toEqual([
        'each: failed: DuplicateKeyError: Items 0 and 2 of the task "each" have the key "fine"; give each item a key of its own',
        "fine: succeeded"
      ])
      expect(result.results[0]?.attempts).toBe(0)
    }).pipe(Effect.provide(layers()))
  )
})

describe("A fan-out", () => {
  const nothing: any = undefined
  const outcomeOf = (each: Task.Task<"each", ReadonlyArray<string>, never, Agent.Services<typeof Worker>>) =>
    Effect.map(timed(Orchestrator.run(Plan.make("p", [each, of("fine")]))), told)
  it.effect("whose items are no list fails alone", () =>
    Effect.gen(function* () {
      const results = yield* outcomeOf(Task.forEach("each", Worker, { items: () => nothing, key: ({ how }) => how }))
      expect(results).toEqual([expect.stringMatching(/^each: failed: DefectError: /), "fine: succeeded"])
    }).pipe(Effect.provide(layers()))
  )
  it.effect("whose keys are no texts fails alone", () =>
    Effect.gen(function* () {
      const results = yield* outcomeOf(Task.forEach("each", Worker, { items: () => [{ how: "fine" }, { how: "dies" }], key: () => nothing }))
      expect(results).toEqual([expect.stringMatching(/^each: failed: /), "fine: succeeded"])
    }).pipe(Effect.provide(layers()))
  )
  it.effect("whose item would have the id of another task fails alone", () =>
    Effect.gen(function* () {
      const each = Task.forEach("each", Worker, { items: () => [{ how: "fine" }], key: () => "a" })
      const other = Task.make("each/a", Worker, { payload: { how: "fine" } })
      const results = told(yield* timed(Orchestrator.run(Plan.make("p", [each, other]))))
      expect(results).toEqual([
        'each: failed: DefectError: The key "a" of the task "each" threw: Error: its items are tasks of their own, and "each/a" is the id of another one; rename one of them',
        "each/a: succeeded"
      ])
    }).pipe(Effect.provide(layers()))
  )
  it.effect("keeps an item that does not decode apart from one whose key is a number", () =>
    Effect.gen(function* () {
      const results = yield* outcomeOf(Task.forEach("each", Worker, { items: () => [nothing, { how: "fine" }], key: () => "0" }))
      expect(results).toHaveLength(4)
    }).pipe(Effect.provide(layers()))
  )
})

describe("A progress callback", () => {
  const quiet = Effect.provideService(References.MinimumLogLevel, "None")
  const plan = Plan.make("p", [of("fine"), of("dies"), Task.make("more", Worker, { payload: { how: "fine" } })])
  const expected = ["fine: succeeded", 'dies: failed: DefectError: The agent "Worker" threw: TypeError: dead', "more: succeeded"]

  it.effect("that throws, rejects, fails or dies hears all the same, and the run loses nothing", () =>
    Effect.gen(function* () {
      const callbacks: ReadonlyArray<() => void | Promise<unknown> | Effect.Effect<unknown, unknown>> = [
        () => {
          throw new Error("callback")
        },
        () => Promise.reject(new Error("callback")),
        () => Effect.fail("callback"),
        () => Effect.die("callback")
      ]
      for (const callback of callbacks) {
        let heard = 0
        const result = yield* Orchestrator.run(plan).pipe(
          Progress.listen(() => {
            heard++
            return callback()
          }),
          quiet
        )
        expect(told(result)).toEqual(expected)
        expect(heard).toBe(11)
      }
    }).pipe(Effect.provide(layers()))
  )

  it.effect("that never ends delays the end by its drain time and no more", () =>
    Effect.gen(function* () {
      let heard = 0
      const result = yield* timed(
        Orchestrator.run(plan).pipe(
          Progress.listen(
            () => {
              heard++
              return Effect.never
            },
            { drainMillis: 2_000 }
          ),
          quiet
        )
      )
      expect(told(result)).toEqual(expected)
      expect(result.executionTimeMs).toBe(0)
      expect(heard).toBe(1)
    }).pipe(Effect.provide(layers()))
  )
})
