import { AiError } from "effect/ai";
import * as Effect from "effect/Effect";
import type { Spent } from "../Spent.ts";
import type { Scrub } from "./secrets.ts";
/** Whose call it was. */
export interface Caller {
    readonly provider: string;
    readonly model: string;
    readonly scrub: Scrub;
}
/** What a provider threw, on its way to become an `AiError`. */
export declare class Thrown {
    readonly cause: unknown;
    constructor(cause: unknown);
}
/** The end of a stream before the provider said that the answer was complete. */
export declare const cut: (caller: Caller) => AiError.AiError;
/** A refusal of our own, before anything is sent. */
export declare const refused: (caller: Caller, method: string, reason: AiError.AiErrorReason) => AiError.AiError;
/** An answer that came and cannot be used. */
export declare const unusable: (caller: Caller, method: string, reason: AiError.AiErrorReason, spent: Spent) => AiError.AiError;
/** `retry-after` may be a date, so the clock is asked. */
export declare const fail: (caller: Caller, method: string) => (error: Thrown | AiError.AiError) => Effect.Effect<never, AiError.AiError>;
/** Calls a provider; interruption aborts the call. */
export declare const attempt: <A>(caller: Caller, method: string, call: (signal: AbortSignal) => PromiseLike<A>) => Effect.Effect<A, AiError.AiError>;
