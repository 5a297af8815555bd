/** The answers with which servers refuse, told apart by what one can do about them. */
import { AiError } from "effect/ai";
import type { Scrub } from "./secrets.ts";
export interface Answered {
    readonly status: number;
    readonly message: string;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly url: string;
}
export declare const toldHeaders: (headers: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
/** Read first, scrubbed afterwards: in JSON a secret may be written in other letters than its own. */
export declare const reasonOf: (call: Answered, now: number, scrub: Scrub) => AiError.AiErrorReason;
