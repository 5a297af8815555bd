import { Feeds } from "@aria/adapter-feeds"
import { SignalSource } from "@aria/connectors"
import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const Signals = Feeds.layer({ sources: ["examples/news", "http://127.0.0.1:9/feed"], timeout: "5 seconds" }).pipe(
  Layer.provide([NodeServices.layer, NodeHttpClient.layerUndici])
)

const program = Effect.gen(function* () {
  const signals = yield* SignalSource.SignalSource
  for (const report of yield* signals.read({})) {
    if (report._tag === "down") yield* Effect.logWarning(report.error.message)
    else for (const { title, url } of report.items) yield* Effect.log(title, url)
  }
})

Effect.runPromise(Effect.provide(program, Signals))
