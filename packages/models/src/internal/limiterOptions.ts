import { Budget } from "@aria/orchestrator-core"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Options, Rates } from "../Limiter.ts"

const fields = ["concurrency", "requestsPerMinute", "tokensPerMinute"] as const

const validateRates = (name: string, rates: Rates): Effect.Effect<void, Budget.InvalidLimitError> => {
  for (const field of fields) {
    const value = rates[field]
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) {
      return Effect.fail(
        new Budget.InvalidLimitError({
          setting: `${name}: ${field}`,
          received: String(value),
          allowed: "a whole number from 1"
        })
      )
    }
  }
  return Effect.void
}

/** Every limit can be kept: whole numbers from 1. */
export const validateOptions = Effect.fnUntraced(function* (options: Options) {
  yield* validateRates("Limiter: global", options.global ?? {})
  for (const scope of ["provider", "host", "agent", "user"] as const) {
    for (const [name, rates] of Object.entries(options[scope] ?? {}))
      yield* validateRates(`Limiter: ${scope} "${name}"`, rates)
  }
  const { maxCooldown } = options
  if (maxCooldown !== undefined && !(positiveMillis(maxCooldown) !== undefined)) {
    return yield* new Budget.InvalidLimitError({
      setting: "Limiter: maxCooldown",
      received: String(maxCooldown),
      allowed: "a finite duration longer than 0"
    })
  }
})

/** Milliseconds of a duration that somebody else has named; `undefined` where it is none that can be waited for. */
export const positiveMillis = (input: Duration.Input | undefined): number | undefined => {
  if (input === undefined) return undefined
  const duration = Duration.fromInput(input)
  if (duration._tag === "None") return undefined
  const millis = Duration.toMillis(duration.value)
  return Number.isFinite(millis) && millis > 0 ? millis : undefined
}

const hourMillis = 3_600_000

export const millisUpTo = (maxCooldown: Duration.Input | undefined): number => positiveMillis(maxCooldown) ?? hourMillis
