import { Budget, Run } from "@aria/orchestrator-core"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { positiveMillis } from "./limiterOptions.ts"

/** How calls are made again. */
export interface RetryOptions {
  /** How often one call is made again at most. Whole, from 0. Default 3. */
  readonly times?: number | undefined
  /** The longest first delay; each later one may be twice as long. Default 1 second. */
  readonly base?: Duration.Input | undefined
  /** The longest delay. Where `retry-after` asks for more, the call is not made again. Default 1 minute. */
  readonly maxDelay?: Duration.Input | undefined
}

export interface Backoff {
  readonly times: number
  readonly baseMillis: number
  readonly maxMillis: number
}

const duration = (
  name: string,
  input: Duration.Input | undefined,
  otherwise: number
): Effect.Effect<number, Budget.InvalidLimitError> => {
  if (input === undefined) return Effect.succeed(otherwise)
  const millis = positiveMillis(input)
  return millis === undefined
    ? Effect.fail(
        new Budget.InvalidLimitError({ setting: name, received: String(input), allowed: "a finite duration longer than 0" })
      )
    : Effect.succeed(millis)
}

export const validate = Effect.fnUntraced(function* (
  name: string,
  options: RetryOptions
): Effect.fn.Return<Backoff, Budget.InvalidLimitError> {
  const { times = 3 } = options
  if (!(Number.isSafeInteger(times) && times >= 0)) {
    return yield* new Budget.InvalidLimitError({
      setting: `${name}: times`,
      received: String(times),
      allowed: "a whole number from 0"
    })
  }
  return {
    times,
    baseMillis: yield* duration(`${name}: base`, options.base, 1_000),
    maxMillis: yield* duration(`${name}: maxDelay`, options.maxDelay, 60_000)
  }
})

/** Whether to wait that long; never where more was asked for than is allowed. */
export const isBearable = ({ maxMillis }: Backoff, retryAfter: Duration.Duration | undefined): boolean =>
  retryAfter === undefined || Duration.toMillis(retryAfter) <= maxMillis

/**
 * Waits before attempt `attempt` (1 is the first that is made again), without a permit: as long as was asked for, else at random between
 * half and the whole of a delay that doubles each time, so that calls which failed together don't come back together.
 */
export const wait = (
  { baseMillis, maxMillis }: Backoff,
  target: string,
  attempt: number,
  retryAfter: Duration.Duration | undefined
): Effect.Effect<void> =>
  Effect.flatMap(Random.next, (random) => {
    const whole = Math.min(maxMillis, baseMillis * 2 ** Math.min(attempt - 1, 30))
    const jittered = Math.ceil((whole * (1 + random)) / 2)
    const millis = retryAfter === undefined ? jittered : Duration.toMillis(retryAfter) + jittered / 10
    return Run.waiting(`retry: ${target}`)(Effect.sleep(Math.ceil(millis)))
  })
