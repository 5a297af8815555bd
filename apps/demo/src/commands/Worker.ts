/** `worker`: a process that carries out runs of a store, beside any number of others. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Command, Flag } from "effect/cli"
import * as Cli from "../Cli.ts"
import * as Store from "../Store.ts"

const health = Flag.String("health").pipe(
  Flag.filterMap(
    (text) => Option.liftPredicate(Number(text), (port) => /^\d{1,5}$/.test(text) && port <= 65_535),
    () => "a port from 0 to 65535, such as 9090; 0 takes a free one"
  ),
  Flag.withMetavar("PORT"),
  Flag.withDescription("Serve /health, /ready and /metrics there, on 127.0.0.1 (default: nowhere)"),
  Flag.optional
)

export const command = Command.make("worker", { store: Store.flag, health, concurrency: Cli.concurrency }, ({ concurrency, health, store }) =>
  Effect.gen(function* () {
    const choice = yield* Store.required(store)
    const Worker = yield* Effect.promise(() => import("../WorkerProcess.ts"))
    yield* Effect.provide(Worker.run({ concurrency, health: Option.getOrUndefined(health) }), Store.client(choice))
  })
).pipe(
  Command.withDescription(
    [
      "Carries out runs of a store, those that were handed in and those whose process died.",
      "Any number may do so at once. Ctrl-C or SIGTERM: tasks under way end, the rest is left to others.",
      "Keys and passwords that runs need come from its own environment."
    ].join("\n  ")
  )
)
