/** Waiting for a lock that another connection holds, without blocking the event loop as SQLite's own timeout does. */
import * as Effect from "effect/Effect"

/** The result code that SQLite gave, with its extension, or `undefined` where the error is not SQLite's. */
export const codeOf = (cause: unknown): number | undefined =>
  typeof cause === "object" && cause !== null && "errcode" in cause && typeof cause.errcode === "number"
    ? cause.errcode
    : undefined

/** `SQLITE_BUSY` and `SQLITE_BUSY_RECOVERY`. `SQLITE_BUSY_SNAPSHOT` does not go away by waiting. */
const isBusy = (cause: unknown): boolean => {
  const code = codeOf(cause)
  return code === 5 || code === 261
}

const pauses = [1, 2, 5, 10, 15, 20, 25]

/** In real time, whatever the clock of the fiber: the lock is another process's. */
const pause = (milliseconds: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const timer = setTimeout(() => resume(Effect.void), milliseconds)
    return Effect.sync(() => clearTimeout(timer))
  })

interface Patience<E> {
  /** Milliseconds. */
  readonly busyTimeout: number
  /** Lets the wait be interrupted even where the fiber cannot be: for a `BEGIN`, after which nothing is to be undone. */
  readonly interruptible?: boolean
  readonly onError: (cause: unknown) => E
}

/** Evaluates until the database is free, at most for `busyTimeout`. */
export const whenFree = <A, E>(evaluate: () => A, patience: Patience<E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const end = performance.now() + patience.busyTimeout
    const attempt = (count: number): Effect.Effect<A, E> => {
      try {
        return Effect.succeed(evaluate())
      } catch (cause) {
        const left = end - performance.now()
        if (!isBusy(cause) || left <= 0) return Effect.fail(patience.onError(cause))
        // Spread out, so that two that wait do not meet again and again.
        const wait = pause(Math.min(left, (pauses[count] ?? 25) * (0.5 + Math.random())))
        return Effect.flatMap(patience.interruptible === true ? Effect.interruptible(wait) : wait, () =>
          attempt(count + 1)
        )
      }
    }
    return attempt(0)
  })
