import * as Schema from "effect/Schema"

/** Documented where they are public, in `ReplayModel`. */
export class RecordingError extends Schema.TaggedError<RecordingError>()("RecordingError", {
  file: Schema.String,
  /** A sentence. */
  detail: Schema.String
}) {
  override get message(): string {
    return `The recording ${this.file} cannot be used: ${this.detail}`
  }
}

export class RequestChangedError extends Schema.TaggedError<RequestChangedError>()("RequestChangedError", {
  file: Schema.String,
  /** From 1. */
  request: Schema.Natural,
  /** What differs from the recorded request that is nearest to it, each with its path. */
  differences: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `Request ${this.request} is not in the recording ${this.file}: ${this.differences.join("; ")}. If that is meant, record again with ARIA_RECORD=true`
  }
}
