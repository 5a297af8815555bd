import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as AiError from "effect/ai/AiError"
import { type Candidate, failed, isResting } from "./fallbackCandidate.ts"
import { type Standby, StandbyRef } from "./standby.ts"

/** What a call needs to know to leave a model in which it waits. */
export interface Leaving {
  readonly now: () => number
  /** Those who could be asked instead. */
  readonly others: ReadonlyArray<Candidate>
  /** Whether this is an error after which another model is asked. */
  readonly mayLeave: (error: AiError.AiError) => boolean
  readonly onSent: () => void
}

const left = new WeakSet<AiError.AiError>()
/** Whether the call left because the model rests, and not because of what this call met there. */
export const isLeft = (error: AiError.AiError): boolean => left.has(error)

/**
 * One call to one model that others stand by for. It does not wait there, neither for its turn nor to try again, once the model has
 * asked for time, in this call or in another. What was sent is waited for.
 */
export class Turn implements Standby {
  private state: "unknown" | "waits" | "sent" | "over" = "unknown"
  private readonly candidate: Candidate
  private readonly leaving: Leaving
  private readonly leave = Deferred.makeUnsafe<never, AiError.AiError>()

  constructor(candidate: Candidate, leaving: Leaving) {
    this.candidate = candidate
    this.leaving = leaving
  }

  readonly waits = (): void => {
    if (this.state !== "over") this.state = "waits"
    this.look()
  }

  readonly sent = (): void => {
    if (this.state === "over") return
    this.state = "sent"
    this.leaving.onSent()
  }

  readonly ended = (error: AiError.AiError | undefined): void => {
    if (error === undefined) this.over()
    if (this.state === "over" || error === undefined) return
    // It leaves with its own error, and not as one of those that wait.
    if (this.leaving.mayLeave(error)) failed(this.candidate, error, this.leaving.now())
    this.state = "waits"
    if (this.canLeave() && this.leaving.mayLeave(error)) Deferred.doneUnsafe(this.leave, Effect.fail(error))
  }

  /** What comes now is the answer: it is not left any more. */
  readonly over = (): void => {
    this.state = "over"
  }

  private canLeave(): boolean {
    const now = this.leaving.now()
    return (
      this.state === "waits" &&
      isResting(this.candidate, now) &&
      this.leaving.others.some((other) => !isResting(other, now))
    )
  }

  private readonly look = (): void => {
    if (!this.canLeave()) return
    const error = AiError.make({
      module: "Fallback",
      method: "wait",
      reason: new AiError.RateLimitError({
        retryAfter: Duration.millis(this.candidate.restsUntil - this.leaving.now())
      })
    })
    if (!this.leaving.mayLeave(error)) return
    left.add(error)
    Deferred.doneUnsafe(this.leave, Effect.fail(error))
  }

  private readonly watched = Effect.acquireRelease(
    Effect.sync(() => this.candidate.watchers.add(this.look)),
    () => Effect.sync(() => this.candidate.watchers.delete(this.look))
  )

  /** In a fiber of its own, which has ended when this has: whoever is interrupted while it waits gives everything back. */
  effect<A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E | AiError.AiError, R> {
    const done = Deferred.makeUnsafe<A, E>()
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        Effect.forkChild(restore(Effect.provideService(call, StandbyRef, this)), { startImmediately: true }),
        (fiber) => {
          fiber.addObserver((exit) => Deferred.doneUnsafe(done, exit))
          return Effect.onExit(restore(Effect.raceFirst(Deferred.await(done), Deferred.await(this.leave))), () =>
            Fiber.interrupt(fiber)
          )
        }
      )
    ).pipe((self) => Effect.andThen(this.watched, self), Effect.scoped)
  }

  stream<B, E, R>(call: Stream.Stream<B, E, R>): Stream.Stream<B, E | AiError.AiError, R> {
    return Stream.unwrap(
      Effect.as(
        this.watched,
        Stream.interruptWhen(Stream.provideService(call, StandbyRef, this), Deferred.await(this.leave))
      )
    )
  }
}
