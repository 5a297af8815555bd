import { ModelAgent } from "@aria/models"
import { Agent } from "@aria/orchestrator-core"
import { Effect, Layer, Schema, Stream } from "effect"
import { LanguageModel, type Response, Tool, Toolkit } from "effect/ai"

const Headlines = Tool.make("headlines", {
  description: "This week's headlines about a company",
  parameters: Schema.Struct({ company: Schema.String }),
  success: Schema.Array(Schema.String)
})
const Tools = Toolkit.make(Headlines)

class Briefer extends Agent.make("Briefer", {
  description: "Says in a sentence what is new at a company",
  payload: { company: Schema.NonEmptyString },
  success: { sentence: Schema.String, headlines: Schema.Array(Schema.String) },
  error: ModelAgent.Failure
}) {
  static readonly layer = this.toLayer(
    ModelAgent.make(this, {
      instructions: "Say in one sentence what is new. Name the headlines that say so, word for word.",
      toolkit: Tools
    })
  )
}

const Handlers = Tools.toLayer({ headlines: ({ company }) => Effect.succeed([`${company} opens a plant in Leipzig`]) })

// A model of two sentences. In a program of yours: AiSdk.layer("openai/gpt-5-mini") of @aria/adapter-ai-sdk, or a metered one.
const answers: Array<Response.PartEncoded> = [
  { type: "tool-call", id: "1", name: "headlines", params: { company: "Acme" } },
  {
    type: "tool-call",
    id: "2",
    name: "answer",
    params: { sentence: "Acme has a new plant.", headlines: ["Acme opens a plant in Leipzig"] }
  }
]
const Model = Layer.effect(
  LanguageModel.LanguageModel,
  LanguageModel.make({
    generateText: () => Effect.sync(() => answers.splice(0, 1)),
    streamText: () => Stream.empty
  })
)

const program = Effect.tap(Briefer.run({ company: "Acme" }), (brief) => Effect.sync(() => console.log(brief)))

await Effect.runPromise(Effect.provide(program, Briefer.layer.pipe(Layer.provide([Handlers, Model]))))
