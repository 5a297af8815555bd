/** Ctrl-C, and SIGTERM: the first asks to stop and to show what was done, the second quits at once. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

const signals = ["SIGINT", "SIGTERM"] as const

/** npm, pnpm and the terminal may each pass on one press; what comes this soon, in milliseconds, is the same press. */
const samePress = 150

/** Listens while the scope is open; outside of it the process ends as any other. The effect inside waits for the first. */
export const listen = Effect.acquireRelease(
  Effect.sync(() => {
    const first = Deferred.makeUnsafe<void>()
    let at: number | undefined
    const onSignal = () => {
      const now = performance.now()
      if (at === undefined) {
        at = now
        Deferred.doneUnsafe(first, Effect.void)
      } else if (now - at > samePress) process.exit(130)
    }
    for (const signal of signals) process.on(signal, onSignal)
    return { arrived: Deferred.await(first), onSignal }
  }),
  ({ onSignal }) => Effect.sync(() => signals.forEach((signal) => process.off(signal, onSignal)))
).pipe(Effect.map(({ arrived }) => arrived))
