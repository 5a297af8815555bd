/** effect's options of a call as the AI SDK's. All that can be refused here is refused before anything is sent. */
import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { AiError, type LanguageModel } from "effect/ai";
import * as Effect from "effect/Effect";
import type { CallSettings } from "../CallSettings.ts";
import { type Caller } from "./failure.ts";
import { type Specification } from "./prompt.ts";
export interface Plan {
    readonly caller: Caller;
    readonly specification: Specification;
    readonly transformer: LanguageModel.CodecTransformer;
    readonly jsonSchema: "native" | "prompt";
}
export declare const toRequest: (plan: Plan, method: string, options: LanguageModel.ProviderOptions, settings: CallSettings) => Effect.Effect<LanguageModelV4CallOptions, AiError.AiError, never>;
