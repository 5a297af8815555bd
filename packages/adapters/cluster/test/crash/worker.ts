/** A process that carries out runs until it is told to stop, or killed: `node worker.ts '<options as JSON>'`. */
import { Cluster } from "@aria/adapter-cluster"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as SqlStore from "@aria/orchestrator-core/SqlStore"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type { WorkerOptions } from "./processes.ts"
import { clientAt } from "./stores.ts"
import { programs } from "./workerPlans.ts"

const options: WorkerOptions = JSON.parse(process.argv[2] ?? "{}")
const { handlers, plans } = programs(options)[options.plans]

const layer = Cluster.layer({
  plans,
  concurrency: 50,
  lease: options.leaseMillis,
  pollInterval: 50,
  drainTimeout: options.drainMillis ?? 10_000,
  ...(options.maxDeaths === undefined ? {} : { maxDeaths: options.maxDeaths }),
  ...(options.maxRuns === undefined ? {} : { maxRuns: options.maxRuns }),
  ...(options.limits === undefined ? {} : { limits: options.limits }),
  ...(options.userLimits === undefined ? {} : { userLimits: options.userLimits })
}).pipe(Layer.provide(handlers), Layer.provide(SqlStore.layer), Layer.provide(clientAt(options.store)))

const program = Effect.gen(function* () {
  const { worker } = yield* (yield* Cluster.Cluster).standing
  process.stdout.write(`ready ${worker}\n`)
  return yield* Effect.never
})

// What the agents may do, whoever began the run.
const fiber = Effect.runFork(Effect.provide(program, layer).pipe(SideEffect.allow(["world.*"])))
process.once("SIGTERM", () => Effect.runFork(Fiber.interrupt(fiber)))
fiber.addObserver((exit) => {
  if (exit._tag === "Failure" && !exit.cause.reasons.every(({ _tag }) => _tag === "Interrupt")) {
    console.error(exit.cause)
    process.exit(1)
  }
  process.exit(0)
})
