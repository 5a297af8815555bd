import * as Schema from "effect/Schema"

/** Documented where they are public, in `QuestionQueue` and `HumanInput`. */
export class QuestionQueueError extends Schema.TaggedError<QuestionQueueError>()("QuestionQueueError", {
  operation: Schema.Literals(["put", "get", "list", "answer", "decline", "reopen", "open"]),
  /** A sentence: what happened. */
  message: Schema.String
}) {}

export class QuestionClosedError extends Schema.TaggedError<QuestionClosedError>()("QuestionClosedError", {
  question: Schema.String,
  reason: Schema.Literals(["notFound", "answered", "declined", "expired"]),
  /** A sentence: what was found and what to do. */
  message: Schema.String
}) {}

export class UnansweredError extends Schema.TaggedError<UnansweredError>()("UnansweredError", {
  /** Its id. */
  question: Schema.String,
  /** What `Run.ask` calls it. */
  questionName: Schema.String,
  reason: Schema.Literals(["nobody", "expired", "declined", "unavailable"]),
  message: Schema.String
}) {}
