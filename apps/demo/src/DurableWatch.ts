/** The plan of the demo for runs that outlive their process: what its tasks need is part of its input, and any worker can make it. */
import { Plan } from "@aria/orchestrator-core"
import * as Schema from "effect/Schema"
import * as Settings from "./Settings.ts"
import * as Watch from "./Watch.ts"
import * as Wiring from "./Wiring.ts"

export const Input = Schema.Struct({ ...Watch.Input.fields, settings: Settings.Settings })
export type Input = typeof Input.Type

/** A run in a store is gone on with by this version only: a change of the tasks or their payloads is a new one. */
export const DurableWatch = Plan.make("watch", { version: "durable-1", input: Input }, ({ settings, ...input }) =>
  Watch.tasks(input, { policy: Wiring.calling(settings), versions: Settings.versions(settings) })
)
