/** One call, answered bit by bit. */
import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { AiError, LanguageModel, Response } from "effect/ai";
import * as Stream from "effect/Stream";
import type { CallSettings } from "../CallSettings.ts";
import { type Plan } from "./request.ts";
export declare const stream: (model: LanguageModelV4, plan: Plan, options: LanguageModel.ProviderOptions, settings: CallSettings) => Stream.Stream<Response.StreamPartEncoded, AiError.AiError>;
