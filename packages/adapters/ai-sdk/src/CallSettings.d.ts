/**
 * What can be set for a model call and has no field of its own in `effect/ai`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import type * as Redacted from "effect/Redacted";
import type * as Schema from "effect/Schema";
/**
 * Everything is optional; what is left out is the provider's own default. A setting that a model does not know is named in the
 * warnings of the answer (`metadata.aiSdk.warnings` of its finish part) and changes nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface CallSettings {
    /** 0 or more; its upper end is the provider's. */
    readonly temperature?: number | undefined;
    /** The most tokens that the answer may have, reasoning included. Whole, minimum 1. */
    readonly maxOutputTokens?: number | undefined;
    /** From 0 to 1. */
    readonly topP?: number | undefined;
    /** Whole, minimum 1. */
    readonly topK?: number | undefined;
    readonly presencePenalty?: number | undefined;
    readonly frequencyPenalty?: number | undefined;
    /** Whole. Where the provider takes it, equal requests have equal answers, mostly. */
    readonly seed?: number | undefined;
    readonly stopSequences?: ReadonlyArray<string> | undefined;
    /** How much the model may think. Models of specification v3 do not know it: use `providerOptions` there. */
    readonly reasoning?: Reasoning | undefined;
    /** Added to the request. Values of headers never show up in errors, spans and logs. */
    readonly headers?: Readonly<Record<string, string | Redacted.Redacted>> | undefined;
    /** The provider's own options, by its name: `{ openai: { store: false } }`. */
    readonly providerOptions?: Readonly<Record<string, {
        readonly [key: string]: Schema.Json;
    }>> | undefined;
}
/**
 * @category models
 * @since 0.1.0
 */
export type Reasoning = "provider-default" | "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
/**
 * The settings of the calls in this region; they go before those of the layer.
 *
 * @category references
 * @since 0.1.0
 */
export declare const Current: Context.Reference<CallSettings>;
/**
 * The second goes before the first; headers and the options of each provider are put together.
 *
 * @category combinators
 * @since 0.1.0
 */
export declare const merge: (self: CallSettings, that: CallSettings) => CallSettings;
/**
 * Calls inside the effect have these settings. Nests: the innermost goes before the others, and all of them before the layer's.
 *
 * **Example**
 *
 * ```ts
 * import { CallSettings } from "@aria/adapter-ai-sdk"
 * import { LanguageModel } from "effect/ai"
 *
 * const short = LanguageModel.generateText({ prompt: "Say hello" }).pipe(CallSettings.within({ maxOutputTokens: 20 }))
 * ```
 *
 * A setting outside its range fails the call with `InvalidRequestError`, before anything is sent.
 *
 * @category combinators
 * @since 0.1.0
 */
export declare const within: {
    (settings: CallSettings): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>;
    <A, E, R>(self: Effect.Effect<A, E, R>, settings: CallSettings): Effect.Effect<A, E, R>;
};
