import * as Schema from "effect/Schema"

/** Documented where they are public, in `ModelAgent`. */
export class InvalidOptionError extends Schema.TaggedError<InvalidOptionError>()("InvalidOptionError", {
  agent: Schema.String,
  option: Schema.String,
  received: Schema.String,
  /** A sentence: what is allowed, or what to do. */
  allowed: Schema.String
}) {
  override get message(): string {
    return `ModelAgent.make for ${this.agent}: ${this.option} was ${this.received}; ${this.allowed}`
  }
}

export class ModelCallError extends Schema.TaggedError<ModelCallError>()("ModelCallError", {
  agent: Schema.String,
  /** From 1. */
  turn: Schema.Natural,
  /** The tag of effect's reason, such as `"RateLimitError"`. */
  reason: Schema.String,
  /** A sentence. */
  detail: Schema.String,
  /** Whether the same call may go well later. */
  isRetryable: Schema.Boolean,
  /** When to try again at the earliest, where the provider says. */
  retryAfterMillis: Schema.optionalKey(Schema.Finite),
  /** Of a `Fallback`: all that were asked, in order. The last one is the one of `reason` and `detail`. */
  failed: Schema.optionalKey(Schema.Array(Schema.Struct({ model: Schema.String, reason: Schema.String, detail: Schema.String }))),
  /** Of a `Fallback`: who was left alone, because it had asked for time. */
  resting: Schema.optionalKey(Schema.Array(Schema.String))
}) {
  override get message(): string {
    const { agent, detail, failed, reason, resting, turn } = this
    if (failed === undefined) return `The model of ${agent} failed in turn ${turn} (${reason}): ${detail}`
    const each = failed.map((one) => `${one.model} failed (${one.reason}): ${one.detail.replaceAll(/\s+/g, " ")}`)
    if (resting !== undefined) each.push(`not asked, as asked for time: ${resting.join(", ")}`)
    return `None of the models of ${agent} answered in turn ${turn}. ${each.join("; ")}`
  }
}

export class MaxTurnsExceededError extends Schema.TaggedError<MaxTurnsExceededError>()("MaxTurnsExceededError", {
  agent: Schema.String,
  maxTurns: Schema.Natural
}) {
  override get message(): string {
    return `${this.agent} had no answer after ${this.maxTurns} turns, which is its maxTurns: raise it, or say in the instructions when the work is done`
  }
}

export class InvalidAnswerError extends Schema.TaggedError<InvalidAnswerError>()("InvalidAnswerError", {
  agent: Schema.String,
  /** How often the model was asked to put it right. */
  repairs: Schema.Natural,
  /** What does not fit the success schema, without the answer's own text. */
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const asked = this.repairs === 0 ? "and was not asked again" : `also when asked again (${this.repairs})`
    return `The model's answer for ${this.agent} does not fit its success schema, ${asked}: ${this.problems.join("; ")}. Describe the fields with annotations, loosen the schema, or raise maxRepairs`
  }
}

export class UnknownToolError extends Schema.TaggedError<UnknownToolError>()("UnknownToolError", {
  agent: Schema.String,
  tool: Schema.String,
  available: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `The model of ${this.agent} called the tool "${this.tool}", which does not exist, and did so again after it was told; its tools are ${this.available.map((name) => `"${name}"`).join(", ") || "none"}. Say in the instructions what each of them is for, or add the missing one to its toolkit`
  }
}

export class ContextWindowError extends Schema.TaggedError<ContextWindowError>()("ContextWindowError", {
  agent: Schema.String,
  turn: Schema.Natural,
  /** What the shortest form of the conversation counts. */
  tokens: Schema.Finite,
  maxTokens: Schema.Finite
}) {
  override get message(): string {
    return `The conversation of ${this.agent} does not fit in turn ${this.turn}: without its earlier turns it counts ${this.tokens} tokens, and contextWindow.maxTokens is ${this.maxTokens}. Let the tools give less, shorten the prompt, or count with a tokenizer`
  }
}
