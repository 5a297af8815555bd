import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { HumanInput } from "../HumanInput.ts"
import type { QuestionQueue } from "../QuestionQueue.ts"
import { type QuestionQueueError, UnansweredError } from "./questionErrors.ts"
import { isOver } from "./questionQueueMemory.ts"
import { make as makeWatch } from "./questionWatch.ts"

export interface Options {
  readonly pollInterval: Duration.Input
  /** How long a queue that gives no answer is asked again. */
  readonly patience: Duration.Input
}

/** Nobody takes a question out of the queue while somebody waits; who does so by hand is noticed all the same. */
const stillThere = "5 minutes"

/** Puts a question into the queue and waits until it is closed. */
export const askInQueue = (queue: QuestionQueue["Service"], { patience, pollInterval }: Options): Effect.Effect<HumanInput["Service"]["ask"], never, Scope.Scope> =>
  Effect.map(makeWatch(queue, pollInterval), (untilClosed) => (question, check) => {
    const { id, name } = question
    const unanswered = (reason: UnansweredError["reason"], message: string) => Effect.fail(new UnansweredError({ question: id, questionName: name, reason, message }))
    const patiently = <A>(self: Effect.Effect<A, QuestionQueueError>) => Effect.retry(self, Schedule.spaced(pollInterval).pipe(Schedule.upTo({ duration: patience })))
    return Effect.gen(function* () {
      yield* patiently(queue.put(question))
      const before = Option.getOrUndefined(yield* patiently(queue.get(id)))
      if (before?.answer !== undefined && isOver(before.question, question.askedAt)) {
        // It was answered in its time, and that is over: the answer does not hold for ever.
        yield* patiently(queue.reopen(id, "its time is over", before.answer))
        yield* patiently(queue.put(question))
      }
      let look = patiently(queue.get(id))
      while (true) {
        const queued = Option.getOrUndefined(yield* look)
        if (queued === undefined) return yield* unanswered("unavailable", `The question "${name}" is not in the queue any more`)
        if (queued.answer !== undefined) {
          const problem = check(queued.answer.value)
          if (problem === undefined) return queued.answer
          yield* patiently(queue.reopen(id, problem, queued.answer))
        } else if (queued.state === "declined") {
          return yield* unanswered("declined", `The question "${name}" was declined by ${queued.declined?.by ?? "somebody"}`)
        }
        const { expiresAt } = queued.question
        const now = yield* Clock.currentTimeMillis
        if (isOver(queued.question, now)) {
          return yield* unanswered("expired", `Nobody answered the question "${name}" until ${new Date(expiresAt!).toISOString()}; ask it again, or give it more time`)
        }
        const left = expiresAt === undefined ? Infinity : expiresAt - now
        const told = yield* Effect.timeoutOption(untilClosed(id), Math.min(left, Duration.toMillis(stillThere)))
        look = Option.isSome(told) || left <= Duration.toMillis(stillThere) ? patiently(queue.get(id)) : Effect.orElseSucceed(queue.get(id), () => Option.some(queued))
      }
    }).pipe(Effect.catchTag("QuestionQueueError", ({ message }) => unanswered("unavailable", `The question "${name}" could not be asked: ${message}`)))
  })
