/**
 * What a failed call has cost, as far as it is known. For whoever keeps accounts around the functions of a `Provider`.
 *
 * @since 0.1.0
 */
import type * as AiError from "effect/ai/AiError"
import type * as Response from "effect/ai/Response"
import { recall } from "./internal/accounts.ts"

/**
 * - `notSent`: the request provably never reached the provider: refused here, or no connection.
 * - `refused`: the provider answered with an error of the 4xx class, 429 included: one request, no tokens.
 * - `reported`: the answer came, with its usage, and could not be used.
 * - `unknown`: sent, and what it cost was not said: a lost answer, a stream that broke off, an error of the 5xx class.
 *
 * @category models
 * @since 0.1.0
 */
export type Spent =
  | { readonly _tag: "notSent" }
  | { readonly _tag: "refused" }
  | { readonly _tag: "reported"; readonly usage: typeof Response.Usage.Encoded }
  | { readonly _tag: "unknown" }

/**
 * What is known of the call that failed with exactly this error; `unknown` for any other error.
 *
 * @category getters
 * @since 0.1.0
 */
export const of = (error: AiError.AiError): Spent => recall(error) ?? { _tag: "unknown" }
