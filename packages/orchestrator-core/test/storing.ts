import { Journal, Usage } from "@aria/orchestrator-core"
import { Effect } from "effect"

/** A journal of which a test says what it looks at; the rest is as in the first life of a run. */
export const storing = (parts: Partial<Journal.Journal>): Journal.Journal => ({
  origin: "run",
  unit: (_, effect) => effect,
  known: () => undefined,
  isReached: () => false,
  waits: () => () => {},
  spent: () => Usage.zero,
  reserve: () => ({ acquire: Effect.void, settle: () => {}, release: () => {} }),
  charge: () => Effect.void,
  ...parts
})
