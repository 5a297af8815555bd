import * as Effect from "effect/Effect"
import type { Lane, Ticket } from "./permits.ts"

/** Whom a slot asks permits for. */
export interface Claim {
  readonly lane: Lane
  readonly priority: number
}

/**
 * The permit of one call: held while it works, given back while it waits, and taken again before what it waited for is
 * delivered to it.
 *
 * A call may have several branches. One that waits makes the whole call a waiting one: were the permit kept for the
 * others, branches that wait for children would keep those children from their permits.
 */
export class Slot {
  private readonly claim: Claim
  private held: boolean
  private closed = false
  /** Branches that wait. */
  private suspended = 0
  private ticket: Ticket | undefined
  private resumers: Array<() => void> = []

  constructor(claim: Claim, held: boolean) {
    this.claim = claim
    this.held = held
  }

  /** Takes a permit; at once where it is held, and none where the call is on its way out. */
  acquire(resumes: boolean): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.held || this.closed) return Effect.void
      const granted = Effect.callback<void>((resume) => {
        const resumer = () => resume(Effect.void)
        this.resumers.push(resumer)
        this.ask(resumes)
        return Effect.sync(() => {
          const at = this.resumers.indexOf(resumer)
          if (at >= 0) this.resumers.splice(at, 1)
          if (this.resumers.length === 0) this.cancelTicket()
        })
      })
      // A branch that was told before may have given it back again.
      return Effect.flatMap(granted, () => this.acquire(resumes))
    })
  }

  private ask(resumes: boolean): void {
    if (this.ticket !== undefined) return
    this.ticket = {
      ...this.claim,
      resumes,
      granted: () => {
        this.ticket = undefined
        this.held = true
        this.wake()
      }
    }
    this.claim.lane.permits.request(this.ticket)
  }

  private wake(): void {
    for (const resumer of this.resumers.splice(0)) resumer()
  }

  private cancelTicket(): void {
    if (this.ticket === undefined) return
    this.claim.lane.permits.cancel(this.ticket)
    this.ticket = undefined
  }

  private giveBack(): void {
    if (!this.held) return
    this.held = false
    this.claim.lane.release()
  }

  /** The call is on its way out: nobody in it waits for a permit any more. One that it has stays with its finalizers. */
  leave(): void {
    this.closed = true
    this.cancelTicket()
    this.wake()
  }

  /** The call has ended, however it did. */
  close(): void {
    this.leave()
    this.giveBack()
  }

  /**
   * Waits without a permit. Taking it again cannot be interrupted: a part of a call that is given up, by a timeout or a
   * race, leaves the rest of it at work. What ends the whole call lets its slots leave.
   */
  suspend<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        this.suspended++
        this.giveBack()
        return Effect.flatMap(Effect.exit(restore(effect)), (exit) =>
          Effect.flatMap(this.acquire(true), () => {
            if (--this.suspended > 0) this.giveBack()
            // On its way out nothing is delivered any more: there is no permit to go on with.
            return this.closed ? Effect.interrupt : exit
          })
        )
      })
    )
  }
}
