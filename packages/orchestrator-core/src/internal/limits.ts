import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Limits } from "../Budget.ts"
import { InvalidLimitError } from "./budgetErrors.ts"

/** What a cap or a count may be: a whole number from 1. */
export const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1

/** A timeout in milliseconds, or nothing where it is none: not a duration, not finite, or not longer than 0. */
export const timeoutMillis = (input: Duration.Input): number | undefined => {
  const duration = Duration.fromInput(input)
  if (duration._tag === "None") return undefined
  const millis = Duration.toMillis(duration.value)
  return Number.isFinite(millis) && millis > 0 ? millis : undefined
}

/** The limits of a budget, or what is wrong with the first field that is none. */
export const validateLimits = (limits: Limits, name = "Budget.limit"): Effect.Effect<Limits, InvalidLimitError> => {
  for (const field of ["tokens", "calls"] as const) {
    const value = limits[field]
    if (value !== undefined && !isCount(value)) {
      return Effect.fail(new InvalidLimitError({ setting: `${name}: ${field}`, received: String(value), allowed: "a whole number from 1" }))
    }
  }
  const { usd } = limits
  if (usd !== undefined && !(Number.isFinite(usd) && usd >= 0.000001)) {
    return Effect.fail(
      new InvalidLimitError({
        setting: `${name}: usd`,
        received: String(usd),
        allowed: "a finite amount in US dollars from 0.000001"
      })
    )
  }
  return Effect.succeed(limits)
}
