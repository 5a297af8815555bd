/** `gen_ai.*` attributes on the span that effect makes for a call. No text of prompts or answers. */
import type { LanguageModelV4FinishReason, LanguageModelV4Usage } from "@ai-sdk/provider";
import type { Span } from "effect/Tracer";
import type { CallSettings } from "../CallSettings.ts";
import type { Caller } from "./failure.ts";
import { type About } from "./parts.ts";
export declare const annotateRequest: (span: Span, caller: Caller, settings: CallSettings) => void;
export declare const annotateAnswer: (span: Span, about: About, end: {
    readonly finishReason?: LanguageModelV4FinishReason;
    readonly usage?: LanguageModelV4Usage;
}) => void;
