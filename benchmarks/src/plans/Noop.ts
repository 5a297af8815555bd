import { Agent } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** An agent that does nothing: what is left is the cost of carrying it out. */
export class Noop extends Agent.make("Noop", { description: "Does nothing", payload: { n: Schema.Int }, success: Schema.Void }) {
  static readonly layer = this.toLayer(() => Effect.void)
}
