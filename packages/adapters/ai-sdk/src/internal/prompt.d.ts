/** effect's prompt as the AI SDK's. */
import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Prompt } from "effect/ai";
export type Specification = "v3" | "v4";
export declare const toPrompt: (prompt: Prompt.Prompt, specification: Specification) => LanguageModelV4Prompt;
