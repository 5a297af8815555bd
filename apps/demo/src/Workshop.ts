/** The two ways to take part in a store: as a client, which looks and hands in, and as a worker, which carries out. */
import { Cluster } from "@aria/adapter-cluster"
import { SqlStore } from "@aria/orchestrator-core"
import type * as Duration from "effect/Duration"
import * as Layer from "effect/Layer"
import { DurableWatch } from "./DurableWatch.ts"
import * as Wiring from "./Wiring.ts"

/** While somebody looks. */
const pollInterval = "100 millis"

/** Carries out nothing. */
export const client = Cluster.layerClient({ plans: [DurableWatch], pollInterval })

/** The same with what a plan is started with; its tasks run elsewhere. */
export const sender = Layer.provideMerge(Layer.merge(client, Wiring.layer({ hasTerminal: false })), SqlStore.layer)

/** Knows no plan before it is told: it begins with what it was started for. Receipts and questions are in the store, too. */
export const worker = ({
  concurrency,
  drainTimeout = "3 seconds",
  hasTerminal,
  maxRuns
}: {
  readonly concurrency: number
  /** Somebody waits for the end of most processes of the demo. */
  readonly drainTimeout?: Duration.Input
  readonly hasTerminal: boolean
  /** How many runs of others it takes at once, those that wait included; as many as it likes where it is left out. */
  readonly maxRuns?: number
}) =>
  Layer.provideMerge(
    Layer.merge(Cluster.layer({ plans: [], concurrency, pollInterval, drainTimeout, ...(maxRuns === undefined ? {} : { maxRuns, maxWaiting: 0 }) }), Wiring.layer({ hasTerminal })),
    SqlStore.layer
  )
