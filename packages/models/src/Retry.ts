/**
 * Calls that are made again when it can help: few, later each time, and within the retry budget of the run.
 *
 * @since 0.1.0
 */
import type { Budget } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as AiError from "effect/ai/AiError"
import { isBearable, type RetryOptions, validate, wait } from "./internal/backoff.ts"
import type { Functions } from "./Metered.ts"
import * as Refusal from "./Refusal.ts"
import { RetryBudget } from "./RetryBudget.ts"

/**
 * How calls are made again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends RetryOptions {
  /** Default: what the functions say, else `"unknown"`. */
  readonly provider?: string | undefined
}

/**
 * The same functions, made again where the error is retryable: a lost connection, 429, an error of the 5xx class. A stream only until its
 * first part has come. Between two attempts it waits without a permit. Put it around metered functions, so that each attempt is
 * reserved, admitted and counted by itself.
 *
 * Errors, when it is made: `InvalidLimitError`. Calls fail with the error of their last attempt.
 *
 * @category constructors
 * @since 0.1.0
 */
export const provider = Effect.fnUntraced(function* <F extends Functions>(
  options: Options,
  functions: F
): Effect.fn.Return<
  Omit<F, "generateText" | "streamText"> & Pick<Functions, "generateText" | "streamText">,
  Budget.InvalidLimitError,
  RetryBudget
> {
  const backoff = yield* validate("Retry.provider", options)
  const budget = yield* RetryBudget
  const target = options.provider ?? functions.provider ?? "unknown"

  /** Succeeds when it is time for the next attempt, else fails with the error. */
  const again = (error: AiError.AiError, attempt: number): Effect.Effect<void, AiError.AiError> => {
    const { retryAfter } = error
    if (
      !error.isRetryable ||
      Refusal.of(error) !== undefined ||
      attempt > backoff.times ||
      !isBearable(backoff, retryAfter)
    ) {
      return Effect.fail(error)
    }
    return Effect.flatMap(budget.take(target), (isTaken) =>
      isTaken ? wait(backoff, target, attempt, retryAfter) : Effect.fail(error)
    )
  }

  const generateText = (
    request: Parameters<Functions["generateText"]>[0],
    attempt: number
  ): ReturnType<Functions["generateText"]> =>
    Effect.catch(functions.generateText(request), (error) =>
      Effect.flatMap(again(error, attempt), () => generateText(request, attempt + 1))
    )

  const streamText = (
    request: Parameters<Functions["streamText"]>[0],
    attempt: number
  ): ReturnType<Functions["streamText"]> =>
    Stream.suspend(() => {
      let hasBegun = false
      return functions.streamText(request).pipe(
        Stream.mapArray((parts) => {
          hasBegun ||= parts.some(({ type }) => type !== "response-metadata")
          return parts
        }),
        Stream.catch((error) =>
          hasBegun
            ? Stream.fail(error)
            : Stream.unwrap(Effect.as(again(error, attempt), streamText(request, attempt + 1)))
        )
      )
    })

  return {
    ...functions,
    generateText: (request) => Effect.andThen(budget.called, generateText(request, 1)),
    streamText: (request) => Stream.unwrap(Effect.as(budget.called, streamText(request, 1)))
  }
})
