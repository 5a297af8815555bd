/**
 * Several models as one: where one fails, the next is asked, call by call.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as AiError from "effect/ai/AiError"
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Model from "effect/ai/Model"
import * as attempts from "./internal/fallbackAttempts.ts"
import type { Candidate } from "./internal/fallbackCandidate.ts"
import { fallbackModel, key } from "./internal/fallbackModel.ts"
import { observed } from "./internal/observedModel.ts"
import * as Refusal from "./Refusal.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Whether the next model is asked after this error. Default: `isCurable`. Never asked once a tool was begun or a stream has begun. */
  readonly while?: ((error: AiError.AiError) => boolean) | undefined
}

/**
 * One of the models, with the name by which it is told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Named {
  readonly name: string
  readonly model: LanguageModel.LanguageModel
}

/**
 * Who answered a call, and who did not.
 *
 * @category models
 * @since 0.1.0
 */
export const Answered = Schema.Struct({
  /** The name of the model that answered: `"provider/model"`. */
  model: Schema.String,
  /** Who failed before it, in order, and with which reason of `AiError`. */
  failed: Schema.Array(Schema.Struct({ model: Schema.String, reason: Schema.String })),
  /** Who had asked for time, and was not asked. */
  resting: Schema.Array(Schema.String)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Answered = typeof Answered.Type

/**
 * A model that failed, and its error.
 *
 * @category models
 * @since 0.1.0
 */
export type Failure = attempts.Failure

/**
 * Whether another model could do better. Not where the request itself is wrong, and would be everywhere; nor where a model refuses what
 * it was asked for, which is not a thing to be worked around.
 *
 * | asked of the next one | not |
 * | --- | --- |
 * | `RateLimitError`, `QuotaExhaustedError`, `AuthenticationError`, `InternalProviderError`, `InvalidResponseError`, `UnknownError` | `ContentPolicyError` |
 * | `NetworkError`: lost, unreachable, no such address | `NetworkError`: the request cannot be encoded |
 * | `InvalidRequestError` that the provider answered: no such model, too long, a setting it does not take | `InvalidRequestError` that was found before it was sent |
 * | `UnsupportedSchemaError`: providers take different ones | `InvalidUserInputError`, `ToolConfigurationError`, `ToolkitRequiredError` |
 * | `InvalidOutputError`, `StructuredOutputError`, `ToolNotFoundError`, `ToolParameterValidationError`: answers that are no use | `InvalidToolResultError`, `ToolResultEncodingError` |
 * | the refusals `CircuitOpenError`, `UnpricedModelError`, `TooLargeError`: lanes and prices are each model's own | |
 *
 * What a budget refuses is no error of a model: it ends its region or task, and nobody else is asked.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isCurable = (error: AiError.AiError): boolean => {
  const { reason } = error
  switch (reason._tag) {
    case "ContentPolicyError":
    case "InvalidToolResultError":
    case "InvalidUserInputError":
    case "ToolConfigurationError":
    case "ToolkitRequiredError":
    case "ToolResultEncodingError":
      return false
    case "InvalidRequestError":
      return reason.http?.response !== undefined || Refusal.of(error) !== undefined
    case "NetworkError":
      return reason.reason !== "EncodeError"
    default:
      return true
  }
}

/**
 * Several models as one. For each call they are asked in order until one answers; `isCurable` says when the next one is. A stream goes on
 * to the next model only until its first part has come, and no call does once one of its tools was begun.
 *
 * A model that failed and said when to come back (`retry-after`, an open circuit; after 429 without it 1 second, doubled up to 64) is left
 * out until then, at most for an hour. Calls to a metered model that wait for their turn or to try again go on to the next one when that
 * happens; what was sent is waited for. Where all are left out, the one that is back first is asked, and the call waits for its turn there.
 *
 * If all fail, it is with the last error; its message names the others, `failures` has them. `answered` tells from a response who gave it.
 * Each change is a progress update with `data._tag` `"fallback"` and counted by the metric `aria.models.fallbacks`; the span `fallback`
 * around the calls has `aria.fallback.model`, `.failed` and `.resting`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  models: readonly [Named, ...Array<Named>],
  options: Options = {}
): Effect.Effect<LanguageModel.LanguageModel> =>
  Effect.sync(() => {
    const candidate = ({ model, name }: Named): Candidate => ({
      name,
      model: observed(model),
      restsUntil: 0,
      period: 0,
      throttles: 0,
      watchers: new Set()
    })
    const [first, ...others] = models
    return observed(fallbackModel([candidate(first), ...others.map(candidate)], options.while ?? isCurable))
  })

type AnyModel = Layer.Layer<LanguageModel.LanguageModel, any, any>

const built = Effect.fnUntraced(function* (layer: AnyModel, index: number, memo: Layer.MemoMap) {
  const context = yield* Layer.buildWithMemoMap(layer, memo, yield* Effect.scope)
  const provider = Context.getOption(context, Model.ProviderName)
  const model = Context.getOption(context, Model.ModelName)
  return {
    name: Option.isSome(provider) && Option.isSome(model) ? `${provider.value}/${model.value}` : `model ${index + 1}`,
    model: Context.get(context, LanguageModel.LanguageModel)
  }
})

/**
 * As `make`, from layers, each built once. `Guarded.layer` gives each model its own lane, breaker, price and retries, and one budget to
 * all: usage adds up. Retries of lost connections and 5xx come first, so give a model that another one stands by for few of them.
 *
 * @example
 * ```ts
 * const Models = Fallback.layer([
 *   Guarded.layer({ maxOutputTokens: 800, retry: { times: 1 } }, openai),
 *   Guarded.layer({ maxOutputTokens: 800 }, anthropic)
 * ])
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <const Models extends readonly [AnyModel, ...Array<AnyModel>]>(
  models: Models,
  options: Options = {}
): Layer.Layer<LanguageModel.LanguageModel, Layer.Error<Models[number]>, Layer.Services<Models[number]>> =>
  Layer.effect(
    LanguageModel.LanguageModel,
    Effect.gen(function* () {
      const [first, ...others] = models
      // One for all: a limiter that each of them brings along is one limiter.
      const memo = Layer.CurrentMemoMap.forkOrCreate(yield* Effect.context<never>())
      const named: readonly [Named, ...Array<Named>] = [
        yield* built(first, 0, memo),
        ...(yield* Effect.forEach(others, (one, index) => built(one, index + 1, memo)))
      ]
      return yield* make(named, options)
    })
  )

const decode = Schema.decodeUnknownOption(Schema.Struct({ [key]: Schema.Struct({ fallback: Answered }) }))

/**
 * Who gave this answer: told by its finish part. `None` for answers that came through no fallback.
 *
 * @example
 * ```ts
 * const response = yield* LanguageModel.generateText({ prompt: "What changed at Acme?" })
 * const who = Option.map(Fallback.answered(response.content), ({ model }) => model)
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const answered = (
  parts: Iterable<{ readonly type: string; readonly metadata?: unknown }>
): Option.Option<Answered> => {
  for (const { metadata, type } of parts) {
    if (type === "finish") return Option.map(decode(metadata), (found) => found[key].fallback)
  }
  return Option.none()
}

/**
 * All models that failed in this call, in order, the last one included; empty where only one was asked. Known in the process in
 * which the call was made; the message of the error names them everywhere.
 *
 * @category getters
 * @since 0.1.0
 */
export const failures = (error: AiError.AiError): ReadonlyArray<Failure> => attempts.failuresOf(error)
