import { Agent, Budget, Orchestrator, Plan, Progress, Task } from "@aria/orchestrator-core"
import { Effect, Layer, Schema } from "effect"

export class WorkError extends Schema.TaggedError<WorkError>()("WorkError", { text: Schema.String }) {}

/** Does what its payload says, and is full of text that is nobody's business. */
export class Worker extends Agent.make("Worker", {
  description: "Works as told",
  payload: {
    text: Schema.String,
    tokens: Schema.optionalKey(Schema.Natural),
    millis: Schema.optionalKey(Schema.Natural),
    end: Schema.optionalKey(Schema.Literals(["fail", "throw", "hang"]))
  },
  success: { text: Schema.String },
  error: WorkError
}) {
  static readonly layer = this.toLayer(Effect.fnUntraced(function*({ end, millis = 0, text, tokens = 0 }) {
    yield* Effect.log("at work")
    yield* Progress.report({ message: text, data: text })
    yield* Effect.sleep(millis)
    if (tokens > 0) yield* Budget.charge({ inputTokens: tokens, outputTokens: 2 * tokens, calls: 1 })
    if (end === "fail") return yield* new WorkError({ text })
    if (end === "throw") throw new Error(text)
    if (end === "hang") return yield* Effect.never
    return { text }
  }))
}

/** Calls another agent twice, once beside itself. */
export class Lead extends Agent.make("Lead", {
  description: "Asks workers",
  payload: { text: Schema.String },
  success: Schema.Void
}) {
  static readonly layer = this.toLayer(({ text }) =>
    Effect.gen(function*() {
      yield* Effect.log("leading")
      yield* Effect.ignore(Worker.run({ text, tokens: 1 }))
      yield* Effect.all([Worker.run({ text, tokens: 1 }), Worker.run({ text, tokens: 1 })], { concurrency: "unbounded" }).pipe(Effect.ignore)
      yield* Effect.log("led")
    })
  )
}

/** Calls an agent that calls agents. */
export class Chief extends Agent.make("Chief", { description: "Asks a lead", payload: { text: Schema.String }, success: Schema.Void }) {
  static readonly layer = this.toLayer(({ text }) => Effect.orDie(Lead.run({ text })))
}

/** Runs a plan inside its handler. */
export class Planner extends Agent.make("Planner", {
  description: "Runs a plan",
  payload: { text: Schema.String },
  success: Schema.Void
}) {
  static readonly layer = this.toLayer(({ text }) =>
    Orchestrator.run(Plan.make("inner", [Task.make("innermost", Worker, { payload: { text, tokens: 3 } })])).pipe(Effect.asVoid)
  )
}

export const layer = Layer.mergeAll(Chief.layer, Planner.layer).pipe(
  Layer.provideMerge(Lead.layer),
  Layer.provideMerge(Layer.mergeAll(Worker.layer, Orchestrator.layer))
)
