/**
 * Models whose every call is reserved before it is made, and settled at what the provider reports.
 *
 * The meter sits around the functions that `LanguageModel.make` takes, not around `generateText`, which runs tools as well.
 *
 * @since 0.1.0
 */
import { Budget } from "@aria/orchestrator-core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as AiError from "effect/ai/AiError"
import type * as EmbeddingModel from "effect/ai/EmbeddingModel"
import type * as IdGenerator from "effect/ai/IdGenerator"
import * as LanguageModel from "effect/ai/LanguageModel"
import type * as Model from "effect/ai/Model"
import type * as Response from "effect/ai/Response"
import type * as Layer from "effect/Layer"
import type { Answer } from "./internal/answer.ts"
import { exchange, type Meter } from "./internal/exchange.ts"
import { named, namesOf } from "./internal/named.ts"
import { Limiter } from "./Limiter.ts"
import * as PriceTable from "./PriceTable.ts"
import * as Spent from "./Spent.ts"
import * as TokenCount from "./TokenCount.ts"

/**
 * effect's options of a call, and the most tokens that its answer may have. The provider must keep to it: it is what is reserved.
 *
 * @category models
 * @since 0.1.0
 */
export interface RequestOptions extends LanguageModel.ProviderOptions {
  readonly maxOutputTokens?: number | undefined
}

/**
 * What `LanguageModel.make` takes, and what the meter can use beyond it. One evaluation of `generateText`, and one run of a stream, is
 * one request. The providers of `@aria/adapter-ai-sdk` are such.
 *
 * @category models
 * @since 0.1.0
 */
export interface Functions {
  readonly provider?: string | undefined
  readonly model?: string | undefined
  readonly generateText: (
    options: RequestOptions
  ) => Effect.Effect<Array<Response.PartEncoded>, AiError.AiError, IdGenerator.IdGenerator>
  readonly streamText: (
    options: RequestOptions
  ) => Stream.Stream<Response.StreamPartEncoded, AiError.AiError, IdGenerator.IdGenerator>
  /** The settings that a call made here would have. */
  readonly settings?: Effect.Effect<{ readonly maxOutputTokens?: number | undefined }> | undefined
  /** What a call that failed with this error has cost. Default: `Spent.ofError`. */
  readonly spent?: ((error: AiError.AiError) => Spent.Spent) | undefined
}

/**
 * How a model is metered.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The name of the provider: that of its lane and of its prices. Default: what the functions say, else `"unknown"`. */
  readonly provider?: string | undefined
  /** Default: what the functions say, else `"unknown"`. */
  readonly model?: string | undefined
  /**
   * The most tokens of an answer, reasoning included: reserved for each call, and given to the provider as its limit. Whole, from 1.
   * Default 4,096.
   */
  readonly maxOutputTokens?: number | undefined
  /** Default: `PriceTable.published`. A model without a price is not called where a limit in US dollars is in force. */
  readonly prices?: PriceTable.PriceTable | undefined
  /** Default: `TokenCount.upperBound()`. */
  readonly counter?: TokenCount.TokenCount | undefined
}

const defaultMaxOutputTokens = 4_096

const meterOf = Effect.fnUntraced(function* (
  options: Options,
  functions: Pick<Functions, "provider" | "model" | "spent">
) {
  const { model, provider } = namesOf(options, functions)
  const found = PriceTable.find(options.prices ?? PriceTable.published, provider, model)
  const price = found === undefined ? undefined : yield* PriceTable.validate(`${provider}/${model}`, found)
  const limiter = yield* Limiter
  const meter: Meter = { provider, model, price, limiter, spent: functions.spent ?? Spent.ofError }
  return meter
})

/**
 * The same functions, metered: counted and reserved in all budgets around the call, admitted by the limiter, made, and settled.
 *
 * What a stream has produced is taken in as fast as it comes, so that a slow reader keeps neither budget nor lane; it is never more
 * than `maxOutputTokens`. A call that is cut off, interrupted, or says nothing of its usage counts as reserved; one that provably was
 * not sent counts nothing. What a provider used beyond the reservation is told as a progress update and by the metric
 * `aria.models.overrun`.
 *
 * Errors, when it is made: `InvalidPriceError`, `InvalidLimitError`. A call that is not made fails with an `AiError` from which
 * `Refusal.of` tells why; one that its budget refuses ends the region or task, as `Budget.reserve` says.
 *
 * @example
 * ```ts
 * const model = Metered.provider({ provider: "openai", model: "gpt-5-mini", maxOutputTokens: 800 }, functions).pipe(
 *   Effect.flatMap(LanguageModel.make)
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const provider = Effect.fnUntraced(function* <F extends Functions>(
  options: Options,
  functions: F
): Effect.fn.Return<
  Omit<F, "generateText" | "streamText"> & Pick<Functions, "generateText" | "streamText">,
  PriceTable.InvalidPriceError | Budget.InvalidLimitError,
  Limiter
> {
  const meter = yield* meterOf(options, functions)
  const counter = options.counter ?? TokenCount.upperBound()
  const limit = options.maxOutputTokens ?? defaultMaxOutputTokens
  if (!(Number.isSafeInteger(limit) && limit >= 1)) {
    return yield* new Budget.InvalidLimitError({
      setting: "Metered.provider: maxOutputTokens",
      received: String(limit),
      allowed: "a whole number from 1"
    })
  }
  const { settings } = functions

  const metered = <A, R>(
    method: "generateText" | "streamText",
    request: RequestOptions,
    call: (request: RequestOptions, answer: Answer) => Effect.Effect<A, AiError.AiError, R>
  ): Effect.Effect<A, AiError.AiError, R> =>
    Effect.flatMap(counted(method, counter.request(request)), (inputTokens) =>
      Effect.flatMap(settings ?? noSettings, (region) => {
        const outputTokens = least(limit, region.maxOutputTokens, request.maxOutputTokens)
        const isStream = method === "streamText"
        const asked = {
          operation: "chat",
          isStream,
          // Around a stream effect has a span as well, and leaves it to us to go beneath it.
          parent: isStream ? request.span : undefined,
          maxTokens: outputTokens,
          outputType: request.responseFormat.type,
          prompt: request.prompt
        } as const
        return exchange(meter, method, { inputTokens, outputTokens }, asked, (answer, span) =>
          // What the provider has to say of the call belongs on the call's own span.
          call({ ...request, span, maxOutputTokens: outputTokens }, answer)
        )
      })
    )

  return {
    ...functions,
    generateText: (request) =>
      metered("generateText", request, (bounded, answer) =>
        Effect.tap(functions.generateText(bounded), (parts) => Effect.sync(() => answer.note(parts)))
      ),
    streamText: (request) =>
      Stream.callback((queue) =>
        Effect.andThen(
          metered("streamText", request, (bounded, answer) =>
            Effect.flatMap(Clock.Clock, (clock) =>
              Stream.runForEachArray(functions.streamText(bounded), (parts) => {
                answer.note(parts, clock)
                return Queue.offerAll(queue, parts)
              })
            )
          ),
          Queue.end(queue)
        )
      )
  }
})

const noSettings: Effect.Effect<{ readonly maxOutputTokens?: number | undefined }> = Effect.succeed({})

/** A counter is anybody's code, and what it gives is what is held back: nonsense would hold back nothing. */
const counted = (method: string, count: Effect.Effect<number, AiError.AiError>): Effect.Effect<number, AiError.AiError> =>
  Effect.flatMap(count, (tokens) => {
    const whole = Math.ceil(tokens)
    return Number.isSafeInteger(whole) && whole >= 0
      ? Effect.succeed(whole)
      : AiError.make({
          module: "@aria/models",
          method,
          reason: new AiError.InvalidRequestError({
            parameter: "counter",
            constraint: "must give a number of tokens from 0",
            description: `Received ${tokens}. Check the counter of this model, and the overheads and the factor that it was made with`
          })
        })
  })

const least = (limit: number, ...others: ReadonlyArray<number | undefined>): number =>
  // What is no limit here is refused by the provider itself.
  others.reduce<number>(
    (smallest, other) => (other !== undefined && other >= 1 && other < smallest ? Math.ceil(other) : smallest),
    limit
  )

/**
 * A metered model as a layer, with its names and nothing else around it; `Guarded.layer` has retries and a breaker as well.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options,
  functions: Functions & Omit<Parameters<typeof LanguageModel.make>[0], "generateText" | "streamText">
): Layer.Layer<
  LanguageModel.LanguageModel | Model.ProviderName | Model.ModelName,
  PriceTable.InvalidPriceError | Budget.InvalidLimitError,
  Limiter
> => named(options, functions, Effect.flatMap(provider(options, functions), LanguageModel.make))

/**
 * As `provider`, for the function that `EmbeddingModel.make` takes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const embedding = Effect.fnUntraced(function* (
  options: Omit<Options, "maxOutputTokens">,
  functions: {
    readonly provider?: string | undefined
    readonly model?: string | undefined
    readonly embedMany: (
      options: EmbeddingModel.ProviderOptions
    ) => Effect.Effect<EmbeddingModel.ProviderResponse, AiError.AiError>
    readonly spent?: ((error: AiError.AiError) => Spent.Spent) | undefined
  }
): Effect.fn.Return<
  {
    readonly embedMany: (
      options: EmbeddingModel.ProviderOptions
    ) => Effect.Effect<EmbeddingModel.ProviderResponse, AiError.AiError>
  },
  PriceTable.InvalidPriceError,
  Limiter
> {
  const meter = yield* meterOf(options, functions)
  const counter = options.counter ?? TokenCount.upperBound()
  return {
    embedMany: (request) =>
      Effect.flatMap(counted("embedMany", counter.texts(request.inputs)), (inputTokens) =>
        exchange(meter, "embedMany", { inputTokens, outputTokens: 0 }, { operation: "embeddings" }, (answer) =>
          Effect.tap(functions.embedMany(request), ({ usage }) =>
            Effect.sync(() => {
              answer.usage = { inputTokens: { total: usage.inputTokens }, outputTokens: { total: 0 } }
            })
          )
        )
      )
  }
})
