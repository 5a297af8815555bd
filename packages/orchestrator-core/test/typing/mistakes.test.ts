// @effect-diagnostics missingEffectContext:off missingEffectError:off
import { Agent, Budget, Orchestrator, Plan, type RunResult, Task, type TaskOutcome } from "@aria/orchestrator-core"
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Effect, Layer, Option, Schema, SchemaGetter } from "effect"
import { Approval, type CalendarError, Feeds, Operator, Scout, Scribe, type SourceUnavailableError } from "./agents.ts"
import { MorningBrief } from "./morningBrief.ts"

const scout = Task.make("scout", Scout, { payload: { entities: ["a"] } })
const other = Task.make("other", Scout, { payload: { entities: ["b"] } })
const brief = Task.make("brief", Scribe, { dependsOn: [scout], payload: ({ scout }) => ({ signals: scout.signals, events: [] }) })
const plan = Plan.make("p", [brief])
const two = Plan.make("two", [brief, other])

const scouts = Scout.layer.pipe(Layer.provide(Feeds.layer))
const everything = Layer.mergeAll(scouts, Scribe.layer, Orchestrator.layer)

/** For what must not compile and is not to run either. */
const unrun = (_: () => unknown) => expect(_).toBeTypeOf("function")

/** Who writes JavaScript, or casts, hears of it when the payload is checked. */
const refused = <A, E, R>(plan: Plan.Plan<string, A, E, R>, ...path: ReadonlyArray<string>) =>
  Effect.map(Orchestrator.run(plan), ({ results }) => {
    const failed = results.find(({ _tag }) => _tag === "failed")
    expect(failed).toMatchObject({ error: { _tag: "InvalidPayloadError" }, attempts: 0 })
    expect(JSON.stringify(failed)).toContain(JSON.stringify(path))
  })

describe("mistake 1: a forgotten layer", () => {
  const forgotten = Orchestrator.run(plan).pipe(Effect.provide([scouts, Orchestrator.layer]))

  it("is in the requirements, so that it cannot be run", () => {
    expectTypeOf(forgotten).toEqualTypeOf<Effect.Effect<RunResult.RunResult<{ readonly brief: string }>, never, Agent.Handler<"Scribe">>>()
    // @ts-expect-error Handler<"Scribe"> is missing
    unrun(() => Effect.runPromise(forgotten))
    // @ts-expect-error the orchestrator is missing
    unrun(() => Effect.runPromise(Orchestrator.run(plan).pipe(Effect.provide([scouts, Scribe.layer]))))
    // @ts-expect-error what the caller has to give to an agent is missing
    unrun(() => Effect.runPromise(Operator.run({ operationType: "calendar_read", parameters: { startDate: "" } }).pipe(Effect.provide(Operator.layer))))
    unrun(() => Effect.runPromise(Orchestrator.run(plan).pipe(Effect.provide(everything))))
  })

  it.effect("and where it is run all the same, the agent is named", () =>
    Effect.gen(function*() {
      const [, outcome] = (yield* forgotten as Effect.Effect<RunResult.RunResult<unknown>>).results
      expect(outcome).toMatchObject({ taskId: "brief", _tag: "failed", error: { _tag: "DefectError", received: expect.stringContaining("\"Scribe\"") } })
    }))
})

describe("mistake 2: a misspelt payload field", () => {
  it.effect("a required one", () => {
    // @ts-expect-error it is entities
    const task = Task.make("a", Scout, { payload: { entity: ["a"] } })
    return refused(Plan.make("p", [task]), "entities").pipe(Effect.provide(everything))
  })

  it.effect("an optional one", () => {
    // @ts-expect-error it is since
    const task = Task.make("b", Scout, { payload: { entities: ["a"], sinse: "2026" } })
    return refused(Plan.make("p", [task]), "sinse").pipe(Effect.provide(everything))
  })

  it.effect("a required one in a function", () => {
    // @ts-expect-error it is signals
    const task = Task.make("c", Scribe, { dependsOn: [scout], payload: ({ scout }) => ({ signal: scout.signals, events: [] }) })
    return refused(Plan.make("p", [task]), "signals").pipe(Effect.provide(everything))
  })

  it.effect("an optional one in a function", () => {
    // @ts-expect-error it is tone
    const task = Task.make("d", Scribe, { dependsOn: [scout], payload: ({ scout }) => ({ signals: scout.signals, events: [], tome: "dry" }) })
    return refused(Plan.make("p", [task]), "tome").pipe(Effect.provide(everything))
  })

  it.effect("an optional one in items", () => {
    // @ts-expect-error it is since
    const task = Task.forEach("e", Scout, { items: () => ["a"].map((name) => ({ entities: [name], sinse: "2026" })), key: (p) => p.entities[0] })
    return refused(Plan.make("p", [task]), "sinse").pipe(Effect.provide(everything))
  })

  it("in items, in the first payload of an iteration and in a call, required and optional", () => {
    // @ts-expect-error it is entities
    unrun(() => Task.forEach("f", Scout, { items: () => ["a"].map((name) => ({ entity: [name] })), key: (p) => p.entities[0] }))
    // @ts-expect-error it is since
    unrun(() => Task.iterate("g", Scout, { initial: { entities: ["a"], sinse: "2026" }, next: () => Option.none(), maxIterations: 2 }))
    // @ts-expect-error it is since
    unrun(() => Task.iterate("h", Scout, { initial: () => ({ entities: ["a"], sinse: "2026" }), next: () => Option.none(), maxIterations: 2 }))
    // @ts-expect-error it is since
    unrun(() => Scout.run({ entities: ["a"], sinse: "2026" }))
  })

  it("the right spelling of each compiles", () => {
    Task.make("a", Scout, { payload: { entities: ["a"] } })
    Task.make("b", Scout, { payload: { entities: ["a"], since: "2026" } })
    Task.make("c", Scribe, { dependsOn: [scout], payload: ({ scout }) => ({ signals: scout.signals, events: [] }) })
    Task.make("d", Scribe, { dependsOn: [scout], payload: ({ scout }) => ({ signals: scout.signals, events: [], tone: "dry" }) })
    Task.forEach("e", Scout, { items: () => ["a"].map((name) => ({ entities: [name], since: "2026" })), key: (p) => p.entities[0] })
    Task.iterate("h", Scout, { initial: () => ({ entities: ["a"], since: "2026" }), next: () => Option.none(), maxIterations: 2 })
  })
})

describe("mistake 3: a task that is used and not named in dependsOn", () => {
  it("does not compile", () => {
    // @ts-expect-error other is not named
    unrun(() => Task.make("a", Scribe, { dependsOn: [scout], payload: ({ other, scout }) => ({ signals: [...scout.signals, ...other.signals], events: [] }) }))
    // @ts-expect-error nothing is named
    unrun(() => Task.make("b", Scribe, { payload: ({ scout }) => ({ signals: scout.signals, events: [] }) }))
    // @ts-expect-error an optional output is an Option
    unrun(() => Task.make("c", Scribe, { dependsOn: [Task.optional(scout)], payload: ({ scout }) => ({ signals: scout.signals, events: [] }) }))
    // @ts-expect-error in a condition
    unrun(() => Task.make("d", Scribe, { dependsOn: [scout], when: ({ other }) => other.signals.length > 0, payload: { signals: [], events: [] } }))
    // @ts-expect-error in items
    unrun(() => Task.forEach("e", Scout, { dependsOn: [scout], items: ({ other }) => other.signals.map((name) => ({ entities: [name] })), key: (p) => p.entities[0] }))
    // @ts-expect-error in the input of a plan
    unrun(() => Task.plan("f", MorningBrief, { dependsOn: [scout], input: ({ other }) => ({ companies: ["a", ...other.signals] }) }))
  })

  it("named, it is there", () => {
    Task.make("a", Scribe, { dependsOn: [scout, other], payload: ({ other, scout }) => ({ signals: [...scout.signals, ...other.signals], events: [] }) })
    Task.make("d", Scribe, { dependsOn: [other], when: ({ other }) => other.signals.length > 0, payload: { signals: [], events: [] } })
    Task.make("c", Scribe, {
      dependsOn: [Task.optional(scout)],
      payload: ({ scout }) => {
        expectTypeOf(scout).toEqualTypeOf<Option.Option<{ readonly signals: ReadonlyArray<string> }>>()
        return { signals: Option.isSome(scout) ? scout.value.signals : [], events: [] }
      }
    })
  })
})

describe("mistake 4: an output that is not a goal", () => {
  it.effect("does not compile, and is not there", () =>
    Effect.gen(function*() {
      const result = yield* Orchestrator.run(plan)
      expectTypeOf(result.outputs).toEqualTypeOf<Effect.Effect<{ readonly brief: string }, RunResult.TaskNotSucceededError>>()
      // @ts-expect-error scout is a task and no goal
      const { brief, scout } = yield* result.outputs
      expect([brief, scout]).toEqual(["a ships", undefined])
      // @ts-expect-error by its id neither
      unrun(() => result.outcome("scout"))
    }).pipe(Effect.provide(everything)))
})

describe("further mistakes", () => {
  it("inputs of plans", () => {
    // @ts-expect-error input is missing
    unrun(() => Orchestrator.run(MorningBrief))
    // @ts-expect-error input is wrong
    unrun(() => Orchestrator.run(MorningBrief, { companies: [] }))
    // @ts-expect-error input where none is taken
    unrun(() => Orchestrator.run(plan, {}))
    // @ts-expect-error the same for start
    unrun(() => Orchestrator.start(MorningBrief))
    // @ts-expect-error and for stream
    unrun(() => Orchestrator.stream(plan, {}))
    // @ts-expect-error and for a plan as a task
    unrun(() => Task.plan("sub", MorningBrief))
  })

  it("policies", () => {
    // @ts-expect-error it changes the success
    unrun(() => Task.make("a", Scout, { payload: { entities: ["a"] }, policy: (call) => Effect.option(call) }))
    // @ts-expect-error it adds an error
    unrun(() => Task.make("b", Scout, { payload: { entities: ["a"] }, policy: (call) => Effect.timeout(call, "1 second") }))
  })

  it("goals", () => {
    // @ts-expect-error none
    unrun(() => Plan.make("none", []))
    // @ts-expect-error an optional task
    unrun(() => Plan.make("optional", [Task.optional(scout)]))
  })

  it("handlers and schemas", () => {
    // @ts-expect-error another success
    unrun(() => Scribe.toLayer(() => Effect.succeed(1)))
    // @ts-expect-error an error that the agent does not declare
    unrun(() => Scribe.toLayer(() => Effect.fail("no")))
    const ask = SchemaGetter.transformEffect((text: string) => Effect.as(Approval, text))
    const NeedsService = Schema.String.pipe(Schema.decodeTo(Schema.String, { decode: ask, encode: SchemaGetter.passthrough<string>() }))
    expectTypeOf<typeof NeedsService["DecodingServices"]>().toEqualTypeOf<Approval>()
    // @ts-expect-error a payload that needs services
    unrun(() => Agent.make("S1", { description: "", payload: { a: NeedsService }, success: Schema.Void }))
    // @ts-expect-error a success that needs services
    unrun(() => Agent.make("S2", { description: "", payload: {}, success: NeedsService }))
    // @ts-expect-error an error that needs services
    unrun(() => Agent.make("S3", { description: "", payload: {}, success: Schema.Void, error: NeedsService }))
  })
})

describe("what must compile has the type that it must have", () => {
  it("policies keep the type and may add and take away services", () => {
    const withPolicy = Task.make("p", Operator, {
      payload: { operationType: "calendar_read", parameters: { startDate: "x" } },
      policy: (call) =>
        call.pipe(
          Effect.retry({ times: 2 }),
          Budget.limit({ usd: 1 }),
          Effect.catchTag("InvalidLimitError", Effect.die),
          Effect.provideService(Approval, { ask: () => Effect.succeed(true) })
        )
    })
    expectTypeOf(withPolicy).toEqualTypeOf<Task.Task<"p", { readonly events: ReadonlyArray<string> }, CalendarError, Agent.Handler<"Operator">>>()
    const fallback = Task.make("f", Scribe, { dependsOn: [scout, other], payload: (o) => ({ signals: o.other.signals, events: [] }), policy: (call) => Effect.andThen(Feeds, call) })
    expectTypeOf<Task.Services<typeof fallback>>().toEqualTypeOf<Feeds | Agent.Handler<"Scout"> | Agent.Handler<"Scribe">>()
  })

  it("services of what comes before come along, errors are those of the goals", () => {
    expectTypeOf<Task.Services<typeof brief>>().toEqualTypeOf<Agent.Handler<"Scout"> | Agent.Handler<"Scribe">>()
    expectTypeOf(two).toEqualTypeOf<
      Plan.Plan<
        "two",
        { readonly brief: string; readonly other: { readonly signals: ReadonlyArray<string> } },
        SourceUnavailableError,
        Agent.Handler<"Scout"> | Agent.Handler<"Scribe">
      >
    >()
  })

  it.effect("outcomes by task, plans as tasks, agents with notes", () =>
    Effect.gen(function*() {
      const result = yield* Orchestrator.run(two)
      const outcome = result.outcome(scout)
      expectTypeOf(outcome).toEqualTypeOf<TaskOutcome.TaskOutcome<{ readonly signals: ReadonlyArray<string> }, SourceUnavailableError>>()
      expect(outcome).toMatchObject({ _tag: "succeeded", output: { signals: ["a ships"] } })

      Task.plan("sub", two)
      Task.plan("sub", two, { dependsOn: [scout] })
      const nested = Task.plan("sub", MorningBrief, { dependsOn: [scout], input: ({ scout }) => ({ companies: ["a", ...scout.signals] }) })
      expectTypeOf<Task.Success<typeof nested>>().toEqualTypeOf<{ readonly brief: string }>()
      expectTypeOf<Task.Services<typeof nested>>().toEqualTypeOf<
        Agent.Handler<"Scout"> | Agent.Handler<"Scribe"> | Agent.Handler<"Operator"> | Approval
      >()

      const annotated = Scout.annotate(Approval, { ask: () => Effect.succeed(true) })
      const either = Task.make("either", Math.random() > 0.5 ? Scout : annotated, { payload: { entities: ["a"] } })
      expect((yield* Orchestrator.run(Plan.make("p", [either]))).allSucceeded).toBe(true)
    }).pipe(Effect.provide(everything)))
})
