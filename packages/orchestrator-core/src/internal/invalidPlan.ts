import * as Schema from "effect/Schema"
import { Issue, sentence } from "./issue.ts"

/** Documented where it is public, in `Plan`. */
export class InvalidPlanError extends Schema.TaggedError<InvalidPlanError>()("InvalidPlanError", {
  plan: Schema.String,
  issues: Schema.Array(Issue)
}) {
  override get message(): string {
    return `The plan "${this.plan}" cannot be run: ${sentence(this.issues)}`
  }
}
