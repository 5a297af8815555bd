import { Calendar } from "@aria/connectors/Calendar"
import * as Run from "@aria/orchestrator-core/Run"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"

const locks = new WeakMap<Calendar["Service"], Semaphore.Semaphore>()

const lockOf = (calendar: Calendar["Service"]): Semaphore.Semaphore => {
  const known = locks.get(calendar)
  if (known !== undefined) return known
  const lock = Semaphore.makeUnsafe(1)
  locks.set(calendar, lock)
  return lock
}

/** Between looking whether a time is free and taking it, nobody else of this process takes it. Who waits holds no permit of the run. */
export const oneAtATime = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Calendar> =>
  Effect.flatMap(Calendar, (calendar) =>
    Effect.suspend(() => {
      const lock = lockOf(calendar)
      let held = false
      const mark = Effect.sync(() => {
        held = true
      })
      const takeNow = Effect.uninterruptible(
        Effect.tap(Semaphore.takeIfAvailable(lock, 1), (taken) => (taken ? mark : Effect.void))
      )
      const take = Effect.uninterruptibleMask((restore) => Effect.andThen(restore(Semaphore.take(lock, 1)), mark))
      return takeNow.pipe(
        Effect.flatMap((taken) => (taken ? Effect.void : Run.waiting("another write to the calendar")(take))),
        Effect.andThen(self),
        Effect.ensuring(Effect.suspend(() => (held ? Semaphore.release(lock, 1) : Effect.void)))
      )
    })
  )
