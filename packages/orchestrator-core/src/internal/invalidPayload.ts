import * as Schema from "effect/Schema"
import { Issue, sentence } from "./issue.ts"

/** Documented where it is public, in `Agent`. */
export class InvalidPayloadError extends Schema.TaggedError<InvalidPayloadError>()("InvalidPayloadError", {
  agent: Schema.String,
  /** Each problem with its path in the payload. */
  issues: Schema.Array(Issue)
}) {
  override get message(): string {
    return `The payload of ${this.agent} is not valid: ${sentence(this.issues)}`
  }
}
