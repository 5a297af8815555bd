/**
 * Any embedding model of the AI SDK as effect's `EmbeddingModel`.
 *
 * @since 0.1.0
 */
import type { EmbeddingModelV3, EmbeddingModelV4 } from "@ai-sdk/provider";
import { AiError, EmbeddingModel } from "effect/ai";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { type AiSdkError } from "./AiSdkError.ts";
import type { Options as LanguageOptions } from "./AiSdk.ts";
import * as Spent from "./Spent.ts";
/**
 * @category models
 * @since 0.1.0
 */
export interface Options extends Pick<LanguageOptions, "apiKey" | "baseUrl" | "headers" | "providerOptions"> {
    /** The length of the vectors, where the model lets one choose. Whole, minimum 1. Models of specification v3 have it in `providerOptions`. */
    readonly dimensions?: number | undefined;
}
/**
 * A model's function, for whoever puts something around it; `fromProvider` makes the service of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Provider {
    readonly provider: string;
    readonly model: string;
    /** How many texts one request may hold; `undefined` is any number. */
    readonly maxInputs: number | undefined;
    /** One request with at most `maxInputs` texts. */
    readonly embedMany: (options: EmbeddingModel.ProviderOptions) => Effect.Effect<EmbeddingModel.ProviderResponse, AiError.AiError>;
    /** What a call that failed with this error has cost. */
    readonly spent: (error: AiError.AiError) => Spent.Spent;
}
/**
 * The pieces of a model; `layer` is for everybody who puts nothing around them.
 *
 * @category constructors
 * @since 0.1.0
 */
export declare const provider: (model: string | EmbeddingModelV3 | EmbeddingModelV4, options?: Options | undefined) => Effect.Effect<Provider, AiSdkError, never>;
/**
 * The service over a provider's function: longer lists are sent in several requests, one after the other, and come back as one.
 *
 * @category constructors
 * @since 0.1.0
 */
export declare const fromProvider: ({ embedMany, maxInputs }: Provider) => Effect.Effect<EmbeddingModel.EmbeddingModel>;
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
export declare const layer: (model: EmbeddingModelV3 | EmbeddingModelV4 | string, options?: Options) => Layer.Layer<EmbeddingModel.EmbeddingModel, AiSdkError>;
