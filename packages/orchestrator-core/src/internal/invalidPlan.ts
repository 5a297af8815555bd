import * as Schema from "effect/Schema"

/** Documented where it is public, in `Plan`. */
export class InvalidPlanError extends Schema.TaggedError<InvalidPlanError>()("InvalidPlanError", {
  plan: Schema.String,
  issues: Schema.Array(
    Schema.Struct({ path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])), message: Schema.String })
  )
}) {
  override get message(): string {
    const list = this.issues.map(({ message, path }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    return `The plan "${this.plan}" cannot be run: ${list.join("; ")}`
  }
}
