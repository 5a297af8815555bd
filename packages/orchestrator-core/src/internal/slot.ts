import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Cause from "effect/Cause"
import * as gate from "./gate.ts"

/** Whom a slot asks permits for. */
export interface Claim {
  readonly gates: ReadonlyArray<gate.Gate>
  readonly user: string
  readonly priority: number
}

/**
 * The permit of one call: held while it works, given back while it waits, and taken again before what it waited for is
 * delivered to it.
 */
export class Slot {
  private readonly claim: Claim
  private held: boolean
  private closed = false
  private ticket: gate.Ticket | undefined
  private resumers: Array<() => void> = []

  constructor(claim: Claim, held: boolean) {
    this.claim = claim
    this.held = held
  }

  /** Takes a permit; at once where it is held. */
  acquire(resumes: boolean): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.held || this.closed) return Effect.void
      return Effect.callback<void>((resume) => {
        const resumer = () => resume(Effect.void)
        this.resumers.push(resumer)
        if (this.ticket === undefined) {
          const ticket: gate.Ticket = {
            ...this.claim,
            resumes,
            passed: 0,
            cancelled: false,
            granted: () => {
              this.ticket = undefined
              this.held = true
              for (const each of this.resumers.splice(0)) each()
            }
          }
          this.ticket = ticket
          gate.request(ticket)
        }
        return Effect.sync(() => {
          const at = this.resumers.indexOf(resumer)
          if (at >= 0) this.resumers.splice(at, 1)
          if (this.resumers.length === 0) this.cancelTicket()
        })
      })
    })
  }

  private cancelTicket(): void {
    if (this.ticket === undefined) return
    gate.cancel(this.ticket)
    this.ticket = undefined
  }

  giveBack(): void {
    if (!this.held) return
    this.held = false
    gate.giveBack(this.claim.gates)
  }

  /** The call has ended, however it did. */
  close(): void {
    this.closed = true
    this.cancelTicket()
    this.giveBack()
  }

  /** Waits without a permit. Who is interrupted takes none again: it is on its way out. */
  suspend<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        this.giveBack()
        return Effect.flatMap(Effect.exit(restore(effect)), (exit) =>
          Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
            ? exit
            : Effect.andThen(restore(this.acquire(true)), exit)
        )
      })
    )
  }
}
