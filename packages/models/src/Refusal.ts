/**
 * Calls that were not sent, and why. A model's functions can only fail with effect's `AiError`: these travel inside it.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AiError from "effect/ai/AiError"
import { TooLargeError } from "./Limiter.ts"

/**
 * A limit in US dollars is in force, and the model has no price: it would be free.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnpricedModelError extends Schema.TaggedError<UnpricedModelError>()("UnpricedModelError", {
  provider: Schema.String,
  model: Schema.String
}) {
  override get message(): string {
    const name = `${this.provider}/${this.model}`
    return `"${name}" has no price, and a limit in US dollars is in force here: give its price with PriceTable.make({ "${name}": { input: …, output: … } }), PriceTable.free if it costs nothing, or limit tokens instead of money`
  }
}

/**
 * The provider failed too often: nothing is sent to it for a while.
 *
 * @category errors
 * @since 0.1.0
 */
export class CircuitOpenError extends Schema.TaggedError<CircuitOpenError>()("CircuitOpenError", {
  provider: Schema.String,
  /** How long nothing is sent yet; left out while one call finds out whether it works again. */
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
}) {
  override get message(): string {
    const when =
      this.retryAfterMillis === undefined
        ? "one call is finding out whether it works again"
        : `it is tried again in ${Math.ceil(this.retryAfterMillis / 1_000)} seconds`
    return `"${this.provider}" failed too often, and was not called: ${when}. Name another model as a fallback with Fallback.layer, or wait`
  }
}

/**
 * Why a call was not sent.
 *
 * @category models
 * @since 0.1.0
 */
export const Refusal = Schema.Union([UnpricedModelError, CircuitOpenError, TooLargeError])
/**
 * @category models
 * @since 0.1.0
 */
export type Refusal = typeof Refusal.Type

const key = "aria"
const encode = Schema.encodeSync(Refusal)
const decode = Schema.decodeUnknownOption(Refusal)

/**
 * The refusal as the error of a model. It is not retryable, but for an open circuit; a fallback may take it.
 *
 * @category conversions
 * @since 0.1.0
 */
export const toAiError = (refusal: Refusal, method: string): AiError.AiError => {
  const metadata = { [key]: { ...encode(refusal) } }
  const description = refusal.message
  return AiError.make({
    module: "@aria/models",
    method,
    reason:
      refusal._tag === "CircuitOpenError"
        ? new AiError.InternalProviderError({ description, metadata })
        : new AiError.InvalidRequestError({ description, metadata })
  })
}

/**
 * Why the call was not sent, where that is what the error says.
 *
 * @example
 * ```ts
 * const refusal = Refusal.of(error)
 * if (refusal?._tag === "UnpricedModelError") console.log(refusal.model)
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const of = (error: AiError.AiError): Refusal | undefined => {
  const { reason } = error
  if (!("metadata" in reason) || !Object.hasOwn(reason.metadata, key)) return undefined
  return Option.getOrUndefined(decode(reason.metadata[key]))
}
