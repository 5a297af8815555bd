/**
 * What the checks of any contract come to: `CalendarContract`, `CrmContract`, `ReceiptStoreContract`, `QuestionQueueContract`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * What one check came to.
 *
 * @category models
 * @since 0.1.0
 */
export class CheckResult extends Schema.Class<CheckResult>("@aria/testkit/Contract/CheckResult")({
  name: Schema.String,
  passed: Schema.Boolean,
  /** What was seen, as a sentence; `""` where it passed. */
  message: Schema.String
}) {}

/**
 * Something that does not keep its contract: the first check that it does not pass, and what was seen.
 *
 * @category errors
 * @since 0.1.0
 */
export class ContractBrokenError extends Schema.TaggedError<ContractBrokenError>()("ContractBrokenError", {
  /** What it was to be: a `"calendar"`, a `"CRM"`. */
  what: Schema.String,
  /** What it is called. */
  subject: Schema.String,
  check: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The ${this.what} "${this.subject}" does not pass "${this.check}": ${this.reason}`
  }
}
