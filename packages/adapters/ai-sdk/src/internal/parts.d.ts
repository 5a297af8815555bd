/** What the AI SDK answers as parts of effect's responses. */
import type { LanguageModelV4Content, LanguageModelV4FinishReason, LanguageModelV4Usage } from "@ai-sdk/provider";
import { AiError, type LanguageModel, type Response } from "effect/ai";
import * as Effect from "effect/Effect";
import type { Plan } from "./request.ts";
/** One answer while it is read. */
export interface Answer {
    readonly plan: Plan;
    readonly options: LanguageModel.ProviderOptions;
    /** Parts that effect has no place for, by their kind; the finish part lists them. */
    readonly leftOut: Array<string>;
    /** A call to a tool that was not offered. The answer is read to its end all the same, for its usage. */
    unknownTool: AiError.ToolNotFoundError | undefined;
}
type Content = LanguageModelV4Content;
type Part = Response.PartEncoded & Response.StreamPartEncoded;
type Parts = ReadonlyArray<Response.TextPartEncoded | Response.ReasoningPartEncoded | Part>;
/** The parts of one piece of content; those of a stream that come whole are the same. */
export declare const toParts: (answer: Answer, part: Content) => Effect.Effect<Parts>;
export declare const finishReason: ({ raw, unified }: LanguageModelV4FinishReason) => typeof Response.FinishReason.Encoded;
export interface Ending {
    readonly finishReason: LanguageModelV4FinishReason;
    readonly usage: LanguageModelV4Usage;
    readonly providerMetadata?: object | undefined;
    readonly warnings?: ReadonlyArray<object> | undefined;
    readonly headers?: Readonly<Record<string, string>> | undefined;
}
export declare const toFinish: (answer: Answer, ending: Ending) => Response.FinishPartEncoded;
export interface About {
    readonly id?: string | undefined;
    readonly modelId?: string | undefined;
    readonly timestamp?: Date | undefined;
}
export declare const toResponseMetadata: ({ id, modelId, timestamp }: About) => Response.ResponseMetadataPartEncoded;
export {};
