import { Agent, Budget, Orchestrator, Plan, Progress, Run, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { Asked, builtIn, finalized, foreign, Given, Inspector, Leaf, places, type View } from "./agents.ts"

/** Ids of runs that can be told beforehand. */
const counted = Layer.effect(
  Run.IdGenerator,
  Effect.sync(() => {
    let n = 0
    return Effect.sync(() => `run-${++n}`)
  })
)
const environment = Layer.merge(Orchestrator.layer, Layer.merge(counted, Layer.mergeAll(
  Layer.succeed(Given, { by: "caller" }),
  Layer.succeed(Asked, { by: "caller" })
)))

/** The caller's own regions. */
const mine = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  self.pipe(
    Budget.limit({ tokens: 100 }, { name: "mine" }),
    Run.configure({ userId: "ada", tags: { team: "mine" } }),
    Effect.annotateLogs({ mine: true }),
    Effect.withLogSpan("mine"),
    Effect.annotateSpans({ mine: true }),
    Effect.withSpan("mine")
  )

const inspect = Task.make("inspect", Inspector, { payload: {} })

const expectNothingForeign = () => {
  expect(foreign.events.filter((event) => event._tag === "update" || event._tag === "RunStarted")).toEqual([])
  expect(foreign.stored).toEqual([])
}

describe.each(Object.entries(places))("an agent whose layer was built %s", (_, place) => {
  it.effect("sees nothing of it outside any region", () =>
    Effect.gen(function*() {
      const agents = yield* builtIn(place)
      const view = yield* Inspector.run({}).pipe(Effect.provide(agents))
      expect(view).toEqual({
        info: undefined,
        inner: expect.objectContaining({ userId: "anonymous", tags: {}, path: ["leaf"], deadline: undefined }),
        child: undefined,
        tokens: Infinity,
        regions: [],
        spans: [],
        annotations: {},
        logSpans: [],
        spanAnnotations: {},
        given: "layer",
        asked: "caller"
      } satisfies View)
      expect((view as View).inner?.runId).toMatch(/^run-/)
      expectNothingForeign()
    }).pipe(Effect.provide(environment)))

  it.effect("sees the caller's regions", () =>
    Effect.gen(function*() {
      const agents = yield* builtIn(place)
      const view = yield* mine(Inspector.run({})).pipe(Effect.provide(agents))
      expect(view).toMatchObject({
        info: undefined,
        inner: { userId: "ada", tags: { team: "mine" }, deadline: undefined },
        tokens: 90,
        regions: ["mine"],
        spans: ["mine"],
        annotations: { mine: true },
        logSpans: ["mine"],
        spanAnnotations: { mine: true },
        given: "layer",
        asked: "caller"
      })
      expectNothingForeign()
    }).pipe(Effect.provide(environment)))

  it.effect("sees the caller's run", () =>
    Effect.gen(function*() {
      const agents = yield* builtIn(place)
      const heard: Array<Progress.Event> = []
      const result = yield* mine(Orchestrator.run(Plan.make("own", [inspect]))).pipe(
        Progress.listen((event) => {
          heard.push(event)
        }),
        Effect.provide(agents)
      )
      const outcome = result.outcome(inspect)
      expect(outcome).toMatchObject({ _tag: "succeeded", attempts: 1, usage: { outputTokens: 10 } })
      const view = (outcome._tag === "succeeded" ? outcome.output : undefined) as View
      const info = {
        runId: result.runId,
        rootRunId: result.runId,
        path: ["inspect"],
        taskId: "inspect",
        agent: "Inspector",
        agents: ["Inspector"],
        attempt: 1,
        userId: "ada",
        tags: { team: "mine" },
        deadline: undefined
      }
      expect(view).toEqual({
        info,
        inner: {
          ...info,
          runId: expect.stringMatching(/^run-/),
          path: ["inspect", "leaf"],
          taskId: "leaf",
          agent: "Leaf",
          agents: ["Inspector", "Leaf"]
        },
        child: { ...info, agent: "Leaf", agents: ["Inspector", "Leaf"] },
        tokens: 90,
        regions: ["mine"],
        spans: ["invoke_agent Inspector", "invoke_workflow own", "mine"],
        annotations: { mine: true, runId: result.runId, taskId: "inspect", agent: "Inspector", userId: "ada" },
        logSpans: ["mine"],
        spanAnnotations: { mine: true },
        given: "layer",
        asked: "caller"
      } satisfies View)
      expect(view.inner?.runId).not.toBe(result.runId)
      // The caller hears the run that the handler starts.
      expect(heard.filter(({ runId }) => runId === view.inner?.runId).map(({ _tag }) => _tag)).toEqual(
        ["RunStarted", "starting", "running", "complete", "RunEnded"]
      )
      // What it reports, and that it waits for its child without a permit, is heard in the caller's run.
      expect(heard.filter(({ runId }) => runId === result.runId).map(({ _tag }) => _tag)).toEqual(
        ["RunStarted", "starting", "running", "update", "waiting", "waiting", "complete", "RunEnded"]
      )
      expectNothingForeign()
    }).pipe(Effect.provide(environment)))

  it.effect("closes the scope of a call when the call ends", () =>
    Effect.gen(function*() {
      const agents = yield* builtIn(place)
      const after = Task.make("after", Leaf, {
        dependsOn: [inspect],
        payload: () => {
          expect(finalized).toEqual(["Inspector"])
          return {}
        }
      })
      const result = yield* Orchestrator.run(Plan.make("own", [after])).pipe(Effect.provide(agents))
      expect(result.allSucceeded).toBe(true)
    }).pipe(Effect.provide(environment)))

  it.effect("is held to the caller's budget", () =>
    Effect.gen(function*() {
      const agents = yield* builtIn(place)
      const error = yield* Inspector.run({}).pipe(Budget.limit({ tokens: 9 }, { name: "mine" }), Effect.flip, Effect.provide(agents))
      expect(error).toMatchObject({ _tag: "BudgetExceededError", owner: "region", scope: "mine", requested: 10 })
    }).pipe(Effect.provide(environment)))
})

class Tool extends Context.Service<Tool, { readonly by: string }>()("test/Tool") {}

class User extends Agent.make("User", { description: "Uses a tool", payload: {}, success: Schema.String }) {
  static readonly layer = this.toLayer(() => Effect.map(Tool, ({ by }) => by))
}

class Chooser extends Agent.make("Chooser", { description: "Calls the user", payload: {}, success: Schema.String }) {
  static readonly layer = this.toLayer(() => Effect.orDie(User.run({})).pipe(Effect.provideService(Tool, { by: "handler" })))
}

describe("services", () => {
  const user = User.layer.pipe(Layer.provide(Layer.succeed(Tool, { by: "layer of User" })))
  const chooser = Chooser.layer.pipe(Layer.provide(user))

  it.effect("come from the layer of an agent, whoever calls it and with whatever", () =>
    Effect.gen(function*() {
      const task = Task.make("t", User, { payload: {} })
      const asChild = Task.make("c", Chooser, { payload: {} })
      const result = yield* Orchestrator.run(Plan.make("p", [task, asChild]))
      expect(yield* result.outputs).toEqual({ t: "layer of User", c: "layer of User" })
      expect(yield* User.run({})).toBe("layer of User")
    }).pipe(
      Effect.provideService(Tool, { by: "caller" }),
      Effect.provide([user, chooser, Orchestrator.layer])
    ))

  it.effect("that are declared as dependencies come from the caller of each call, policies included", () =>
    Effect.gen(function*() {
      class Dependent extends Agent.make("Dependent", { description: "Asks", payload: {}, success: Schema.String, dependencies: [Asked] }) {
        static readonly layer = this.toLayer(() => Effect.map(Asked, ({ by }) => by))
      }
      const layer = Dependent.layer.pipe(Layer.provide(Layer.succeed(Asked, { by: "layer" })))
      const plain = Task.make("plain", Dependent, { payload: {} })
      const policy = Task.make("policy", Dependent, { payload: {}, policy: (call) => Effect.provideService(call, Asked, { by: "policy" }) })
      const run = Orchestrator.run(Plan.make("p", [plain, policy])).pipe(Effect.provide(layer))
      for (const by of ["ada", "grace"]) {
        const result = yield* run.pipe(Effect.provideService(Asked, { by }))
        expect(yield* result.outputs).toEqual({ plain: by, policy: "policy" })
      }
    }).pipe(Effect.provide(Orchestrator.layer)))
})

describe("two different agents under one tag", () => {
  class Poet extends Agent.make("Translator", { description: "Translates poems", version: "2", payload: { text: Schema.String }, success: Schema.String }) {
    static readonly layer = this.toLayer(({ text }) => Effect.succeed(text))
  }
  class Clerk extends Agent.make("Translator", { description: "Translates forms", version: "7", payload: { text: Schema.String }, success: Schema.String }) {}

  const both = /Translator.*Translates poems.*version 2.*Translates forms.*version 7.*acme\/Translator/

  it.effect("are a defect that names both, in a call", () =>
    Effect.gen(function*() {
      const defect = yield* Clerk.run({ text: "x" }).pipe(Effect.catchDefect((defect) => Effect.succeed(String(defect))))
      expect(defect).toMatch(both)
    }).pipe(Effect.provide(Poet.layer)))

  it.effect("are a defect that names both, in a plan, and harm no other task", () =>
    Effect.gen(function*() {
      const clerk = Task.make("clerk", Clerk, { payload: { text: "x" } })
      const poet = Task.make("poet", Poet, { payload: { text: "x" } })
      const result = yield* Orchestrator.run(Plan.make("p", [clerk, poet]))
      expect(result.outcome(clerk)).toMatchObject({ _tag: "failed", origin: "engine", error: { _tag: "DefectError", received: expect.stringMatching(both) } })
      expect(result.outcome(poet)).toMatchObject({ _tag: "succeeded", output: "x" })
    }).pipe(Effect.provide([Poet.layer, Orchestrator.layer])))

  it.effect("are told apart although their schemas are the same values", () =>
    Effect.gen(function*() {
      const Text = { payload: Schema.String, success: Schema.String }
      const Poet = Agent.make("Translator", { description: "Translates poems", version: "2", ...Text })
      const Clerk = Agent.make("Translator", { description: "Translates forms", version: "7", ...Text })
      const defect = yield* Clerk.run("x").pipe(
        Effect.catchDefect((defect) => Effect.succeed(String(defect))),
        Effect.provide(Poet.toLayer(Effect.succeed))
      )
      expect(defect).toMatch(both)
    }))

  it.effect("a note on an agent makes no other agent of it", () =>
    Effect.gen(function*() {
      expect(yield* Poet.annotate(Tool, { by: "note" }).run({ text: "x" })).toBe("x")
    }).pipe(Effect.provide(Poet.layer)))
})

describe("the scope of a call outside a run", () => {
  class Closer extends Agent.make("Closer", { description: "Has a finalizer", payload: {}, success: Schema.Void }) {
    static readonly layer = this.toLayer(() => Effect.addFinalizer(() => Effect.sync(() => finalized.push("Closer"))))
  }

  it.live("is there although the caller has none", () =>
    Effect.promise(async () => {
      finalized.length = 0
      await Effect.runPromise(Closer.run({}).pipe(Effect.provide(Closer.layer, { local: true })))
      expect(finalized).toEqual(["Closer"])
    }))

  it.effect("is the call's own and closed with it", () =>
    Effect.gen(function*() {
      finalized.length = 0
      yield* Closer.run({})
      expect(finalized).toEqual(["Closer"])
    }).pipe(Effect.provide(Closer.layer)))
})
