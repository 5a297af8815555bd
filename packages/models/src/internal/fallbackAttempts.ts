import { Progress } from "@aria/orchestrator-core"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as ExecutionPlan from "effect/ExecutionPlan"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import * as AiError from "effect/ai/AiError"
import { answered, type Candidate, Chosen, failed, order } from "./fallbackCandidate.ts"
import { isLeft, Turn } from "./fallbackTurn.ts"

export interface Failure {
  readonly model: string
  readonly error: AiError.AiError
}

const fallbacks = Metric.counter("aria.models.fallbacks", {
  description: "Calls that went on to another model, by the model that failed and the one that is asked next",
  incremental: true
})

/** An error is an object that lives as long as somebody looks at it; so do those that came before it. */
const earlier = new WeakMap<AiError.AiError, { readonly failures: ReadonlyArray<Failure>; readonly resting: ReadonlyArray<string> }>()
export const failuresOf = (error: AiError.AiError): ReadonlyArray<Failure> => earlier.get(error)?.failures ?? []
/** Who was not asked, or not waited for, because it had asked for time. */
export const restingOf = (error: AiError.AiError): ReadonlyArray<string> => earlier.get(error)?.resting ?? []

/** One call, over all models that it comes to ask. */
export class Attempts {
  readonly failures: Array<Failure> = []
  readonly resting: Array<string>
  /** Whether a tool was begun for it: then another model must not begin it again. */
  hasBegun = false
  private readonly asked: readonly [Candidate, ...Array<Candidate>]
  private readonly isCurable: (error: AiError.AiError) => boolean
  private readonly span: Tracer.Span
  private readonly now: () => number
  private current: Candidate
  /** That of the model that is asked, when the call was sent to it last. */
  private period: number
  /** Who was asked before, and why no longer. */
  private before: { readonly model: string; readonly reason: string } | undefined

  constructor(
    candidates: readonly [Candidate, ...Array<Candidate>],
    isCurable: (error: AiError.AiError) => boolean,
    span: Tracer.Span,
    now: () => number
  ) {
    const { asked, resting } = order(candidates, now())
    this.asked = asked
    this.resting = [...resting]
    this.now = now
    this.current = asked[0]
    this.period = this.current.period
    this.isCurable = isCurable
    this.span = span
    if (resting.length > 0) span.attribute("aria.fallback.resting", resting)
  }

  /** The model that is asked now, or was last. */
  get model(): string {
    return this.current.name
  }

  private readonly goesOn = (error: AiError.AiError): boolean => !this.hasBegun && this.isCurable(error)

  /** The call to the model that is asked now, which can be left for those after it; nothing where there are none. */
  turn(): Turn | undefined {
    const others = this.asked.slice(this.asked.indexOf(this.current) + 1)
    if (others.length === 0) return undefined
    return new Turn(this.current, { now: this.now, others, mayLeave: this.goesOn, onSent: this.onSent })
  }

  private readonly onSent = (): void => {
    this.period = this.current.period
  }

  get plan() {
    // A step is tried where its `while` takes the error of the one before it.
    const step = (candidate: Candidate) => ({
      provide: Context.make(Chosen, candidate),
      attempts: 1,
      while: (error: unknown): boolean => AiError.isAiError(error) && this.goesOn(error)
    })
    const [first, ...others] = this.asked
    return ExecutionPlan.make(step(first), ...others.map(step))
  }

  readonly onEvent = (event: ExecutionPlan.Event<unknown>): Effect.Effect<void> => {
    switch (event._tag) {
      case "AttemptStart":
        return this.started(event.stepIndex)
      case "AttemptSuccess":
        return Effect.sync(() => {
          answered(this.current, this.period)
          this.span.attribute("aria.fallback.model", this.model)
        })
      case "AttemptFailure": {
        const error = Option.getOrUndefined(Cause.findErrorOption(event.cause))
        // What a tool failed with says nothing of the model, though it may be the error of another.
        if (this.hasBegun || !AiError.isAiError(error)) return Effect.void
        return Effect.sync(() => {
          this.before = { model: this.model, reason: error.reason._tag }
          if (isLeft(error)) {
            this.resting.push(this.model)
            this.span.attribute("aria.fallback.resting", this.resting)
            return
          }
          this.failures.push({ model: this.model, error })
          if (this.isCurable(error)) failed(this.current, error, this.now())
          this.span.attribute(
            "aria.fallback.failed",
            this.failures.map((one) => `${one.model} ${one.error.reason._tag}`)
          )
        })
      }
    }
  }

  private started(index: number): Effect.Effect<void> {
    this.current = this.asked[index] ?? this.current
    this.onSent()
    if (this.before === undefined) return Effect.void
    const { model: from, reason } = this.before
    return Effect.andThen(
      Metric.update(Metric.withAttributes(fallbacks, { from, to: this.model }), 1),
      Progress.report({
        message: `${from} failed with ${reason}: ${this.model} is asked`,
        data: { _tag: "fallback", from, reason, to: this.model }
      })
    )
  }

  /** The last error, which is the one to act on, with the others told. */
  readonly told = <E>(error: E): E | AiError.AiError => {
    const last = this.failures.at(-1)
    if (!AiError.isAiError(error) || last?.error !== error) return error
    if (this.failures.length === 1 && this.resting.length === 0) return error
    const names = this.failures.map((one) => `${one.model} with ${one.error.reason._tag}`).join(", then ")
    const resting = this.resting.length === 0 ? "" : `; asked for time and left alone: ${this.resting.join(", ")}`
    const whole = AiError.make({
      module: `Fallback(failed: ${names}${resting})`,
      method: error.method,
      reason: error.reason
    })
    earlier.set(whole, { failures: this.failures, resting: this.resting })
    return whole
  }
}
