import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import type * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import * as Refusal from "../Refusal.ts"

/** One of the models, and until when it is left alone. */
export interface Candidate {
  readonly name: string
  readonly model: LanguageModel.LanguageModel
  restsUntil: number
  /** Rises with each failure that makes it rest, so that an answer to what was sent before says nothing of it. */
  period: number
  /** Calls that wait for it. */
  readonly watchers: Set<() => void>
  /** How often in a row it said that it is too much without saying for how long. */
  throttles: number
}

/** The model of one step of the plan. A name of its own: a tool that asks a model itself gets the whole fallback, not this one. */
export class Chosen extends Context.Service<Chosen, Candidate>()("@aria/models/Fallback/Chosen") {}

/** As long as the limiter heeds a `retry-after` by default. */
const longestRest = 3_600_000

const asked = (error: AiError.AiError, throttles: number): number | undefined => {
  const told = error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter)
  // None at all, and a date that is over, say nothing of how long: so it is for the lane.
  if (told > 0) return told
  const refusal = Refusal.of(error)
  if (refusal?._tag === "CircuitOpenError") return refusal.retryAfterMillis
  // As the lane of a limiter does, so that nobody waits there while another model could answer.
  return error.reason._tag === "RateLimitError" ? Math.min(64_000, 1_000 * 2 ** throttles) : undefined
}

export const isResting = ({ restsUntil }: Candidate, now: number): boolean => restsUntil > now

export const failed = (candidate: Candidate, error: AiError.AiError, now: number): void => {
  // Answers to calls that were sent together count once.
  const isFirst = !isResting(candidate, now)
  const millis = asked(error, isFirst ? candidate.throttles : Math.max(0, candidate.throttles - 1))
  if (millis === undefined) return
  if (isFirst && error.reason._tag === "RateLimitError") candidate.throttles++
  candidate.period++
  candidate.restsUntil = Math.max(candidate.restsUntil, now + Math.min(millis, longestRest))
  for (const look of candidate.watchers) look()
}

/** An answer to a call that was sent in this period. */
export const answered = (candidate: Candidate, period: number): void => {
  if (candidate.period !== period) return
  candidate.restsUntil = 0
  candidate.throttles = 0
}

/** Whom a call asks, in this order, and who is left out; if all asked for time, the one that is back first. */
export const order = (
  candidates: readonly [Candidate, ...Array<Candidate>],
  now: number
): { readonly asked: readonly [Candidate, ...Array<Candidate>]; readonly resting: ReadonlyArray<string> } => {
  const [first, ...others] = candidates.filter((one) => !isResting(one, now))
  const soonest = candidates.reduce((a, b) => (b.restsUntil < a.restsUntil ? b : a))
  const asked: readonly [Candidate, ...Array<Candidate>] = first === undefined ? [soonest] : [first, ...others]
  return { asked, resting: candidates.filter((one) => !asked.includes(one)).map(({ name }) => name) }
}
