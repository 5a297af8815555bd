/**
 * A question to a person and its answer, as data.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * What a person is asked. It may be shown by another process than the one that asks.
 *
 * @category models
 * @since 0.1.0
 */
export const Question = Schema.Struct({
  v: Schema.Literal(1),
  /** The same for the same question of the same run, so that it is asked once and its answer is found again. */
  id: Schema.String,
  /** What code calls it: `"approval"`, or the name given to `Run.ask`. */
  name: Schema.String,
  /** What a person reads. */
  prompt: Schema.String,
  /** The JSON Schema of the answer. */
  schema: Schema.Json,
  /** What it is about, as data: of an approval its request. */
  about: Schema.optionalKey(Schema.Json),
  userId: Schema.String,
  runId: Schema.optionalKey(Schema.String),
  taskId: Schema.optionalKey(Schema.String),
  /** Milliseconds since 1970. */
  askedAt: Schema.Finite,
  /** After this no answer counts, milliseconds since 1970; without it the question stays open. */
  expiresAt: Schema.optionalKey(Schema.Finite)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Question = typeof Question.Type

/**
 * What a person said.
 *
 * @category models
 * @since 0.1.0
 */
export const Answer = Schema.Struct({
  value: Schema.Json,
  /** Who answered. */
  by: Schema.String,
  /** Milliseconds since 1970. */
  at: Schema.Finite
})
/**
 * @category models
 * @since 0.1.0
 */
export type Answer = typeof Answer.Type
