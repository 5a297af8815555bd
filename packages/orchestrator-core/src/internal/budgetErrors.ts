import * as Schema from "effect/Schema"

/** Documented where they are public, in `Budget`. */
export class InvalidLimitError extends Schema.TaggedError<InvalidLimitError>()("InvalidLimitError", {
  /** Which one, as the caller wrote it. */
  setting: Schema.String,
  received: Schema.String,
  allowed: Schema.String
}) {
  override get message(): string {
    return `${this.setting} was ${this.received}; allowed is ${this.allowed}`
  }
}

export class BudgetExceededError extends Schema.TaggedError<BudgetExceededError>()("BudgetExceededError", {
  /** What owns the limit. */
  owner: Schema.Literals(["region", "call", "task", "run", "user", "orchestrator"]),
  /** The name of the owner: of the region, the task id, the run id, the user id. */
  scope: Schema.String,
  dimension: Schema.Literals(["tokens", "calls", "usd"]),
  limit: Schema.Finite,
  used: Schema.Finite,
  /** Reserved by calls in flight. */
  held: Schema.Finite,
  requested: Schema.Finite
}) {
  override get message(): string {
    const { dimension, held, limit, owner, requested, scope, used } = this
    const who = scope === "" ? owner : `${owner} "${scope}"`
    const help = requested > limit ? "one call may take more than all of it: raise the limit, or bound the call, as by fewer output tokens" : "raise the limit, or spend less before"
    return `The budget of the ${who} is ${limit} ${dimension}: ${used} used and ${held} held, ${requested} more were asked for; ${help}`
  }
}
