/**
 * Why there is no model: found when its layer is built, before any call. What goes wrong in a call is an `AiError` of `effect/ai`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema";
declare const InvalidModelNameError_base: Schema.Class<InvalidModelNameError, Schema.TaggedStruct<"InvalidModelNameError", {
    readonly received: Schema.String;
}>, import("effect/Cause").YieldableError>;
/**
 * A text that is not `"provider/model"`.
 *
 * @category errors
 * @since 0.1.0
 */
export declare class InvalidModelNameError extends InvalidModelNameError_base {
    get message(): string;
}
declare const UnknownProviderError_base: Schema.Class<UnknownProviderError, Schema.TaggedStruct<"UnknownProviderError", {
    readonly provider: Schema.String;
    readonly model: Schema.String;
    readonly known: Schema.$Array<Schema.String>;
}>, import("effect/Cause").YieldableError>;
/**
 * A provider that has no name here. Its models can be used all the same: as objects.
 *
 * @category errors
 * @since 0.1.0
 */
export declare class UnknownProviderError extends UnknownProviderError_base {
    get message(): string;
}
declare const ProviderPackageError_base: Schema.Class<ProviderPackageError, Schema.TaggedStruct<"ProviderPackageError", {
    readonly provider: Schema.String;
    readonly package: Schema.String;
    readonly reason: Schema.Literals<readonly ["missing", "broken"]>;
    /** What the loader said, where the package is there and breaks. */
    readonly detail: Schema.optionalKey<Schema.String>;
}>, import("effect/Cause").YieldableError>;
/**
 * The AI SDK package of a provider is not installed, or cannot be loaded.
 *
 * @category errors
 * @since 0.1.0
 */
export declare class ProviderPackageError extends ProviderPackageError_base {
    get message(): string;
}
declare const MissingApiKeyError_base: Schema.Class<MissingApiKeyError, Schema.TaggedStruct<"MissingApiKeyError", {
    readonly provider: Schema.String;
    readonly variables: Schema.$Array<Schema.String>;
}>, import("effect/Cause").YieldableError>;
/**
 * No key where one is needed. The value of a key is never part of an error.
 *
 * @category errors
 * @since 0.1.0
 */
export declare class MissingApiKeyError extends MissingApiKeyError_base {
    get message(): string;
}
declare const InvalidSettingError_base: Schema.Class<InvalidSettingError, Schema.TaggedStruct<"InvalidSettingError", {
    readonly setting: Schema.String;
    readonly received: Schema.String;
    readonly allowed: Schema.String;
}>, import("effect/Cause").YieldableError>;
/**
 * A setting outside its range.
 *
 * @category errors
 * @since 0.1.0
 */
export declare class InvalidSettingError extends InvalidSettingError_base {
    get message(): string;
}
declare const UnsupportedModelError_base: Schema.Class<UnsupportedModelError, Schema.TaggedStruct<"UnsupportedModelError", {
    readonly model: Schema.String;
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
/**
 * A model that cannot be used here: of an older specification, or of another kind than was asked for.
 *
 * @category errors
 * @since 0.1.0
 */
export declare class UnsupportedModelError extends UnsupportedModelError_base {
    get message(): string;
}
/**
 * @category errors
 * @since 0.1.0
 */
export type AiSdkError = InvalidModelNameError | UnknownProviderError | ProviderPackageError | MissingApiKeyError | InvalidSettingError | UnsupportedModelError;
export {};
