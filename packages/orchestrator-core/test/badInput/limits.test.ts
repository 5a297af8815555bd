import * as Agent from "@aria/orchestrator-core/Agent"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Run from "@aria/orchestrator-core/Run"
import * as Task from "@aria/orchestrator-core/Task"
import * as Usage from "@aria/orchestrator-core/Usage"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const bad = [0, -1, 1.5, NaN, Infinity]
const text = (value: number | string) => String(value)

/** What an effect fails with, which has to be an `InvalidLimitError`, as its sentence. */
const refusal = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert(error instanceof Budget.InvalidLimitError)
    return error.message
  })
/** What a function throws, which has to be an `InvalidLimitError`, as its sentence. */
const thrown = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    assert(error instanceof Budget.InvalidLimitError)
    return error.message
  }
  return "nothing was thrown"
}
/** What an effect dies of. */
const defect = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<unknown> =>
  Effect.map(Effect.exit(effect), (exit) => (Exit.isFailure(exit) ? Cause.squash(exit.cause) : "it went through"))

class Echo extends Agent.make("Echo", { description: "Says it again", payload: { n: Schema.Finite }, success: Schema.Finite }) {
  static readonly layer = this.toLayer(({ n }) => Effect.succeed(n))
}

describe("Orchestrator.layerWith", () => {
  const make = (options: Orchestrator.Options) => refusal(Layer.build(Orchestrator.layerWith(options)))

  for (const name of ["concurrency", "userConcurrency", "runConcurrency"] as const) {
    it.effect.each(bad)(`${name}: %s`, (value) =>
      Effect.gen(function* () {
        expect(yield* make({ [name]: value })).toBe(`Orchestrator: ${name} was ${text(value)}; allowed is a whole number from 1`)
      })
    )
  }
  for (const name of ["limits", "userLimits", "runLimits"] as const) {
    it.effect.each(bad)(`${name}: %s`, (value) =>
      Effect.gen(function* () {
        for (const field of ["tokens", "calls"]) {
          expect(yield* make({ [name]: { [field]: value } })).toBe(
            `Orchestrator: ${name}: ${field} was ${text(value)}; allowed is a whole number from 1`
          )
        }
      })
    )
    it.effect.each([0, -1, NaN, Infinity, 0.0000001])(`${name}: %s usd`, (usd) =>
      Effect.gen(function* () {
        expect(yield* make({ [name]: { usd } })).toBe(
          `Orchestrator: ${name}: usd was ${text(usd)}; allowed is a finite amount in US dollars from 0.000001`
        )
      })
    )
  }
  it.effect.each([0, -1, NaN, Infinity])("runTimeout: %s", (runTimeout) =>
    Effect.gen(function* () {
      expect(yield* make({ runTimeout })).toBe(
        `Orchestrator: runTimeout was ${text(runTimeout)}; allowed is a finite duration longer than 0`
      )
    })
  )
  it.effect("takes the smallest that is allowed, and everything left out", () =>
    Effect.gen(function* () {
      yield* Layer.build(
        Orchestrator.layerWith({
          concurrency: 1,
          userConcurrency: 1,
          runConcurrency: 1,
          limits: { tokens: 1, calls: 1, usd: 0.000001 },
          userLimits: {},
          runLimits: {},
          runTimeout: 1
        })
      )
      yield* Layer.build(Orchestrator.layerWith({}))
    })
  )
})

describe("Budget.limit", () => {
  it.effect.each(bad)("tokens and calls: %s", (value) =>
    Effect.gen(function* () {
      let ran = false
      const effect = Effect.sync(() => (ran = true))
      expect(yield* refusal(effect.pipe(Budget.limit({ tokens: value })))).toBe(
        `Budget.limit: tokens was ${text(value)}; allowed is a whole number from 1`
      )
      expect(yield* refusal(effect.pipe(Budget.limit({ calls: value })))).toBe(
        `Budget.limit: calls was ${text(value)}; allowed is a whole number from 1`
      )
      expect(ran).toBe(false)
    })
  )
  it.effect.each([0, -1, NaN, Infinity, 0.0000001])("usd: %s", (usd) =>
    Effect.gen(function* () {
      expect(yield* refusal(Effect.void.pipe(Budget.limit({ usd })))).toBe(
        `Budget.limit: usd was ${text(usd)}; allowed is a finite amount in US dollars from 0.000001`
      )
    })
  )
  it.effect("as a task's policy it fails the task with a sentence, and the others go on", () =>
    Effect.gen(function* () {
      const strict = Task.make("strict", Echo, { payload: { n: 1 }, policy: (call) => Effect.catchTag(call.pipe(Budget.limit({ tokens: 0 })), "InvalidLimitError", Effect.die) })
      const result = yield* Orchestrator.run(Plan.make("p", [strict, Task.make("other", Echo, { payload: { n: 2 } })]))
      const [failed, other] = result.results
      assert(failed?._tag === "failed")
      expect(String(failed.error)).toContain("Budget.limit: tokens was 0; allowed is a whole number from 1")
      expect(failed.attempts).toBe(0)
      expect(other?._tag).toBe("succeeded")
    }).pipe(Effect.provide([Echo.layer, Orchestrator.layer]))
  )
})

describe("Budget.reserve, tryReserve, charge and settle", () => {
  const region = Budget.limit({ tokens: 100, calls: 100, usd: 100 })
  for (const field of ["tokens", "inputTokens", "outputTokens", "calls", "usd"] as const) {
    it.effect.each([NaN, -1, Infinity, -Infinity])(`reserve ${field}: %s`, (value) =>
      Effect.gen(function* () {
        let called = false
        const use = () => Effect.sync(() => (called = true))
        const sentence = `Budget.reserve: ${field} was ${text(value)}; allowed is a finite number that is not negative`
        for (const made of [Budget.reserve({ [field]: value }, use), Budget.tryReserve({ [field]: value }, use)]) {
          const error = yield* defect(made.pipe(region))
          assert(error instanceof Budget.InvalidLimitError)
          expect(error.message).toBe(sentence)
        }
        expect(called).toBe(false)
      })
    )
  }
  it.effect.each([NaN, -1, 1.5])("charge %s is a bug of the handler, and nothing is counted", (value) =>
    Effect.gen(function* () {
      const inside = Effect.gen(function* () {
        expect(yield* defect(Budget.charge({ inputTokens: value }))).toBeInstanceOf(Error)
        expect(yield* Budget.remaining).toEqual({ tokens: 100, calls: 100, usd: 100 })
      })
      yield* inside.pipe(region)
    })
  )
  it.effect("what is settled at nonsense is a bug too, and counts as what was reserved", () =>
    Effect.gen(function* () {
      const inside = Effect.gen(function* () {
        expect(yield* defect(Budget.reserve({ tokens: 10, calls: 1 }, (reservation) => reservation.settle({ inputTokens: NaN })))).toBeInstanceOf(Error)
        const [ledger] = yield* Budget.capture
        expect(ledger?.held).toEqual({ tokens: 0, calls: 0, usd: 0 })
        expect(Number.isFinite(ledger?.usage.tokens)).toBe(true)
      })
      yield* inside.pipe(region)
    })
  )
  it("Usage.make refuses what is no count", () => {
    for (const calls of [-1, 1.5, NaN]) expect(() => Usage.make({ calls })).toThrow()
  })
})

describe("Run.configure", () => {
  const configure = (options: Run.Options) => refusal(Effect.void.pipe(Run.configure(options)))
  it.effect.each(bad)("concurrency: %s", (concurrency) =>
    Effect.gen(function* () {
      expect(yield* configure({ concurrency })).toBe(`Run.configure: concurrency was ${text(concurrency)}; allowed is a whole number from 1`)
    })
  )
  it.effect.each([0, -1, NaN, Infinity])("timeout: %s", (timeout) =>
    Effect.gen(function* () {
      expect(yield* configure({ timeout })).toBe(`Run.configure: timeout was ${text(timeout)}; allowed is a finite duration longer than 0`)
    })
  )
  it.effect.each([NaN, Infinity])("priority: %s", (priority) =>
    Effect.gen(function* () {
      expect(yield* configure({ priority })).toBe(`Run.configure: priority was ${text(priority)}; allowed is a finite number`)
    })
  )
  it.effect("a blank id, a blank user", () =>
    Effect.gen(function* () {
      expect(yield* configure({ id: " " })).toBe('Run.configure: id was " "; allowed is a text that is not blank')
      expect(yield* configure({ userId: "" })).toBe('Run.configure: userId was ""; allowed is a text that is not blank')
    })
  )
})

describe("Task", () => {
  it.each(["", " ", "\t\n"])("a blank id: %j", (id) => {
    const sentence = `Task: id was ${JSON.stringify(id)}; allowed is a text that is not blank`
    expect(thrown(() => Task.make(id, Echo, { payload: { n: 1 } }))).toBe(sentence)
    expect(thrown(() => Task.forEach(id, Echo, { items: () => [{ n: 1 }], key: ({ n }) => String(n) }))).toBe(sentence)
    expect(thrown(() => Task.plan(id, Plan.make("p", [Task.make("a", Echo, { payload: { n: 1 } })])))).toBe(sentence)
    expect(thrown(() => Task.iterate(id, Echo, { initial: { n: 1 }, next: () => Option.none(), maxIterations: 1 }))).toBe(sentence)
  })
  it.each([0, -1, NaN, Infinity])("timeout: %s", (timeout) => {
    expect(thrown(() => Task.make("a", Echo, { payload: { n: 1 }, timeout }))).toBe(
      `Task "a": timeout was ${text(timeout)}; allowed is a finite duration longer than 0, such as "30 seconds"`
    )
  })
  it.each([NaN, Infinity, -Infinity])("priority: %s", (priority) => {
    expect(thrown(() => Task.make("a", Echo, { payload: { n: 1 }, priority }))).toBe(
      `Task "a": priority was ${text(priority)}; allowed is a finite number`
    )
  })
  it("a timeout that is no duration", () => {
    const timeout: any = "soon"
    expect(thrown(() => Task.make("a", Echo, { payload: { n: 1 }, timeout }))).toBe(
      'Task "a": timeout was soon; allowed is a finite duration longer than 0, such as "30 seconds"'
    )
  })
  it.each(bad)("maxIterations: %s", (maxIterations) => {
    expect(thrown(() => Task.iterate("loop", Echo, { initial: { n: 1 }, next: () => Option.none(), maxIterations }))).toBe(
      `Task.iterate("loop"): maxIterations was ${text(maxIterations)}; allowed is a whole number from 1`
    )
  })
})

describe("Plan", () => {
  const task = (id: string, n = 1) => Task.make(id, Echo, { payload: { n } })
  const message = (make: () => unknown): string => {
    try {
      make()
    } catch (error) {
      assert(error instanceof Plan.InvalidPlanError)
      return error.message
    }
    return "nothing was thrown"
  }
  it("two tasks with one id, all of them together", () => {
    const after = Task.make("c", Echo, { dependsOn: [task("a", 2)], payload: { n: 3 } })
    expect(message(() => Plan.make("twice", [task("a"), task("b"), after, task("b", 2)]))).toBe(
      'The plan "twice" cannot be run: a: two different tasks have the id "a"; rename one; b: two different tasks have the id "b"; rename one'
    )
    const same = task("a")
    expect(Plan.make("once", [same, Task.make("c", Echo, { dependsOn: [same], payload: { n: 3 } })])).toBeDefined()
  })
  it("no goals", () => {
    const goals: any = []
    expect(message(() => Plan.make("idle", goals))).toBe('The plan "idle" cannot be run: it has no goals; name at least one task')
  })
  const Companies = Schema.Struct({ companies: Schema.NonEmptyArray(Schema.NonEmptyString) })
  it.effect("a wrong input, with each path", () =>
    Effect.gen(function* () {
      const plan = Plan.make("daily", { version: "1", input: Companies }, ({ companies }) => [task(companies[0])])
      const companies: any = ["Acme", "", 3]
      const error = yield* Effect.flip(Orchestrator.run(plan, { companies }))
      assert(error._tag === "InvalidPlanError")
      expect(error.issues.map(({ path }) => path)).toEqual([
        ["input", "companies", 1],
        ["input", "companies", 2]
      ])
      expect(error.message).toMatch(/^The plan "daily" cannot be run: input\.companies\.1: .*; input\.companies\.2: /)
      const more: any = { companies: ["Acme"], company: "Acme" }
      const excess = yield* Effect.flip(Orchestrator.start(plan, more))
      expect(excess.message).toMatch(/^The plan "daily" cannot be run: input\.company: /)
    }).pipe(Effect.provide([Echo.layer, Orchestrator.layer]))
  )
  it.effect("an input that makes two tasks with one id", () =>
    Effect.gen(function* () {
      const plan = Plan.make("each", { version: "1", input: Companies }, ({ companies: [first, ...others] }) => [
        task(first),
        ...others.map((name) => task(name, 2))
      ])
      const error = yield* Effect.flip(Orchestrator.run(plan, { companies: ["Acme", "Beta", "Acme"] }))
      expect(error.message).toBe('The plan "each" cannot be run: Acme: two different tasks have the id "Acme"; rename one')
    }).pipe(Effect.provide([Echo.layer, Orchestrator.layer]))
  )
  it.effect("a wrong input of a nested plan fails its task; the others go on", () =>
    Effect.gen(function* () {
      const inner = Plan.make("inner", { version: "1", input: Schema.NonEmptyString }, (name) => [task(name)])
      const result = yield* Orchestrator.run(Plan.make("outer", [Task.plan("nested", inner, { input: () => "" }), task("other")]))
      const [nested, other] = result.results
      assert(nested?._tag === "failed")
      assert(nested.error instanceof Agent.InvalidPayloadError)
      expect(nested.error.message).toMatch(/^The payload of inner is not valid: input: /)
      expect(other?._tag).toBe("succeeded")
    }).pipe(Effect.provide([Echo.layer, Orchestrator.layer]))
  )
})
