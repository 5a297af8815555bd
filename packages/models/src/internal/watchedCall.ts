import * as Context from "effect/Context"

/** One call of a model's service, as those see it that work inside it. */
export interface WatchedCall {
  /** Whether its exchanges have spans and metrics already: then nothing is told of it a second time. */
  isTold: boolean
}

/** The call of a model that this code is part of; a tool is not part of the call that wants it. */
export const CallRef: Context.Reference<WatchedCall | undefined> = Context.Reference("@aria/models/Telemetry/Call", {
  defaultValue: (): WatchedCall | undefined => undefined
})
