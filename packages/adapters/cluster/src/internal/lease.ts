import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Claims } from "./claims.ts"
import { inTime } from "./inTime.ts"
import { live, millis } from "./liveClock.ts"
import * as telemetry from "./telemetry.ts"

/** Who this worker is, and until when others believe that it is alive. */
export interface Lease {
  /** Another one after it was cut off: what it had is not its any more. */
  readonly worker: () => string
  readonly state: () => "active" | "draining" | "cutOff"
  /** How long it holds, in milliseconds; negative once it has run out. */
  readonly leftMillis: () => number
  /** Whether it has run out; from then on, until all that was carried out here is given up. */
  readonly isExpired: () => boolean
  readonly renew: Effect.Effect<void>
  /** Renews it for ever. */
  readonly pulse: Effect.Effect<never>
  /** Looks for no further work from here on; `false` where it did so before. */
  readonly drain: () => boolean
  readonly leave: Effect.Effect<void>
}

/** What goes wrong with the database here is tried again: it is told, and the worker goes on. */
export const unlessFailed = (what: string, self: Effect.Effect<unknown, { readonly message: string }>): Effect.Effect<void> =>
  Effect.catchCause(Effect.asVoid(self), (cause) => (Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.logWarning(`${what}: ${Cause.pretty(cause)}`)))

export const make = (
  claims: Claims,
  { isWorker, lease, name }: { readonly isWorker: boolean; readonly lease: number; readonly name: string },
  /** It ran out: others may carry out what was carried out here. */
  onExpired: Effect.Effect<void>
): Effect.Effect<Lease> =>
  Effect.map(Effect.context<never>(), (services) => {
    let worker: string = crypto.randomUUID()
    let state: "active" | "draining" | "cutOff" = "active"
    let validUntil = millis() + lease
    // Whoever saw that it was over has stopped where he was: a renewal that comes late does not make that undone.
    let wasOver = false
    const isExpired = () => (wasOver ||= isWorker && millis() > validUntil)

    const renewed = Effect.suspend(() => {
      const asked = millis()
      const asker = worker
      return Effect.map(claims.renew(asker, lease, state === "draining" ? "draining" : "active", name), () => {
        // It may have been cut off since, or have heard of a later one.
        if (worker !== asker) return
        validUntil = Math.max(validUntil, asked + lease)
        if (state === "cutOff") wasOver = false
      })
    })
    let hasFailed = false
    // Where one gets no answer another one is asked for; what comes late counts all the same.
    const renew = Effect.suspend(() => {
      hasFailed = false
      const failed = Effect.sync(() => {
        hasFailed = true
        telemetry.failed(services, "lease")
      })
      return unlessFailed("The lease of this worker could not be renewed", Effect.tapError(inTime(lease / 4)(Effect.flatMap(Effect.forkDetach(inTime(lease)(renewed), { startImmediately: true }), Fiber.join)), () => failed))
    })

    return {
      worker: () => worker,
      state: () => state,
      leftMillis: () => (isWorker ? validUntil - millis() : Infinity),
      isExpired,
      renew,
      pulse: Effect.forever(
        Effect.gen(function* () {
          yield* live(Effect.sleep(hasFailed ? lease / 20 : lease / 4))
          // Whoever was frozen for longer than the lease finds out before it says that it is alive.
          if (isExpired() && state !== "draining") {
            worker = crypto.randomUUID()
            state = "cutOff"
            yield* onExpired
          }
          yield* renew
          if (state === "cutOff" && !isExpired()) state = "active"
        })
      ),
      drain: () => {
        const isFirst = state !== "draining"
        state = "draining"
        return isFirst
      },
      leave: unlessFailed(
        "This worker could not give back its runs; others take them when its lease ends",
        Effect.suspend(() => inTime(lease)(claims.leave(worker)))
      )
    }
  })
