/**
 * What a failed call has cost, as far as it is known.
 *
 * @since 0.1.0
 */
import * as AiError from "effect/ai/AiError"
import type * as Response from "effect/ai/Response"
import * as Refusal from "./Refusal.ts"

/**
 * - `notSent`: the request provably never reached the provider: everything that was reserved is given back.
 * - `refused`: the provider turned it down before working on it: one call, no tokens.
 * - `reported`: the answer came, with its usage, and could not be used.
 * - `unknown`: sent, and what it cost was not said: all that was reserved counts as spent.
 *
 * @category models
 * @since 0.1.0
 */
export type Spent =
  | { readonly _tag: "notSent" }
  | { readonly _tag: "refused" }
  | { readonly _tag: "reported"; readonly usage: typeof Response.Usage.Encoded }
  | { readonly _tag: "unknown" }

const refused: ReadonlySet<string> = new Set([
  "AuthenticationError",
  "InvalidRequestError",
  "QuotaExhaustedError",
  "RateLimitError"
])

/**
 * What can be told from an error alone: for providers that have no better answer. Whatever is not certain is `unknown`.
 *
 * @category getters
 * @since 0.1.0
 */
export const ofError = (error: AiError.AiError): Spent => {
  if (Refusal.of(error) !== undefined) return { _tag: "notSent" }
  const { reason } = error
  if (reason._tag === "NetworkError") return { _tag: reason.reason === "TransportError" ? "unknown" : "notSent" }
  return { _tag: refused.has(reason._tag) ? "refused" : "unknown" }
}
