import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Answer, Question } from "../Question.ts"
import type { Filter, Queued, QuestionQueue } from "../QuestionQueue.ts"
import { canonicalJson } from "./canonicalJson.ts"
import { QuestionClosedError } from "./questionErrors.ts"

/** Whether the time for an answer is over. */
export const isOver = ({ expiresAt }: Question, now: number): boolean => expiresAt !== undefined && now >= expiresAt

/** Why a question takes no answer, or nothing where it does. */
export const closed = (id: string, queued: Queued | undefined, now: number): QuestionClosedError | undefined => {
  const refuse = (reason: QuestionClosedError["reason"], message: string) => new QuestionClosedError({ question: id, reason, message })
  if (queued === undefined) return refuse("notFound", `There is no question ${id}; list the open ones`)
  const { answer, declined, question, state } = queued
  if (state === "answered") return refuse("answered", `"${question.prompt}" was answered by ${answer?.by}: ${JSON.stringify(answer?.value)}; that stands`)
  if (state === "declined") return refuse("declined", `"${question.prompt}" was declined by ${declined?.by}; that stands`)
  if (isOver(question, now)) return refuse("expired", `"${question.prompt}" could be answered until ${new Date(question.expiresAt!).toISOString()}`)
  return undefined
}

/** Whether a question that is there starts anew when it is asked again. */
export const startsAnew = ({ question, state }: Queued, now: number): boolean => state !== "answered" && isOver(question, now)

const fits = ({ question, state }: Queued, filter: Filter, now: number): boolean =>
  (filter.ids === undefined || filter.ids.includes(question.id)) &&
  (filter.states === undefined || filter.states.includes(state)) &&
  (filter.runId === undefined || filter.runId === question.runId) &&
  (filter.userId === undefined || filter.userId === question.userId) &&
  (filter.name === undefined || filter.name === question.name) &&
  (filter.expired === true || state !== "open" || !isOver(question, now))

const isSame = (one: Answer, other: Answer): boolean =>
  one.at === other.at && one.by === other.by && canonicalJson(one.value) === canonicalJson(other.value)

export const makeMemory: Effect.Effect<QuestionQueue["Service"]> = Effect.sync(() => {
  const queue = new Map<string, Queued>()
  const close = (id: string, change: (queued: Queued, now: number) => Queued) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const queued = queue.get(id)
      const refusal = closed(id, queued, now)
      if (refusal !== undefined) return Effect.fail(refusal)
      queue.set(id, change(queued!, now))
      return Effect.void
    })
  return {
    put: (question) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const there = queue.get(question.id)
        if (there === undefined || startsAnew(there, now)) queue.set(question.id, { question, state: "open" })
      }),
    get: (id) => Effect.sync(() => Option.fromUndefinedOr(queue.get(id))),
    list: (filter) =>
      Effect.map(Clock.currentTimeMillis, (now) =>
        Array.from(queue.values())
          .filter((queued) => fits(queued, filter, now))
          .sort((a, b) => a.question.askedAt - b.question.askedAt)
          .slice(0, filter.limit ?? 1_000)
      ),
    answer: (id, { by, value }) =>
      close(id, ({ question }, at) => ({ question, state: "answered", answer: { value, by, at } })),
    decline: (id, by) => close(id, ({ question }, at) => ({ question, state: "declined", declined: { by, at } })),
    reopen: (id, problem, answer) =>
      Effect.sync(() => {
        const queued = queue.get(id)
        if (queued?.answer !== undefined && isSame(queued.answer, answer)) queue.set(id, { question: queued.question, state: "open", problem })
      })
  }
})
