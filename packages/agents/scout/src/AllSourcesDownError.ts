/**
 * What Scout fails with when no source could be read.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Every source is down, so nothing can be said about any company: an empty answer would be a lie.
 *
 * @category errors
 * @since 0.1.0
 */
export class AllSourcesDownError extends Schema.TaggedError<AllSourcesDownError>()("AllSourcesDownError", {
  /** Why, for each source. */
  sources: Schema.NonEmptyArray(Schema.Struct({ source: Schema.String, reason: Schema.String, message: Schema.String }))
}) {
  override get message(): string {
    const each = this.sources.map(({ message, reason, source }) => `${source}: ${reason}, ${message.replace(/\.$/, "")}`).join("; ")
    const what = this.sources.length === 1 ? "The only source is down" : `All ${this.sources.length} sources are down`
    return `${what}. ${each}. Try again later, or give Scout another source.`
  }
}
