import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isSqlError } from "effect/sql/SqlError"
import { constants } from "node:os"
import { millis } from "./liveClock.ts"

const signals = ["SIGTERM", "SIGINT"] as const

/** Signals that are this close are one: npm passes on to its child what the terminal has sent to both. */
const sameMillis = 500

/** Ends with it, and ends it with the first signal. */
export const start = <E>(program: Effect.Effect<never, E>): void => {
  let firstAt: number | undefined
  const fiber = Effect.runFork(program)
  for (const signal of signals) {
    process.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = millis()
        console.error(
          `${signal}: this worker gives its runs to others once their tasks have ended; a second signal ends it at once`
        )
        fiber.interruptUnsafe()
      } else if (millis() - firstAt >= sameMillis) {
        console.error(`${signal}: this worker ends at once; others take its runs when its lease ends`)
        process.exit(128 + constants.signals[signal])
      }
    })
  }
  fiber.addObserver((exit) => {
    if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return process.exit(0)
    console.error(`This worker cannot run: ${describe(exit.cause)}`)
    process.exit(1)
  })
}

/** Typed errors say what is wrong and what to do; of all else everything is shown. */
const describe = (cause: Cause.Cause<unknown>): string =>
  cause.reasons
    .map((reason) =>
      Cause.isFailReason(reason) && reason.error instanceof Error
        ? sentence(reason.error)
        : Cause.pretty(Cause.fromReasons([reason]))
    )
    .join("\n")

const sentence = (error: Error): string => {
  const parts = [error.message]
  let cause: unknown = isSqlError(error) ? error.reason.cause : error.cause
  for (let depth = 0; depth < 4 && cause instanceof Error; depth++) {
    // Several addresses of one name were tried.
    const message = cause instanceof AggregateError ? cause.errors.map(String).join("; ") : cause.message
    if (message !== "" && !parts.some((part) => part.includes(message))) parts.push(message)
    cause = cause.cause
  }
  return parts.join(": ")
}
