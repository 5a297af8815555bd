/** `"provider/model"` as a model, from the provider's own package, with its key from the configuration. */
import type { EmbeddingModelV4, LanguageModelV4 } from "@ai-sdk/provider";
import * as Effect from "effect/Effect";
import * as Redacted from "effect/Redacted";
import { type AiSdkError } from "../AiSdkError.ts";
export interface Connection {
    readonly apiKey?: Redacted.Redacted | undefined;
    readonly baseUrl?: string | undefined;
    readonly jsonSchema?: "native" | "prompt" | undefined;
}
export interface Connected<Model> {
    readonly model: Model;
    readonly secrets: ReadonlyArray<string>;
}
export declare const connectLanguage: (name: string, connection: Connection) => Effect.Effect<Connected<LanguageModelV4>, AiSdkError>;
export declare const connectEmbedding: (name: string, connection: Connection) => Effect.Effect<Connected<EmbeddingModelV4>, AiSdkError>;
