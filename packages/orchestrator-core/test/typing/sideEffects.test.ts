// @effect-diagnostics missingEffectContext:off missingEffectError:off
import { Agent, Approval, HumanInput, Orchestrator, Plan, ReceiptStore, Run, type RunResult, SideEffect, Task } from "@aria/orchestrator-core"
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"

class Notes extends Context.Service<Notes, { readonly create: (title: string) => Effect.Effect<string, NotesError> }>()("test/Notes") {
  static readonly layer = Layer.succeed(Notes)({ create: Effect.succeed })
}
class NotesError extends Schema.TaggedError<NotesError>()("NotesError", {}) {}

const Create = SideEffect.make("notes.create", {
  input: Schema.Struct({ title: Schema.String }),
  success: Schema.String,
  error: NotesError,
  call: ({ title }) => Effect.flatMap(Notes, (notes) => notes.create(title))
})

/** Writes, and leaves it to whoever runs it who approves and where receipts are kept. */
class Writer extends Agent.make("Writer", {
  description: "Writes a note",
  payload: { title: Schema.String },
  success: Schema.String,
  error: Schema.Union([NotesError, SideEffect.Failure]),
  dependencies: [Approval.Approval, ReceiptStore.ReceiptStore]
}) {
  static readonly layer = this.toLayer(({ title }) => Create.perform({ key: title, input: { title } }))
}

/** Writes, and gets its approval from its layer. */
class Settled extends Agent.make("Settled", { description: "Writes a note", payload: { title: Schema.String }, success: Schema.String, error: Writer.errorSchema }) {
  static readonly layer = this.toLayer(({ title }) => Create.perform({ key: title, input: { title } }))
}

class Asker extends Agent.make("Asker", { description: "Asks", payload: {}, success: Schema.String, error: HumanInput.UnansweredError, dependencies: [HumanInput.HumanInput] }) {
  static readonly layer = this.toLayer(() => Run.ask("name", { schema: Schema.String, prompt: "Name?" }))
}

const unrun = (_: () => unknown) => expect(_).toBeTypeOf("function")
const plan = Plan.make("p", [Task.make("write", Writer, { payload: { title: "a" } })])
const running = Orchestrator.run(plan).pipe(SideEffect.allow(["notes.*"]))
const agents = Layer.mergeAll(Writer.layer.pipe(Layer.provide(Notes.layer)), Orchestrator.layer)
const written = Layer.mergeAll(Approval.layerApproveAll("ada"), ReceiptStore.layerMemory)

describe("an action", () => {
  it("says in its type how it fails and what it needs", () => {
    const performed = Create.perform({ key: "a", input: { title: "a" } })
    expectTypeOf(performed).toEqualTypeOf<
      Effect.Effect<string, NotesError | SideEffect.Failure, Notes | Approval.Approval | ReceiptStore.ReceiptStore>
    >()
    expectTypeOf(performed.pipe(SideEffect.allow(["notes.*"]))).toEqualTypeOf<
      Effect.Effect<string, NotesError | SideEffect.Failure | SideEffect.KindsRefusedError, Notes | Approval.Approval | ReceiptStore.ReceiptStore>
    >()
    // @ts-expect-error the title is a text
    unrun(() => Create.perform({ key: "a", input: { title: 1 } }))
    // @ts-expect-error there is no action without a key
    unrun(() => Create.perform({ input: { title: "a" } }))
    // @ts-expect-error the call gives what the success says
    unrun(() => SideEffect.make("notes.create", { input: Schema.String, success: Schema.Int, call: () => Effect.succeed("a") }))
    // @ts-expect-error the call fails as the error says
    unrun(() => SideEffect.make("notes.create", { input: Schema.String, success: Schema.String, call: () => Effect.fail(new NotesError()) }))
  })

  it("in one place has the same type", () => {
    const performed = SideEffect.perform({ kind: "notes.create", key: "a", input: "a", schemas: { input: Schema.String, success: Schema.String } }, Effect.succeed("a"))
    expectTypeOf(performed).toEqualTypeOf<Effect.Effect<string, SideEffect.Failure, Approval.Approval | ReceiptStore.ReceiptStore>>()
  })
})

describe("an agent that writes", () => {
  it("cannot be run without who approves and where receipts are kept", () => {
    expectTypeOf(running).toEqualTypeOf<
      Effect.Effect<
        RunResult.RunResult<{ readonly write: string }, NotesError | SideEffect.Failure>,
        SideEffect.KindsRefusedError,
        Orchestrator.Orchestrator | Agent.Handler<"Writer"> | Approval.Approval | ReceiptStore.ReceiptStore
      >
    >()
    // @ts-expect-error nobody approves, and there are no receipts
    unrun(() => Effect.runPromise(running.pipe(Effect.provide(agents))))
    // @ts-expect-error nobody approves
    unrun(() => Effect.runPromise(running.pipe(Effect.provide([agents, ReceiptStore.layerMemory]))))
    // @ts-expect-error there are no receipts
    unrun(() => Effect.runPromise(running.pipe(Effect.provide([agents, Approval.layerDeny]))))
    // @ts-expect-error nobody is there to ask
    unrun(() => Effect.runPromise(running.pipe(Effect.provide([agents, ReceiptStore.layerMemory, Approval.layerAsk]))))
    // @ts-expect-error there is no terminal
    unrun(() => Effect.runPromise(running.pipe(Effect.provide([agents, ReceiptStore.layerMemory, Approval.layerAsk.pipe(Layer.provide(HumanInput.layerTerminal()))]))))
    unrun(() => Effect.runPromise(running.pipe(Effect.provide([agents, written]))))
    // @ts-expect-error by itself it is no other
    unrun(() => Effect.runPromise(Writer.run({ title: "a" }).pipe(Effect.provide(agents))))
  })

  it("that does not leave it to others needs it for its layer", () => {
    expectTypeOf(Settled.layer).toEqualTypeOf<Layer.Layer<Agent.Handler<"Settled">, never, Notes | Approval.Approval | ReceiptStore.ReceiptStore>>()
    // @ts-expect-error the approval is missing
    unrun(() => Effect.runPromise(Settled.run({ title: "a" }).pipe(Effect.provide(Settled.layer.pipe(Layer.provide([Notes.layer, ReceiptStore.layerMemory]))))))
  })

  it("must say that it may fail so", () => {
    class Silent extends Agent.make("Silent", { description: "", payload: {}, success: Schema.String }) {}
    // @ts-expect-error its error schema has none of the failures of an action
    unrun(() => Silent.toLayer(() => Create.perform({ key: "a", input: { title: "a" } })))
  })

  it.effect("runs where both are given", () =>
    Effect.gen(function* () {
      const { results } = yield* running
      expect(results).toMatchObject([{ _tag: "succeeded", output: "a" }])
    }).pipe(Effect.provide([agents, written]))
  )
})

describe("a question", () => {
  it("needs a person, its answer has the type of its schema", () => {
    const region = Run.ask("region", { schema: Schema.Literals(["EU", "US"]), prompt: "Which?" })
    expectTypeOf(region).toEqualTypeOf<Effect.Effect<"EU" | "US", HumanInput.UnansweredError, HumanInput.HumanInput>>()
    expectTypeOf<Agent.Services<typeof Asker>>().toEqualTypeOf<Agent.Handler<"Asker"> | HumanInput.HumanInput>()
    // @ts-expect-error nobody is there
    unrun(() => Effect.runPromise(Asker.run({}).pipe(Effect.provide(Asker.layer))))
    unrun(() => Effect.runPromise(Asker.run({}).pipe(Effect.provide([Asker.layer, HumanInput.layerNobody()]))))
  })
})
