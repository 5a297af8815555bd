import * as Schema from "effect/Schema"

/** What a task came to is larger than an engine keeps. */
export class OutputTooLargeError extends Schema.TaggedError<OutputTooLargeError>()("OutputTooLargeError", {
  subject: Schema.String,
  /** As JSON in UTF-8. */
  bytes: Schema.Natural,
  allowed: Schema.Natural
}) {
  override get message(): string {
    return `${this.subject} is ${this.bytes} bytes as JSON; allowed are ${this.allowed}: keep it as a file or in a store of your own, and give its address instead`
  }
}
