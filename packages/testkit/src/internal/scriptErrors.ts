import * as Schema from "effect/Schema"

/** Documented where it is public, in `ScriptedModel`. */
export class ScriptBrokenError extends Schema.TaggedError<ScriptBrokenError>()("ScriptBrokenError", {
  kind: Schema.Literals(["unexpected", "mismatch", "unused"]),
  /** A sentence. */
  message: Schema.String
}) {}
