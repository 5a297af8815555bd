import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { live } from "./liveClock.ts"

/**
 * Fails when it takes longer, in real time. On a connection that is dead nothing comes, no error either for a quarter of an hour, and to
 * let go of it takes seconds: that goes on meanwhile, and nobody waits for it.
 */
export const inTime =
  (millis: number) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | Cause.TimeoutError, R> =>
    Effect.forkDetach(self, { startImmediately: true }).pipe(
      Effect.flatMap((fiber) => Effect.onInterrupt(Fiber.join(fiber), () => Effect.asVoid(Effect.forkDetach(Fiber.interrupt(fiber), { startImmediately: true })))),
      Effect.timeout(millis),
      live
    )
