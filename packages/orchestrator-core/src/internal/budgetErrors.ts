import * as Schema from "effect/Schema"

/** Documented where they are public, in `Budget`. */
export class InvalidLimitError extends Schema.TaggedError<InvalidLimitError>()("InvalidLimitError", {
  /** Which setting, as the caller wrote it. */
  name: Schema.String,
  received: Schema.String,
  allowed: Schema.String
}) {
  override get message(): string {
    return `${this.name} was ${this.received}; allowed is ${this.allowed}`
  }
}

export class BudgetExceededError extends Schema.TaggedError<BudgetExceededError>()("BudgetExceededError", {
  /** What owns the limit. */
  owner: Schema.Literals(["region", "call", "task", "run", "user", "orchestrator"]),
  /** The name of the owner: of the region, the task id, the run id, the user id. */
  name: Schema.String,
  dimension: Schema.Literals(["tokens", "calls", "usd"]),
  limit: Schema.Finite,
  used: Schema.Finite,
  /** Reserved by calls in flight. */
  held: Schema.Finite,
  requested: Schema.Finite
}) {
  override get message(): string {
    const { dimension, held, limit, name, owner, requested, used } = this
    const who = name === "" ? owner : `${owner} "${name}"`
    const help = requested > limit ? "one call may take more than all of it: raise the limit, or bound the call, as by fewer output tokens" : "raise the limit, or spend less before"
    return `The budget of the ${who} is ${limit} ${dimension}: ${used} used and ${held} held, ${requested} more were asked for; ${help}`
  }
}
