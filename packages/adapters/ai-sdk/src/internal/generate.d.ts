/** One call, answered at once. */
import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { AiError, LanguageModel, Response } from "effect/ai";
import * as Effect from "effect/Effect";
import type { CallSettings } from "../CallSettings.ts";
import { type Plan } from "./request.ts";
export declare const generate: (model: LanguageModelV4, plan: Plan, options: LanguageModel.ProviderOptions, settings: CallSettings) => Effect.Effect<Response.PartEncoded[], AiError.AiError, never>;
