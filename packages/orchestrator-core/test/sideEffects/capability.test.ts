import { Agent, Approval, Orchestrator, Plan, type Progress, ReceiptStore, Run, SideEffect, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, Context, Effect, Layer, Schema, Stream } from "effect"

/** Everything that was done, whoever did it. */
class World extends Context.Service<World, { readonly done: Array<string> }>()("test/World") {
  static readonly layer = Layer.sync(World)(() => ({ done: [] }))
}

class GaveUpError extends Schema.TaggedError<GaveUpError>()("GaveUpError", {}) {}

const needs = [Approval.Approval, ReceiptStore.ReceiptStore, World] as const
const error = Schema.Union([SideEffect.Failure, GaveUpError])

const act = (kind: string, key: string) =>
  SideEffect.make(kind, {
    input: Schema.String,
    success: Schema.Void,
    call: () => Effect.flatMap(World, ({ done }) => Effect.sync(() => void done.push(kind)))
  }).perform({ key, input: "x" })

const payload = { kind: Schema.String, failures: Schema.optionalKey(Schema.Natural) }

/** Does one action; its first attempts fail before they get there. */
class Actor extends Agent.make("Actor", { description: "Acts", payload, success: Schema.Void, error, dependencies: needs }) {
  static readonly layer = this.toLayer(
    Effect.fnUntraced(function* ({ failures = 0, kind }) {
      const info = yield* Run.Current
      if (info._tag === "Some" && info.value.attempt <= failures) return yield* new GaveUpError()
      return yield* act(kind, "act")
    })
  )
}

/** Has another agent do it. */
class Boss extends Agent.make("Boss", { description: "Has it done", payload, success: Schema.Void, error, dependencies: needs }) {
  static readonly layer = this.toLayer(({ kind }) => Effect.catchTag(Actor.run({ kind }), "InvalidPayloadError", Effect.die))
}

/** Runs a plan of them. */
class Planner extends Agent.make("Planner", { description: "Plans it", payload, success: Schema.Array(Schema.String), dependencies: needs }) {
  static readonly layer = this.toLayer(({ kind }) =>
    Effect.map(Orchestrator.run(Plan.make("inner", [Task.make("a", Actor, { payload: { kind } }), Task.make("b", Boss, { payload: { kind } })])), ({ results }) =>
      results.map(({ _tag }) => _tag)
    )
  )
}

/** Gives itself everything. */
class Greedy extends Agent.make("Greedy", { description: "Wants more", payload, success: Schema.Void, error: Schema.Union([error, SideEffect.KindsRefusedError]), dependencies: needs }) {
  static readonly layer = this.toLayer(({ kind }) => act(kind, "act").pipe(SideEffect.allow(["*"]), SideEffect.allow([kind])))
}

/** Says what it would do, and then tries to. */
class Rehearser extends Agent.make("Rehearser", { description: "Rehearses", payload, success: Schema.Array(Schema.String), dependencies: needs }) {
  static readonly layer = this.toLayer(({ kind }) =>
    Effect.gen(function* () {
      const { requests } = yield* SideEffect.rehearse(act(kind, "act").pipe(SideEffect.allow([kind])))
      yield* Effect.ignore(act(kind, "act").pipe(SideEffect.allow([kind])))
      return requests.map((request) => request.kind)
    })
  )
}

/** Was built where everything was given, and brings that along. */
class Smuggler extends Agent.make("Smuggler", { description: "Was built elsewhere", payload, success: Schema.Void, error, dependencies: needs }) {
  static readonly layer = this.toLayer(({ kind }) => act(kind, "act"))
}
/** Built inside a region, with what is given there in its context. */
const builtInside = Layer.effectContext(Layer.build(Smuggler.layer).pipe(SideEffect.allow(["*"]), Effect.orDie))

const agents = Layer.mergeAll(Planner.layer, Greedy.layer, builtInside).pipe(
  Layer.provideMerge(Boss.layer),
  Layer.provideMerge(Actor.layer),
  Layer.provideMerge(Layer.mergeAll(Orchestrator.layer, ReceiptStore.layerMemory, Approval.layerApproveAll("ada"), World.layer))
)

const kind = "notes.create"
const tasks = [
  Task.make("actor", Actor, { payload: { kind } }),
  Task.make("retried", Actor, { payload: { kind, failures: 2 }, policy: (call) => Effect.retry(call, { times: 2 }) }),
  Task.make("child", Boss, { payload: { kind } }),
  Task.make("nested", Planner, { payload: { kind } }),
  Task.forEach("each", Actor, { items: () => [{ kind }, { kind, failures: 0 }], key: (one) => JSON.stringify(one) }),
  Task.plan("plan", Plan.make("sub", [Task.make("inside", Boss, { payload: { kind } })]))
] as const
const everything = Plan.make("p", tasks)

const reasons = (events: ReadonlyArray<Progress.Event>) => events.flatMap((event) => (event._tag === "failed" ? [event.errorType] : []))

describe("kinds that are given to a run", () => {
  it.effect("reach its agents, child agents, items, nested plans and every attempt", () =>
    Effect.gen(function* () {
      const { results } = yield* Orchestrator.run(everything).pipe(SideEffect.allow(["notes.*"]))
      expect(results.map(({ _tag, taskId }) => `${taskId} ${_tag}`).filter((line) => !line.endsWith("succeeded"))).toStrictEqual([])
      expect(results.find(({ taskId }) => taskId === "nested")).toMatchObject({ output: ["succeeded", "succeeded"] })
      // actor, retried, child, two of the nested plan, two items, one of the other nested plan
      expect((yield* World).done).toHaveLength(8)
    }).pipe(Effect.provide(agents))
  )

  it.effect("are none where none were given: nothing is done, whoever approves it, and each is told what to do", () =>
    Effect.gen(function* () {
      const events = yield* Stream.runCollect(Orchestrator.stream(everything))
      expect((yield* World).done).toStrictEqual([])
      expect(new Set(reasons(Array.from(events)))).toContain("SideEffectNotPerformedError")
      const { results } = yield* Orchestrator.run(Plan.make("q", [tasks[0]]))
      expect(results[0]).toMatchObject({ _tag: "failed", error: { reason: "notAllowed", message: expect.stringContaining('SideEffect.allow(["notes.create"])') } })
    }).pipe(Effect.provide(agents))
  )

  it.effect("are these and no others", () =>
    Effect.gen(function* () {
      yield* Orchestrator.run(everything).pipe(SideEffect.allow(["notes.remove", "crm.*"]))
      expect((yield* World).done).toStrictEqual([])
    }).pipe(Effect.provide(agents))
  )

  it.effect("reach an agent that is run by itself", () =>
    Effect.gen(function* () {
      yield* Actor.run({ kind }).pipe(SideEffect.allow([kind]))
      expect(yield* Effect.flip(Actor.run({ kind: "crm.create" }).pipe(SideEffect.allow([kind])))).toMatchObject({ reason: "notAllowed" })
      expect(yield* Effect.flip(act(kind, "by itself"))).toMatchObject({ reason: "notAllowed" })
      expect((yield* World).done).toStrictEqual([kind])
    }).pipe(Effect.provide(agents))
  )

  it.effect("are those of where a run was started, also where it goes on alone", () =>
    Effect.gen(function* () {
      const handle = yield* Orchestrator.start(Plan.make("q", [tasks[0]])).pipe(SideEffect.allow([kind]))
      const other = yield* Orchestrator.start(Plan.make("r", [tasks[0]]))
      expect((yield* handle.await).results[0]?._tag).toBe("succeeded")
      expect((yield* other.await).results[0]).toMatchObject({ _tag: "failed", error: { reason: "notAllowed" } })
    }).pipe(Effect.provide(agents))
  )
})

describe("kinds cannot be widened inside", () => {
  const greedy = Plan.make("p", [Task.make("greedy", Greedy, { payload: { kind } }), Task.make("smuggler", Smuggler, { payload: { kind } })])

  it.effect("by a handler that gives itself more, nor by a layer that was built where there was more", () =>
    Effect.gen(function* () {
      const runs = [yield* Orchestrator.run(greedy), yield* Orchestrator.run(greedy).pipe(SideEffect.allow(["crm.*"]))]
      for (const { results } of runs) {
        const refused = { _tag: "failed", error: { _tag: "SideEffectNotPerformedError", reason: "notAllowed" } }
        expect(results).toMatchObject([refused, refused])
      }
      // Also not one that is run by itself, where there is no run that could have given it anything.
      expect(yield* Effect.flip(Greedy.run({ kind }))).toMatchObject({ reason: "notAllowed" })
      expect(yield* Effect.flip(Smuggler.run({ kind }))).toMatchObject({ reason: "notAllowed" })
      expect((yield* World).done).toStrictEqual([])
    }).pipe(Effect.provide(agents))
  )

  it.effect("by a rehearsal, which does nothing and may say what it would ask for", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* SideEffect.rehearse(Greedy.run({ kind }))
      expect([requests, result]).toMatchObject([[], { failure: { reason: "notAllowed" } }])
      const own = yield* Rehearser.run({ kind })
      expect(own).toStrictEqual([kind])
      expect(yield* Rehearser.run({ kind }).pipe(SideEffect.allow(["crm.*"]))).toStrictEqual([])
      expect((yield* World).done).toStrictEqual([])
    }).pipe(Effect.provide(Rehearser.layer.pipe(Layer.provideMerge(agents))))
  )

  const kinds = Arbitrary.array(Arbitrary.schema(Schema.Literals(["notes.create", "notes.*", "crm.create", "crm.*", "*", "mail.send"])), { minLength: 1, maxLength: 3 })
  it.effect.prop(
    "by any nesting: every region must name a kind",
    { regions: Arbitrary.array(kinds, { minLength: 1, maxLength: 4 }), wanted: Arbitrary.schema(Schema.Literals(["notes.create", "crm.create", "mail.send", "mail.remove"])) },
    ({ regions, wanted }) =>
      Effect.gen(function* () {
        const names = (pattern: string) => pattern === "*" || pattern === wanted || (pattern.endsWith(".*") && wanted.startsWith(pattern.slice(0, -1)))
        const once = Effect.exit(regions.reduce<Effect.Effect<void, unknown, Approval.Approval | ReceiptStore.ReceiptStore | World>>((inner, list) => inner.pipe(SideEffect.allow(list)), act(wanted, "k")))
        const exit = yield* once
        expect(exit._tag).toBe(regions.every((list) => list.some(names)) ? "Success" : "Failure")
      }).pipe(Effect.provide([ReceiptStore.layerMemory, Approval.layerApproveAll("ada"), World.layer]))
  )

  it.effect.each([[], [""], ["a*"], ["*.create"], [" notes.create"]])("%j is no list of kinds", (list) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.void.pipe(SideEffect.allow(list)))
      expect(error).toMatchObject({ _tag: "KindsRefusedError", message: expect.stringContaining("allowed is") })
    })
  )
})
