import { SignalSource } from "@aria/connectors"
import { Feeds } from "@aria/adapter-feeds"
import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import { FetchHttpClient } from "effect/http"
import * as Layer from "effect/Layer"

export const clients = {
  fetch: FetchHttpClient.layer,
  undici: NodeHttpClient.layerUndici,
  "node:http": NodeHttpClient.layerNodeHttp
} as const

/** Reads once, with one of the http clients that users have. */
export const read = (
  sources: ReadonlyArray<string>,
  options: Omit<Feeds.Options, "sources"> = {},
  client: keyof typeof clients = "undici"
) =>
  Effect.flatMap(SignalSource.SignalSource, (source) => source.read({})).pipe(
    Effect.provide(Layer.provide(Feeds.layer({ ...options, sources }), Layer.merge(NodeServices.layer, clients[client])))
  )

/** The only report's error, as text where it was read after all. */
export const errorOf = (reports: ReadonlyArray<SignalSource.SourceReport>): { reason: string; message: string } => {
  const [report] = reports
  if (report?._tag === "down") return { reason: report.error.reason, message: report.error.message }
  return { reason: "none", message: JSON.stringify(report) }
}

export const titlesOf = (reports: ReadonlyArray<SignalSource.SourceReport>) =>
  SignalSource.items(reports).map(({ title }) => title)
