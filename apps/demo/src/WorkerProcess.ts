/** A worker of the demo, from its start to the signal that ends it. */
import { Cluster, Worker } from "@aria/adapter-cluster"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { DurableWatch } from "./DurableWatch.ts"
import * as Interruption from "./Interruption.ts"
import * as Workshop from "./Workshop.ts"

/** As long as a supervisor usually waits before it kills. */
const drainTimeout = "10 seconds"

export const run = ({ concurrency, health }: { readonly concurrency: number; readonly health: number | undefined }) =>
  Effect.gen(function* () {
    const signal = yield* Interruption.listen
    const cluster = yield* Cluster.Cluster
    yield* cluster.register(DurableWatch)
    const stopped = Effect.andThen(signal, Console.error("Stopping: tasks under way end, the rest is left to others. Ctrl-C again quits at once."))
    // it drains when it has lost
    yield* Effect.raceFirst(Worker.run({ health: health === undefined ? false : { port: health } }), stopped)
  }).pipe(Effect.scoped, Effect.provide(Workshop.worker({ concurrency, drainTimeout, hasTerminal: false })))
