/**
 * Any language model of the AI SDK as effect's `LanguageModel`.
 *
 * @since 0.1.0
 */
import type { LanguageModelV3, LanguageModelV4 } from "@ai-sdk/provider";
import { type AiError, LanguageModel, Model, type Response } from "effect/ai";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Redacted from "effect/Redacted";
import * as Stream from "effect/Stream";
import { type AiSdkError } from "./AiSdkError.ts";
import * as CallSettings from "./CallSettings.ts";
import * as Spent from "./Spent.ts";
/**
 * @category models
 * @since 0.1.0
 */
export interface Options extends CallSettings.CallSettings {
    /**
     * The key, where the model is given by its name. Without it, the provider's environment variable.
     */
    readonly apiKey?: Redacted.Redacted | undefined;
    /**
     * Where the provider's server is, where the model is given by its name; with the version in its path, as in
     * `http://127.0.0.1:11434/v1`. Without it, the provider's environment variable, or its own address.
     */
    readonly baseUrl?: string | undefined;
    /**
     * How schemas of objects and tools are written for the provider: `"openai"` and `"anthropic"` keep to what these two take, and read
     * answers back into your schema; `"plain"` is the JSON schema as it is. Default `"anthropic"` for its models, `"openai"` for all others:
     * it is the strictest, so others take it too.
     */
    readonly codec?: "anthropic" | "openai" | "plain" | undefined;
    /**
     * How a model is told the schema of an object: in the request's own field, or with a system message, for servers that only know "JSON".
     * Default `"native"`.
     */
    readonly jsonSchema?: "native" | "prompt" | undefined;
}
/**
 * effect's options of a call, and a limit for this one request.
 *
 * @category models
 * @since 0.1.0
 */
export interface RequestOptions extends LanguageModel.ProviderOptions {
    /** The most tokens that this answer may have; a lower limit of the settings stays. Whole, minimum 1. */
    readonly maxOutputTokens?: number | undefined;
}
/**
 * A model's two functions, as `LanguageModel.make` takes them, and what one needs to know to work around them: to count, to limit, to
 * hold back. One evaluation of `generateText`, and one run of a stream, is one request; tools are not run in it.
 *
 * **Example**
 *
 * ```ts
 * import { AiSdk } from "@aria/adapter-ai-sdk"
 * import { LanguageModel } from "effect/ai"
 * import * as Effect from "effect/Effect"
 *
 * const logged = (self: AiSdk.Provider): AiSdk.Provider => ({
 *   ...self,
 *   generateText: (options) => Effect.tap(self.generateText(options), () => Effect.log(`called ${self.provider}/${self.model}`))
 * })
 *
 * const service = AiSdk.provider("openai/gpt-5").pipe(Effect.map(logged), Effect.flatMap(LanguageModel.make))
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface Provider {
    /** The provider's name, such as `openai`: the part of the AI SDK's name before the first dot. */
    readonly provider: string;
    /** The name of the model, as the provider has it. */
    readonly model: string;
    /** The settings that a call made here would have: those of the region and, under them, those of the layer. */
    readonly settings: Effect.Effect<CallSettings.CallSettings>;
    readonly codecTransformer: LanguageModel.CodecTransformer;
    readonly generateText: (options: RequestOptions) => Effect.Effect<Array<Response.PartEncoded>, AiError.AiError>;
    /** The last part is always `finish`, with the usage; a stream that ends without one has failed. */
    readonly streamText: (options: RequestOptions) => Stream.Stream<Response.StreamPartEncoded, AiError.AiError>;
    /** What a call that failed with this error has cost. */
    readonly spent: (error: AiError.AiError) => Spent.Spent;
}
/**
 * The pieces of a model, for whoever puts something around them. `layer` is for everybody else.
 *
 * @category constructors
 * @since 0.1.0
 */
export declare const provider: (model: string | LanguageModelV3 | LanguageModelV4, options?: Options | undefined) => Effect.Effect<Provider, AiSdkError, never>;
/**
 * effect's `LanguageModel` from a model of the AI SDK, or from `"provider/model"`: `openai` (Responses API), `anthropic`, `google`, and
 * `openai-compatible` with a `baseUrl`, which is any server that speaks OpenAI's chat protocol. A name needs the provider's package
 * (`npm install @ai-sdk/openai`), and its key in `OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, `GOOGLE_GENERATIVE_AI_API_KEY` or
 * `GEMINI_API_KEY`, through effect's `Config`.
 *
 * Calls are not retried here: an `AiError` says whether that helps (`isRetryable`) and when (`retryAfter`). Interrupting a call, or
 * leaving its stream, closes the connection.
 *
 * **Example**
 *
 * ```ts
 * import { AiSdk } from "@aria/adapter-ai-sdk"
 * import { LanguageModel } from "effect/ai"
 * import * as Effect from "effect/Effect"
 *
 * const program = LanguageModel.generateText({ prompt: "Say hello" }).pipe(
 *   Effect.provide(AiSdk.layer("anthropic/claude-sonnet-4-5", { maxOutputTokens: 200 }))
 * )
 * ```
 *
 * Errors: those of `AiSdkError`, while the layer is built.
 *
 * @category layers
 * @since 0.1.0
 */
export declare const layer: (model: LanguageModelV3 | LanguageModelV4 | string, options?: Options) => Layer.Layer<LanguageModel.LanguageModel | Model.ModelName | Model.ProviderName, AiSdkError>;
