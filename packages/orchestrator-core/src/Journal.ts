/**
 * Where an engine stores what must not run again. Engines that outlive a process provide it to the runs they carry out.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { JournalRef } from "./internal/journal.ts"

/**
 * Keeps the values of named units of work. `unit` gives the stored value where there is one; otherwise it runs the
 * effect and stores its value before anything sees it. Nothing is stored where the effect is interrupted.
 *
 * @category models
 * @since 0.1.0
 */
export interface Journal {
  readonly unit: <A>(path: string, schema: Schema.Codec<A, any>, effect: Effect.Effect<A, never, any>) => Effect.Effect<A, never, any>
}

/**
 * The journal of the runs that start here; there is none in memory, and nothing is stored.
 *
 * @category references
 * @since 0.1.0
 */
export const Current: Context.Reference<Journal | undefined> = JournalRef
