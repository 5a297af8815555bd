import { Scribe } from "@aria/agents-scribe/Scribe"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { LanguageModel, type Response } from "effect/ai"

// A model that makes up a figure, and is told. In a program of yours: AiSdk.layer("openai/gpt-5-mini") of @aria/adapter-ai-sdk, metered.
const answer = (id: string, text: string): Response.PartEncoded => ({
  type: "tool-call",
  id,
  name: "answer",
  params: { subject: "Plant in Leipzig", sections: [{ heading: "Summary", statements: [{ text, notes: [1] }] }] }
})
const answers = [answer("1", "A plant opens with 500 jobs."), answer("2", "Acme opens a plant in Leipzig.")]
const Model = Layer.effect(
  LanguageModel.LanguageModel,
  LanguageModel.make({
    generateText: () => Effect.sync(() => answers.splice(0, 1)),
    streamText: () => Stream.empty
  })
)

const program = Effect.gen(function* () {
  const draft = yield* Scribe.run({
    communicationType: "document",
    goal: "What is new at Acme",
    context: [
      { text: "Acme opens a plant in Leipzig.", sources: [{ title: "Daily", url: "https://daily.example.com/1" }] }
    ]
  })
  console.log(draft.body)
  console.log(`Ready: ${draft.readyForReview}, nothing said under: ${draft.missingSections.join(", ")}`)
})

await Effect.runPromise(Effect.provide(program, Scribe.layerModel({ maxRepairs: 2 }).pipe(Layer.provide(Model))))
