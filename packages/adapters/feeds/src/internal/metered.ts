import * as Budget from "@aria/orchestrator-core/Budget"
import type * as Effect from "effect/Effect"

/** One web source read is one call of the run's budget, redirects included; outside a run it costs nothing. */
export const metered = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Budget.reserve({ calls: 1 }, () => effect)
