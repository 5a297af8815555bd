import { ModelAgent } from "@aria/models"
import * as Agent from "@aria/orchestrator-core/Agent"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Tool, Toolkit } from "effect/ai"

class Unknown extends Schema.TaggedError<Unknown>()("Unknown", { company: Schema.String }) {}

const Headlines = Tool.make("headlines", {
  parameters: Schema.Struct({ company: Schema.NonEmptyString }),
  success: Schema.Array(Schema.Struct({ title: Schema.String, seen: Schema.DateTimeUtcFromString })),
  failure: Unknown,
  failureMode: "return"
})
const Ask = Tool.make("ask", {
  parameters: Schema.Struct({ question: Schema.String }),
  success: Schema.String,
  failure: ModelAgent.Failure
})
const Reading = Toolkit.make(Headlines)
const Briefing = Toolkit.make(Headlines, Ask)

/** Answers with text, without tools. */
export class Reader extends Agent.make("Reader", {
  description: "Answers a question",
  payload: { question: Schema.NonEmptyString },
  success: Schema.String,
  error: ModelAgent.Failure
}) {
  static readonly layer = this.toLayer(ModelAgent.make(this, { instructions: "You read.", toolkit: Reading }))
}

/** Answers with data, with a model agent as one of its tools. */
export class Briefer extends Agent.make("Briefer", {
  description: "Says what is new",
  payload: { company: Schema.NonEmptyString },
  success: { sentence: Schema.String, since: Schema.DateTimeUtcFromString },
  error: ModelAgent.Failure
}) {
  static readonly layer = this.toLayer(
    ModelAgent.make(this, {
      instructions: "You brief.",
      prompt: ({ company }) => `What is new at ${company}?`,
      toolkit: Briefing,
      contextWindow: { maxTokens: 100_000 },
      progress: "content"
    })
  )
}

/** What came of handlers, in their order. */
export const handled: Array<string> = []

const Headline = Reading.toLayer({
  headlines: ({ company }) =>
    Effect.gen(function* () {
      handled.push(company)
      if (company === "Nobody") return yield* new Unknown({ company })
      return [
        {
          title: `${company} opens a plant`,
          seen: yield* Schema.decodeEffect(Schema.DateTimeUtcFromString)("2026-11-23T00:00:00Z").pipe(Effect.orDie)
        }
      ]
    })
})
const Asked = Layer.effectContext(
  Effect.gen(function* () {
    const services = yield* Effect.context<Agent.Services<typeof Reader>>()
    return yield* Toolkit.make(Ask).toHandlers({
      ask: ({ question }) =>
        Reader.run({ question }).pipe(
          Effect.catchTag("InvalidPayloadError", Effect.die),
          Effect.provideContext(services)
        )
    })
  })
)

/** Both agents and their tools, but for the model. */
export const agents = Layer.mergeAll(Briefer.layer, Reader.layer).pipe(
  Layer.provide([Headline, Layer.provide(Asked, Layer.provide(Reader.layer, Headline))])
)
