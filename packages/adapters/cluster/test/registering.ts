import { Cluster } from "@aria/adapter-cluster"
import { Orchestrator } from "@aria/orchestrator-core"
import { Effect, Layer } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"

/** The plans of the laws are made as they go: each is registered before it is run. */
export const registering = <E>(store: Layer.Layer<SqlClient, E>) => (options: Orchestrator.Options) =>
  Layer.effect(
    Orchestrator.Orchestrator,
    Effect.gen(function* () {
      const orchestrator = yield* Orchestrator.Orchestrator
      const cluster = yield* Cluster.Cluster
      const known = (start: (plan: any, ...input: any) => Effect.Effect<any, any, any>) => (plan: any, ...input: any) =>
        Effect.andThen(cluster.register(plan), start(plan, ...input))
      return { run: known(orchestrator.run), start: known(orchestrator.start) } as Orchestrator.Orchestrator["Service"]
    })
  ).pipe(Layer.provide(Cluster.layer({ ...options, plans: [], lease: "1 hour" })), Layer.provide(Layer.orDie(store))) as Layer.Layer<
    Orchestrator.Orchestrator,
    any
  >
