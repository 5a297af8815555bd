import { Progress } from "@aria/orchestrator-core"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Documented where it is public, in `ModelAgent`. */
export const Activity = Schema.Union([
  Schema.TaggedStruct("turn", { turn: Schema.Natural }),
  Schema.TaggedStruct("text", { turn: Schema.Natural, delta: Schema.String }),
  Schema.TaggedStruct("toolCall", {
    turn: Schema.Natural,
    tool: Schema.String,
    callId: Schema.String,
    /** Only where content was asked for. */
    arguments: Schema.optionalKey(Schema.Json)
  }),
  Schema.TaggedStruct("toolResult", {
    turn: Schema.Natural,
    tool: Schema.String,
    callId: Schema.String,
    isFailure: Schema.Boolean,
    /** Only where content was asked for. */
    result: Schema.optionalKey(Schema.Json)
  }),
  Schema.TaggedStruct("repair", { turn: Schema.Natural })
])
export type Activity = typeof Activity.Type

const messageOf = (activity: Activity): string => {
  switch (activity._tag) {
    case "turn":
      return `turn ${activity.turn}`
    case "text":
      return activity.delta
    case "toolCall":
      return `calls ${activity.tool}`
    case "toolResult":
      return `${activity.tool} ${activity.isFailure ? "failed" : "is done"}`
    case "repair":
      return "asks for an answer that fits"
  }
}

/** All fields of an activity are JSON already. */
export const report = (activity: Activity): Effect.Effect<void> =>
  Progress.report({ message: messageOf(activity), data: { ...activity } })
