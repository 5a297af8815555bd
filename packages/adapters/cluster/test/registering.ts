import { Cluster } from "@aria/adapter-cluster"
import { type Budget, Orchestrator } from "@aria/orchestrator-core"
import { Effect, Layer } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"

/**
 * Makes engines for the laws on a store. Their plans are made as they go: each is registered before it is run. The lease is longer than
 * any scenario, because those go by a clock of their own.
 */
export const registering =
  <E>(store: Layer.Layer<SqlClient, E>) =>
  (options: Orchestrator.Options): Layer.Layer<Orchestrator.Orchestrator, Budget.InvalidLimitError> => {
    const known = Effect.gen(function* () {
      const { run, start } = yield* Orchestrator.Orchestrator
      const { register } = yield* Cluster.Cluster
      const self: Orchestrator.Orchestrator["Service"] = {
        run: (plan, ...input) => Effect.andThen(register(plan), run(plan, ...input)),
        start: (plan, ...input) => Effect.andThen(register(plan), start(plan, ...input))
      }
      return self
    })
    const worker = Cluster.layer({ ...options, plans: [], lease: "1 hour" })
    return Layer.effect(Orchestrator.Orchestrator, known).pipe(
      Layer.provide(worker),
      Layer.catchTag("ClusterStoreError", (error) => Layer.effect(Orchestrator.Orchestrator, Effect.die(error))),
      Layer.provide(Layer.orDie(store))
    )
  }
