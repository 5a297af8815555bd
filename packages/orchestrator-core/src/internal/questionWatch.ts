import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type { QuestionQueue } from "../QuestionQueue.ts"

/** Waits until a question is not open any more. */
export type QuestionWatch = (id: string) => Effect.Effect<void>

/** What a database takes in one statement without trouble. */
const atOnce = 500

/**
 * Looks at all questions that somebody waits for together: however many those are, the queue is asked once in an interval. A queue that gives
 * no answer is asked again.
 */
export const make = (queue: QuestionQueue["Service"], pollInterval: Duration.Input): Effect.Effect<QuestionWatch, never, Scope.Scope> =>
  Effect.gen(function* () {
    const waiting = new Map<string, Set<() => void>>()
    let wake: (() => void) | undefined
    let isSilent = false

    const somebody = Effect.callback<void>((resume) => {
      if (waiting.size > 0) return resume(Effect.void)
      wake = () => resume(Effect.void)
      return Effect.sync(() => (wake = undefined))
    })
    const look = Effect.gen(function* () {
      const ids = Array.from(waiting.keys())
      for (let at = 0; at < ids.length; at += atOnce) {
        const some = ids.slice(at, at + atOnce)
        const closed = yield* queue.list({ ids: some, states: ["answered", "declined"], limit: some.length })
        for (const { question } of closed) for (const tell of Array.from(waiting.get(question.id) ?? [])) tell()
      }
    })
    const round = Effect.gen(function* () {
      yield* somebody
      yield* Effect.sleep(pollInterval)
      const exit = yield* Effect.exit(look)
      // Said once, however long it lasts.
      if (Exit.isFailure(exit) && !isSilent) yield* Effect.logWarning("The queue of questions gives no answer; those who wait go on waiting", exit.cause)
      isSilent = Exit.isFailure(exit)
    })
    yield* Effect.forkScoped(Effect.forever(round), { startImmediately: true })

    return (id) =>
      Effect.callback<void>((resume) => {
        const leave = () => {
          const left = waiting.get(id)
          left?.delete(tell)
          if (left?.size === 0) waiting.delete(id)
        }
        const tell = () => {
          leave()
          resume(Effect.void)
        }
        const others = waiting.get(id)
        if (others === undefined) waiting.set(id, new Set([tell]))
        else others.add(tell)
        wake?.()
        return Effect.sync(leave)
      })
  })
