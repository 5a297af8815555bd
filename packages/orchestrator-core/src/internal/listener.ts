import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Progress from "../Progress.ts"
import type { TaskOutcome } from "../TaskOutcome.ts"

/** Somebody who hears the events of the runs that start inside a region. */
export interface Listener {
  /** Must not throw and not wait. */
  readonly offer: (event: Progress.Event) => void
  /** Hears what a task came to, before its event and before what depends on it is started. Must not throw and not wait. */
  readonly taskEnded?: ((runId: string, outcome: TaskOutcome<unknown, unknown>) => void) | undefined
  /** Waits for room, where the listener asked to slow the run; `undefined` where it did not. */
  readonly room: Effect.Effect<void> | undefined
}
export const ListenersRef: Context.Reference<ReadonlyArray<Listener>> = Context.Reference("@aria/orchestrator-core/Progress/Listeners", {
  defaultValue: (): ReadonlyArray<Listener> => []
})
