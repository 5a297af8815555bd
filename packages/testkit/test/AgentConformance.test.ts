import * as Agent from "@aria/orchestrator-core/Agent"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Run from "@aria/orchestrator-core/Run"
import * as AgentConformance from "@aria/testkit/AgentConformance"
import * as AgentConformanceSuite from "@aria/testkit/AgentConformanceSuite"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"

class NobodyError extends Schema.TaggedError<NobodyError>()("NobodyError", { wanted: Schema.String }) {}

class Greeting extends Schema.Class<Greeting>("Greeting")({ text: Schema.String, at: Schema.DateTimeUtcFromString }) {}

const greeter = {
  description: "Greets by name",
  payload: { name: Schema.NonEmptyString },
  success: Greeting,
  error: NobodyError
}
const at = DateTime.makeUnsafe("2026-11-23T08:00:00Z")
const greeting = (name: string) => new Greeting({ text: `Hello, ${name}`, at })
const payloads = {
  valid: [{ name: "Ada" }, { name: "Grace" }],
  invalid: [{ payload: { name: "" }, path: ["name"] }, { payload: {} }]
} as const
const quick = { callMillis: 200, promptMillis: 60 }

/** Does all that an agent may do: reports, asks for a budget, forks, has finalizers, waits, and fails with its error. */
class Good extends Agent.make("acme/Good", greeter) {
  static readonly layer = this.toLayer(({ name }) =>
    Effect.gen(function* () {
      yield* Effect.addFinalizer(() => Effect.sleep("1 milli"))
      yield* Progress.report({ message: "looking up", fraction: 0.5, data: { name } })
      yield* Effect.forkChild(Effect.never)
      yield* Effect.forkScoped(Effect.never)
      yield* Budget.reserve({ calls: 1, tokens: 10 }, (reservation) =>
        Effect.andThen(Effect.sleep("4 millis"), reservation.settle({ inputTokens: 4, calls: 1 }))
      )
      yield* Budget.reserve({ calls: 1 }, () => Effect.sleep("1 milli"))
      if (name === "nobody") return yield* new NobodyError({ wanted: name })
      return greeting(name)
    })
  )
}

AgentConformanceSuite.make(Good, { layer: Good.layer, ...payloads, valid: [{ name: "Ada" }, { name: "nobody" }] })

/** The names of the checks that an agent fails, up to the colon, and the first sentence. */
const failures = <A extends Agent.Any>(agent: A, options: AgentConformance.Options<A>) =>
  Effect.map(AgentConformance.check(agent, { ...quick, ...options }), (report) => ({
    names: report.failures.map(({ name }) => name.split(":")[0]),
    sentence: report.failures[0]?.message ?? ""
  }))

describe("AgentConformance", () => {
  it.effect("tells of every check of a good agent, also under a test clock, and the report is data", () =>
    Effect.gen(function* () {
      const report = yield* AgentConformance.check(Good, { layer: Good.layer, ...payloads })
      expect(report.failures).toEqual([])
      expect(report.passed).toBe(true)
      expect(report.checks.map(({ name }) => name)).toEqual(AgentConformance.checks)
      expect(report.checks.find(({ name }) => name.startsWith("budget"))?.message).toBe(
        "of 2 payloads one call was enough for 0, and 2 ended with BudgetExceededError"
      )
      expect(report.checks.find(({ name }) => name.startsWith("interruption"))?.message).toMatch(/^[1-9]\d* calls were interrupted/)
      const json = JSON.parse(JSON.stringify(yield* Schema.encodeEffect(AgentConformance.Report)(report)))
      expect(yield* Schema.decodeEffect(AgentConformance.Report)(json)).toEqual(report)
    })
  )

  it.live("takes agents that are not deterministic at their word", () =>
    Effect.gen(function* () {
      class Dice extends Agent.make("acme/Dice", { ...greeter, success: Schema.String }) {
        static readonly layer = this.toLayer(() => Effect.sync(() => String(Math.random())))
      }
      const honest = yield* failures(Dice, { layer: Dice.layer, ...payloads, deterministic: false })
      expect(honest.names).toEqual([])
      const pretending = yield* failures(Dice, { layer: Dice.layer, ...payloads })
      expect(pretending.names).toEqual(["side by side"])
    })
  )

  it.live("definition: a tag without a scope, where one is asked for", () =>
    Effect.gen(function* () {
      class Bare extends Agent.make("Bare", greeter) {
        static readonly layer = this.toLayer(({ name }) => Effect.succeed(greeting(name)))
      }
      const { names, sentence } = yield* failures(Bare, { layer: Bare.layer, ...payloads, scoped: true })
      expect(names).toEqual(["definition"])
      expect(sentence).toBe('its tag "Bare" has no scope; write it as "acme/Bare"')
      expect((yield* failures(Bare, { layer: Bare.layer, ...payloads })).names).toEqual([])
      expect((yield* failures(Good, { layer: Good.layer, ...payloads, scoped: true })).names).toEqual([])
    })
  )

  it.live("definition: a blank description", () =>
    Effect.gen(function* () {
      class Blank extends Agent.make("acme/Blank", { ...greeter, description: " ", version: "" }) {
        static readonly layer = this.toLayer(({ name }) => Effect.succeed(greeting(name)))
      }
      const { names, sentence } = yield* failures(Blank, { layer: Blank.layer, ...payloads })
      expect(names).toEqual(["definition"])
      expect(sentence).toBe("its version is blank; its description is blank")
    })
  )

  it.live("schemas: a success that is lost as JSON", () =>
    Effect.gen(function* () {
      class Lossy extends Agent.make("acme/Lossy", { ...greeter, success: Schema.Unknown }) {
        static readonly layer = this.toLayer(({ name }) => Effect.succeed(new Map([[name, 1]])))
      }
      const { names, sentence } = yield* failures(Lossy, { layer: Lossy.layer, ...payloads })
      expect(names).toEqual(["schemas"])
      expect(sentence).toMatch(/^with the payload {"name":"Ada"} it succeeded with {}, which is lost as JSON: /)
    })
  )

  it.live("calls: an error that is not declared", () =>
    Effect.gen(function* () {
      class Undeclared extends Agent.make("acme/Undeclared", greeter) {
        // The types refuse it without the cast.
        static readonly layer = this.toLayer((): Effect.Effect<Greeting> => Effect.fail("no idea") as any)
      }
      const { names, sentence } = yield* failures(Undeclared, { layer: Undeclared.layer, ...payloads })
      expect(names).toEqual(["calls"])
      expect(sentence).toContain('with the payload {"name":"Ada"} it failed with no idea, which it does not declare')
    })
  )

  it.live("calls: a success that the schema refuses", () =>
    Effect.gen(function* () {
      class Wrong extends Agent.make("acme/Wrong", { ...greeter, success: Schema.NonEmptyString }) {
        static readonly layer = this.toLayer(() => Effect.succeed(""))
      }
      const { names, sentence } = yield* failures(Wrong, { layer: Wrong.layer, ...payloads })
      expect(names).toEqual(["calls"])
      expect(sentence).toContain('succeeded with "", which its success schema refuses')
    })
  )

  it.live("calls: one that never ends", () =>
    Effect.gen(function* () {
      class Endless extends Agent.make("acme/Endless", greeter) {
        static readonly layer = this.toLayer(() => Effect.never)
      }
      const { names, sentence } = yield* failures(Endless, { layer: Endless.layer, ...payloads, valid: [{ name: "Ada" }] })
      expect(names).toEqual(["calls"])
      expect(sentence).toBe('with the payload {"name":"Ada"} it did not end within 200 ms')
    })
  )

  it.live("defects: one that throws", () =>
    Effect.gen(function* () {
      class Throwing extends Agent.make("acme/Throwing", greeter) {
        static readonly layer = this.toLayer(({ name }) => {
          if (name !== "") throw new Error("boom")
          return Effect.succeed(greeting(name))
        })
      }
      const { names, sentence } = yield* failures(Throwing, { layer: Throwing.layer, ...payloads })
      expect(names).toEqual(["defects"])
      expect(sentence).toContain('with the payload {"name":"Ada"} it threw Error: boom')
    })
  )

  it.live("plans: one that is another one inside a run", () =>
    Effect.gen(function* () {
      class Chameleon extends Agent.make("acme/Chameleon", greeter) {
        static readonly layer = this.toLayer(({ name }) => Effect.map(Run.Current, (run) => greeting(`${name} ${run._tag}`)))
      }
      const { names, sentence } = yield* failures(Chameleon, { layer: Chameleon.layer, ...payloads })
      expect(names).toEqual(["plans"])
      expect(sentence).toMatch(/Hello, Ada None.* by itself, and as a task it succeeded with .*Hello, Ada Some/)
    })
  )

  it.live("bad payloads: one that takes them, and one whose path is elsewhere", () =>
    Effect.gen(function* () {
      class Loose extends Agent.make("acme/Loose", { ...greeter, payload: { name: Schema.String } }) {
        static readonly layer = this.toLayer(({ name }) => Effect.succeed(greeting(name)))
      }
      const loose = yield* failures(Loose, { layer: Loose.layer, ...payloads })
      expect(loose.names).toEqual(["bad payloads"])
      expect(loose.sentence).toMatch(/^the payload {"name":""} was not refused: the call succeeded with /)
      const elsewhere = yield* failures(Good, { layer: Good.layer, ...payloads, invalid: [{ payload: { name: "" }, path: ["names"] }] })
      expect(elsewhere.names).toEqual(["bad payloads"])
      expect(elsewhere.sentence).toBe('the payload {"name":""} was refused at ["name"] and not at ["names"]')
    })
  )

  it.live("side by side: one with state that calls share", () =>
    Effect.gen(function* () {
      class Counting extends Agent.make("acme/Counting", greeter) {
        static readonly layer = this.toLayer(
          Effect.map(Ref.make(0), (count) => ({ name }: { readonly name: string }) =>
            Effect.map(Ref.updateAndGet(count, (n) => n + 1), (n) => greeting(`${name} ${n}`))
          )
        )
      }
      const { names, sentence } = yield* failures(Counting, { layer: Counting.layer, ...payloads })
      expect(names).toEqual(["side by side"])
      expect(sentence).toMatch(/Hello, Ada 1.* and, called a second time at once, succeeded with .*Hello, Ada 2/)
    })
  )

  it.live("interruption: one that does not hear of it, and one whose finalizer throws", () =>
    Effect.gen(function* () {
      class Deaf extends Agent.make("acme/Deaf", greeter) {
        static readonly layer = this.toLayer(({ name }) => Effect.uninterruptible(Effect.as(Effect.sleep("150 millis"), greeting(name))))
      }
      const deaf = yield* failures(Deaf, { layer: Deaf.layer, ...payloads })
      expect(deaf.names).toEqual(["interruption"])
      expect(deaf.sentence).toContain('with the payload {"name":"Ada"} it did not end within 60 ms of an interruption after 0 ms')
      class Spiteful extends Agent.make("acme/Spiteful", greeter) {
        static readonly layer = this.toLayer(({ name }) =>
          Effect.onInterrupt(Effect.as(Effect.sleep("30 millis"), greeting(name)), () => Effect.die(new Error("not now")))
        )
      }
      const spiteful = yield* failures(Spiteful, { layer: Spiteful.layer, ...payloads })
      expect(spiteful.names).toEqual(["interruption"])
      expect(spiteful.sentence).toContain("it threw when it was interrupted after 0 ms: Error: not now")
    })
  )

  it.live("fibers: one that leaves some behind; those in the scope of its layer may stay as long", () =>
    Effect.gen(function* () {
      class Leaking extends Agent.make("acme/Leaking", greeter) {
        static readonly layer = this.toLayer(({ name }) => Effect.as(Effect.forkDetach(Effect.sleep("1 second")), greeting(name)))
      }
      const leaking = yield* failures(Leaking, { layer: Leaking.layer, ...payloads })
      expect(leaking.names).toEqual(["fibers"])
      expect(leaking.sentence).toContain("1 of its fibers lived on after it ended; fork with forkChild or forkScoped")
      class Caching extends Agent.make("acme/Caching", greeter) {
        static readonly layer = this.toLayer(
          Effect.map(Effect.scope, (scope) => ({ name }: { readonly name: string }) =>
            Effect.as(Effect.forkIn(Effect.never, scope), greeting(name))
          )
        )
      }
      expect((yield* failures(Caching, { layer: Caching.layer, ...payloads })).names).toEqual([])
    })
  )

  it.live("budget: one that asks for ever", () =>
    Effect.gen(function* () {
      class Stubborn extends Agent.make("acme/Stubborn", greeter) {
        static readonly layer = this.toLayer(({ name }) => {
          const ask: Effect.Effect<void> = Effect.catch(
            Budget.tryReserve({ calls: 1 }, () => Effect.void),
            () => Effect.andThen(Effect.sleep("5 millis"), ask)
          )
          return Effect.as(Effect.andThen(ask, ask), greeting(name))
        })
      }
      const { names, sentence } = yield* failures(Stubborn, { layer: Stubborn.layer, ...payloads })
      expect(names).toEqual(["budget"])
      expect(sentence).toContain('with the payload {"name":"Ada"} it did not end within 200 ms inside a limit of one call')
    })
  )

  it.live("progress: one whose reports are not valid", () =>
    Effect.gen(function* () {
      class Boasting extends Agent.make("acme/Boasting", greeter) {
        static readonly layer = this.toLayer(({ name }) =>
          Effect.as(Progress.report({ message: "nearly there", fraction: 110 }), greeting(name))
        )
      }
      const boasting = yield* failures(Boasting, { layer: Boasting.layer, ...payloads })
      expect(boasting.names).toEqual(["progress"])
      expect(boasting.sentence).toContain('it reported "nearly there" with the fraction 110; allowed is 0 to 1')
    })
  )

  it.live("fails with the first check that is not passed, and where the layer cannot be built", () =>
    Effect.gen(function* () {
      class Loose extends Agent.make("acme/Loose", { ...greeter, payload: { name: Schema.String } }) {
        static readonly layer = this.toLayer(({ name }) => Effect.succeed(greeting(name)))
      }
      const error = yield* Effect.flip(AgentConformance.conform(Loose, { layer: Loose.layer, ...payloads, ...quick }))
      expect(error.message).toMatch(/^The agent acme\/Loose does not pass "bad payloads: refused with their path, before the handler is called": the payload /)
      const Key = Context.Service<"Key", string>("Key")
      const broken = Layer.provide(Good.layer, Layer.effect(Key, Effect.fail("no key")))
      expect(yield* Effect.flip(AgentConformance.check(Good, { layer: broken, ...payloads }))).toBe("no key")
    })
  )
})
