import { Limiter, Metered, ModelAgent, PriceTable, TokenCount } from "@aria/models"
import {
  Agent,
  Approval,
  Budget,
  Orchestrator,
  Plan,
  ReceiptStore,
  Run,
  SideEffect,
  Task
} from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import { AiError, LanguageModel, Model, Tool, Toolkit } from "effect/ai"
import { journal } from "./modelAgentJournal.ts"
import { call, fails, model, results, says, turn } from "./modelAgentScript.ts"

const Send = Tool.make("send", {
  parameters: Schema.Struct({ to: Schema.String, text: Schema.String }),
  success: Schema.String,
  failure: SideEffect.Failure,
  failureMode: "return",
  dependencies: [Approval.Approval, ReceiptStore.ReceiptStore]
})
const Mail = Toolkit.make(Send)

class Writer extends Agent.make("Writer", {
  description: "Writes to people",
  payload: { to: Schema.String },
  success: Schema.String,
  error: ModelAgent.Failure,
  dependencies: [Approval.Approval, ReceiptStore.ReceiptStore]
}) {}

describe("tools that write", () => {
  class LineBroke extends Schema.TaggedError<LineBroke>()("LineBroke", { ambiguous: Schema.Boolean }) {}
  const writing = (call: (to: string) => Effect.Effect<string, LineBroke>) => {
    const SendMail = SideEffect.make("mail.send", {
      input: Schema.Struct({ to: Schema.String, text: Schema.String }),
      success: Schema.String,
      error: LineBroke,
      call: ({ to }) => call(to)
    })
    return Mail.toLayer({
      send: (input) => Effect.catchTag(SendMail.perform({ key: input.to, input }), "LineBroke", Effect.die)
    })
  }
  const run = (
    turns: Parameters<typeof model>[0],
    approval: Layer.Layer<Approval.Approval>,
    send: (to: string) => Effect.Effect<string, LineBroke> = (to) => Effect.succeed(`sent to ${to}`)
  ) => {
    const scripted = model(turns)
    const layer = Layer.mergeAll(
      Writer.toLayer(ModelAgent.make(Writer, { instructions: "Write.", toolkit: Mail })).pipe(
        Layer.provide(Layer.merge(writing(send), scripted.layer)),
        Layer.provideMerge(Layer.merge(approval, ReceiptStore.layerMemory))
      )
    )
    return {
      ...scripted,
      layer,
      run: Writer.run({ to: "ada" }).pipe(SideEffect.allow(["mail.*"]), Effect.provide(layer))
    }
  }
  const write = (text: string, id = "1") => turn(call("send", { to: "ada", text }, id))
  const done = turn(says("Done."))

  it.effect(
    "do it once it is approved, and once only: the same action again has its stored outcome, another is a conflict",
    () =>
      Effect.gen(function* () {
        const sent: Array<string> = []
        const send = (to: string) => Effect.sync(() => (sent.push(to), `sent to ${to}`))
        const { requests, run: program } = run(
          [write("hi"), write("hi", "2"), write("bye", "3"), done],
          Approval.layerApproveAll("ada"),
          send
        )
        expect(yield* program).toBe("Done.")
        expect(sent).toStrictEqual(["ada"])
        expect(results(requests[2])).toMatchObject([{ isFailure: false, result: "sent to ada" }])
        expect(results(requests[3])).toMatchObject([
          {
            isFailure: true,
            result: { _tag: "SideEffectConflictError", message: expect.stringContaining("nothing was done") }
          }
        ])
      })
  )

  it.effect("a refusal is told to the model, which goes on", () =>
    Effect.gen(function* () {
      const { requests, run: program } = run([write("hi"), done], Approval.layerDeny)
      expect(yield* program).toBe("Done.")
      expect(results(requests[1])).toMatchObject([
        { isFailure: true, result: { _tag: "SideEffectNotPerformedError", reason: "denied" } }
      ])
    })
  )

  it.effect("a doubt ends the agent, although the tool returns its failures", () =>
    Effect.gen(function* () {
      const { requests, run: program } = run([write("hi"), done], Approval.layerApproveAll("ada"), () =>
        Effect.fail(new LineBroke({ ambiguous: true }))
      )
      const error = yield* Effect.flip(program)
      expect(error).toMatchObject({ _tag: "SideEffectUnknownError", kind: "mail.send", key: "ada" })
      expect(requests).toHaveLength(1)
    })
  )

  it.effect("wait for their approval without a permit", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const decided = yield* Deferred.make<void>()
      const approval = Layer.succeed(Approval.Approval)({
        decide: () =>
          Run.waiting("approval")(Effect.andThen(Deferred.succeed(asked, undefined), Deferred.await(decided))).pipe(
            Effect.as({ _tag: "approved", by: "ada" } as const)
          )
      })
      class Other extends Agent.make("Other", { description: "", payload: {}, success: Schema.String }) {
        static readonly layer = this.toLayer(() =>
          Effect.as(Effect.andThen(Deferred.await(asked), Deferred.succeed(decided, undefined)), "meanwhile")
        )
      }
      const { layer } = run([write("hi"), done], approval)
      const plan = Plan.make("one permit", [
        Task.make("write", Writer, { payload: { to: "ada" } }),
        Task.make("other", Other, { payload: {} })
      ])
      const result = yield* Orchestrator.run(plan).pipe(
        SideEffect.allow(["mail.*"]),
        Effect.provide(Layer.mergeAll(layer, Other.layer, Orchestrator.layerWith({ concurrency: 1 })))
      )
      expect(yield* result.outputs).toStrictEqual({ write: "Done.", other: "meanwhile" })
    })
  )
})

describe("budgets", () => {
  class Worker extends Agent.make("Worker", {
    description: "",
    payload: { n: Schema.Int },
    success: Schema.String,
    error: ModelAgent.Failure
  }) {}
  const Look = Tool.make("look", { success: Schema.String })
  const Looks = Toolkit.make(Look)
  const counter: TokenCount.TokenCount = { request: () => Effect.succeed(100), texts: () => Effect.succeed(0) }
  const worker = (turns: Parameters<typeof model>[0]) => {
    const scripted = model(turns)
    const metered = Layer.effect(
      LanguageModel.LanguageModel,
      Effect.flatMap(
        Metered.provider({ counter, maxOutputTokens: 50, prices: { "acme/one": PriceTable.free } }, scripted.functions),
        LanguageModel.make
      )
    )
    const layer = Worker.toLayer(ModelAgent.make(Worker, { instructions: "", toolkit: Looks })).pipe(
      Layer.provide([metered, Looks.toLayer({ look: () => Effect.succeed("seen") })]),
      Layer.provide(Limiter.layer())
    )
    return { ...scripted, layer: Layer.merge(layer, Orchestrator.layer) }
  }
  const plan = Plan.make("work", [Task.make("work", Worker, { payload: { n: 1 } })])

  it.effect("a run's usage is the sum of the turns of its agents", () =>
    Effect.gen(function* () {
      const { layer } = worker([turn(call("look", {})), turn(call("look", {})), turn(says("Done."))])
      const { outcomes, usage } = yield* Effect.map(Effect.provide(Orchestrator.run(plan), layer), (result) => ({
        usage: result.usage,
        outcomes: result.results
      }))
      expect(outcomes.map(({ _tag }) => _tag)).toStrictEqual(["succeeded"])
      expect([usage.inputTokens, usage.outputTokens, usage.calls]).toStrictEqual([30, 15, 3])
    })
  )

  it.effect("its calls are in the lane of the agent", () =>
    Effect.gen(function* () {
      const scripted = model([turn(call("look", {})), turn(says("Done."))])
      const metered = Effect.flatMap(
        Metered.provider({ counter, maxOutputTokens: 50, prices: {} }, scripted.functions),
        LanguageModel.make
      )
      const lanes = yield* Effect.gen(function* () {
        const handle = yield* ModelAgent.make(Worker, { instructions: "", toolkit: Looks })
        yield* handle({ n: 1 })
        return yield* (yield* Limiter.Limiter).lanes
      }).pipe(
        Effect.provide(
          Layer.merge(
            Layer.effect(LanguageModel.LanguageModel, metered),
            Looks.toLayer({ look: () => Effect.succeed("seen") })
          ).pipe(Layer.provideMerge(Limiter.layer({ agent: { "*": { requestsPerMinute: 10 } } })))
        )
      )
      expect(lanes.filter(({ scope }) => scope === "agent")).toMatchObject([
        { name: "Worker", requests: 2, inFlight: 0 }
      ])
    })
  )

  it.effect("a turn that the budget refuses is not made, and ends the task", () =>
    Effect.gen(function* () {
      const { layer, requests } = worker([turn(call("look", {})), turn(says("Done."))])
      const result = yield* Orchestrator.run(plan).pipe(Budget.limit({ tokens: 160 }), Effect.provide(layer))
      expect(result.results.map((outcome) => (outcome._tag === "failed" ? outcome.error : outcome._tag))).toMatchObject(
        [{ _tag: "BudgetExceededError" }]
      )
      expect(requests).toHaveLength(1)
    })
  )
})

describe("an engine that stores", () => {
  class Inner extends Agent.make("Inner", {
    description: "",
    payload: { q: Schema.String },
    success: Schema.String,
    error: ModelAgent.Failure
  }) {}
  const Ask = Tool.make("ask", {
    parameters: Schema.Struct({ q: Schema.String }),
    success: Schema.Unknown,
    failure: ModelAgent.Failure,
    dependencies: []
  })
  const Asks = Toolkit.make(Ask)
  class Outer extends Agent.make("Outer", {
    description: "",
    payload: { q: Schema.String },
    success: Schema.Struct({ a: Schema.String }),
    error: ModelAgent.Failure
  }) {}

  const info = (attempt = 1): Run.Info => ({
    runId: "run",
    rootRunId: "run",
    path: ["task"],
    taskId: "task",
    agent: "Outer",
    agents: ["Outer"],
    attempt,
    userId: "ada",
    tags: {},
    deadline: undefined
  })
  const within = <A, E, R>(self: Effect.Effect<A, E, R>, attempt?: number) =>
    Effect.provideService(self, Run.Current, Option.some(info(attempt)))

  const outer = (outerTurns: Parameters<typeof model>[0], innerTurns: Parameters<typeof model>[0]) => {
    const [one, two] = [model(outerTurns), model(innerTurns)]
    const inner = Inner.toLayer(ModelAgent.make(Inner, { instructions: "Inner." })).pipe(Layer.provide(two.layer))
    const tools = Layer.provide(
      Layer.effectContext(
        Effect.gen(function* () {
          const services = yield* Effect.context<Agent.Services<typeof Inner>>()
          return yield* Asks.toHandlers({
            ask: ({ q }) =>
              Effect.provideContext(Inner.run({ q }), services) as Effect.Effect<string, ModelAgent.Failure>
          })
        })
      ),
      inner
    )
    const layer = Outer.toLayer(ModelAgent.make(Outer, { instructions: "Outer.", toolkit: Asks })).pipe(
      Layer.provide(Layer.merge(tools, one.layer))
    )
    return { outer: one.requests, inner: two.requests, layer, run: Effect.provide(Outer.run({ q: "?" }), layer) }
  }
  const ask = (q: string, id: string) => call("ask", { q }, id)

  it.effect("gives each turn and call a step of its own, also of agents that are tools of agents", () =>
    Effect.gen(function* () {
      const kept = journal()
      // The same call ids in each turn, the same question twice.
      const { run } = outer(
        [turn(ask("a", "1"), ask("a", "1")), turn(ask("a", "1")), turn(call("answer", { a: "end" }))],
        ["one", "two", "three"].map((text) => turn(says(text)))
      )
      expect(yield* within(kept.provide(run))).toStrictEqual({ a: "end" })
      // Three turns of the outer agent, three calls, and one turn of the inner agent in each of them.
      expect(kept.ran).toHaveLength(9)
      expect(new Set(kept.ran).size).toBe(9)
      for (const path of kept.ran) expect(path).toMatch(/^task#step\/Outer [0-9a-f]{12} turn \d/)
      // All is there: nobody is asked anything again.
      const again = outer([], [])
      expect(yield* within(kept.provide(again.run))).toStrictEqual({ a: "end" })
    })
  )

  it.effect("asks again for what a crash lost, and for nothing else", () =>
    Effect.gen(function* () {
      for (const when of ["before", "after"] as const) {
        for (let write = 1; write <= 5; write++) {
          const kept = journal()
          const turns = [turn(ask("a", "1")), turn(ask("b", "2")), turn(call("answer", { a: "end" }))]
          const first = outer(turns, [turn(says("one")), turn(says("two"))])
          kept.crashAt(write, when)
          expect(yield* Effect.map(Effect.exit(within(kept.provide(first.run))), ({ _tag }) => _tag)).toBe("Failure")
          const before = [...kept.stored.keys()]
          const left = (count: number, all: typeof turns) => all.slice(count)
          const turnsStored = before.filter((path) => /step\/Outer \w+ turn \d+$/.test(path)).length
          const innerStored = before.filter((path) => /Inner \w+ turn 1$/.test(path)).length
          const rest = outer(left(turnsStored, turns), left(innerStored, [turn(says("one")), turn(says("two"))]))
          expect(yield* within(kept.provide(rest.run))).toStrictEqual({ a: "end" })
          expect(rest.outer).toHaveLength(3 - turnsStored)
          // What was sent after the crash is what would have been sent without it.
          const whole = outer(turns, [turn(says("one")), turn(says("two"))])
          yield* whole.run
          expect(rest.outer.at(-1)?.prompt).toStrictEqual(whole.outer.at(-1)?.prompt)
        }
      }
    })
  )

  it.effect("keeps failures as well, and another attempt starts anew", () =>
    Effect.gen(function* () {
      const kept = journal()
      const down = fails(new AiError.InternalProviderError({ description: "down" }))
      const first = yield* Effect.flip(within(kept.provide(outer([down], []).run)))
      expect(first).toMatchObject({ _tag: "ModelCallError", reason: "InternalProviderError" })
      expect(yield* Effect.flip(within(kept.provide(outer([], []).run)))).toStrictEqual(first)
      const second = outer([turn(call("answer", { a: "end" }))], [])
      expect(yield* within(kept.provide(second.run), 2)).toStrictEqual({ a: "end" })
    })
  )

  it.effect("is told where a call stands, for the names of a handler's own steps", () =>
    Effect.gen(function* () {
      const Note = Tool.make("note", { success: Schema.String })
      const Notes = Toolkit.make(Note)
      class Noter extends Agent.make("Noter", {
        description: "",
        payload: {},
        success: Schema.String,
        error: ModelAgent.Failure
      }) {}
      const scripted = model([turn(call("note", {}, "1"), call("note", {}, "2")), turn(says("end"))])
      let count = 0
      const layer = Notes.toLayer({
        note: () =>
          Effect.gen(function* () {
            const { callId, step, tool } = Option.getOrThrow(yield* ModelAgent.CurrentCall)
            return yield* Run.step(
              `${step} count`,
              { success: Schema.String },
              Effect.sync(() => `${tool} ${callId}: ${++count}`)
            )
          })
      })
      const run = Effect.flatMap(ModelAgent.make(Noter, { instructions: "", toolkit: Notes }), (handle) => handle({}))
      expect(yield* within(journal().provide(Effect.provide(run, Layer.merge(layer, scripted.layer))))).toBe("end")
      expect(results(scripted.requests[1]).map(({ result }) => result)).toStrictEqual(["note 1: 1", "note 2: 2"])
      expect(yield* ModelAgent.CurrentCall).toStrictEqual(Option.none())
    })
  )
})

describe("the model's own layer", () => {
  it.effect("gives spans the names of provider and model, where it has them", () =>
    Effect.gen(function* () {
      class Named extends Agent.make("Named", {
        description: "",
        payload: {},
        success: Schema.String,
        error: ModelAgent.Failure
      }) {}
      const scripted = model([turn(says("hi"))])
      const names = Layer.merge(Layer.succeed(Model.ProviderName)("acme"), Layer.succeed(Model.ModelName)("one"))
      const spans: Array<readonly [string, unknown]> = []
      const run = Effect.flatMap(ModelAgent.make(Named, { instructions: "" }), (handle) => handle({})).pipe(
        Effect.provide(Layer.merge(names, scripted.layer)),
        Effect.withTracer({
          span: (options) => {
            const span = Tracer.nativeTracer.span(options)
            spans.push([span.name, span.attributes])
            return span
          }
        })
      )
      yield* run
      expect(spans.map(([name]) => name)).toStrictEqual(["LanguageModel.generateText", "chat one"])
      expect(Object.fromEntries(spans[1]![1] as ReadonlyMap<string, unknown>)).toMatchObject({
        "gen_ai.provider.name": "acme",
        "gen_ai.request.model": "one"
      })
    })
  )
})
