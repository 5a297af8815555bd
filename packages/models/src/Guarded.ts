/**
 * A model with everything around it: retried within the run's budget, metered, limited, and behind a circuit breaker.
 *
 * @since 0.1.0
 */
import type { Budget } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as LanguageModel from "effect/ai/LanguageModel"
import type * as Model from "effect/ai/Model"
import type * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as Breaker from "./Breaker.ts"
import type { RetryOptions } from "./internal/backoff.ts"
import { named } from "./internal/named.ts"
import type { Limiter } from "./Limiter.ts"
import * as Metered from "./Metered.ts"
import type { InvalidPriceError } from "./PriceTable.ts"
import * as Retry from "./Retry.ts"
import type { RetryBudget } from "./RetryBudget.ts"

/**
 * How a model is guarded.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Metered.Options {
  readonly retry?: RetryOptions | undefined
}

/**
 * A model's functions with all that `LanguageModel.make` may take.
 *
 * @category models
 * @since 0.1.0
 */
export interface Functions extends Metered.Functions {
  readonly codecTransformer?: LanguageModel.CodecTransformer | undefined
  readonly supportsSystemMessagesInHistory?: Effect.Effect<boolean> | undefined
}

/**
 * `Retry.provider` around `Metered.provider` around `Breaker.provider`: each attempt is reserved, waits its turn, and finds out last
 * whether its provider is there.
 *
 * @category constructors
 * @since 0.1.0
 */
export const provider = Effect.fnUntraced(function* <F extends Metered.Functions>(options: Options, functions: F) {
  const guarded = yield* Breaker.provider(options, functions)
  const metered = yield* Metered.provider(options, guarded)
  return yield* Retry.provider({ ...options.retry, provider: options.provider }, metered)
})

/**
 * The model as a layer, with its names. Give its `Limiter`, `RetryBudget` and `CircuitBreaker` once to the whole program: what is shared is what limits.
 *
 * @example
 * ```ts
 * const model = Guarded.layer({ provider: "openai", model: "gpt-5-mini", maxOutputTokens: 800 }, functions).pipe(
 *   Layer.provide([Limiter.layer({ provider: { openai: { requestsPerMinute: 60 } } }), RetryBudget.layer(), Breaker.layerMemory()])
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options,
  functions: Functions
): Layer.Layer<
  LanguageModel.LanguageModel | Model.ProviderName | Model.ModelName,
  InvalidPriceError | Budget.InvalidLimitError,
  Limiter | RetryBudget | CircuitBreaker.CircuitBreaker
> => named(options, functions, Effect.flatMap(provider(options, functions), LanguageModel.make))
