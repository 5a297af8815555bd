/** Token counts as providers report them: often partly, sometimes wrongly. */
import type { LanguageModelV4Usage } from "@ai-sdk/provider";
import type { Response } from "effect/ai";
export type Usage = typeof Response.Usage.Encoded;
/** What is not a count of tokens is unknown: one bad number must not lose an answer that was paid for. */
export declare const toUsage: (usage: LanguageModelV4Usage | undefined) => Usage;
export declare const isReported: ({ inputTokens, outputTokens }: Usage) => boolean;
