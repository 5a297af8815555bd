/**
 * A circuit breaker around a model's functions: a provider that fails again and again is not called for a while.
 *
 * @since 0.1.0
 */
import { Budget } from "@aria/orchestrator-core"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type * as AiError from "effect/ai/AiError"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import { positiveMillis } from "./internal/limiterOptions.ts"
import type { Functions } from "./Metered.ts"
import * as Refusal from "./Refusal.ts"

/**
 * What an end of a call says of its provider. Errors of the 5xx class and lost connections count against it; 429 does not, because
 * the limiter heeds it, nor do errors of the request itself, nor an interruption.
 *
 * @category getters
 * @since 0.1.0
 */
export const classify = (exit: Exit.Exit<unknown, AiError.AiError>): CircuitBreaker.Outcome => {
  if (exit._tag === "Success") return CircuitBreaker.success
  const error = exit.cause.reasons.find(Cause.isFailReason)?.error
  if (error === undefined || Refusal.of(error) !== undefined) return CircuitBreaker.ignored
  switch (error.reason._tag) {
    case "InternalProviderError":
    case "InvalidResponseError":
      return CircuitBreaker.failure()
    case "NetworkError":
      return error.isRetryable ? CircuitBreaker.failure() : CircuitBreaker.ignored
    default:
      return CircuitBreaker.ignored
  }
}

/**
 * The same functions behind the circuit of their provider. While it is open a call fails at once with an error from which
 * `Refusal.of` gives `CircuitOpenError`; it was not sent. Put it inside of the meter, so that calls which wait for their turn find out as well.
 *
 * @category constructors
 * @since 0.1.0
 */
export const provider = Effect.fnUntraced(function* <F extends Functions>(
  options: { readonly provider?: string | undefined },
  functions: F
): Effect.fn.Return<
  Omit<F, "generateText" | "streamText"> & Pick<Functions, "generateText" | "streamText">,
  never,
  CircuitBreaker.CircuitBreaker
> {
  const breaker = yield* CircuitBreaker.CircuitBreaker
  const key = options.provider ?? functions.provider ?? "unknown"

  const around = <A, R>(
    method: string,
    call: Effect.Effect<A, AiError.AiError, R>
  ): Effect.Effect<A, AiError.AiError, R> =>
    Effect.catch(breaker.execute(call, { key, classify }), (error) => {
      if (error._tag === "AiError") return Effect.fail(error)
      const { reason } = error
      switch (reason._tag) {
        case "CircuitOpen":
          return Effect.fail(
            Refusal.toAiError(
              new Refusal.CircuitOpenError({ provider: key, retryAfterMillis: Duration.toMillis(reason.retryAfter) }),
              method
            )
          )
        case "CircuitHalfOpen":
          return Effect.fail(Refusal.toAiError(new Refusal.CircuitOpenError({ provider: key }), method))
        case "CircuitBreakerStoreError":
          // Only where the breaker was made to fail when its store does.
          return Effect.die(reason)
      }
    })

  return {
    ...functions,
    generateText: (request) => around("generateText", functions.generateText(request)),
    streamText: (request) =>
      Stream.callback((queue) =>
        Effect.andThen(
          around(
            "streamText",
            Stream.runForEachArray(functions.streamText(request), (parts) => Queue.offerAll(queue, parts))
          ),
          Queue.end(queue)
        )
      )
  }
})

const invalid = (name: string, received: unknown, allowed: string) =>
  new Budget.InvalidLimitError({ setting: `Breaker.layerMemory: ${name}`, received: String(received), allowed })

/**
 * A breaker in this process, one circuit for each provider: it opens after `failures` in a row (whole, from 1; default 5), for
 * `openDuration` (default 30 seconds), and then lets one call through to find out. For several processes, effect's
 * `CircuitBreaker.layer` takes a shared store.
 *
 * Errors: `InvalidLimitError`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = (
  options: {
    readonly failures?: number | undefined
    readonly openDuration?: Duration.Input | undefined
  } = {}
): Layer.Layer<CircuitBreaker.CircuitBreaker, Budget.InvalidLimitError> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const { failures = 5, openDuration = "30 seconds" } = options
      if (!(Number.isSafeInteger(failures) && failures >= 1)) {
        return yield* invalid("failures", failures, "a whole number from 1")
      }
      if (positiveMillis(openDuration) === undefined) {
        return yield* invalid("openDuration", openDuration, "a finite duration longer than 0")
      }
      return Layer.provide(
        CircuitBreaker.layer({ tripPolicy: CircuitBreaker.consecutive(failures), openDuration }),
        CircuitBreaker.layerStoreMemory()
      )
    })
  )
