import * as Agent from "@aria/orchestrator-core/Agent"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Schema from "effect/Schema"

/** How a scripted handler fails. */
export class ScriptedError extends Schema.TaggedError<ScriptedError>()("ScriptedError", { script: Schema.Int, attempt: Schema.Int }) {}

const shape = {
  description: "Does what its script says",
  payload: { script: Schema.Int, context: Schema.String, upstream: Schema.Array(Schema.String) },
  success: Schema.Struct({ script: Schema.Int, context: Schema.String, upstream: Schema.Array(Schema.String) }),
  error: Schema.Union([ScriptedError, Budget.BudgetExceededError])
}
export class Worker extends Agent.make("law/Worker", shape) {}
export class Helper extends Agent.make("law/Helper", shape) {}
export type Payload = typeof Worker.payloadSchema.Type
