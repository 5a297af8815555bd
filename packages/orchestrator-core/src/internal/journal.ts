import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"

/**
 * Where an engine stores what must not run again. `unit` gives the stored value where there is one, otherwise runs the
 * effect and stores its value before anything sees it. In memory there is none, and nothing is stored.
 */
export interface Journal {
  readonly unit: <A>(path: string, schema: Schema.Codec<A, any>, effect: Effect.Effect<A, never, any>) => Effect.Effect<A, never, any>
}
export const JournalRef: Context.Reference<Journal | undefined> = Context.Reference("@aria/orchestrator-core/Run/Journal", {
  defaultValue: (): Journal | undefined => undefined
})
