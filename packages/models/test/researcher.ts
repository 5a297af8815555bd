import { ModelAgent } from "@aria/models"
import { Agent } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Tool, Toolkit } from "effect/ai"
import { call, model, type Turn } from "./modelAgentScript.ts"

export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { query: Schema.String }) {
  override get message() {
    return `Nothing is known of ${this.query}`
  }
}

/** Tells the model of its failures. */
const Search = Tool.make("search", {
  parameters: Schema.Struct({ query: Schema.String, delay: Schema.optionalKey(Schema.Int) }),
  success: Schema.Array(Schema.String),
  failure: NotFound,
  failureMode: "return"
})
/** Its failures end the agent. */
const Fetch = Tool.make("fetch", {
  parameters: Schema.Struct({ url: Schema.String }),
  success: Schema.String,
  failure: NotFound
})
export const Tools = Toolkit.make(Search, Fetch)
export const Failure = Schema.Union([ModelAgent.Failure, NotFound])

/** What was searched for, in order. */
export const asked: Array<string> = []
const Handlers = Tools.toLayer({
  search: ({ delay = 0, query }) =>
    Effect.gen(function* () {
      asked.push(query)
      if (delay > 0) yield* Effect.sleep(delay)
      return query.startsWith("?") ? yield* new NotFound({ query }) : [`about ${query}`]
    }),
  fetch: ({ url }) =>
    url.startsWith("?") ? Effect.fail(new NotFound({ query: url })) : Effect.succeed(`page of ${url}`)
})

export class Researcher extends Agent.make("Researcher", {
  description: "Answers questions from what it finds",
  payload: { question: Schema.NonEmptyString },
  success: { answer: Schema.String, sources: Schema.Array(Schema.String) },
  error: Failure
}) {}
export type More = Omit<ModelAgent.Options<typeof Researcher>, "instructions" | "toolkit">

/** The agent with a model that does this, turn after turn. */
export const research = (turns: ReadonlyArray<Turn>, more: More = {}) => {
  const scripted = model(turns)
  asked.length = 0
  const layer = Researcher.toLayer(
    ModelAgent.make(Researcher, { ...more, instructions: "Find it.", toolkit: Tools })
  ).pipe(Layer.provide(Layer.merge(Handlers, scripted.layer)))
  return { ...scripted, run: Effect.provide(Researcher.run({ question: "Who?" }), layer) }
}
/** The last word of a model, and what comes of it. */
export const answer = call("answer", { answer: "Acme", sources: ["a"] })
export const given = { answer: "Acme", sources: ["a"] }
