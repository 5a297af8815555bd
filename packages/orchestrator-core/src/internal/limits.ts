import * as Duration from "effect/Duration"

/** What a cap or a count may be: a whole number from 1. */
export const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1

/** A timeout in milliseconds, or nothing where it is none: not a duration, not finite, or not longer than 0. */
export const timeoutMillis = (input: Duration.Input): number | undefined => {
  const duration = Duration.fromInput(input)
  if (duration._tag === "None") return undefined
  const millis = Duration.toMillis(duration.value)
  return Number.isFinite(millis) && millis > 0 ? millis : undefined
}
