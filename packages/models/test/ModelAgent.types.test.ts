// @effect-diagnostics missingEffectError:off floatingEffect:off
import { ModelAgent } from "@aria/models"
import { Agent, Approval, type Budget, ReceiptStore, SideEffect } from "@aria/orchestrator-core"
import { describe, expectTypeOf, it } from "@effect/vitest"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { type LanguageModel, Tool, Toolkit } from "effect/ai"

class Lost extends Schema.TaggedError<Lost>()("Lost", {}) {}
const Quiet = Tool.make("quiet", { success: Schema.String, failure: Lost, failureMode: "return" })
const Loud = Tool.make("loud", { success: Schema.String, failure: Lost })
const Write = Tool.make("write", {
  success: Schema.String,
  failure: SideEffect.Failure,
  failureMode: "return",
  dependencies: [Approval.Approval, ReceiptStore.ReceiptStore]
})

class Plain extends Agent.make("Plain", {
  description: "",
  payload: { name: Schema.String },
  success: { n: Schema.Int },
  error: ModelAgent.Failure
}) {
  static readonly layer = this.toLayer(ModelAgent.make(this, { instructions: ({ name }) => name }))
}
class Wide extends Agent.make("Wide", {
  description: "",
  payload: {},
  success: Schema.String,
  error: Schema.Union([ModelAgent.Failure, Lost])
}) {}
class Writer extends Agent.make("Writer", {
  description: "",
  payload: {},
  success: Schema.String,
  error: ModelAgent.Failure,
  dependencies: [Approval.Approval, ReceiptStore.ReceiptStore]
}) {}
class Silent extends Agent.make("Silent", { description: "", payload: {}, success: Schema.String }) {}

describe("types", () => {
  it("an agent needs a model and the handlers of its tools, and nothing else", () => {
    expectTypeOf(Plain.layer).toEqualTypeOf<
      Layer.Layer<Agent.Handler<"Plain">, ModelAgent.InvalidOptionError, LanguageModel.LanguageModel>
    >()
    const quiet = Plain.toLayer(ModelAgent.make(Plain, { instructions: "", toolkit: Toolkit.make(Quiet) }))
    expectTypeOf(quiet).toEqualTypeOf<
      Layer.Layer<
        Agent.Handler<"Plain">,
        ModelAgent.InvalidOptionError,
        LanguageModel.LanguageModel | Tool.Handler<"quiet">
      >
    >()
  })

  it("what its tools need to write comes from whoever runs it", () => {
    const layer = Writer.toLayer(ModelAgent.make(Writer, { instructions: "", toolkit: Toolkit.make(Write) }))
    expectTypeOf(layer).toEqualTypeOf<
      Layer.Layer<
        Agent.Handler<"Writer">,
        ModelAgent.InvalidOptionError,
        LanguageModel.LanguageModel | Tool.Handler<"write">
      >
    >()
    expectTypeOf<Agent.Services<typeof Writer>>().toEqualTypeOf<
      Agent.Handler<"Writer"> | Approval.Approval | ReceiptStore.ReceiptStore
    >()
  })

  it("the handler has the types of the agent, and the failures of its tools", () => {
    type Handler<M> = M extends Effect.Effect<infer H, any, any> ? H : never
    const plain = ModelAgent.make(Plain, { instructions: "" })
    expectTypeOf<Handler<typeof plain>>().toEqualTypeOf<
      (payload: { readonly name: string }) => Effect.Effect<{ readonly n: number }, ModelAgent.Failure, never>
    >()
    const loud = ModelAgent.make(Wide, { instructions: "", toolkit: Toolkit.make(Loud, Quiet) })
    expectTypeOf<Handler<typeof loud>>().toEqualTypeOf<
      (payload: {}) => Effect.Effect<string, ModelAgent.Failure | Lost, never>
    >()
    expectTypeOf<ModelAgent.ToolFailure<{ quiet: typeof Quiet; loud: typeof Loud }>>().toEqualTypeOf<Lost>()
    expectTypeOf<Extract<ModelAgent.Failure, Budget.BudgetExceededError>>().toEqualTypeOf<never>()
  })

  it("what does not go together does not compile", () => {
    // @ts-expect-error the agent's error schema has no failures of models
    Silent.toLayer(ModelAgent.make(Silent, { instructions: "" }))
    // @ts-expect-error nor those of a tool that ends it
    Plain.toLayer(ModelAgent.make(Plain, { instructions: "", toolkit: Toolkit.make(Loud) }))
    // @ts-expect-error there are no instructions
    ModelAgent.make(Plain, {})
    // @ts-expect-error the payload has no such field
    ModelAgent.make(Plain, { instructions: ({ nam }) => nam })
    // @ts-expect-error a toolkit is no list of tools
    ModelAgent.make(Plain, { instructions: "", toolkit: [Quiet] })
    // @ts-expect-error another agent's handler
    Wide.toLayer(ModelAgent.make(Plain, { instructions: "" }))
  })
})
