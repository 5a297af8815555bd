/**
 * Why there is no model: found when its layer is built, before any call. What goes wrong in a call is an `AiError` of `effect/ai`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A text that is not `"provider/model"`.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidModelNameError extends Schema.TaggedError<InvalidModelNameError>()("InvalidModelNameError", {
  received: Schema.String
}) {
  override get message(): string {
    return `Model ${JSON.stringify(this.received)}: not a model name. Write the provider, a slash and the model, such as "openai/gpt-5".`
  }
}

/**
 * A provider that has no name here. Its models can be used all the same: as objects.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownProviderError extends Schema.TaggedError<UnknownProviderError>()("UnknownProviderError", {
  provider: Schema.String,
  model: Schema.String,
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return (
      `Model ${JSON.stringify(`${this.provider}/${this.model}`)}: no provider has the name ${JSON.stringify(this.provider)}. ` +
      `Names are ${this.known.join(", ")}. For any other, install its AI SDK package and pass the model itself instead of a name.`
    )
  }
}

/**
 * The AI SDK package of a provider is not installed, or cannot be loaded.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProviderPackageError extends Schema.TaggedError<ProviderPackageError>()("ProviderPackageError", {
  provider: Schema.String,
  package: Schema.String,
  reason: Schema.Literals(["missing", "broken"]),
  /** What the loader said, where the package is there and breaks. */
  detail: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return this.reason === "missing"
      ? `Provider ${this.provider}: its package ${this.package} is not installed. Run: npm install ${this.package}`
      : `Provider ${this.provider}: its package ${this.package} cannot be loaded: ${this.detail}. Install it again, or a version that fits: npm install ${this.package}`
  }
}

/**
 * No key where one is needed. The value of a key is never part of an error.
 *
 * @category errors
 * @since 0.1.0
 */
export class MissingApiKeyError extends Schema.TaggedError<MissingApiKeyError>()("MissingApiKeyError", {
  provider: Schema.String,
  variables: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `Provider ${this.provider}: no key. Set ${this.variables.join(" or ")}, or pass apiKey.`
  }
}

/**
 * A setting outside its range.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidSettingError extends Schema.TaggedError<InvalidSettingError>()("InvalidSettingError", {
  setting: Schema.String,
  received: Schema.String,
  allowed: Schema.String
}) {
  override get message(): string {
    return `AI SDK setting ${this.setting}: received ${this.received}, allowed is ${this.allowed}.`
  }
}

/**
 * A model that cannot be used here: of an older specification, or of another kind than was asked for.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnsupportedModelError extends Schema.TaggedError<UnsupportedModelError>()("UnsupportedModelError", {
  model: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return `Model ${this.model}: ${this.detail}`
  }
}

/**
 * @category errors
 * @since 0.1.0
 */
export type AiSdkError =
  | InvalidModelNameError
  | UnknownProviderError
  | ProviderPackageError
  | MissingApiKeyError
  | InvalidSettingError
  | UnsupportedModelError
