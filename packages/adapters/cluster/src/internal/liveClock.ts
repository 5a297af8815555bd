import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Leases and looks at the database go by real time, whatever clock a test has given to the program. */
const clock = Clock.Clock.defaultValue()

export const live = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => Effect.provideService(self, Clock.Clock, clock)

/** Of this process, and only to be compared with itself. */
export const millis = (): number => performance.now()
