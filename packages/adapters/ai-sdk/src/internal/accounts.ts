/** Which error came from a call that cost what. Beside the errors, since their schemas have no field for it. */
import type * as AiError from "effect/ai/AiError"
import type { Spent } from "../Spent.ts"

const known = new WeakMap<AiError.AiError, Spent>()

export const remember = (error: AiError.AiError, spent: Spent): AiError.AiError => {
  known.set(error, spent)
  return error
}

export const recall = (error: AiError.AiError): Spent | undefined => known.get(error)
