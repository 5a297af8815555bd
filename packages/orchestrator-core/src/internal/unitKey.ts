import * as Context from "effect/Context"
import { canonicalJson } from "./canonicalJson.ts"
import { sha256 } from "./sha256.ts"
import type * as Schema from "effect/Schema"

/** Ids are any text: what separates them must not stand in them, nor what a database cannot keep. */
const segment = (id: string): string => JSON.stringify(id).slice(1, -1).replaceAll(/[%/#]/g, (character) => (character === "%" ? "%25" : character === "/" ? "%2F" : "%23"))

/** The key of a task: the ids from the outermost run down to it. */
export const keyOf = (path: ReadonlyArray<string>): string => path.map(segment).join("/")

/** What the keys of a fan-out's items begin with: their ids are its own, a slash and the key of the item. */
export const itemsOf = (key: string): string => `${key}%2F`

/** The key of what a task does: no task has it, because `#` is no part of an id there. */
export const keyWithin = (key: string, kind: string, ...names: ReadonlyArray<string>): string => `${key}#${[kind, ...names.map(segment)].join("/")}`

/** What steps and calls are keyed under here: the task, or the call of another agent inside it. */
export interface Place {
  readonly key: string
  /** How often the same call was made so far. */
  readonly calls: Map<string, number>
  /** Where the handler of the task goes on: what else it does may go on beside it. */
  readonly thread: { fiber: unknown }
}
export const PlaceRef: Context.Reference<Place | undefined> = Context.Reference("@aria/orchestrator-core/Run/Place", {
  defaultValue: (): Place | undefined => undefined
})

export const hashOf = (value: Schema.Json): string => sha256(canonicalJson(value))
