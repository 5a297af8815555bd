/**
 * Any embedding model of the AI SDK as effect's `EmbeddingModel`.
 *
 * @since 0.1.0
 */
import type { EmbeddingModelV3, EmbeddingModelV4 } from "@ai-sdk/provider"
import * as AiError from "effect/ai/AiError"
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type AiSdkError, InvalidSettingError, UnsupportedModelError } from "./AiSdkError.ts"
import type { Options as LanguageOptions } from "./AiSdk.ts"
import { type Connection, connectEmbedding } from "./internal/connect.ts"
import { attempt, type Caller, unusable } from "./internal/failure.ts"
import { providerName } from "./internal/names.ts"
import { scrubber } from "./internal/secrets.ts"
import { callOptions, secretsOf } from "./internal/settings.ts"
import * as Spent from "./Spent.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Options extends Pick<LanguageOptions, "apiKey" | "baseUrl" | "headers" | "providerOptions"> {
  /** The length of the vectors, where the model lets one choose. Whole, minimum 1. Models of specification v3 have it in `providerOptions`. */
  readonly dimensions?: number | undefined
}

/**
 * A model's function, for whoever puts something around it; `fromProvider` makes the service of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Provider {
  readonly provider: string
  readonly model: string
  /** How many texts one request may hold; `undefined` is any number. */
  readonly maxInputs: number | undefined
  /** One request with at most `maxInputs` texts. */
  readonly embedMany: (
    options: EmbeddingModel.ProviderOptions
  ) => Effect.Effect<EmbeddingModel.ProviderResponse, AiError.AiError>
  /** What a call that failed with this error has cost. */
  readonly spent: (error: AiError.AiError) => Spent.Spent
}

const method = "embedMany"

const isVector = (vector: unknown): boolean =>
  Array.isArray(vector) && vector.length > 0 && vector.every((value) => Number.isFinite(value))

const embed = Effect.fnUntraced(function* (
  model: EmbeddingModelV4,
  caller: Caller,
  options: Options,
  inputs: ReadonlyArray<string>
): Effect.fn.Return<EmbeddingModel.ProviderResponse, AiError.AiError> {
  const { dimensions, headers, providerOptions } = options
  const request = callOptions({ headers, providerOptions })
  const { embeddings, usage } = yield* attempt(caller, method, (abortSignal) =>
    model.doEmbed({
      values: [...inputs],
      abortSignal,
      ...(dimensions === undefined ? {} : { dimensions }),
      ...(request.headers === undefined ? {} : { headers: request.headers as Record<string, string> }),
      ...(request.providerOptions === undefined ? {} : { providerOptions: request.providerOptions })
    })
  )
  const tokens = usage?.tokens
  const inputTokens = typeof tokens === "number" && Number.isFinite(tokens) && tokens >= 0 ? tokens : undefined
  if (embeddings.length === inputs.length && embeddings.every(isVector)) {
    return { results: embeddings.map((vector) => [...vector]), usage: { inputTokens } }
  }
  const description =
    embeddings.length === inputs.length
      ? "An embedding is empty, or has a number in it that is not finite."
      : `The provider answered with ${embeddings.length} embeddings for ${inputs.length} texts.`
  return yield* unusable(
    caller,
    method,
    new AiError.InvalidOutputError({ description }),
    inputTokens === undefined
      ? { _tag: "unknown" }
      : {
          _tag: "reported",
          usage: { inputTokens: { total: inputTokens }, outputTokens: { total: 0 } }
        }
  )
})

/**
 * The pieces of a model; `layer` is for everybody who puts nothing around them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const provider = Effect.fnUntraced(function* (
  model: EmbeddingModelV3 | EmbeddingModelV4 | string,
  options: Options = {}
): Effect.fn.Return<Provider, AiSdkError> {
  const { dimensions, ...rest } = options
  const connection: Connection = { apiKey: rest.apiKey, baseUrl: rest.baseUrl }
  const { model: given, secrets } =
    typeof model === "string" ? yield* connectEmbedding(model, connection) : { model, secrets: [] }
  const name = providerName(given.provider)
  const version: unknown = given.specificationVersion
  if (version !== "v3" && version !== "v4") {
    return yield* new UnsupportedModelError({
      model: `${name}/${given.modelId}`,
      detail: `it is of AI SDK specification ${String(version)}; v3 and v4 can be used. Install a newer version of its package.`
    })
  }
  if (dimensions !== undefined && (!Number.isSafeInteger(dimensions) || dimensions < 1 || version === "v3")) {
    return yield* new InvalidSettingError({
      setting: "dimensions",
      received: String(dimensions),
      allowed:
        version === "v3"
          ? "nothing for a model of specification v3; use its providerOptions"
          : "a whole number from 1 on"
    })
  }
  const caller: Caller = {
    provider: name,
    model: given.modelId,
    scrub: scrubber([...secrets, ...secretsOf({ headers: options.headers })])
  }
  const maxInputs = yield* Effect.promise(() => Promise.resolve(given.maxEmbeddingsPerCall))
  return {
    provider: name,
    model: given.modelId,
    maxInputs:
      maxInputs !== undefined && maxInputs >= 1 && Number.isFinite(maxInputs) ? Math.floor(maxInputs) : undefined,
    embedMany: ({ inputs }) => embed(given as EmbeddingModelV4, caller, options, inputs),
    spent: Spent.of
  }
})

/**
 * The service over a provider's function: longer lists are sent in several requests, one after the other, and come back as one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromProvider = ({ embedMany, maxInputs }: Provider): Effect.Effect<EmbeddingModel.EmbeddingModel> =>
  EmbeddingModel.make({
    embedMany: ({ inputs }) =>
      maxInputs === undefined || inputs.length <= maxInputs
        ? embedMany({ inputs })
        : Effect.map(
            Effect.forEach(Arr.chunksOf(inputs, maxInputs), (inputs) => embedMany({ inputs })),
            (answers) => ({
              results: answers.flatMap(({ results }) => results),
              usage: { inputTokens: sum(answers.map(({ usage }) => usage.inputTokens)) }
            })
          )
  })

/** Unknown as soon as one is: a sum of the others would look like all of it. */
const sum = (counts: ReadonlyArray<number | undefined>): number | undefined =>
  counts.reduce((total, count) => (total === undefined || count === undefined ? undefined : total + count), 0)

/**
 * effect's `EmbeddingModel` from a model of the AI SDK, or from `"provider/model"` with `openai`, `google` or `openai-compatible`.
 *
 * **Example**
 *
 * ```ts
 * import { AiSdkEmbedding } from "@aria/adapter-ai-sdk"
 *
 * const Embeddings = AiSdkEmbedding.layer("openai/text-embedding-3-small", { dimensions: 512 })
 * ```
 *
 * Errors: those of `AiSdkError`, while the layer is built.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  model: EmbeddingModelV3 | EmbeddingModelV4 | string,
  options?: Options
): Layer.Layer<EmbeddingModel.EmbeddingModel, AiSdkError> =>
  Layer.effect(EmbeddingModel.EmbeddingModel)(Effect.flatMap(provider(model, options), fromProvider))
