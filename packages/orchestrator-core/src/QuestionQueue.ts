/**
 * Questions that wait for a person who sits elsewhere: at a page, or at another process of this machine.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { QuestionClosedError, QuestionQueueError } from "./internal/questionErrors.ts"
import { makeMemory } from "./internal/questionQueueMemory.ts"
import { Answer, Question } from "./Question.ts"

/**
 * A question in the queue.
 *
 * - `open`: it waits for an answer; `problem` says what was wrong with the last one
 * - `answered`: its answer has not been refused; it is there for whoever asks the same again
 * - `declined`: a person would not answer
 *
 * @category models
 * @since 0.1.0
 */
export const Queued = Schema.Struct({
  question: Question,
  state: Schema.Literals(["open", "answered", "declined"]),
  answer: Schema.optionalKey(Answer),
  /** Who would not answer, and when, milliseconds since 1970. */
  declined: Schema.optionalKey(Schema.Struct({ by: Schema.String, at: Schema.Finite })),
  /** What was wrong with the last answer. */
  problem: Schema.optionalKey(Schema.String)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Queued = typeof Queued.Type

export {
  /**
   * A question that takes no answer: there is none of that id, it has one already, or its time is over.
   *
   * @category errors
   * @since 0.1.0
   */
  QuestionClosedError,
  /**
   * The queue did not answer, or holds what it cannot hold.
   *
   * @category errors
   * @since 0.1.0
   */
  QuestionQueueError
}

/**
 * Which questions to list; all of what is given must hold.
 *
 * @category models
 * @since 0.1.0
 */
export const Filter = Schema.Struct({
  ids: Schema.optionalKey(Schema.Array(Schema.String)),
  states: Schema.optionalKey(Schema.Array(Schema.Literals(["open", "answered", "declined"]))),
  runId: Schema.optionalKey(Schema.String),
  userId: Schema.optionalKey(Schema.String),
  name: Schema.optionalKey(Schema.String),
  /** Whether questions whose time is over are given as well. Default `false`. */
  expired: Schema.optionalKey(Schema.Boolean),
  /** The most that are given, the oldest first. Default 1,000. */
  limit: Schema.optionalKey(Schema.Natural)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Filter = typeof Filter.Type

/**
 * Keeps questions until somebody answers. `HumanInput.layerQueue` puts them in and waits.
 *
 * @category services
 * @since 0.1.0
 */
export class QuestionQueue extends Context.Service<
  QuestionQueue,
  {
    /** Puts a question in, unless one of its id is there. One that is there and open or declined past its time starts anew. */
    readonly put: (question: Question) => Effect.Effect<void, QuestionQueueError>
    readonly get: (id: string) => Effect.Effect<Option.Option<Queued>, QuestionQueueError>
    readonly list: (filter: Filter) => Effect.Effect<ReadonlyArray<Queued>, QuestionQueueError>
    /** Answers an open question. Of two who answer at the same time, one is told that it has been answered. */
    readonly answer: (id: string, answer: { readonly value: Schema.Json; readonly by: string }) => Effect.Effect<void, QuestionClosedError | QuestionQueueError>
    /** Closes an open question without an answer. */
    readonly decline: (id: string, by: string) => Effect.Effect<void, QuestionClosedError | QuestionQueueError>
    /** Takes an answer back that does not fit, and says why: the question is open again, unless it has another answer by now. */
    readonly reopen: (id: string, problem: string, answer: Answer) => Effect.Effect<void, QuestionQueueError>
  }
>()("@aria/orchestrator-core/QuestionQueue/QuestionQueue") {}

/**
 * A queue that is gone with the process: for a page that the same process serves.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<QuestionQueue> = Layer.effect(QuestionQueue)(makeMemory)
