import * as Context from "effect/Context"
import type * as AiError from "effect/ai/AiError"

/** Told how far the exchanges of a call are, by those who could let another model make it. */
export interface Standby {
  /** It is not sent: it waits for a budget, or for its turn. */
  readonly waits: () => void
  readonly sent: () => void
  /** It is over. With the error where nothing of an answer has come. */
  readonly ended: (error: AiError.AiError | undefined) => void
}

/** There is none unless a fallback says so. */
export const StandbyRef: Context.Reference<Standby | undefined> = Context.Reference("@aria/models/Fallback/Standby", {
  defaultValue: (): Standby | undefined => undefined
})
