import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type { Answer, Question } from "../Question.ts"
import type { QuestionQueue } from "../QuestionQueue.ts"
import { UnansweredError } from "./questionErrors.ts"
import { isOver } from "./questionQueueMemory.ts"

/** Puts a question into the queue and looks at it until it is closed. */
export const askInQueue =
  (queue: QuestionQueue["Service"], pollInterval: Duration.Input) =>
  (question: Question, check: (value: Schema.Json) => string | undefined): Effect.Effect<Answer, UnansweredError> => {
    const unanswered = (reason: UnansweredError["reason"], message: string) =>
      Effect.fail(new UnansweredError({ question: question.id, name: question.name, reason, message }))
    return Effect.gen(function* () {
      yield* queue.put(question)
      const before = Option.getOrUndefined(yield* queue.get(question.id))
      if (before?.answer !== undefined && isOver(before.question, question.askedAt)) {
        // It was answered in its time, and that is over: the answer does not hold for ever.
        yield* queue.reopen(question.id, "its time is over", before.answer)
        yield* queue.put(question)
      }
      while (true) {
        const queued = Option.getOrUndefined(yield* queue.get(question.id))
        if (queued === undefined) return yield* unanswered("unavailable", `The question "${question.name}" is not in the queue any more`)
        if (queued.answer !== undefined) {
          const problem = check(queued.answer.value)
          if (problem === undefined) return queued.answer
          yield* queue.reopen(question.id, problem, queued.answer)
        } else if (queued.state === "declined") {
          return yield* unanswered("declined", `The question "${question.name}" was declined by ${queued.declined?.by ?? "somebody"}`)
        }
        if (isOver(queued.question, yield* Clock.currentTimeMillis)) {
          return yield* unanswered("expired", `Nobody answered the question "${question.name}" until ${new Date(queued.question.expiresAt!).toISOString()}; ask it again, or give it more time`)
        }
        yield* Effect.sleep(pollInterval)
      }
    }).pipe(Effect.catchTag("QuestionQueueError", ({ message }) => unanswered("unavailable", `The question "${question.name}" could not be asked: ${message}`)))
  }
