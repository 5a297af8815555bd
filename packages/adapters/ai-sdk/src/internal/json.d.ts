/** Values that go into metadata, which holds JSON and nothing else. */
import type * as Schema from "effect/Schema";
/** What JSON cannot hold is left out, or becomes its text. */
export declare const toJson: (value: unknown) => Schema.Json;
type Json = {
    readonly [key: string]: Schema.Json;
};
/** Metadata of a part, as the field of an encoded part. */
export declare const metadata: (value: object | undefined) => {
    readonly metadata?: Json;
};
/** Options of a part or message of a prompt, as the field that the AI SDK has for them. */
export declare const providerOptions: (options: Readonly<Record<string, unknown>>) => {
    readonly providerOptions?: never;
};
export {};
