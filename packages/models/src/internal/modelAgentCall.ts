import * as Context from "effect/Context"
import * as Option from "effect/Option"

/** Documented where it is public, in `ModelAgent`. */
export interface Call {
  readonly agent: string
  readonly tool: string
  readonly callId: string
  readonly turn: number
  readonly step: string
}

export const CurrentCall: Context.Reference<Option.Option<Call>> = Context.Reference(
  "@aria/models/ModelAgent/CurrentCall",
  { defaultValue: () => Option.none<Call>() }
)
