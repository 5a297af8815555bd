/**
 * What Scribe fails with where a template does not exist.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { CommunicationType } from "./Request.ts"

/**
 * There is no template of that name for that type of communication. Nothing was drafted.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownTemplateError extends Schema.TaggedError<UnknownTemplateError>()("UnknownTemplateError", {
  templateName: Schema.String,
  communicationType: CommunicationType,
  available: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const advice =
      this.available.length === 0
        ? `there are none for that; leave templateName out${this.communicationType === "document" ? " and choose a documentType" : ""}`
        : `available are ${this.available.map((name) => JSON.stringify(name)).join(", ")}`
    return `Scribe has no template ${JSON.stringify(this.templateName)} for communicationType "${this.communicationType}": ${advice}`
  }
}
