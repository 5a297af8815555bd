import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { Hooks } from "./hooks.ts"
import { JournalRef } from "./journal.ts"
import { PlaceRef } from "./unitKey.ts"

/**
 * Waits without a permit for what another life of the run can wait for as well: an answer, a time. Where the engine stores, it is told that
 * the handler goes on with nothing else: a wait in one of several branches says nothing of the others.
 */
export const lastingWait = <A, E, R>(reason: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const told = Effect.withFiber<A, E, R>((fiber) => {
    const journal = Context.get(fiber.context, JournalRef)
    const place = Context.get(fiber.context, PlaceRef)
    if (journal === undefined || place?.thread.fiber !== fiber) return effect
    return Effect.ensuring(effect, Effect.sync(journal.waits(place.key)))
  })
  return Effect.flatMap(Hooks, (hooks) => hooks.suspend(reason, told))
}
