import * as Schema from "effect/Schema"

/** Documented where it is public, in `Agent`. */
export class InvalidPayloadError extends Schema.TaggedError<InvalidPayloadError>()("InvalidPayloadError", {
  agent: Schema.String,
  /** Each problem with its path in the payload. */
  issues: Schema.Array(
    Schema.Struct({ path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])), message: Schema.String })
  )
}) {
  override get message(): string {
    const list = this.issues.map(({ message, path }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    return `The payload of ${this.agent} is not valid: ${list.join("; ")}`
  }
}
