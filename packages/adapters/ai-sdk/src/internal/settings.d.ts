/** Ranges of settings, and their way into the options of a call. */
import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { CallSettings } from "../CallSettings.ts";
export interface Refusal {
    readonly setting: string;
    readonly received: string;
    readonly allowed: string;
}
/** The first setting that is outside its range. */
export declare const refusalOf: (settings: CallSettings, specification: string) => Refusal | undefined;
/** What must not be told: the values of headers. */
export declare const secretsOf: ({ headers }: CallSettings) => ReadonlyArray<string>;
type Options = Pick<LanguageModelV4CallOptions, Exclude<keyof CallSettings, "headers" | "providerOptions" | "stopSequences"> | "headers" | "providerOptions" | "stopSequences">;
export declare const callOptions: (settings: CallSettings) => Options;
export {};
